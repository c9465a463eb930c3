package org.byway

import java.io.File
import java.lang.reflect.Modifier
import java.nio.file.Path
import java.time.Duration
import kotlin.coroutines.Continuation
import kotlin.system.measureTimeMillis
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.byway.ffi.EngineEvent as CrossingEvent
import org.byway.ffi.EngineEventKind as CrossingKind
import org.byway.ffi.TorStall as CrossingStall
import org.byway.ffi.diagnostics
import org.byway.internals.toModel
import org.byway.testing.Lab
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

/** What Kotlin adds to the engine: coroutines, flows, exceptions, an end. */
@Timeout(120)
class EngineTest {
    private val labs = mutableListOf<Lab>()

    private fun lab(vararg censor: String): Lab {
        val state = Lab.json.readTree(File(System.getProperty("byway.cases")))["states"]["default"]
        (state["communities"].first { it["group"]["screen_name"].asText() == "long_texts" } as com.fasterxml.jackson.databind.node.ObjectNode).putArray("posts")
        return Lab(state, censor.toList()).also(labs::add)
    }

    @AfterEach
    fun end() = labs.forEach(Lab::close)

    @Test
    fun `cancelling a coroutine stops the work of the engine`() = runBlocking {
        val lab = lab("sni=news.example:swallow")
        val byway = Byway.open(lab.configuration())
        awaitWork { it == 0L }
        val jobs = List(100) { launch(Dispatchers.Default) { byway.get(lab.origin("news.example") + "/") } }
        awaitWork { it >= 100L }
        jobs.forEach(Job::cancel)
        jobs.joinAll()
        awaitWork { it == 0L }
        byway.shutdown()
    }

    @Test
    fun `a hundred refreshes at once all answer`() = runBlocking {
        val lab = lab()
        val byway = Byway.open(lab.configuration(storage = lab.storage()))
        val id = byway.open("vk.com/rabochie").community.id
        val answers = List(100) { async(Dispatchers.Default) { byway.refresh(id) } }.awaitAll()
        assertTrue(answers.all { it.posts.size == 3 })
        byway.shutdown()
    }

    @Test
    fun `a call after closing is one clear error`() = runBlocking {
        val lab = lab()
        val byway = Byway.open(lab.configuration(storage = lab.storage()))
        byway.close()
        byway.close()
        byway.shutdown()
        val calls = everyCall(byway, lab.storage().key, lab.storage().folder)
        // A call that is added to the surface fails here until it is listed below.
        val surface = Byway::class.java.declaredMethods.filter { Modifier.isAbstract(it.modifiers) && !it.isSynthetic }
        val ends = setOf("close", "shutdown")
        assertEquals(surface.map { it.name.substringBefore('-') }.filterNot(ends::contains).sorted(), calls.map { it.first }.sorted())
        for ((name, call) in calls) {
            val failure = runCatching { call() }.exceptionOrNull()
            assertInstanceOf(BywayException.Closed::class.java, failure, name)
            assertEquals("closed", (failure as BywayException).kind.code, name)
        }
    }

    /** Each call by its name on the virtual machine. */
    private fun everyCall(byway: Byway, key: StoreKey, folder: Path): List<Pair<String, suspend () -> Any?>> {
        val (id, link, none) = Triple(CommunityId("vk:-1000"), "vk.com/rabochie", ByteArray(0))
        val move = Move(MoveKind.CLAIMED, id)
        return listOf(
            "open" to { byway.open(link) }, "openListed" to { byway.openListed(ListedFeed(link, "A page")) }, "openKept" to { byway.openKept(id) },
            "refresh" to { byway.refresh(id) }, "preview" to { byway.preview(link) }, "sync" to { byway.sync(listOf(id)) },
            "probe" to { byway.probe("https://vk.com/") }, "get" to { byway.get("https://vk.com/") },
            "http" to { byway.http(HttpRequest("https://vk.com/")) }, "httpSession" to { byway.httpSession() },
            "fetchAttachment" to { byway.fetchAttachment(AttachmentId(id, "x", 0), 10) },
            "successor" to { byway.successor(id) }, "follow" to { byway.follow(move) }, "stay" to { byway.stay(move) },
            "takeBundle" to { byway.takeBundle(none) }, "takeBundle" to { byway.takeBundle(folder) }, "standing" to { byway.standing(id) },
            "importRoutePack" to { byway.importRoutePack(none, none) }, "communities" to { byway.communities() },
            "community" to { byway.community(id) }, "posts" to { byway.posts(id) }, "events" to { byway.events(id) },
            "post" to { byway.post(id, "x") }, "event" to { byway.event(id, id) },
            "upcomingEvents" to { byway.upcomingEvents(java.time.Instant.EPOCH) }, "search" to { byway.search("x") },
            "link" to { byway.link(id) }, "importFeeds" to { byway.importFeeds(none) }, "exportFeeds" to { byway.exportFeeds() },
            "writeSite" to { byway.writeSite(id, folder) },
            "copyPage" to { byway.copyPage(link, folder, CommunityKeys(folder, ByteArray(1)), "Anna") }, "exposureOf" to { byway.exposureOf(id) },
            "raiseExposure" to { byway.raiseExposure(link, Exposure.TOR) }, "allowDirect" to { byway.allowDirect(id, true) },
            "retention" to { byway.retention() }, "setRetention" to { byway.setRetention(1) },
            "storageLimit" to { byway.storageLimit() }, "setStorageLimit" to { byway.setStorageLimit(1) },
            "storageUsed" to { byway.storageUsed() }, "checkIntegrity" to { byway.checkIntegrity() }, "forget" to { byway.forget(id) },
            "lock" to { byway.lock() }, "unlock" to { byway.unlock(key) }, "suspend" to { byway.suspend() },
            "resume" to { byway.resume() }, "wipe" to { byway.wipe() }, "getPaths" to { byway.paths }, "getNetwork" to { byway.network },
            "setNetwork" to { byway.setNetwork(Network("x")) }, "networkChanged" to { byway.networkChanged() },
            "newIdentity" to { byway.newIdentity() }, "getChanges" to { byway.changes.first() },
            "engineEvents" to { byway.engineEvents().first() }, "report" to { byway.report() }, "reportJson" to { byway.reportJson() },
            "getLanguage" to { byway.language }, "setLanguage" to { byway.language = Language.RUSSIAN },
            "getStrategies" to { byway.strategies }, "icalendar" to { byway.icalendar(emptyList()) },
            "attachments" to { byway.attachments(id, "x") },
        )
    }

    /** Whatever waits for the engine is `suspend` or a `Flow`. What is not answers from memory. */
    @Test
    fun `only calls that answer at once are not suspending`() {
        val atOnce = setOf(
            "close", "engineEvents", "getChanges", "getLanguage", "getNetwork", "getPaths", "getStrategies", "networkChanged",
            "newIdentity", "setLanguage", "setNetwork",
        )
        val surface = Byway::class.java.declaredMethods.filter { Modifier.isAbstract(it.modifiers) && !it.isSynthetic }
        val waiting = surface.filterNot { it.parameterTypes.lastOrNull() == Continuation::class.java }
        assertEquals(atOnce, waiting.map { it.name.substringBefore('-') }.toSet() + "close")
    }

    @Test
    fun `closing ends calls that are waiting`() = runBlocking {
        val lab = lab("sni=news.example:swallow")
        val byway = Byway.open(lab.configuration())
        val waiting = async(Dispatchers.Default) { runCatching { byway.get(lab.origin("news.example") + "/") } }
        awaitWork { it >= 1L }
        byway.shutdown()
        assertInstanceOf(BywayException.Closed::class.java, withTimeout(5.seconds) { waiting.await() }.exceptionOrNull())
        awaitWork { it == 0L }
    }

    @Test
    fun `two instances work side by side, not on one folder`() = runBlocking {
        val lab = lab()
        val one = Byway.open(lab.configuration(storage = lab.storage("one")))
        val two = Byway.open(lab.configuration(storage = lab.storage("two"), language = Language.RUSSIAN))
        assertEquals(3, one.open("vk.com/rabochie").posts.size)
        assertEquals(0, two.communities().size)
        val failure = runCatching { Byway.open(lab.configuration(storage = lab.storage("one"))) }.exceptionOrNull()
        assertEquals("store_already_open", assertInstanceOf(BywayException.Store::class.java, failure).code)
        one.shutdown()
        assertEquals(3, two.open("vk.com/rabochie").posts.size)
        two.shutdown()
    }

    @Test
    fun `a folder can be opened again right after close`() = runBlocking {
        val lab = lab()
        repeat(5) { round ->
            Byway.open(lab.configuration(storage = lab.storage())).use { byway ->
                if (round == 0) byway.open("vk.com/rabochie")
                assertEquals(1, byway.communities().size)
            }
        }
    }

    @Test
    fun `what a key hook throws is the cause, its first line the words`() = runBlocking {
        val lab = lab()
        val thrown = IllegalStateException("the Keystore is locked\n\tat a line of a stack trace")
        val storage = Storage(lab.folder.resolve("store"), StoreKey.Hook { throw thrown })
        val failure = runCatching { Byway.open(lab.configuration(storage = storage)) }.exceptionOrNull()
        assertInstanceOf(BywayException::class.java, failure)
        assertSame(thrown, failure!!.cause)
        assertTrue("the Keystore is locked" in failure.message!!, failure.message)
        assertFalse("stack trace" in failure.message!!, failure.message)
    }

    @Test
    fun `a key hook that fails badly harms nothing else`() = runBlocking {
        val lab = lab()
        val hooks = listOf(
            KeyProvider { throw StackOverflowError() },
            KeyProvider { throw OutOfMemoryError("none left") },
            KeyProvider { ByteArray(31) },
            KeyProvider { ByteArray(0) },
        )
        for (hook in hooks) {
            val storage = Storage(lab.folder.resolve("store"), StoreKey.Hook(hook))
            val failure = runCatching { Byway.open(lab.configuration(storage = storage)) }.exceptionOrNull()
            assertInstanceOf(BywayException::class.java, failure)
        }
        Byway.open(lab.configuration(storage = lab.storage())).shutdown()
    }

    @Test
    fun `a key file is made, opens the store, and another does not`() = runBlocking {
        val lab = lab()
        val folder = lab.folder.resolve("store")
        val key = StoreKey.createFile(lab.folder.resolve("key"))
        Byway.open(lab.configuration(storage = Storage(folder, key))).shutdown()
        Byway.open(lab.configuration(storage = Storage(folder, key))).shutdown()
        val other = StoreKey.Bytes(StoreKey.random())
        val failure = runCatching { Byway.open(lab.configuration(storage = Storage(folder, other))) }.exceptionOrNull()
        assertEquals("store_wrong_key", (failure as BywayException).code)
        Byway.wipe(folder)
        Byway.open(lab.configuration(storage = Storage(folder, other))).shutdown()
    }

    @Test
    fun `changes are told while they are collected`() = runBlocking {
        val lab = lab()
        val byway = Byway.open(lab.configuration(storage = lab.storage()))
        val told = Channel<StoreChange>(Channel.UNLIMITED)
        val watcher = launch(start = CoroutineStart.UNDISPATCHED) { byway.changes.collect(told::send) }
        byway.open("vk.com/rabochie")
        val first = withTimeout(5.seconds) { List(3) { told.receive() } }
        assertTrue(first.any { it is StoreChange.OfCommunity && it.id.value == "vk:-1000" }, "$first")
        val posts = first.filterIsInstance<StoreChange.OfPosts>().single()
        assertEquals(3, posts.posts.added.size)
        watcher.cancelAndJoin()
        byway.forget(CommunityId("vk:-1000"))
        yield()
        assertTrue(told.tryReceive().isFailure, "a collection that ended is told nothing")
        byway.shutdown()
    }

    @Test
    fun `a flow completes when the instance ends`() = runBlocking {
        val lab = lab()
        val byway = Byway.open(lab.configuration(storage = lab.storage()))
        val all = async(start = CoroutineStart.UNDISPATCHED) { byway.changes.toList() }
        byway.open("vk.com/rabochie")
        delay(50)
        byway.shutdown()
        assertTrue(withTimeout(5.seconds) { all.await() }.isNotEmpty())
    }

    @Test
    fun `engine events are told, and redacted they name nobody`() = runBlocking {
        val lab = lab()
        val byway = Byway.open(lab.configuration())
        val redacted = Channel<EngineEvent>(Channel.UNLIMITED)
        val full = Channel<EngineEvent>(Channel.UNLIMITED)
        val watchers = listOf(
            launch(start = CoroutineStart.UNDISPATCHED) { byway.engineEvents().collect(redacted::send) },
            launch(start = CoroutineStart.UNDISPATCHED) { byway.engineEvents(redacted = false).collect(full::send) },
        )
        byway.open("vk.com/rabochie")
        val seen = withTimeout(5.seconds) { generateUntilJudged(redacted) }
        assertEquals("began", seen.first().code)
        assertTrue(seen.any { it.kind is EngineEventKind.Won })
        assertFalse(seen.any { "vk.ru" in it.toString() }, "$seen")
        assertTrue(withTimeout(5.seconds) { generateUntilJudged(full) }.any { "api.vk.ru" in it.toString() })
        watchers.forEach { it.cancelAndJoin() }
        byway.shutdown()
    }

    private suspend fun generateUntilJudged(events: Channel<EngineEvent>) = buildList {
        do add(events.receive()) while (last().kind !is EngineEventKind.Judged)
    }

    @Test
    fun `the start of the library's own Tor arrives with its fields`() {
        for ((crossing, stall) in listOf(null to null, CrossingStall.FILTERED to TorStall.FILTERED)) {
            val event = CrossingEvent(1, Duration.ofMillis(2), "tor_starts", "Tor starts.", CrossingKind.TorStarts(7, 40, crossing))
            assertEquals(EngineEventKind.TorStarts(7, 40, stall), event.toModel().kind)
        }
        assertEquals(CrossingStall.entries.map { it.name }, TorStall.entries.map { it.name })
    }

    @Test
    fun `a slow collector is told that it missed something`() = runBlocking {
        val lab = lab()
        val byway = Byway.open(lab.configuration())
        val all = mutableListOf<EngineEvent>()
        val gate = Channel<Unit>()
        val watcher = launch(start = CoroutineStart.UNDISPATCHED) {
            byway.engineEvents().collect { event ->
                if (all.isEmpty()) gate.receive()
                all += event
            }
        }
        repeat(2_000) { byway.networkChanged() }
        gate.send(Unit)
        withTimeout(10.seconds) { while (all.none { it.kind is EngineEventKind.Missed }) delay(5) }
        watcher.cancelAndJoin()
        byway.shutdown()
    }

    @Test
    fun `opening and closing ten thousand times keeps memory flat`() = runBlocking {
        val configuration = Configuration(strategies = listOf("direct:"))
        suspend fun cycles(count: Int) = repeat(count) { Byway.open(configuration).shutdown() }
        cycles(1_000)
        val resident = mutableListOf<Long>()
        val took = measureTimeMillis {
            repeat(4) { round ->
                if (round > 0) cycles(3_000)
                System.gc()
                resident += residentKilobytes()
            }
        }
        println("9,000 cycles of open and close: $took ms, resident memory $resident kB")
        // The virtual machine takes memory for itself at first. A leak grows in every round.
        val growth = resident.zipWithNext { before, after -> after - before }
        assertTrue(growth.drop(1).min() < 10_000, "$resident kB after each 3,000 cycles")
        assertEquals(0L, diagnostics().runningTasks)
    }

    @Test
    fun `a negative duration is refused`() = runBlocking {
        val failure = runCatching { Byway.open(Configuration(listOf("direct:"), timeout = Duration.ofSeconds(-1))) }
        assertInstanceOf(BywayException.Input::class.java, failure.exceptionOrNull())
        Unit
    }

    @Test
    fun `no secret stands in what is printed`() {
        val key = StoreKey.Bytes(ByteArray(32) { 65 })
        val configuration = Configuration(
            strategies = listOf("socks5://user:secret@127.0.0.1:1080"),
            vkToken = VkToken.User("secret"),
            storage = Storage(java.nio.file.Path.of("/secret"), key),
        )
        val request = HttpRequest("https://secret.example/", headers = listOf(Header("authorization", "secret")))
        val printed = listOf(
            configuration, configuration.vkToken, configuration.storage, key, request, request.headers,
            HttpHead(200, request.url, request.headers, "HTTP/1.1"), CommunityLink(request.url, Exposure.TOR, request.url),
            SignedLink("secret", Exposure.TOR, mirrors = listOf(request.url), text = "byway:secret"),
            PackedRoute("socks5://secret@192.0.2.1", FakeByway.TOR),
            CommunityKeys(java.nio.file.Path.of("/secret"), "secret".toByteArray()),
        )
        val shown = printed.joinToString()
        assertFalse("secret" in shown || "AAAA" in shown, shown)
    }

    private fun residentKilobytes(): Long =
        File("/proc/self/status").readLines().first { it.startsWith("VmRSS") }.filter(Char::isDigit).toLong()

    private suspend fun awaitWork(holds: (Long) -> Boolean) {
        val reached = runCatching { withTimeout(20.seconds) { while (!holds(running())) delay(5) } }
        assertTrue(reached.isSuccess, "the engine has ${running()} running tasks")
    }

    private fun running(): Long = diagnostics().runningTasks
}
