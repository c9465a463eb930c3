package org.byway

import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import kotlinx.coroutines.flow.Flow
import org.byway.internals.EngineByway

/**
 * Reaches communities that are blocked, and says what is blocked and by whom.
 *
 * ```
 * val byway = Byway.open(Configuration(strategies = listOf("direct:", "tor+socks5://127.0.0.1:9050")))
 * val opened = byway.open("vk.com/NAME")
 * opened.posts.forEach { println(it.text) }
 * ```
 *
 * Every `suspend` function may be called from any thread, even the main thread: the work runs on threads of the library.
 * Cancelling the coroutine ends the work, except for what must finish ([lock], [unlock], [suspend], [resume], [wipe],
 * [forget], [raiseExposure], [allowDirect], [importFeeds], [takeBundle], [stay], [setRetention], [setStorageLimit]). Every call throws a
 * [BywayException] when it fails.
 *
 * It is an interface so that previews and tests can use [FakeByway].
 */
public interface Byway : AutoCloseable {
    // Reading

    /**
     * Reads a community. If it cannot be reached, returns what is stored and says why ([Opened.fault]).
     *
     * @param link an address of the community, for example `vk.com/NAME`
     * @param exposure raises who may learn of it; it never lowers what the link, the store or the configuration demand
     * @param allowDirect tries direct strategies this time, even if a restriction or the community's advice speaks
     *   against them; ask the user first
     * @param offline sends nothing, and answers from the store at once
     * @param ignorePause dials even if this network was just found to let only a few addresses through
     */
    public suspend fun open(
        link: String,
        exposure: Exposure = Exposure.OPEN,
        allowDirect: Boolean = false,
        offline: Boolean = false,
        ignorePause: Boolean = false,
    ): Opened

    /**
     * Reads a community of a list ([importFeeds]), as [open] does. An address that the maker of the list never asked for
     * ([ListedFeed.isUnasked]) is not contacted directly: reading a list is no yes to what a charter or a bundle named. The
     * further mirrors of an entry are not either, whatever the list says: it may be a stranger's. An address of this device or of the
     * reader's own network is not contacted unless its community is stored already (`own_network`).
     */
    public suspend fun openListed(
        feed: ListedFeed,
        exposure: Exposure = Exposure.OPEN,
        allowDirect: Boolean = false,
        offline: Boolean = false,
        ignorePause: Boolean = false,
    ): Opened

    /**
     * Reads a stored community, as [open] does with its link, and follows its moves. For a screen that is shown again.
     *
     * It asks for no address: what only a bundle or a charter names is not contacted directly. Opening the text of [link]
     * would ask for it; that text is for handing on.
     */
    public suspend fun openKept(
        id: CommunityId,
        exposure: Exposure = Exposure.OPEN,
        allowDirect: Boolean = false,
        offline: Boolean = false,
        ignorePause: Boolean = false,
    ): Opened

    /**
     * Reads a stored community again, because the user asks for it. It shows this community and no successor; [Opened.moves]
     * says what is known of its moves.
     */
    public suspend fun refresh(id: CommunityId): Opened

    /** Says whom [open] would contact, and what each of them would see. Sends nothing. */
    public suspend fun preview(
        link: String,
        exposure: Exposure = Exposure.OPEN,
        allowDirect: Boolean = false,
        offline: Boolean = false,
        ignorePause: Boolean = false,
    ): Preview

    /** Reads communities within limits, several side by side, for background work. */
    public suspend fun sync(communities: List<CommunityId>, limits: SyncLimits = SyncLimits()): Synced

    /** Asks every strategy for a page and compares what they say. */
    public suspend fun probe(
        url: String,
        exposure: Exposure = Exposure.OPEN,
        allowDirect: Boolean = false,
    ): Reachability

    /**
     * Fetches a small page. For larger ones, and for libraries such as Retrofit, use the module `byway-okhttp`.
     *
     * @param settle when the page is there, waits up to this long for evidence that is still coming
     */
    public suspend fun get(
        url: String,
        exposure: Exposure = Exposure.OPEN,
        allowDirect: Boolean = false,
        ignorePause: Boolean = false,
        settle: Duration? = null,
    ): Fetched

    /** Begins an HTTP request whose bodies are streamed. */
    public suspend fun http(request: HttpRequest): HttpCall

    /** Begins a session of HTTP requests with its own limits and, if asked for, its own cookies. Sends nothing. */
    public suspend fun httpSession(options: HttpSessionOptions = HttpSessionOptions()): HttpSession

    /**
     * Fetches the file of an attachment of a stored post. A file of a signed community is compared with what it signed.
     *
     * @param maxBytes a larger file throws [BywayException.TooLarge]; 20 MiB unless given
     */
    public suspend fun fetchAttachment(
        id: AttachmentId,
        maxBytes: Long = 20L shl 20,
        exposure: Exposure = Exposure.OPEN,
        allowDirect: Boolean = false,
        ignorePause: Boolean = false,
    ): FetchedFile

    // Signed communities

    /**
     * Reads the successor that a stored community names, over strategies that are not direct. [Opened.moves] says what is
     * signed of the move, and what has to be known for an answer: that one key was enough, or until when others can object.
     * Nothing is decided by that, and a successor that is not stored is not stored by it.
     *
     * What a page names that signs nothing is not contacted: the stored community is returned, and the move has the address.
     */
    public suspend fun successor(id: CommunityId): Opened

    /**
     * Follows a community to its successor on the user's yes: reads it, remembers the decision, and returns the successor. A
     * later [open] of the old community leads there as well. A disputed move is not followed; [Opened.moves] says so.
     *
     * The yes is for the move that was [shown]: for that community, those addresses and those keys. If another one is named by
     * now, nothing is contacted, and the code is `successor_changed`: show the new one, and ask again. Without a signature of
     * both sides the yes alone counts, so show both fingerprints first ([successor]).
     */
    public suspend fun follow(shown: Move): Opened

    /**
     * Stays at a community although it names the successor that was [shown]. [follow] takes that back. If another one is named by
     * now, nothing is decided, and the code is `successor_changed`.
     *
     * @return `false` if there was nothing to decide: the community is not stored, or names no successor any more
     */
    public suspend fun stay(shown: Move): Boolean

    /**
     * Takes in a bundle and stores what is genuine of it: a whole signed community in one file, from a memory card or a chat.
     * Nothing is sent: a bundle proves itself. Its mirrors are not contacted directly until the user opens the community's
     * link.
     *
     * @param exposure the least with which the community is read from now on
     */
    public suspend fun takeBundle(bytes: ByteArray, exposure: Exposure = Exposure.OPEN): TakenBundle

    /** The same with a file. */
    public suspend fun takeBundle(file: Path, exposure: Exposure = Exposure.OPEN): TakenBundle

    /**
     * What is remembered of a stored community that is signed: what may be believed of it now, its moves, and how each of its
     * homes behaved. Sends nothing.
     */
    public suspend fun standing(id: CommunityId): Standing

    /**
     * Opens a pack of routes, and verifies that an admin of a stored community signed it. Sends nothing and stores nothing: put the
     * routes into the next [Configuration]. If any part of a pack is wrong, nothing of it is used.
     *
     * @param passphrase in UTF-8. It is overwritten with zeros
     */
    public suspend fun importRoutePack(pack: ByteArray, passphrase: ByteArray): RoutePack

    // What is on the device

    /** The stored communities. */
    public suspend fun communities(): List<StoredCommunity>

    /** One of them; `null` if it is not stored. */
    public suspend fun community(id: CommunityId): StoredCommunity?

    /** Stored posts, newest first, a page at a time. */
    public suspend fun posts(community: CommunityId, after: Cursor? = null, limit: Int = 50): Page<Post>

    /** Stored events, the latest start first, a page at a time. */
    public suspend fun events(community: CommunityId, after: Cursor? = null, limit: Int = 50): Page<Event>

    /** One stored post. */
    public suspend fun post(community: CommunityId, id: String): Post?

    /** One stored event. */
    public suspend fun event(community: CommunityId, id: CommunityId): Event?

    /** Events of all communities between two instants, by start. */
    public suspend fun upcomingEvents(
        from: Instant,
        until: Instant? = null,
        after: Cursor? = null,
        limit: Int = 50,
    ): Page<UpcomingEvent>

    /** Searches what is stored. */
    public suspend fun search(
        query: String,
        community: CommunityId? = null,
        after: Cursor? = null,
        limit: Int = 50,
    ): Page<SearchHit>

    /** The link of a stored community, with its exposure. */
    public suspend fun link(id: CommunityId): CommunityLink?

    /**
     * Reads a list of communities (OPML), and raises the exposure of each to the one in its link. Nothing is sent: open
     * the entries that the user wants to follow with [openListed].
     */
    public suspend fun importFeeds(opml: ByteArray): FeedList

    /** All stored communities, with the exposure of each, as a list in OPML. It names what is read. */
    public suspend fun exportFeeds(): String

    /**
     * Writes a stored community into a folder as a small web site, for people who cannot reach it: a page that is marked as
     * a reader's copy, a feed, a calendar. A signed community is handed on as a bundle ([CommunityPublisher.bundleOf]).
     */
    public suspend fun writeSite(id: CommunityId, folder: Path): FilesWritten

    /**
     * Reads a page, and brings its copy in a folder to it: a mirror for people who cannot reach the page. The copy is a signed community
     * of the person who copies, and says so. What the original deletes stays in it, and says that it is gone there. Then
     * [CommunityPublisher.upload] brings the folder to a server.
     *
     * A folder without a copy gets one, with new keys in [keys], or with those that an interrupted call left there. No
     * [CommunityPublisher] may have the folder open. What is stored of the page is neither used nor changed, except that its least
     * exposure holds. A page is read once in ten minutes at most ([CopiedPage.isTooSoon]).
     *
     * @param by the person or group who copies: a name that readers see. What the first call stated stays.
     * @param mirrors addresses of folders on the web that will carry the copy. What the first call stated stays, until
     *   [CommunityPublisher.restate].
     * @param pictures copies the pictures too
     * @param exposure raises who may learn that the page is read
     * @param allowDirect tries direct strategies even if something recorded speaks against them. Ask the user first.
     */
    public suspend fun copyPage(
        link: String,
        into: Path,
        keys: CommunityKeys,
        by: String,
        mirrors: List<String> = emptyList(),
        pictures: Boolean = true,
        exposure: Exposure = Exposure.OPEN,
        allowDirect: Boolean = false,
    ): CopiedPage

    // Who may learn of it

    /** The exposure with which a community is read. */
    public suspend fun exposureOf(id: CommunityId): Exposure

    /** Raises the exposure of a link permanently. Only [wipe] lowers it. */
    public suspend fun raiseExposure(link: String, exposure: Exposure)

    /** Allows or forbids direct strategies for a community whose advice or restriction speaks against them. */
    public suspend fun allowDirect(id: CommunityId, allowed: Boolean)

    // The store

    /** For how many days posts are kept; `null` keeps them for ever. */
    public suspend fun retention(): Int?

    /** Sets [retention], and returns how many posts were removed from the device. */
    public suspend fun setRetention(days: Int?): Long

    /** How many bytes the store may take; `null` sets no limit. */
    public suspend fun storageLimit(): Long?

    /** Sets [storageLimit]. */
    public suspend fun setStorageLimit(bytes: Long?)

    /** How many bytes the store takes. */
    public suspend fun storageUsed(): Long

    /** Checks every page of the store's files. */
    public suspend fun checkIntegrity()

    /** Removes a community and everything that is stored of it. The exposure with which it must be read stays. */
    public suspend fun forget(id: CommunityId)

    /** Closes the store and overwrites its key in memory. Calls that need it fail until [unlock]. */
    public suspend fun lock()

    /** Opens the store again. */
    public suspend fun unlock(key: StoreKey)

    /** The app goes to the background: files are closed, so that the system has no reason to kill the app. */
    public suspend fun suspend()

    /** The app comes back. */
    public suspend fun resume()

    /** Removes everything that is stored. The store is locked afterwards: [unlock] with a new key starts an empty one. */
    public suspend fun wipe()

    /** The files and folders of the store, to be kept out of backups. */
    public val paths: List<Path>

    // The network

    /** The network that was last given to [setNetwork]. */
    public val network: Network

    /** Says which network the device is on now. */
    public fun setNetwork(network: Network)

    /** Says that the network changed, if nothing else is known of it. */
    public fun networkChanged()

    /**
     * Takes a new identity: what is requested from now on has circuits of Tor, connections, TLS sessions and cookies of
     * its own, and sends back nothing that a site gave before (`ETag`, `Last-Modified`). Tor's guard or bridge stays. It
     * hides nothing on other strategies, where the address stays the same.
     */
    public fun newIdentity()

    // Watching

    /**
     * What changes on the device. Each collector has its own queue; a slow one gets [StoreChange.Missed].
     * Ending the collection ends the subscription. It completes when the instance is closed.
     */
    public val changes: Flow<StoreChange>

    /**
     * What the engine does. [changes] says how a collection ends.
     *
     * @param redacted names no host; with `false` the events are for the user's own eyes, and not for a log
     */
    public fun engineEvents(redacted: Boolean = true): Flow<EngineEvent>

    /** The latest accesses. */
    public suspend fun report(): List<Access>

    /** The latest accesses without names, as a JSON document that can be sent when asking for help. */
    public suspend fun reportJson(): String

    /** The language of sentences. */
    public var language: Language

    /** The strategies of the configuration, without their logins. */
    public val strategies: List<Strategy>

    /** Stored events as an iCalendar text (RFC 5545). Events that are not stored or have no start are left out. */
    public suspend fun icalendar(events: List<UpcomingEvent>): String

    /** The attachments of a stored post, each with the id by which it is fetched. */
    public suspend fun attachments(community: CommunityId, post: String): List<AttachedFile>

    /**
     * Ends the instance. Running calls end, and every later one throws [BywayException.Closed]. Closing twice is
     * harmless. It does not wait, so it may be called on the main thread; a later [Byway.open] waits for it. [shutdown] waits.
     */
    override fun close()

    /** Ends the instance, and returns when its work and its files are closed. */
    public suspend fun shutdown()

    public companion object {
        /** Opens an instance. A store that does not exist is created. */
        public suspend fun open(configuration: Configuration): Byway = EngineByway.open(configuration)

        /** Removes a store without its key, for example when the user has forgotten it. */
        public suspend fun wipe(folder: Path, language: Language = Language.ENGLISH): Unit = EngineByway.wipe(folder, language)
    }
}

/**
 * Opens the folder of a mirror on this device: a signed community that was carried here. It is verified as any mirror is, and
 * nothing is sent. The folder is not remembered: what is stored is opened with [Byway.openKept].
 *
 * The folder must be readable by its path. On Android that is a folder of the app's own: a memory card or a USB stick is not
 * (scoped storage). Let the user choose the folder there, copy it, and open the copy (docs/android.md); or use a bundle.
 *
 * @param exposure the least with which the community is read from now on
 */
public suspend fun Byway.openFolder(folder: Path, exposure: Exposure = Exposure.OPEN): Opened =
    // With its slash even if it is not there, so that the error speaks of a folder.
    open("file://" + folder.toAbsolutePath().toUri().rawPath.removeSuffix("/") + "/", exposure)

/** All stored events of a community as one iCalendar text (RFC 5545). Events without a start are left out. */
public suspend fun Byway.icalendar(community: CommunityId): String {
    val stored = mutableListOf<UpcomingEvent>()
    var after: Cursor? = null
    do {
        val page = events(community, after, EVENTS_AT_ONCE)
        page.items.mapTo(stored) { UpcomingEvent(community, it) }
        after = page.next
    } while (after != null)
    return icalendar(stored)
}

private const val EVENTS_AT_ONCE = 200
