package org.byway

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.takeWhile
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import org.byway.testing.Lab
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

/** What an app may rely on, of the fake as of the real one. */
@Timeout(120)
abstract class ContractTest {
    protected abstract val byway: Byway

    /** Its only strategy is the direct one. */
    protected abstract val direct: Byway

    /** An address whose page says "Hello.". */
    protected abstract val page: String

    private val id = CommunityId("vk:-1000")

    @Test
    fun `reading stores, and offline answers from it`() = runBlocking {
        assertEquals(ErrorKind.NOT_STORED to "not_stored", failure { byway.open(LINK, offline = true) })
        val first = byway.open(LINK)
        assertEquals(id, first.community.id)
        assertEquals(3, first.posts.size)
        assertTrue(first.changes.posts.isFirst && first.changes.posts.added.size == 3)
        assertEquals(ReadFrom.NETWORK, first.source)
        assertTrue(byway.open(LINK).changes.isEmpty, "the second reading has no news")
        val offline = byway.open(LINK, offline = true)
        assertEquals(ReadFrom.STORE, offline.source)
        assertEquals(null, offline.fault)
        assertEquals(first.posts.map(Post::text), offline.posts.map(Post::text))
    }

    @Test
    fun `pages end, and odd cursors and limits are refused`() = runBlocking {
        byway.open(LINK)
        val page = byway.posts(id, limit = 2)
        assertEquals(2, page.items.size)
        val rest = byway.posts(id, page.next, limit = 2)
        assertEquals(1, rest.items.size)
        assertEquals(null, rest.next)
        assertEquals(ErrorKind.INPUT to "bad_cursor", failure { byway.posts(id, Cursor("no cursor")) })
        assertEquals(ErrorKind.INPUT to "number", failure { byway.posts(id, limit = -1) })
        assertEquals(emptyList<Post>(), byway.posts(CommunityId("vk:-9")).items)
    }

    @Test
    fun `what is no address is refused, an unknown one not found`() = runBlocking {
        assertEquals(ErrorKind.INPUT to "link", failure { byway.open("not a link") })
        assertEquals(ErrorKind.NOT_FOUND to "absent", failure { byway.open("vk.com/nobody_here") })
        assertEquals(ErrorKind.NOT_STORED to "not_stored", failure { byway.refresh(id) })
    }

    @Test
    fun `a locked and a suspended store answer nothing`() = runBlocking {
        byway.open(LINK)
        byway.lock()
        assertEquals(ErrorKind.STORE_CLOSED to "store_locked", failure { byway.communities() })
        byway.unlock(KEY)
        byway.suspend()
        assertEquals(ErrorKind.STORE_CLOSED to "store_suspended", failure { byway.communities() })
        byway.resume()
        assertEquals(listOf(id), byway.communities().map { it.community.id })
    }

    @Test
    fun `a locked and a suspended store let nothing out`() = runBlocking {
        byway.open(LINK)
        val calls: List<suspend () -> Any?> = listOf(
            { byway.open(LINK) }, { byway.open(LINK, offline = true) }, { byway.refresh(id) }, { byway.preview(LINK) },
            { byway.probe(page) }, { byway.get(page) }, { byway.http(HttpRequest(page)).use { it.response() } },
            { byway.fetchAttachment(AttachmentId(id, "vk:-1000_1", 0), 1_000) },
        )
        byway.lock()
        calls.forEachIndexed { number, call -> assertEquals(ErrorKind.STORE_CLOSED to "store_locked", failure(call), "call $number") }
        byway.unlock(KEY)
        byway.suspend()
        calls.forEachIndexed { number, call -> assertEquals(ErrorKind.STORE_CLOSED to "store_suspended", failure(call), "call $number") }
        byway.resume()
        calls.dropLast(1).forEachIndexed { number, call -> assertEquals(null, failure(call), "call $number") }
    }

    @Test
    fun `an exposure that no strategy satisfies sends nothing`() = runBlocking {
        val reading: List<suspend () -> Any?> =
            listOf({ direct.open(LINK, exposure = Exposure.TOR) }, { direct.open("$LINK#exposure=tor") })
        reading.forEachIndexed { number, call -> assertEquals(ErrorKind.NOT_PERMITTED to "unreached", failure(call), "reading $number") }
        val pages: List<suspend () -> Any?> = listOf(
            { direct.get(page, exposure = Exposure.TOR) }, { direct.get("$page#exposure=tor") },
            { direct.http(HttpRequest(page, exposure = Exposure.TOR)).use { it.response() } },
            { direct.httpSession(HttpSessionOptions(exposure = Exposure.TOR)).http(HttpRequest(page)).use { it.response() } },
        )
        pages.forEachIndexed { number, call -> assertEquals(ErrorKind.NOT_PERMITTED to "no_way", failure(call), "page $number") }
        assertEquals(ErrorKind.NOT_PERMITTED, failure { direct.probe(page, exposure = Exposure.TOR) }?.first)
        val preview = direct.preview(LINK, exposure = Exposure.TOR)
        assertEquals(emptyList<PreviewRoute>() to "no_way", preview.routes to preview.refusal)
    }

    @Test
    fun `an odd exposure and an odd address are refused`() = runBlocking {
        for (odd in listOf("onion", "")) {
            assertEquals(ErrorKind.INPUT to "link", failure { byway.open("$LINK#exposure=$odd") })
            assertEquals(ErrorKind.INPUT to "exposure", failure { byway.get("$page#exposure=$odd") })
        }
        assertEquals(ErrorKind.INPUT to "no_address", failure { byway.raiseExposure("not a link", Exposure.TOR) })
        assertEquals(ErrorKind.INPUT to "url", failure { byway.get("not a page") })
        assertEquals(ErrorKind.INPUT to "url", failure { byway.http(HttpRequest("not a page")) })
        assertEquals(ErrorKind.UNREACHED to "unreached", failure { byway.get("https://nobody.example/") })
    }

    @Test
    fun `what is stored is answered where an exposure forbids to read`() = runBlocking {
        direct.open(LINK)
        direct.raiseExposure(LINK, Exposure.TOR)
        val opened = direct.open(LINK)
        assertEquals(ReadFrom.STORE to Exposure.TOR, opened.source to opened.exposure)
        assertEquals(ErrorKind.NOT_PERMITTED to "unreached", opened.fault?.let { it.kind to it.code })
    }

    @Test
    fun `an exposure outlives what is forgotten, and not a wipe`() = runBlocking {
        byway.open(LINK)
        byway.raiseExposure(LINK, Exposure.TOR)
        byway.forget(id)
        assertEquals(Exposure.TOR, byway.exposureOf(id))
        assertEquals(Exposure.TOR, byway.open(LINK).exposure)
        byway.wipe()
        byway.unlock(KEY)
        assertEquals(Exposure.OPEN, byway.exposureOf(id))
    }

    @Test
    fun `an exposure in a link holds`() = runBlocking {
        assertEquals(Exposure.TOR, byway.open("$LINK#exposure=tor").exposure)
        assertEquals(Exposure.TOR, byway.open(LINK).exposure)
    }

    @Test
    fun `a page's limit is brought between 1 and 1000`() = runBlocking {
        byway.open(LINK)
        assertEquals(1, byway.posts(id, limit = 0).items.size)
        assertEquals(3, byway.posts(id, limit = Int.MAX_VALUE).items.size)
        assertEquals(1, byway.search("evening", limit = 0).items.size)
    }

    @Test
    fun `a page is read, whole and streamed`() = runBlocking {
        assertEquals("Hello.", byway.get(page).body.decodeToString())
        byway.http(HttpRequest(page)).use { call ->
            assertEquals(200, call.response().status)
            assertEquals("Hello.", call.read()?.decodeToString())
            assertEquals(null, call.read())
        }
        byway.httpSession().use { session -> session.http(HttpRequest(page)).use { assertEquals(page, it.response().url) } }
        assertEquals(ErrorKind.INPUT to "number", failure { byway.http(HttpRequest(page)).use { it.read(0) } })
        byway.http(HttpRequest(page)).use { call ->
            call.cancel()
            assertEquals(ErrorKind.CANCELLED to "cancelled", failure { call.response() })
        }
    }

    @Test
    fun `an exposure only rises`() = runBlocking {
        byway.open(LINK)
        byway.raiseExposure(LINK, Exposure.TOR)
        byway.raiseExposure(LINK, Exposure.PROXIED)
        assertEquals(Exposure.TOR, byway.exposureOf(id))
        assertEquals(Exposure.TOR, byway.link(id)?.exposure)
    }

    @Test
    fun `what is forgotten or wiped is gone`() = runBlocking {
        byway.open(LINK)
        assertEquals(1, byway.search("evening").items.filterIsInstance<SearchHit.OfPost>().size)
        byway.forget(id)
        assertEquals(null, byway.community(id))
        assertEquals(emptyList<SearchHit>(), byway.search("evening").items)
        byway.open(LINK)
        byway.wipe()
        assertEquals(ErrorKind.STORE_CLOSED to "store_locked", failure { byway.communities() })
        byway.unlock(KEY)
        assertEquals(emptyList<StoredCommunity>(), byway.communities())
    }

    @Test
    fun `a list of feeds comes back, and raises exposures`() = runBlocking {
        byway.open(LINK)
        val listed = byway.importFeeds(byway.exportFeeds().toByteArray())
        assertEquals(Triple(1, 0L, false), Triple(listed.entries.size, listed.odd, listed.isCut))
        assertEquals(ErrorKind.INPUT to "not_opml", failure { byway.importFeeds("x".toByteArray()) })
        val outline = "<outline text=\"Club\" xmlUrl=\"https://vk.com/club#exposure=tor\"/>"
        val raised = byway.importFeeds("<opml>$outline</opml>".toByteArray())
        assertEquals(ListedFeed("https://vk.com/club#exposure=tor", "Club"), raised.entries.single())
        assertEquals(Exposure.TOR, byway.exposureOf(id))
        val odd = byway.importFeeds("<opml>${outline.replace("=tor", "=onion")}</opml>".toByteArray())
        assertEquals(0 to 1L, odd.entries.size to odd.odd)
    }

    @Test
    fun `a claimed successor is named, and followed only on a yes`() = runBlocking {
        assertEquals(ErrorKind.NOT_STORED to "not_stored", failure { byway.successor(id) })
        byway.open(LINK)
        val named = byway.successor(id)
        assertEquals(id to "https://vk.com/club_new", named.community.id to named.moves.single().home)
        assertEquals(MoveKind.CLAIMED, named.moves.single().kind)
        assertEquals(id to emptyList<Move>(), byway.open(LINK).let { it.community.id to it.moves })
        val next = CommunityId("vk:-1001")
        val move = named.moves.single()
        val other = move.copy(home = "https://vk.com/other", homes = emptyList())
        assertEquals(ErrorKind.INPUT to "successor_changed", failure { byway.follow(other) })
        assertEquals(ErrorKind.INPUT to "successor_changed", failure { byway.stay(other) })
        val followed = byway.follow(move)
        assertEquals(next to MoveKind.ON_YOUR_WORD, followed.community.id to followed.moves.single().kind)
        assertEquals(next to MoveKind.ON_YOUR_WORD, byway.open(LINK).let { it.community.id to it.moves.single().kind })
        assertEquals(next to id, byway.openKept(id).community.id to byway.refresh(id).community.id)
        assertTrue(byway.stay(move), "there was something to decide")
        assertFalse(byway.stay(Move(MoveKind.CLAIMED, CommunityId("vk:-5"))), "it is not stored")
        assertFalse(byway.stay(Move(MoveKind.CLAIMED, next)), "it names no successor")
        assertEquals(id to id, byway.open(LINK).community.id to byway.openKept(id).community.id)
        assertEquals(ReadFrom.STORE, byway.openKept(id, offline = true).source)
        assertEquals(ErrorKind.NOT_STORED to "not_stored", failure { byway.openKept(CommunityId("vk:-5")) })
        assertEquals(ErrorKind.NOT_STORED to "not_stored", failure { byway.follow(Move(MoveKind.CLAIMED, next)) })
    }

    @Test
    fun `access advice keeps direct strategies out until the user allows them`() = runBlocking {
        val (link, careful) = "vk.com/careful" to CommunityId("vk:-1002")
        assertEquals(1, direct.open(link).community.accessAdvice.size)
        val advised = direct.open(link)
        assertEquals(ReadFrom.STORE, advised.source)
        assertEquals(ErrorKind.NOT_PERMITTED to "unreached", advised.fault?.let { it.kind to it.code })
        assertEquals("no_way" to true, direct.preview(link).let { it.refusal to it.avoidsDirect })
        assertEquals(ReadFrom.NETWORK, direct.open(link, allowDirect = true).source)
        direct.allowDirect(careful, true)
        assertEquals(ReadFrom.NETWORK, direct.open(link).source)
        direct.allowDirect(careful, false)
        assertEquals(ReadFrom.STORE, direct.refresh(careful).source)
    }

    @Test
    fun `what is no bundle is refused`() = runBlocking {
        assertEquals(ErrorKind.INPUT to "bundle_form", failure { byway.takeBundle("x".toByteArray()) })
        assertEquals(ErrorKind.INPUT to "file", failure { byway.takeBundle(kotlin.io.path.Path("/nowhere/bundle")) })
        assertEquals(ErrorKind.NOT_STORED to "not_stored", failure { byway.writeSite(id, kotlin.io.path.Path("/nowhere")) })
    }

    @Test
    fun `a network that is given twice is told once`() = runBlocking {
        val told = async(start = CoroutineStart.UNDISPATCHED) {
            byway.engineEvents().map { it.code }.takeWhile { it == "network_changed" }.toList()
        }
        byway.setNetwork(Network("a", NetworkKind.WIFI))
        byway.setNetwork(Network("a", NetworkKind.WIFI))
        byway.setNetwork(Network("a", NetworkKind.CELL, isMetered = true))
        byway.setNetwork(Network("a", NetworkKind.VPN))
        byway.networkChanged()
        byway.open(LINK)
        assertEquals(3, told.await().size)
    }

    @Test
    fun `settings are kept`() = runBlocking {
        assertEquals(null, byway.retention())
        byway.setRetention(36_500)
        assertEquals(36_500, byway.retention())
        byway.setStorageLimit(50_000_000)
        assertEquals(50_000_000L, byway.storageLimit())
        assertEquals(ErrorKind.INPUT to "number", failure { byway.setRetention(-1) })
        byway.language = Language.RUSSIAN
        assertEquals(Language.RUSSIAN, byway.language)
    }

    @Test
    fun `a session refuses another isolation, and ends`() = runBlocking {
        val session = byway.httpSession(HttpSessionOptions(isolation = "one"))
        assertEquals(ErrorKind.INPUT to "isolation", failure { session.http(HttpRequest("https://a.example/", isolation = "two")) })
        session.close()
        assertEquals(ErrorKind.CLOSED to "closed", failure { session.http(HttpRequest("https://a.example/")) })
    }

    @Test
    fun `a closed instance refuses every call`() = runBlocking {
        byway.close()
        byway.close()
        byway.shutdown()
        val calls: List<suspend () -> Any?> = listOf(
            { byway.open(LINK) }, { byway.preview(LINK) }, { byway.sync(listOf(id)) }, { byway.communities() },
            { byway.httpSession() }, { byway.lock() }, { byway.wipe() }, { byway.setNetwork(Network("x")) },
            { byway.network }, { byway.language }, { byway.strategies }, { byway.report() }, { byway.reportJson() }, { byway.paths },
        )
        calls.forEachIndexed { number, call -> assertEquals(ErrorKind.CLOSED to "closed", failure(call), "call $number") }
    }

    protected suspend fun failure(call: suspend () -> Any?): Pair<ErrorKind, String>? = try {
        call()
        null
    } catch (failure: BywayException) {
        failure.kind to failure.code
    }

    protected companion object {
        const val LINK = "vk.com/club"
        val KEY = StoreKey.Bytes(ByteArray(32) { 7 })
    }
}

class FakeContractTest : ContractTest() {
    override val page = "https://http.example/hello"
    override val byway: Byway = FakeByway(FILE + MORE, strategies = listOf(FakeByway.DIRECT, FakeByway.TOR), pages = pages())
    override val direct: Byway = FakeByway(FakeByway.SAMPLE + MORE, pages = pages())

    @Test
    fun `a file of a post is fetched, within its limit`() = runBlocking {
        byway.open(LINK)
        val file = byway.attachments(CommunityId("vk:-1000"), "vk:-1000_2").single()
        assertEquals("Hello.", byway.fetchAttachment(file.id, 1_000).bytes.decodeToString())
        assertEquals(ErrorKind.TOO_LARGE to "too_large", failure { byway.fetchAttachment(file.id, 3) })
        assertEquals(ErrorKind.NOT_STORED to "not_stored", failure { byway.fetchAttachment(file.id.copy(index = 1), 1_000) })
    }

    @Test
    fun `an answer waits for the end of a streamed body`() = runBlocking {
        val upload = HttpRequest(page, "POST", body = HttpBody.Streamed())
        val sent = byway.http(upload)
        val answer = async(start = CoroutineStart.UNDISPATCHED) { sent.response() }
        assertTrue(sent.write(byteArrayOf(1)))
        yield()
        assertFalse(answer.isCompleted, "half of a body is no body")
        sent.finish()
        assertEquals(200, answer.await().status)
        val given = byway.http(upload)
        val none = async(start = CoroutineStart.UNDISPATCHED) { failure { given.response() } }
        given.cancel()
        assertEquals(ErrorKind.CANCELLED to "cancelled", none.await())
    }

    @Test
    fun `what nobody asked for is never read directly`() = runBlocking {
        val signed = Move(MoveKind.ASKED, CommunityId("vk:-1000"), CommunityId("vk:-1001"), "https://vk.com/club_new")
        val fixture = FILE.map { it.copy(move = signed) } + MORE
        fun fake() = FakeByway(fixture, strategies = listOf(FakeByway.DIRECT, FakeByway.TOR), pages = pages())
        val (direct, tor) = "It was read directly." to "It was read through Tor."
        val id = CommunityId("vk:-1000")
        suspend fun read(opened: Opened) = opened.reachability.sentence

        val listed = fake()
        assertEquals(tor, read(listed.openListed(ListedFeed(LINK, "", isUnasked = true), allowDirect = true)))
        assertTrue("unasked" in listed.exportFeeds(), "a list says so, too")
        assertEquals(tor, read(listed.refresh(id)))
        assertEquals(tor, listed.fetchAttachment(AttachmentId(id, "vk:-1000_2", 0)).reachability.sentence)
        assertEquals(direct, read(listed.open(LINK)), "the user asks for it")
        assertEquals(direct, read(listed.openListed(ListedFeed(LINK, "", isUnasked = true))), "and has asked for it")

        val bundled = fake()
        bundled.takeBundle(bundled.bundle(id))
        assertEquals(tor, read(bundled.openKept(id, allowDirect = true)))
        assertEquals(direct, read(bundled.openListed(ListedFeed(LINK, ""))))

        val moved = fake()
        moved.open(LINK)
        val shown = moved.successor(id)
        assertEquals(tor, read(shown))
        assertEquals(direct, read(moved.follow(shown.moves.last())), "the user's yes")
        val followed = FakeByway(
            fixture.map { it.copy(move = it.move?.copy(kind = MoveKind.MOVED)) },
            strategies = listOf(FakeByway.DIRECT, FakeByway.TOR),
        )
        assertEquals(tor, read(followed.open(LINK, allowDirect = true)), "a move that is followed by itself")
    }

    private fun pages() = mapOf(page to FakePage("Hello.".toByteArray()))

    private companion object {
        /** The claimed successor of the sample, and a community that asks to be read through Tor. */
        val MORE = listOf(
            FakeCommunity(Community(CommunityId("vk:-1001"), "The new club", homes = listOf("https://vk.com/club_new"))),
            FakeCommunity(
                Community(
                    CommunityId("vk:-1002"),
                    "Careful",
                    homes = listOf("https://vk.com/careful"),
                    accessAdvice = listOf(AccessAdvice(AdviceKind.TOR, "only through the Tor browser", Field.STATUS)),
                ),
            ),
        )

        /** [FakeByway.SAMPLE] with a file. */
        val FILE = FakeByway.SAMPLE.map { sample ->
            val file = Attachment.Document("a file", "https://http.example/hello")
            sample.copy(posts = sample.posts.map { if (it.id == "vk:-1000_2") it.copy(attachments = listOf(file)) else it })
        }
    }
}

class EngineContractTest : ContractTest() {
    private val lab = Lab(Lab.json.readTree(STATE))
    override val byway: Byway = runBlocking {
        Byway.open(lab.configuration(strategies = listOf("direct:", "tor"), storage = lab.storage()))
    }

    override val direct: Byway = runBlocking { Byway.open(lab.configuration(storage = lab.storage("direct"))) }
    override val page = lab.origin("http.example") + "/hello"

    @AfterEach
    fun end() {
        runBlocking { byway.shutdown(); direct.shutdown() }
        lab.close()
    }

    private companion object {
        /** The same community as [FakeByway.SAMPLE]. */
        const val STATE = """{ "calls_per_second": 1000, "communities": [ {
            "group": { "id": 1000, "name": "The workers' club", "screen_name": "club", "type": "group", "is_closed": 0,
                "description": "We read together. Our new group: vk.com/club_new" },
            "posts": [
                { "id": 3, "date": 1793541600, "text": "Saturday", "type": "post" },
                { "id": 2, "date": 1793534400, "text": "Come to the evening.", "type": "post" },
                { "id": 1, "date": 1793527200, "text": "Hello.", "type": "post" }
            ]
        }, {
            "group": { "id": 1001, "name": "The new club", "screen_name": "club_new", "type": "group", "is_closed": 0 }
        }, {
            "group": { "id": 1002, "name": "Careful", "screen_name": "careful", "type": "group", "is_closed": 0,
                "status": "only through the Tor browser" }
        } ] }"""
    }
}
