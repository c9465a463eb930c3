/** Turns what the native library gives into what an app sees. Nothing is decided here. */
package org.byway.internals

import java.time.DateTimeException
import java.time.Duration
import java.time.LocalDate
import java.time.ZoneId
import java.time.ZoneOffset
import java.time.ZonedDateTime
import org.byway.*
import org.byway.ffi.AccessAdvice as FfiAdvice
import org.byway.ffi.Attachment as FfiAttachment
import org.byway.ffi.Author as FfiAuthor
import org.byway.ffi.ChangedIds as FfiChangedIds
import org.byway.ffi.Changes as FfiChanges
import org.byway.ffi.CivilDate as FfiCivilDate
import org.byway.ffi.Claim as FfiClaim
import org.byway.ffi.Community as FfiCommunity
import org.byway.ffi.Event as FfiEvent
import org.byway.ffi.Fault as FfiFault
import org.byway.ffi.FeedList as FfiFeedList
import org.byway.ffi.Header as FfiHeader
import org.byway.ffi.HomeLink as FfiHomeLink
import org.byway.ffi.ImportOutcome as FfiImportOutcome
import org.byway.ffi.Link as FfiLink
import org.byway.ffi.Moment as FfiMoment
import org.byway.ffi.Move as FfiMove
import org.byway.ffi.Note as FfiNote
import org.byway.ffi.Opened as FfiOpened
import org.byway.ffi.Post as FfiPost
import org.byway.ffi.Preview as FfiPreview
import org.byway.ffi.Restriction as FfiRestriction
import org.byway.ffi.SearchHit as FfiSearchHit
import org.byway.ffi.ShownMove as FfiShownMove
import org.byway.ffi.SignedLink as FfiSignedLink
import org.byway.ffi.StoreChange as FfiStoreChange
import org.byway.ffi.StoredCommunity as FfiStoredCommunity
import org.byway.ffi.StrategyInfo as FfiStrategyInfo
import org.byway.ffi.SyncOutcome as FfiSyncOutcome
import org.byway.ffi.Synced as FfiSynced
import org.byway.ffi.TakenBundle as FfiTakenBundle
import org.byway.ffi.Trust as FfiTrust
import org.byway.ffi.UpcomingEvent as FfiUpcomingEvent

internal fun FfiCommunity.toModel() = Community(
    id = CommunityId(id),
    name = name,
    screenName = screenName,
    state = state.toModel(),
    stateSeen = stateSeen,
    description = description,
    status = status,
    members = members?.let { Members(it.count, it.readAt) },
    homes = homes.map { it.url },
    links = links.map { it.toModel() },
    restrictions = restrictions.map { it.toModel() },
    accessAdvice = accessAdvice.map { it.toModel() },
    predecessor = predecessor?.toModel(),
    successor = successor?.toModel(),
    verifiedBy = verifiedBy,
)

internal fun FfiStoredCommunity.toModel() = StoredCommunity(community.toModel(), syncedAt)

private fun FfiLink.toModel() = Link(url, text)

private fun FfiAdvice.toModel() = AccessAdvice(kind.toModel(), text, `field`.toModel())

private fun FfiClaim.toModel() = Claim(home.url, `field`.toModel(), text)

internal fun FfiRestriction.toModel() = Restriction(
    statedBy = statedBy,
    text = text,
    authority = authority,
    authorityEnglish = authorityEn,
    basis = basis,
    number = number,
    date = date?.toLocalDate(),
    jurisdiction = jurisdiction,
    observedIn = observedIn,
    link = link,
    isOwnWord = isOwnWord,
)

internal fun FfiPost.toModel(): Post = Post(
    id = id,
    text = text,
    author = author?.toModel(),
    created = created,
    edited = edited,
    readAt = readAt,
    url = url,
    isPinned = pinned,
    state = state.toModel(),
    stateSeen = stateSeen,
    withheld = withheld,
    counts = PostCounts(counts.likes, counts.reposts, counts.comments, counts.views),
    links = links.map { it.toModel() },
    attachments = attachments.map { it.toModel() },
    repost = repost.firstOrNull()?.toModel(),
    hasOwnText = hasOwnText,
    isHollow = isHollow,
    isRemovedAndHollow = isRemovedAndHollow,
)

private fun FfiAuthor.toModel() = Author(id, name, kind.toModel(), url)

internal fun FfiAttachment.toModel(): Attachment = when (this) {
    is FfiAttachment.Photo -> Attachment.Photo(url, width, height, text)
    is FfiAttachment.Video -> Attachment.Video(title, url, preview, seconds?.let(Duration::ofSeconds))
    is FfiAttachment.Audio -> Attachment.Audio(title, artist, url, seconds?.let(Duration::ofSeconds))
    is FfiAttachment.Document -> Attachment.Document(title, url, extension, bytes)
    is FfiAttachment.Link -> Attachment.LinkPreview(url, title, text)
    is FfiAttachment.Poll -> Attachment.Poll(question, options.map { PollOption(it.text, it.votes) }, votes)
    is FfiAttachment.Event -> Attachment.EventLink(home.url)
    is FfiAttachment.Unknown -> Attachment.Unknown(kind)
}

internal fun FfiEvent.toModel() = Event(
    id = CommunityId(id),
    name = name,
    text = text,
    start = start?.inZone(zone),
    end = end?.inZone(zone),
    zone = zone,
    place = place?.let { at -> Place(at.name, at.address, at.coordinates?.let { Coordinates(it.latitude, it.longitude) }) },
    status = status.toModel(),
    statusSeen = statusSeen,
    mentionsCancellation = mentionsCancellation,
    organiser = organiser?.toModel(),
    home = home?.url,
    counts = EventCounts(counts.going, counts.maybe),
    readAt = readAt,
    isInICalendar = isInIcalendar,
    days = days?.let { EventDays(it.first.toLocalDate(), it.last.toLocalDate()) },
    edited = edited,
)

private fun FfiCivilDate.toLocalDate(): LocalDate = LocalDate.of(year, month, day)

/** In the zone that the platform names, if it agrees with the platform's offset, else at that offset. */
private fun FfiMoment.inZone(zone: String?): ZonedDateTime {
    val offset = try {
        ZoneOffset.ofTotalSeconds(offsetSeconds)
    } catch (_: DateTimeException) {
        // Rust knows offsets up to 26 hours, Java up to 18, the earth up to 14.
        ZoneOffset.UTC
    }
    val named = try {
        zone?.let(ZoneId::of)?.takeIf { it.rules.getOffset(at) == offset }
    } catch (_: DateTimeException) {
        null
    }
    return at.atZone(named ?: offset)
}

internal fun FfiOpened.toModel() = Opened(
    community = community.toModel(),
    posts = posts.map { it.toModel() },
    events = events.map { it.toModel() },
    changes = changes.toModel(),
    reachability = reachability.toModel(),
    source = source.toModel(),
    syncedAt = syncedAt,
    age = age,
    exposure = exposure.toModel(),
    notes = notes.map { it.toModel() },
    trust = trust.toModel(),
    isTruncated = truncated,
    fault = fault?.toModel(),
    homes = homes.map { it.toModel() },
)

internal fun FfiNote.toModel() = Note(code, text, moved?.toModel())

private fun FfiMove.toModel() = Move(
    kind = kind.toModel(),
    from = CommunityId(from),
    to = to?.let(::CommunityId),
    home = home?.url,
    homes = homes,
    fromKeys = fromKeys,
    toKeys = toKeys,
    until = until,
    at = at,
    stayed = stayed,
    left = left,
    joined = joined,
    stayedKeys = stayedKeys,
    leftKeys = leftKeys,
    joinedKeys = joinedKeys,
    fromMembers = fromMembers,
    toMembers = toMembers,
)

internal fun FfiTakenBundle.toModel() =
    TakenBundle(community.toModel(), changes.toModel(), notes.map { it.toModel() }, exposure.toModel())

internal fun FfiTrust.toModel() =
    Trust(state.toModel(), reasons.map { TrustReason(it.code, it.at, it.number) }, copiedBy, text)

internal fun FfiSignedLink.toModel() = SignedLink(id, exposure.toModel(), key, mirrors, text, webForm)

internal fun FfiFault.toModel() = Fault(kind.toModel(), code, text)

internal fun FfiChanges.toModel() = Changes(community, posts.toModel { it }, events.toModel(::CommunityId))

private fun <T> FfiChangedIds.toModel(id: (String) -> T) =
    Changed(added.map(id), changed.map(id), removed.map(id), dropped.map(id), first, moreAdded.toLong())

internal fun FfiUpcomingEvent.toModel() = UpcomingEvent(CommunityId(community), event.toModel())

internal fun FfiSearchHit.toModel(): SearchHit = when (this) {
    is FfiSearchHit.FoundCommunity -> SearchHit.OfCommunity(stored.toModel())
    is FfiSearchHit.FoundPost -> SearchHit.OfPost(CommunityId(community), post.toModel())
    is FfiSearchHit.FoundEvent -> SearchHit.OfEvent(CommunityId(community), event.toModel())
}

internal fun FfiStoreChange.toModel(): StoreChange = when (this) {
    is FfiStoreChange.CommunityChanged -> StoreChange.OfCommunity(CommunityId(id))
    is FfiStoreChange.PostsChanged -> StoreChange.OfPosts(CommunityId(id), posts.toModel { it })
    is FfiStoreChange.EventsChanged -> StoreChange.OfEvents(CommunityId(id), events.toModel(::CommunityId))
    is FfiStoreChange.Forgotten -> StoreChange.Forgotten(CommunityId(id))
    is FfiStoreChange.Emptied -> StoreChange.Emptied
    is FfiStoreChange.Missed -> StoreChange.Missed(changes)
}

internal fun FfiSynced.toModel() = Synced(
    communities.map {
        val notes = it.notes.map { note -> note.toModel() }
        SyncedCommunity(CommunityId(it.id), it.outcome.toModel(), it.changes.toModel(), notes)
    },
    bytes,
    took,
)

private fun FfiSyncOutcome.toModel(): SyncOutcome = when (this) {
    is FfiSyncOutcome.Done -> SyncOutcome.Done(reachability.toModel())
    is FfiSyncOutcome.Failed -> SyncOutcome.Failed(fault.toModel(), reachability?.toModel())
    is FfiSyncOutcome.Left -> SyncOutcome.Left
    is FfiSyncOutcome.NotYet -> SyncOutcome.NotYet(until)
}

internal fun Move.toNative() = FfiShownMove(from.value, to?.value, (listOfNotNull(home) + homes).distinct(), fromKeys, toKeys)

internal fun FfiPreview.toModel() = Preview(
    link = link.toModel(),
    isStored = kept,
    avoidsDirect = avoidsDirect,
    hosts = hosts,
    routes = routes.map { it.toModel() },
    refusal = refusal,
    refusalSentence = refusalText,
    json = json,
    others = others.map { PreviewHome(it.home.url, it.hosts, it.isSuccessor, it.routes.map { route -> route.toModel() }) },
)

private fun org.byway.ffi.PreviewRoute.toModel() = PreviewRoute(
    strategy.toModel(),
    contacts.map { PreviewContact(it.observer.toModel(), it.sentence, it.resolversOfHost, it.namesOfServers) },
)

internal fun FfiFeedList.toModel() = FeedList(entries.map { ListedFeed(it.link, it.title, it.unasked) }, odd, cut)

internal fun FfiHomeLink.toModel() = CommunityLink(home.url, exposure.toModel(), text, mirrors.map { it.url })

internal fun FfiStrategyInfo.toModel() = Strategy(
    redacted = redacted,
    scheme = scheme,
    phrase = phrase,
    name = name,
    country = country,
    server = server,
    isDirect = isDirect,
    isTor = isTor,
    allowedBy = allowedBy.map { it.toModel() },
    torTransports = torTransports,
)

internal fun org.byway.ffi.ImportedLine.toModel() = ImportedLine(number, outcome.toModel())

private fun FfiImportOutcome.toModel(): Imported = when (this) {
    is FfiImportOutcome.Strategy -> Imported.Found(secretText, info.toModel())
    is FfiImportOutcome.Duplicate -> Imported.Duplicate(info.toModel(), first)
    is FfiImportOutcome.Ignored -> Imported.Ignored
    is FfiImportOutcome.Wrong -> Imported.Wrong(shown, fault.toModel())
}

internal fun org.byway.ffi.FingerprintsInfo.toModel() =
    Fingerprints(usable, skipped.map { SkippedRow(it.row, it.fault.toModel()) })

internal fun org.byway.ffi.Network.toModel() = Network(id, kind.toModel(), metered, validated)

internal fun Network.toNative() = org.byway.ffi.Network(id, kind.toNative(), isMetered, isValidated)

internal fun FfiHeader.toModel() = Header(name, value)

internal fun Header.toNative() = FfiHeader(name, value)
