package org.byway

import java.net.URI
import java.nio.file.Path
import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.time.temporal.ChronoUnit
import org.byway.internals.FakeCharter
import org.byway.internals.FakeItem
import org.byway.internals.FakeItems
import org.byway.internals.FakeLink
import org.byway.internals.wiped

/**
 * A [CommunityPublisher] for previews and tests of an admin's screens: one community in memory, no key, no file, no
 * network and no native library.
 *
 * ```
 * val club = FakePublisher(CommunityStatement("The club", mirrors = listOf("https://club.example/")))
 * club.post("We meet on Friday at six.")
 * ```
 *
 * It keeps what it is told, and refuses what the real publisher refuses, with the same kind and code. Its messages are
 * its own. A folder is a name in memory: nothing is written there, and [postElsewhere] is how another phone publishes
 * into it.
 *
 * The line of an [AdminKeys] is known by its form alone, and of the admin's own keys the one in [link]. The largest size of
 * an item, 64 KiB, is counted to within some hundred bytes. Of a statement, relays, bans, hints, resolvers and restrictions
 * are kept as they are given.
 *
 * @param statement what the community says of itself. One that could not be founded throws, as in
 *   [CommunityPublisher.found]
 * @param decidesAlone `false`: it has several admins, and one of them cannot change its charter (`too_few_signed`)
 */
public class FakePublisher(
    statement: CommunityStatement = SAMPLE,
    private val clock: Clock = Clock.systemUTC(),
    decidesAlone: Boolean = true,
) : CommunityPublisher {
    /** What every call throws while it is set. */
    @Volatile
    public var fault: BywayException? = null

    /** The recovery that waits. The next charter ends it. */
    @Volatile
    public var waitingRecovery: WaitingRecovery? = null

    /** The language of the pages of its web site, as [setPageLanguage] left it. */
    @Volatile
    public var pageLanguage: Language = Language.ENGLISH
        private set

    /** The link of its successor, as [moveTo] left it. */
    @Volatile
    public var successor: String? = null
        private set

    private val charter = FakeCharter(statement, decidesAlone)
    private val items = FakeItems(charter)
    private val folders = HashMap<Path, Set<FakeItem>>()
    private val servers = HashMap<String, Set<FakeItem>>()
    private var freeze: Instant? = null
    private var closed = false

    /** Puts a freeze in force, as [CommunityProposal.placeFreeze] does. Of several the earliest stays. */
    public fun freeze(after: Instant): Unit = synchronized(this) {
        val time = after.truncatedTo(ChronoUnit.MINUTES)
        freeze = minOf(freeze ?: time, time)
    }

    /** Posts as another phone of this admin does, which publishes into this folder. */
    public fun postElsewhere(folder: Path, text: String): Unit = synchronized(this) {
        val there = folders[folder].orEmpty()
        folders[folder] = there + items.article(FakeItems.newName(), text, emptyList(), null, now(), beside = there)
    }

    /** The same, into a folder on a server. */
    public fun postElsewhere(target: UploadTarget, text: String): Unit = synchronized(this) {
        val there = servers[target.address].orEmpty()
        val post = items.article(FakeItems.newName(), text, emptyList(), null, now(), beside = there)
        servers[target.address] = there + post
    }

    override suspend fun link(exposure: Exposure): SignedLink = call { charter.link(exposure) }

    override suspend fun content(): Published = call { items.content() }

    override suspend fun statement(): CommunityStatement = call { charter.statement }

    override suspend fun post(text: String, pictures: List<Picture>): String = call(text) {
        val item = items.article(FakeItems.newName(), text, pictures, null, now())
        added(item)
    }

    override suspend fun edit(name: String, text: String, pictures: List<Picture>?): Unit = call(name, text) {
        val known = items.latestOfOurs(name)?.takeIf { it.isPost } ?: throw FakeItems.noSuchItem()
        added(items.article(name, text, pictures ?: known.pictures, known, now()))
    }

    override suspend fun announce(gathering: Gathering, replaces: String?): String = call(
        gathering.name, gathering.text, gathering.zone, gathering.place, replaces,
    ) {
        FakeItems.checkTimes(gathering)
        val known = replaces?.let { name ->
            items.latestOfOurs(name)?.takeIf { !it.isPost } ?: throw FakeItems.noSuchItem()
        }
        added(items.gathering(known?.name ?: FakeItems.newName(), gathering, known, now()))
    }

    override suspend fun delete(name: String): Unit = call(name) {
        val known = items.latest(name) ?: throw FakeItems.noSuchItem()
        added(items.deletion(known, now()))
    }

    override suspend fun restate(statement: CommunityStatement): Unit = call(*FakeCharter.texts(statement)) {
        charter.restate(statement, ::enact)
    }

    override suspend fun moveTo(successor: String?): Unit = call(successor) {
        val link = successor?.let(FakeLink::parse)
        if (link?.id == FakeCharter.ID) throw refused("A community cannot move to itself.", "successor_same")
        if (link != null && link.mirrors.isEmpty()) {
            throw refused("The link of the other community names no mirror.", "successor_homeless")
        }
        enact { charter.checkAlone() }
        this.successor = successor
    }

    override suspend fun rotate(keys: CommunityKeys): Unit = keys.wiped {
        call {
            charter.checkUnused(keys.file)
            val file = keys.file.toAbsolutePath().normalize()
            if (folders.keys.any { file.startsWith(it.toAbsolutePath().normalize()) }) {
                throw refused("Everyone can fetch the files of a community's folder.", "key_served")
            }
            enact { charter.rotate(keys.file) }
        }
    }

    override suspend fun recovery(): WaitingRecovery? = call { waitingRecovery }

    override suspend fun frozen(): Instant? = call { freeze }

    override suspend fun datedAhead(): Instant? = call { items.newest().takeIf { it > now() + DAY } }

    override suspend fun redate(): Long = call {
        items.redate(now())
        0
    }

    override suspend fun setPageLanguage(language: Language): Unit = call { pageLanguage = language }

    override suspend fun publish(into: Path, replace: Boolean): FilesWritten = call { bring(folders, into, replace) }

    /** A server is a name in memory too: nothing is sent, and every login is the right one. [over] may be a fake. */
    override suspend fun upload(
        target: UploadTarget,
        credentials: UploadCredentials?,
        over: Byway,
        takeIn: Boolean,
        replace: Boolean,
        checkAll: Boolean,
    ): FilesWritten = credentials.wiped {
        call {
            check(target)
            if (credentials is UploadCredentials.Key) {
                throw refused("The server needs credentials of another kind.", "upload_credentials_kind")
            }
            if (takeIn) servers[target.address]?.let(items::takeIn)
            bring(servers, target.address, replace)
        }
    }

    /** Refuses what a library without buckets refuses. */
    private fun check(target: UploadTarget) {
        val address = runCatching { URI(target.address) }.getOrNull()
        throw when {
            address?.scheme == "s3" -> refused("This program is built without S3 buckets.", "upload_no_s3")
            address?.host == null || address.scheme !in listOf("http", "https") ->
                refused("This is not the address of a folder.", "upload_target")
            address.userInfo != null -> refused("A login in the address is seen by other programs.", "upload_login")
            address.scheme == "http" -> refused("Over http:// everyone on the path sees who publishes.", "upload_cleartext")
            else -> return
        }
    }

    private fun <Place> bring(places: HashMap<Place, Set<FakeItem>>, place: Place, replace: Boolean): FilesWritten {
        val (here, there) = items.all to places[place]
        if (!replace && there != null && !here.containsAll(there)) {
            throw refused("That folder has something newer of this community.", "target_newer")
        }
        places[place] = here
        // The head is renewed in any case.
        return if (here == there) FilesWritten(1, FILES - 1) else FilesWritten(FILES, 0)
    }

    override suspend fun takeIn(from: Path): Unit = call {
        items.takeIn(folders[from] ?: throw absent())
    }

    override fun close(): Unit = synchronized(this) { closed = true }

    override suspend fun shutdown(): Unit = close()

    private fun added(item: FakeItem): String {
        if (freeze?.let { it < item.signed } == true) throw frozenNow()
        items.add(item)
        return item.name
    }

    /** Makes the next charter. */
    private fun enact(change: () -> Unit) {
        if (freeze?.let { it < now() } == true) throw frozenNow()
        change()
        items.charterChanged(now())
        waitingRecovery = null
    }

    private fun absent() = BywayException.NotFound("There is no community in this folder.", "community_absent")

    private fun frozenNow() = refused("The community is frozen.", "community_frozen")

    private fun refused(message: String, code: String) = BywayException.Input(message, code)

    private fun now(): Instant = clock.instant()

    private inline fun <T> call(vararg texts: String?, answer: () -> T): T = synchronized(this) {
        if (closed) throw BywayException.Closed("This publisher was closed.")
        fault?.let { throw it }
        // Half of a surrogate pair crosses to no Rust.
        if (!texts.filterNotNull().all(Charsets.UTF_8.newEncoder()::canEncode)) {
            throw refused("This text holds half of a character.", "text")
        }
        answer()
    }

    public companion object {
        /** A small community with a mirror. */
        public val SAMPLE: CommunityStatement = CommunityStatement(
            "The workers' club", "We read together.", mirrors = listOf("https://club.example/"),
        )

        /** A picture, without a file to clean. [Picture.clean] needs the native library. */
        public fun picture(
            text: String = "",
            bytes: ByteArray = ByteArray(0),
            width: Int = 4,
            height: Int = 3,
        ): Picture = Picture(bytes, "image/png", width, height, text)

        /** Charter, head, newest, page, feed and calendar. */
        private const val FILES = 6L
        private val DAY = Duration.ofDays(1)
    }
}
