package org.byway

import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.flow.Flow
import org.byway.internals.FakeCopies
import org.byway.internals.FakeFeeds
import org.byway.internals.FakeHttpCall
import org.byway.internals.FakeMoves
import org.byway.internals.FakePack
import org.byway.internals.FakeSession
import org.byway.internals.FakeSignals
import org.byway.internals.contact
import org.byway.internals.fakeSample
import org.byway.internals.judged
import org.byway.internals.notPermitted
import org.byway.internals.notStored
import org.byway.internals.notTried
import org.byway.internals.ownNetwork
import org.byway.internals.page
import org.byway.internals.reachability
import org.byway.internals.unreached
import org.byway.internals.wiped

/**
 * A [Byway] for previews and tests: a few communities in memory, no network, no file and no native library.
 *
 * It answers communities from [fixture], and addresses of pages and files from [pages]. [fault] makes the next accesses fail,
 * [isOffline] makes them answer from the store, as they do on a network where nothing is reached. It does not simulate a censor.
 *
 * @param pages what [get], [http] and [fetchAttachment] find, by whole addresses, for example `https://site.example/`
 * @param strategies what may be tried, in this order. An exposure that none of them is allowed by is not permitted.
 */
public class FakeByway(
    fixture: List<FakeCommunity> = SAMPLE,
    private val clock: Clock = Clock.systemUTC(),
    private val pages: Map<String, FakePage> = emptyMap(),
    strategies: List<Strategy> = listOf(DIRECT),
) : Byway {
    private val configured = strategies

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

    /** By the community's id; by its address where there is no such community. They stay until a wipe. */
    private val exposures = HashMap<String, Exposure>()
    private val directAllowed = HashSet<CommunityId>()

    /** The communities that the user asked for: by a link to them, or by a yes to a move. Only these are read directly. */
    private val asked = HashSet<CommunityId>()

    /** Those that only a bundle, a list or a move has named. */
    private val onlyNamed = HashSet<CommunityId>()
    private val moves = FakeMoves { home -> synchronized(this) { known.values.firstOrNull { it.isAt(home) } } }
    private val copies = FakeCopies()
    private val closed = AtomicBoolean()
    private var locked = false
    private var suspended = false
    private var retentionDays: Int? = null
    private var limit: Long? = null

    @Volatile
    private var assumed = Network("")

    @Volatile
    private var spoken = Language.ENGLISH
    private val storeChanges = FakeSignals<StoreChange>()
    private val events = FakeSignals<EngineEvent>()

    /** Adds a post to a community, as if it was published: the next reading finds it. */
    public fun publish(id: CommunityId, post: Post): Unit = synchronized(this) {
        val community = known.getValue(id)
        known[id] = community.copy(posts = listOf(post) + community.posts)
    }

    /** Names another successor, as if the community did: the next reading finds it. `null` takes the move back. */
    public fun nameSuccessor(id: CommunityId, move: Move?): Unit = synchronized(this) {
        known[id] = known.getValue(id).copy(move = move)
    }

    override suspend fun open(
        link: String,
        exposure: Exposure,
        allowDirect: Boolean,
        offline: Boolean,
        ignorePause: Boolean,
    ): Opened {
        check()
        val asked = askedLink(link, exposure)
        val found = synchronized(this) { known.values.firstOrNull { it.isAt(asked.address) } }
            ?: throw BywayException.NotFound("There is no such community.", "absent")
        if (!offline) synchronized(this) { this.asked += found.community.id }
        return open(link, found, asked, offline, allowDirect)
    }

    private fun open(link: String, found: FakeCommunity, asked: Asked, offline: Boolean, allowDirect: Boolean): Opened {
        // What a link asks for binds even if nothing is read.
        val stated = askedLink(link, Exposure.OPEN).exposure
        if (!offline) synchronized(this) { exposures[found.community.id.value] = maxOf(stated, floor(found.community.id)) }
        val here = read(found, asked.exposure, offline, allowDirect)
        return moves.followed(found, here) { readNamed(it, here.exposure, offline, allowDirect) }
    }

    /**
     * An address that nobody asked for is read through a proxy or Tor alone, whatever [allowDirect] says. One of this device or of its
     * own network is refused unless a community is there.
     */
    override suspend fun openListed(
        feed: ListedFeed,
        exposure: Exposure,
        allowDirect: Boolean,
        offline: Boolean,
        ignorePause: Boolean,
    ): Opened {
        check()
        val asked = askedLink(feed.link, exposure)
        if (!offline && asked.isInOwnNetwork && synchronized(this) { known.values.none { it.isAt(asked.address) } }) {
            throw ownNetwork()
        }
        if (!feed.isUnasked) return open(feed.link, exposure, allowDirect, offline, ignorePause)
        val found = synchronized(this) { known.values.firstOrNull { it.isAt(asked.address) }?.also { onlyNamed += it.community.id } }
            ?: throw BywayException.NotFound("There is no such community.", "absent")
        return open(feed.link, found, asked, offline, allowDirect)
    }

    override suspend fun openKept(
        id: CommunityId,
        exposure: Exposure,
        allowDirect: Boolean,
        offline: Boolean,
        ignorePause: Boolean,
    ): Opened {
        val found = storedContent(id)
        val here = read(found, exposure, offline, allowDirect)
        return moves.followed(found, here) { readNamed(it, here.exposure, offline, allowDirect) }
    }

    override suspend fun refresh(id: CommunityId): Opened {
        val found = storedContent(id)
        return moves.known(found, read(found, Exposure.OPEN, offline = false))
    }

    override suspend fun successor(id: CommunityId): Opened {
        val found = storedContent(id)
        val stored = { read(found, Exposure.OPEN, offline = true) }
        return moves.successor(found, stored) { readNamed(it, exposureNow(id), offline = false) }
    }

    override suspend fun follow(shown: Move): Opened {
        val found = storedContent(shown.from)
        return moves.follow(found, shown) {
            synchronized(this) { asked += it.community.id }
            read(it, exposureNow(shown.from), offline = false)
        }
    }

    override suspend fun stay(shown: Move): Boolean {
        check()
        return synchronized(this) { content(shown.from) }?.let { moves.stay(it, shown) } ?: false
    }

    /** Takes what [bundle] makes, and nothing else. */
    override suspend fun takeBundle(bytes: ByteArray, exposure: Exposure): TakenBundle {
        check()
        val named = bytes.decodeToString().takeIf { it.startsWith(BUNDLE) }?.removePrefix(BUNDLE)
        return synchronized(this) {
            val found = known[CommunityId(named.orEmpty())]
                ?: throw BywayException.Input("This file is not a bundle.", "bundle_form")
            val id = found.community.id
            val added = found.posts.map(Post::id) - seen[id].orEmpty().toSet()
            val first = id !in stored
            seen[id] = found.posts.map(Post::id)
            stored[id] = clock.instant()
            onlyNamed += id
            exposures[id.value] = maxOf(exposure, floor(id))
            TakenBundle(found.community, Changes(first, Changed(added = added, isFirst = first)), emptyList(), floor(id))
        }
    }

    override suspend fun takeBundle(file: Path, exposure: Exposure): TakenBundle {
        val bytes = try {
            Files.readAllBytes(file)
        } catch (failure: IOException) {
            throw BywayException.Input("This file cannot be read.", "file", failure)
        }
        return takeBundle(bytes, exposure)
    }

    /** What [takeBundle] takes for a bundle of this community. */
    public fun bundle(id: CommunityId): ByteArray = (BUNDLE + id.value).toByteArray()

    override suspend fun standing(id: CommunityId): Standing = kept {
        val found = content(id) ?: return@kept Standing(UNSIGNED)
        Standing(found.trust, moves.known(found), found.mirrors.map { it.standing })
    }

    /** Takes what [routePack] makes, and nothing else. */
    override suspend fun importRoutePack(pack: ByteArray, passphrase: ByteArray): RoutePack {
        check()
        return passphrase.wiped { given ->
            val taken = FakePack.read(pack, given)
            kept { content(taken.community) } ?: throw FakePack.ofAnotherCommunity()
            if (taken.expires < clock.instant()) throw FakePack.expired()
            taken
        }
    }

    /** What [importRoutePack] takes for a pack of this community, sealed with this passphrase. Its one route is [TOR]. */
    public fun routePack(id: CommunityId, passphrase: String, expires: Instant): ByteArray =
        FakePack.write(id, passphrase, expires)

    private fun storedContent(id: CommunityId): FakeCommunity = kept { content(id) ?: throw notStored() }

    private fun exposureNow(id: CommunityId): Exposure = synchronized(this) { floor(id) }

    /** Reads what a move has named. */
    private fun readNamed(found: FakeCommunity, exposure: Exposure, offline: Boolean, allowDirect: Boolean = false): Opened {
        synchronized(this) { onlyNamed += found.community.id }
        return read(found, exposure, offline, allowDirect)
    }

    private fun read(found: FakeCommunity, exposure: Exposure, offline: Boolean, allowDirect: Boolean = false): Opened {
        val id = found.community.id
        val level = synchronized(this) { maxOf(exposure, floor(id)) }
        val direct = mayBeDirect(found, allowDirect)
        val by = allowing(level, direct)
        val failure = if (by == null) notPermitted() else fault ?: unreached().takeIf { isOffline }
        val fromStore = offline || failure != null
        val (changes, syncedAt) = synchronized(this) {
            if (fromStore) {
                val syncedAt = stored[id] ?: throw if (offline) notStored() else failure!!
                Pair(Changes(), syncedAt)
            } else {
                val before = seen[id]
                val now = found.posts.map(Post::id)
                seen[id] = now
                stored[id] = clock.instant()
                exposures[id.value] = level
                val added = now - (before ?: emptyList()).toSet()
                Pair(Changes(before == null, Changed(added = added, isFirst = before == null)), clock.instant())
            }
        }
        if (!changes.isEmpty) storeChanges.tell(StoreChange.OfPosts(id, changes.posts))
        val reachability = when {
            offline -> reachability(found, VerdictCode.UNKNOWN, "Nothing was sent.", null)
            by == null -> notTried(found)
            fromStore -> reachability(found, VerdictCode.OFFLINE, "There is no network.", null)
            else -> reachability(found, VerdictCode.REACHABLE, "It was read ${by.phrase}.", by)
        }
        events.tell(EngineEvent(1, Duration.ZERO, "judged", reachability.sentence, judged(reachability.verdict)))
        return Opened(
            community = found.community,
            posts = visible(found),
            events = found.events.sortedWith(compareBy(nullsLast()) { it.start?.toInstant() }),
            changes = changes,
            reachability = reachability,
            source = if (fromStore) ReadFrom.STORE else ReadFrom.NETWORK,
            syncedAt = syncedAt,
            age = Duration.between(syncedAt, clock.instant()),
            exposure = level,
            notes = emptyList(),
            trust = found.trust,
            fault = failure?.takeIf { !offline }?.let { Fault(it.kind, it.code, it.message.orEmpty()) },
            homes = if (fromStore) emptyList() else found.mirrors,
        )
    }

    override suspend fun preview(
        link: String,
        exposure: Exposure,
        allowDirect: Boolean,
        offline: Boolean,
        ignorePause: Boolean,
    ): Preview {
        check()
        val asked = askedLink(link, exposure)
        val found = synchronized(this) { known.values.firstOrNull { it.isAt(asked.address) } }
        val level = synchronized(this) { maxOf(asked.exposure, found?.let { floor(it.community.id) } ?: Exposure.OPEN) }
        val direct = found == null || allowDirect || synchronized(this) { isDirectAllowed(found) }
        val allowed = configured.filter { level in it.allowedBy && (direct || !it.isDirect) }
        val refusal = when {
            offline -> "offline" to "Nothing is sent, because you asked for that."
            allowed.isEmpty() -> "no_way" to "No strategy is allowed by this exposure."
            else -> null
        }
        return Preview(
            link = CommunityLink(asked.address, level, link),
            isStored = found != null && synchronized(this) { found.community.id in stored },
            avoidsDirect = !direct,
            hosts = listOf("vk.com"),
            routes = if (refusal == null) allowed.map { PreviewRoute(it, listOf(contact(it))) } else emptyList(),
            refusal = refusal?.first,
            refusalSentence = refusal?.second,
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
        check()
        val by = allowing(askedLink(url, exposure).exposure) ?: throw notPermitted("no_way")
        fault?.let { throw it }
        return reachability(null, VerdictCode.REACHABLE, "It answers.", by)
    }

    override suspend fun get(
        url: String,
        exposure: Exposure,
        allowDirect: Boolean,
        ignorePause: Boolean,
        settle: Duration?,
    ): Fetched {
        check()
        val (page, address, reachability) = fetch(url, exposure)
        return Fetched(page.status, address, page.headers, page.body, reachability)
    }

    override suspend fun http(request: HttpRequest): HttpCall {
        check(store = false)
        askedPage(request.url, request.exposure)
        return FakeHttpCall(request) {
            check()
            val (page, address, reachability) = fetch(request.url, request.exposure)
            page to HttpHead(page.status, address, page.headers, "HTTP/1.1", page.body.size.toLong(), reachability)
        }
    }

    override suspend fun httpSession(options: HttpSessionOptions): HttpSession {
        check(store = false)
        return FakeSession(options, ::http)
    }

    override suspend fun fetchAttachment(
        id: AttachmentId,
        maxBytes: Long,
        exposure: Exposure,
        allowDirect: Boolean,
        ignorePause: Boolean,
    ): FetchedFile {
        check()
        val named = attachments(id.community, id.post).firstOrNull { it.id == id }
            ?: throw BywayException.NotStored("This attachment is not on the device.", "not_stored")
        val url = named.attachment.file() ?: throw BywayException.Input("This attachment is no file.", "no_file")
        val found = storedContent(id.community)
        val (page, _, reachability) = fetch(url, maxOf(exposure, exposureNow(id.community)), mayBeDirect(found, allowDirect))
        if (page.body.size > maxBytes) throw BywayException.TooLarge("This file is too large.", "too_large", reachability)
        val type = page.headers.firstOrNull { it.name.equals("Content-Type", ignoreCase = true) }?.value
        return FetchedFile(page.body, type, reachability)
    }

    /** A page with its address, or why there is none. */
    private fun fetch(url: String, exposure: Exposure, direct: Boolean = true): Triple<FakePage, String, Reachability> {
        val asked = askedPage(url, exposure)
        val by = allowing(asked.exposure, direct) ?: throw notPermitted("no_way")
        fault?.let { throw it }
        val page = pages[asked.address]?.takeIf { !isOffline } ?: throw unreached()
        return Triple(page, asked.address, reachability(null, VerdictCode.REACHABLE, "It was read ${by.phrase}.", by))
    }

    override suspend fun communities(): List<StoredCommunity> = kept { stored.keys.mapNotNull(::storedCommunity) }

    override suspend fun community(id: CommunityId): StoredCommunity? = kept { storedCommunity(id) }

    override suspend fun posts(community: CommunityId, after: Cursor?, limit: Int): Page<Post> =
        kept { page(content(community)?.let(::visible).orEmpty(), after, limit) }

    override suspend fun events(community: CommunityId, after: Cursor?, limit: Int): Page<Event> =
        kept { page(content(community)?.events.orEmpty().sortedByDescending { it.start?.toInstant() }, after, limit) }

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
        url?.let { CommunityLink(it, floor(id), it) }
    }

    /** Reads addresses as [exportFeeds] writes them. */
    override suspend fun importFeeds(opml: ByteArray): FeedList {
        check()
        val listed = FakeFeeds.read(opml)
        val entries = listed.filter { entry ->
            try {
                raiseExposure(entry.link, Exposure.OPEN)
                true
            } catch (_: BywayException.Input) {
                false
            }
        }
        return FeedList(entries, odd = (listed.size - entries.size).toLong(), isCut = false)
    }

    override suspend fun exportFeeds(): String =
        kept {
            val all = stored.keys.mapNotNull(::content).map { it.copy(isUnasked = isUnasked(it)) }
            FakeFeeds.write(all) { floor(it.community.id) }
        }

    /** Writes nothing. */
    override suspend fun writeSite(id: CommunityId, folder: Path): FilesWritten {
        storedContent(id)
        return FilesWritten(0, 0)
    }

    /** A folder and its keys are names in memory: nothing is written, and every passphrase is the right one. */
    override suspend fun copyPage(
        link: String,
        into: Path,
        keys: CommunityKeys,
        by: String,
        mirrors: List<String>,
        pictures: Boolean,
        exposure: Exposure,
        allowDirect: Boolean,
    ): CopiedPage = keys.wiped { passphrase ->
        check()
        FakeCopies.check(passphrase, keys.file, into)
        val asked = askedLink(link, exposure)
        val now = clock.instant()
        synchronized(this) { copies.tooSoon(into, asked.address, now) }?.let { return@wiped it }
        // What a link or a call asks for binds even if nothing is read.
        raiseExposure(link, exposure)
        val found = synchronized(this) { known.values.firstOrNull { it.isAt(asked.address) } }
        val level = maxOf(asked.exposure, found?.let { exposureNow(it.community.id) } ?: Exposure.OPEN)
        allowing(level, found == null || mayBeDirect(found, allowDirect)) ?: throw notPermitted()
        fault?.let { throw it }
        if (isOffline) throw unreached()
        if (found == null) throw BywayException.NotFound("There is no such community.", "absent")
        synchronized(this) { copies.copy(into, asked.address, found, by, mirrors, now) }
    }

    override suspend fun exposureOf(id: CommunityId): Exposure = kept { floor(id) }

    override suspend fun raiseExposure(link: String, exposure: Exposure) {
        check()
        val asked = asked(link, exposure, "no_address", "exposure")
        synchronized(this) {
            val place = known.values.firstOrNull { it.isAt(asked.address) }?.community?.id?.value ?: asked.address
            exposures[place] = maxOf(asked.exposure, exposures[place] ?: Exposure.OPEN)
        }
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
        asked.remove(id)
        storeChanges.tell(StoreChange.Forgotten(id))
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
            asked.clear()
            onlyNamed.clear()
            moves.clear()
            locked = true
        }
        storeChanges.tell(StoreChange.Emptied)
    }

    override val paths: List<Path> get() = open { emptyList() }

    override val network: Network get() = open { assumed }

    override fun setNetwork(network: Network) {
        check(store = false)
        val before = synchronized(this) { assumed.also { assumed = network } }
        // Behind a VPN, the same network is another one.
        val isSame = before.id == network.id && (before.kind == NetworkKind.VPN) == (network.kind == NetworkKind.VPN)
        if (!isSame) networkChanged()
    }

    override fun networkChanged() {
        check(store = false)
        events.tell(EngineEvent(null, Duration.ZERO, "network_changed", "The network changed.", EngineEventKind.NetworkChanged))
    }

    override fun newIdentity(): Unit = check(store = false)

    override val changes: Flow<StoreChange> get() = open { storeChanges.flow }

    override fun engineEvents(redacted: Boolean): Flow<EngineEvent> = open { events.flow }

    override suspend fun report(): List<Access> = open { emptyList() }

    override suspend fun reportJson(): String = open { "[]" }

    override var language: Language
        get() = open { spoken }
        set(value) = open { spoken = value }

    override val strategies: List<Strategy> get() = open { configured }

    override suspend fun icalendar(events: List<UpcomingEvent>): String {
        check()
        return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Byway//Fake//EN\r\nEND:VCALENDAR\r\n"
    }

    override suspend fun attachments(community: CommunityId, post: String): List<AttachedFile> =
        post(community, post)?.attachments.orEmpty()
            .mapIndexed { index, attachment -> AttachedFile(AttachmentId(community, post, index.toLong()), attachment) }

    override fun close() {
        if (closed.compareAndSet(false, true)) {
            storeChanges.end()
            events.end()
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

    private fun allowing(exposure: Exposure, direct: Boolean = true): Strategy? =
        configured.firstOrNull { exposure in it.allowedBy && (direct || !it.isDirect) }

    /** What nobody asked for is never read directly; what advice speaks against is, on the user's word. */
    private fun mayBeDirect(found: FakeCommunity, allowDirect: Boolean): Boolean = synchronized(this) {
        !isUnasked(found) && (allowDirect || isDirectAllowed(found))
    }

    private fun isUnasked(found: FakeCommunity): Boolean =
        found.community.id !in asked && (found.isUnasked || found.community.id in onlyNamed)

    /** Its advice is known from its first reading on. */
    private fun isDirectAllowed(found: FakeCommunity): Boolean {
        val id = found.community.id
        return found.community.accessAdvice.isEmpty() || id !in stored || id in directAllowed
    }

    private fun floor(id: CommunityId): Exposure = exposures[id.value] ?: Exposure.OPEN

    public companion object {
        private val UNSIGNED = Trust(TrustState.UNSIGNED, sentence = "Read from a page that signs nothing.")
        private const val BUNDLE = "byway bundle of "


        /** The strategy `direct:`. */
        public val DIRECT: Strategy =
            Strategy("direct:", "direct", "directly", isDirect = true, allowedBy = listOf(Exposure.OPEN))

        /** A Tor that runs beside the app. */
        public val TOR: Strategy = Strategy(
            "tor+socks5://127.0.0.1:9050",
            "tor+socks5",
            "through Tor",
            server = "127.0.0.1:9050",
            isTor = true,
            allowedBy = Exposure.entries,
        )

        /** A small community with three posts, an event, and a claimed successor. */
        public val SAMPLE: List<FakeCommunity> = fakeSample()
    }
}
