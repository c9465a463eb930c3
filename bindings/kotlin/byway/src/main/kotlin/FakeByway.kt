package org.byway

import java.nio.file.Path
import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.time.ZoneOffset
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.takeWhile
import org.byway.internals.refuseOtherThan

/**
 * A [Byway] for previews and tests: a few communities in memory, no network, no file and no native library.
 *
 * What it is asked for it answers from [fixture]. [fault] makes the next accesses fail, [isOffline] makes them answer
 * from the store, as they do on a network where nothing is reached. It does not simulate a censor.
 */
public class FakeByway(
    fixture: List<FakeCommunity> = SAMPLE,
    private val clock: Clock = Clock.systemUTC(),
) : Byway {
    /** What every access throws while it is set. */
    @Volatile
    public var fault: BywayException? = null

    /** Nothing is reached: what was read before is answered from the store. */
    @Volatile
    public var isOffline: Boolean = false

    private val known = fixture.associateByTo(LinkedHashMap()) { it.community.id }
    private val stored = LinkedHashMap<CommunityId, Instant>()
    /** The ids of posts at the last reading. */
    private val seen = HashMap<CommunityId, List<String>>()
    private val exposures = HashMap<CommunityId, Exposure>()
    private val directAllowed = HashSet<CommunityId>()
    private val closed = AtomicBoolean()
    private var locked = false
    private var suspended = false
    private var retentionDays: Int? = null
    private var limit: Long? = null

    @Volatile
    private var assumed = Network("fake")

    @Volatile
    private var spoken = Language.ENGLISH
    private val storeChanges = signals<StoreChange>()
    private val events = signals<EngineEvent>()

    /** Adds a post to a community, as if it was published: the next reading finds it. */
    public fun publish(id: CommunityId, post: Post): Unit = synchronized(this) {
        val community = known.getValue(id)
        known[id] = community.copy(posts = listOf(post) + community.posts)
    }

    override suspend fun open(
        link: String,
        exposure: Exposure,
        allowDirect: Boolean,
        offline: Boolean,
        ignorePause: Boolean,
    ): Opened {
        check(store = false)
        if (link.isBlank() || ' ' in link.trim()) throw BywayException.Input("This is no address of a community.", "link")
        val found = synchronized(this) { known.values.firstOrNull { it.isAt(link) } }
            ?: throw BywayException.NotFound("There is no such community.", "absent")
        return read(found, exposure, offline)
    }

    override suspend fun refresh(id: CommunityId): Opened {
        check()
        val found = synchronized(this) { known[id].takeIf { id in stored } } ?: throw notStored()
        return read(found, Exposure.OPEN, offline = false)
    }

    private fun read(found: FakeCommunity, exposure: Exposure, offline: Boolean): Opened {
        val id = found.community.id
        val failure = fault
        val fromStore = offline || isOffline || failure != null
        val (changes, syncedAt, level) = synchronized(this) {
            val level = maxOf(exposure, exposures[id] ?: Exposure.OPEN)
            if (fromStore) {
                val syncedAt = stored[id]
                if (syncedAt == null) throw failure ?: if (offline) notStored() else unreached()
                Triple(Changes(), syncedAt, level)
            } else {
                val before = seen[id]
                val now = found.posts.map(Post::id)
                seen[id] = now
                stored[id] = clock.instant()
                exposures[id] = level
                val added = now - (before ?: emptyList()).toSet()
                Triple(Changes(before == null, Changed(added = added, first = before == null)), clock.instant(), level)
            }
        }
        if (!changes.isEmpty) storeChanges.tryEmit(Signal.Of(StoreChange.OfPosts(id, changes.posts)))
        val reachability = when {
            offline -> reachability(found, VerdictCode.UNKNOWN, "Nothing was sent.", null)
            fromStore -> reachability(found, VerdictCode.OFFLINE, "There is no network.", null)
            else -> reachability(found, VerdictCode.REACHABLE, "It was read directly.", "direct:")
        }
        events.tryEmit(Signal.Of(EngineEvent(1, Duration.ZERO, "judged", reachability.sentence, judged(reachability.verdict))))
        return Opened(
            community = found.community,
            posts = visible(found),
            events = found.events,
            changes = changes,
            reachability = reachability,
            source = if (fromStore) ReadFrom.STORE else ReadFrom.NETWORK,
            syncedAt = syncedAt,
            age = Duration.between(syncedAt, clock.instant()),
            exposure = level,
            notes = emptyList(),
            trust = found.trust,
            fault = when {
                !fromStore || offline -> null
                failure != null -> Fault(failure.kind, failure.code, failure.message.orEmpty())
                else -> unreached().let { Fault(it.kind, it.code, it.message.orEmpty()) }
            },
        )
    }

    override suspend fun preview(
        link: String,
        exposure: Exposure,
        allowDirect: Boolean,
        offline: Boolean,
        ignorePause: Boolean,
    ): Preview {
        check(store = false)
        val found = synchronized(this) { known.values.firstOrNull { it.isAt(link) } }
        val contacts = listOf(PreviewContact(Observer.PROVIDER, "Your provider sees that you connect to vk.com."))
        return Preview(
            link = CommunityLink(link, exposure, link),
            stored = found != null && synchronized(this) { found.community.id in stored },
            avoidsDirect = found != null && found.community.accessAdvice.isNotEmpty(),
            hosts = listOf("vk.com"),
            routes = if (offline) emptyList() else listOf(PreviewRoute(DIRECT, contacts)),
            refusal = if (offline) "offline" else null,
            refusalSentence = if (offline) "Nothing is sent, because you asked for that." else null,
            json = "{}",
        )
    }

    override suspend fun sync(communities: List<CommunityId>, limits: SyncLimits): Synced {
        check()
        val done = communities.distinct().map { id ->
            try {
                val opened = refresh(id)
                SyncedCommunity(id, SyncOutcome.Done(opened.reachability), opened.changes)
            } catch (failure: BywayException) {
                val told = Fault(failure.kind, failure.code, failure.message.orEmpty())
                SyncedCommunity(id, SyncOutcome.Failed(told, failure.reachability), Changes())
            }
        }
        return Synced(done, bytes = 0, took = Duration.ZERO)
    }

    override suspend fun probe(url: String, exposure: Exposure, allowDirect: Boolean): Reachability {
        check(store = false)
        fault?.let { throw it }
        return reachability(null, VerdictCode.REACHABLE, "It answers.", "direct:")
    }

    override suspend fun get(
        url: String,
        exposure: Exposure,
        allowDirect: Boolean,
        ignorePause: Boolean,
        settle: Duration?,
    ): Fetched {
        check(store = false)
        fault?.let { throw it }
        throw unreached()
    }

    override suspend fun http(request: HttpRequest): HttpCall {
        check(store = false)
        fault?.let { throw it }
        throw unreached()
    }

    override suspend fun httpSession(options: HttpSessionOptions): HttpSession {
        check(store = false)
        return FakeSession(options.isolation)
    }

    private inner class FakeSession(private val isolation: String?) : HttpSession {
        private val ended = AtomicBoolean()

        override suspend fun http(request: HttpRequest): HttpCall {
            if (ended.get()) throw BywayException.Closed("This session was closed.")
            request.refuseOtherThan(isolation)
            return this@FakeByway.http(request)
        }

        override fun close(): Unit = ended.set(true)
    }

    override suspend fun fetchAttachment(
        id: AttachmentId,
        maxBytes: Long,
        exposure: Exposure,
        allowDirect: Boolean,
        ignorePause: Boolean,
    ): FetchedFile {
        check()
        fault?.let { throw it }
        throw unreached()
    }

    override suspend fun communities(): List<StoredCommunity> = kept { stored.keys.mapNotNull(::storedCommunity) }

    override suspend fun community(id: CommunityId): StoredCommunity? = kept { storedCommunity(id) }

    override suspend fun posts(community: CommunityId, after: Cursor?, limit: Int): Page<Post> =
        kept { page(content(community)?.let(::visible).orEmpty(), after, limit) }

    override suspend fun events(community: CommunityId, after: Cursor?, limit: Int): Page<Event> =
        kept { page(content(community)?.events.orEmpty(), after, limit) }

    override suspend fun post(community: CommunityId, id: String): Post? =
        kept { content(community)?.let(::visible)?.firstOrNull { it.id == id } }

    override suspend fun event(community: CommunityId, id: CommunityId): Event? =
        kept { content(community)?.events?.firstOrNull { it.id == id } }

    override suspend fun upcomingEvents(from: Instant, until: Instant?, after: Cursor?, limit: Int): Page<UpcomingEvent> =
        kept {
            val all = stored.keys.flatMap { id -> content(id)?.events.orEmpty().map { UpcomingEvent(id, it) } }
            val within = all.filter { hit ->
                val start = hit.event.start?.toInstant()
                start != null && start >= from && (until == null || start < until)
            }
            page(within.sortedBy { it.event.start?.toInstant() }, after, limit)
        }

    override suspend fun search(query: String, community: CommunityId?, after: Cursor?, limit: Int): Page<SearchHit> =
        kept {
            val hits = stored.keys.filter { community == null || it == community }.flatMap { id ->
                val found = content(id) ?: return@flatMap emptyList()
                visible(found).filter { it.text.contains(query, ignoreCase = true) }.map { SearchHit.OfPost(id, it) } +
                    found.events.filter { it.name.contains(query, ignoreCase = true) }.map { SearchHit.OfEvent(id, it) }
            }
            page(hits, after, limit)
        }

    override suspend fun link(id: CommunityId): CommunityLink? = kept {
        val url = content(id)?.community?.homes?.firstOrNull()
        url?.let { CommunityLink(it, exposures[id] ?: Exposure.OPEN, it) }
    }

    /** Reads addresses as [exportFeeds] writes them. */
    override suspend fun importFeeds(opml: ByteArray): FeedList {
        check()
        val text = opml.decodeToString()
        if (!text.contains("<opml")) throw BywayException.Input("This file is not a list of feeds.", "not_opml")
        val entries = OUTLINE.findAll(text).map { ListedFeed(plain(it.groupValues[2]), plain(it.groupValues[1])) }.toList()
        for (entry in entries) {
            val named = entry.link.substringAfter("#exposure=", "")
            Exposure.entries.firstOrNull { it.name.equals(named, ignoreCase = true) }
                ?.let { raiseExposure(entry.link.substringBefore('#'), it) }
        }
        return FeedList(entries, odd = 0, cut = false)
    }

    override suspend fun exportFeeds(): String = kept {
        val outlines = stored.keys.mapNotNull(::content).mapNotNull { content ->
            val exposure = exposures[content.community.id] ?: Exposure.OPEN
            val fragment = if (exposure == Exposure.OPEN) "" else "#exposure=${exposure.name.lowercase()}"
            val home = content.community.homes.firstOrNull() ?: return@mapNotNull null
            "<outline text=\"${escaped(content.community.name)}\" xmlUrl=\"${escaped(home + fragment)}\"/>"
        }
        "<opml version=\"2.0\">\n<head/>\n<body>\n${outlines.joinToString("\n")}\n</body>\n</opml>\n"
    }

    override suspend fun exposureOf(id: CommunityId): Exposure = kept { exposures[id] ?: Exposure.OPEN }

    override suspend fun raiseExposure(link: String, exposure: Exposure): Unit = kept {
        val id = known.values.firstOrNull { it.isAt(link) }?.community?.id
        if (id != null) exposures[id] = maxOf(exposure, exposures[id] ?: Exposure.OPEN)
    }

    override suspend fun allowDirect(id: CommunityId, allowed: Boolean): Unit = kept {
        if (allowed) directAllowed.add(id) else directAllowed.remove(id)
    }

    override suspend fun retention(): Int? = kept { retentionDays }

    override suspend fun setRetention(days: Int?): Long = kept {
        if (days != null && days < 0) throw BywayException.Input("A number of days is not below zero.", "number")
        val before = stored.keys.sumOf { content(it)?.let(::visible)?.size ?: 0 }
        retentionDays = days
        (before - stored.keys.sumOf { content(it)?.let(::visible)?.size ?: 0 }).coerceAtLeast(0).toLong()
    }

    override suspend fun storageLimit(): Long? = kept { limit }

    override suspend fun setStorageLimit(bytes: Long?): Unit = kept { limit = bytes }

    override suspend fun storageUsed(): Long = kept { 0 }

    override suspend fun checkIntegrity(): Unit = kept { }

    override suspend fun forget(id: CommunityId): Unit = kept {
        stored.remove(id)
        seen.remove(id)
        exposures.remove(id)
        storeChanges.tryEmit(Signal.Of(StoreChange.Forgotten(id)))
    }

    override suspend fun lock() {
        check(store = false)
        synchronized(this) { locked = true }
    }

    override suspend fun unlock(key: StoreKey) {
        check(store = false)
        synchronized(this) { locked = false }
    }

    override suspend fun suspend() {
        check(store = false)
        synchronized(this) { suspended = true }
    }

    override suspend fun resume() {
        check(store = false)
        synchronized(this) { suspended = false }
    }

    override suspend fun wipe() {
        check(store = false)
        synchronized(this) {
            stored.clear()
            seen.clear()
            exposures.clear()
            directAllowed.clear()
            locked = true
        }
        storeChanges.tryEmit(Signal.Of(StoreChange.Emptied))
    }

    override val paths: List<Path> get() = open { emptyList() }

    override val network: Network get() = open { assumed }

    override fun setNetwork(network: Network) {
        check(store = false)
        assumed = network
        networkChanged()
    }

    override fun networkChanged() {
        check(store = false)
        events.tryEmit(Signal.Of(EngineEvent(null, Duration.ZERO, "network_changed", "The network changed.", EngineEventKind.NetworkChanged)))
    }

    override fun newIdentity(): Unit = check(store = false)

    override val changes: Flow<StoreChange> get() = flowOf(storeChanges)

    override fun engineEvents(redacted: Boolean): Flow<EngineEvent> = flowOf(events)

    override fun report(): List<Access> = open { emptyList() }

    override fun reportJson(): String = open { "[]" }

    override var language: Language
        get() = open { spoken }
        set(value) = open { spoken = value }

    override val strategies: List<Strategy> get() = open { listOf(DIRECT) }

    override suspend fun icalendar(events: List<UpcomingEvent>): String {
        check()
        return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Byway//Fake//EN\r\nEND:VCALENDAR\r\n"
    }

    override suspend fun attachments(community: CommunityId, post: String): List<AttachedFile> =
        post(community, post)?.attachments.orEmpty()
            .mapIndexed { index, attachment -> AttachedFile(AttachmentId(community, post, index.toLong()), attachment) }

    override fun close() {
        if (closed.compareAndSet(false, true)) {
            storeChanges.tryEmit(Signal.End)
            events.tryEmit(Signal.End)
        }
    }

    override suspend fun shutdown(): Unit = close()

    private fun check(store: Boolean = true) {
        if (closed.get()) throw BywayException.Closed("This instance was closed.")
        if (!store) return
        synchronized(this) {
            val code = if (locked) "store_locked" else if (suspended) "store_suspended" else return
            throw BywayException.Store("The store is closed.", ErrorKind.STORE_CLOSED, code)
        }
    }

    private inline fun <T> open(answer: () -> T): T {
        check(store = false)
        return answer()
    }

    private fun escaped(text: String): String =
        text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;")

    private fun plain(text: String): String =
        text.replace("&quot;", "\"").replace("&lt;", "<").replace("&amp;", "&")

    private inline fun <T> kept(answer: () -> T): T {
        check()
        return synchronized(this, answer)
    }

    private fun content(id: CommunityId): FakeCommunity? = known[id].takeIf { id in stored }

    private fun storedCommunity(id: CommunityId): StoredCommunity? =
        content(id)?.let { StoredCommunity(it.community, stored.getValue(id)) }

    private fun visible(found: FakeCommunity): List<Post> {
        val days = retentionDays ?: return found.posts
        val oldest = clock.instant().minus(Duration.ofDays(days.toLong()))
        return found.posts.filter { (it.created ?: oldest) >= oldest }
    }

    private fun <T> page(all: List<T>, after: Cursor?, limit: Int): Page<T> {
        if (limit < 1) throw BywayException.Input("A page has at least one item.", "number")
        val from = if (after == null) 0 else after.value.toIntOrNull()?.takeIf { it in 0..all.size }
            ?: throw BywayException.Input("This cursor does not belong to this list.", "bad_cursor")
        val items = all.drop(from).take(limit)
        return Page(items, Cursor("${from + items.size}").takeIf { from + items.size < all.size })
    }

    private fun reachability(found: FakeCommunity?, code: VerdictCode, sentence: String, by: String?): Reachability {
        val weights = if (by == null) Weights(blocked = 0.0, down = 1.0, ok = 0.0) else Weights(0.0, 0.0, 1.0)
        val shareable = Account(Verdict(code, null, "fake", weights, sentence), reachedBy = by)
        val community = found?.community
        val full = shareable.copy(url = community?.homes?.firstOrNull(), restrictions = community?.restrictions.orEmpty())
        return Reachability(sentence, by != null, blames = false, full, shareable, "{}")
    }

    private fun judged(verdict: Verdict) = EngineEventKind.Judged(verdict.code, verdict.layer, verdict.rule, again = false)

    private fun notStored() = BywayException.NotStored("This community is not on the device.", "not_stored")

    private fun unreached() = BywayException.Unreached(
        "There is no network.",
        "unreached",
        reachability(null, VerdictCode.OFFLINE, "There is no network.", null),
    )

    private sealed interface Signal<out T> {
        data class Of<T>(val value: T) : Signal<T>

        data object End : Signal<Nothing>
    }

    /** A watcher that is slow loses the oldest, as with the true library. */
    private fun <T> signals() =
        MutableSharedFlow<Signal<T>>(extraBufferCapacity = QUEUE, onBufferOverflow = BufferOverflow.DROP_OLDEST)

    private fun <T> flowOf(signals: MutableSharedFlow<Signal<T>>): Flow<T> {
        check(store = false)
        return signals.takeWhile { it is Signal.Of }.map { (it as Signal.Of<T>).value }
    }

    public companion object {
        private const val QUEUE = 64
        private val OUTLINE = Regex("<outline text=\"([^\"]*)\" xmlUrl=\"([^\"]*)\"/>")

        private val DIRECT = Strategy(
            "direct:",
            "direct",
            "directly",
            isDirect = true,
            allowedBy = listOf(Exposure.OPEN),
        )

        /** A small community with three posts, an event, and a claimed successor. */
        public val SAMPLE: List<FakeCommunity> = listOf(
            FakeCommunity(
                Community(
                    id = CommunityId("vk:-1000"),
                    name = "The workers' club",
                    screenName = "club",
                    description = "We read together. Our new group: vk.com/club_new",
                    members = Members(389, Instant.parse("2026-11-01T15:00:00Z")),
                    homes = listOf("https://vk.com/club", "https://vk.com/club1000"),
                    successor = Claim("https://vk.com/club_new", Field.DESCRIPTION, "Our new group: vk.com/club_new"),
                ),
                posts = listOf(
                    Post("vk:-1000_3", "Сбор в субботу 🎉", created = Instant.parse("2026-11-01T14:00:00Z"), pinned = true),
                    Post("vk:-1000_2", "Come to the evening.", created = Instant.parse("2026-11-01T12:00:00Z")),
                    Post("vk:-1000_1", "Hello.", created = Instant.parse("2026-11-01T10:00:00Z")),
                ),
                events = listOf(
                    Event(
                        CommunityId("vk:-2000"),
                        "An evening",
                        start = Instant.parse("2027-01-01T10:00:00Z").atZone(ZoneOffset.UTC),
                        end = Instant.parse("2027-01-01T12:00:00Z").atZone(ZoneOffset.UTC),
                        status = EventStatus.SCHEDULED,
                        place = Place("The reading room", "1 Long Street"),
                    ),
                ),
            ),
        )
    }
}

/** A community of a [FakeByway]. */
public data class FakeCommunity(
    val community: Community,
    /** Newest first. */
    val posts: List<Post> = emptyList(),
    /** By start. */
    val events: List<Event> = emptyList(),
    /** What may be believed of it. */
    val trust: Trust = Trust(TrustState.UNSIGNED, sentence = "Read from a page that signs nothing."),
) {
    internal fun isAt(link: String): Boolean {
        val path = link.trim().substringAfter("://").trimEnd('/')
        return community.homes.any { it.substringAfter("://") == path } || path == community.screenName
    }
}
