package org.byway

import java.io.File
import java.time.Instant
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.byway.ffi.diagnostics
import org.byway.testing.Lab
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

/** An app that does everything wrong at once. */
@Timeout(240)
class HostileUseTest {
    private val lab = Lab(Lab.json.readTree(File(System.getProperty("byway.cases")))["states"]["withholding"])

    @AfterEach
    fun end() = lab.close()

    @Test
    fun `odd texts in every argument end in a BywayException or work`() = runBlocking {
        val byway = Byway.open(lab.configuration(storage = lab.storage()))
        val odd = listOf(
            "\u0000", "a\u0000b", "\uD83C", "\uDF3F\uD83C".repeat(32 * 1024), "\u202Evk.com/x", "\r\nHost: x", "", " ", "x".repeat(1 shl 16),
        )
        for (text in odd) {
            val id = CommunityId(text)
            val calls: List<suspend () -> Any?> = listOf(
                { byway.open(text) }, { byway.preview(text) }, { byway.refresh(id) }, { byway.sync(listOf(id)) },
                { byway.probe(text) }, { byway.get(text) }, { byway.http(HttpRequest(text)).use { it.response() } },
                { byway.http(HttpRequest("https://a.example/", method = text)).use { it.cancel() } },
                { byway.http(HttpRequest("https://a.example/", headers = listOf(Header(text, "x")))).use { it.cancel() } },
                { byway.http(HttpRequest("https://a.example/", headers = listOf(Header("x", text)))).use { it.cancel() } },
                { byway.http(HttpRequest("https://a.example/", isolation = text)).use { it.cancel() } },
                { byway.httpSession(HttpSessionOptions(isolation = text)).close() },
                { byway.fetchAttachment(AttachmentId(id, text, 0), 1) }, { byway.community(id) },
                { byway.posts(id, Cursor(text)) }, { byway.events(id, Cursor(text)) }, { byway.post(id, text) },
                { byway.event(id, id) }, { byway.upcomingEvents(Instant.EPOCH, after = Cursor(text)) },
                { byway.search(text, id, Cursor(text)) }, { byway.link(id) }, { byway.exposureOf(id) },
                { byway.raiseExposure(text, Exposure.PROXIED) }, { byway.allowDirect(id, true) }, { byway.forget(id) },
                { byway.setNetwork(Network(text)) }, { byway.attachments(id, text) }, { Strategy.parse(text) },
                { Strategy.parseLines(text) }, { CommunityLink.parse(text) }, { Fingerprints.parse(text) },
                { Byway.open(lab.configuration(strategies = listOf(text))).shutdown() },
                { Byway.open(Configuration(listOf("direct:"), vkToken = VkToken.User(text))).shutdown() },
                { Byway.open(Configuration(listOf("direct:"), roots = text)).shutdown() },
                { Byway.open(Configuration(listOf("direct:"), vkApi = text)).shutdown() },
                { Byway.open(Configuration(listOf("direct:"), country = text)).shutdown() },
                { Byway.open(Configuration(listOf("direct:"), fingerprints = text)).shutdown() },
                { Byway.open(Configuration(listOf("direct:"), resolve = listOf(text))).shutdown() },
                { Byway.open(Configuration(listOf("direct:"), network = Network(text))).shutdown() },
            )
            calls.forEachIndexed { number, call ->
                val failure = runCatching { withTimeout(30.seconds) { call() } }.exceptionOrNull() ?: return@forEachIndexed
                val where = "call $number with `${text.take(9)}`: $failure"
                assertInstanceOf(BywayException::class.java, failure, where)
                assertTrue((failure as BywayException).kind != ErrorKind.INTERNAL, where)
            }
        }
        assertTrue(byway.open("vk.com/withheld_posts").posts.isNotEmpty(), "the instance lives on")
        byway.shutdown()
    }

    @Test
    fun `a call cancelled at any moment leaves no work behind`() = runBlocking {
        val byway = Byway.open(lab.configuration(storage = lab.storage()))
        val url = lab.origin("http.example") + "/slow"
        repeat(100) { round ->
            val job = launch(Dispatchers.Default) {
                val session = byway.httpSession()
                // Not closed by the app: what was cancelled was never handed to it.
                val call = session.http(HttpRequest(url))
                call.use {
                    it.response()
                    it.read()
                }
            }
            delay(round % 5L)
            job.cancelAndJoin()
        }
        awaitIdle()
        byway.shutdown()
    }

    @Test
    fun `a collector that throws ends its flow and nothing else`() = runBlocking {
        val byway = Byway.open(lab.configuration(storage = lab.storage()))
        val thrown = IllegalArgumentException("the app's own")
        val begun = CompletableDeferred<Unit>()
        val watcher = async(start = CoroutineStart.UNDISPATCHED) {
            runCatching {
                begun.complete(Unit)
                byway.engineEvents().collect { throw thrown }
            }
        }
        begun.await()
        byway.open("vk.com/withheld_posts")
        val failure = withTimeout(10.seconds) { watcher.await() }.exceptionOrNull()
        assertTrue(failure === thrown || failure?.cause === thrown, "$failure")
        assertEquals(3, byway.open("vk.com/withheld_posts").posts.size)
        awaitIdle()
        byway.shutdown()
    }

    @Test
    fun `many threads that close, and calls meanwhile, end well`() = runBlocking {
        repeat(20) {
            val byway = Byway.open(lab.configuration(storage = lab.storage()))
            val failures = java.util.concurrent.ConcurrentLinkedQueue<Throwable>()
            val threads = List(8) { number ->
                thread {
                    runBlocking {
                        runCatching { if (number % 2 == 0) byway.shutdown() else repeat(20) { byway.communities() } }
                            .exceptionOrNull()?.let(failures::add)
                    }
                }
            }
            threads.forEach(Thread::join)
            assertTrue(failures.all { it is BywayException.Closed }, "$failures")
        }
        awaitIdle()
    }

    @Test
    fun `a hundred threads open a community at once`() = runBlocking {
        val byway = Byway.open(lab.configuration(storage = lab.storage()))
        val answers = List(100) {
            val answer = CompletableDeferred<Opened>()
            thread { runCatching { runBlocking { byway.open("vk.com/withheld_posts") } }.fold(answer::complete, answer::completeExceptionally) }
            answer
        }.awaitAll()
        assertTrue(answers.all { it.posts.size == 3 })
        byway.shutdown()
    }

    @Test
    fun `large bodies go and come whole`() = runBlocking {
        val byway = Byway.open(lab.configuration())
        val sent = ByteArray(900_000) { (it % 251).toByte() }
        byway.http(HttpRequest(lab.origin("http.example") + "/echo", "POST", body = HttpBody.Streamed())).use { call ->
            for (from in sent.indices step 65_536) call.write(sent.copyOfRange(from, minOf(from + 65_536, sent.size)))
            call.finish()
            assertEquals(200, call.response().status)
            val came = java.io.ByteArrayOutputStream()
            while (true) came.write(call.read(7_919) ?: break)
            assertTrue(sent.contentEquals(came.toByteArray()))
        }
        byway.shutdown()
    }

    @Test
    fun `fixtures follow the rules of the engine`() = runBlocking {
        val byway = Byway.open(lab.configuration())
        val opened = byway.open("vk.com/withheld_posts")
        for (post in opened.posts) {
            val fixture = Post(post.id, post.text, state = post.state, withheld = post.withheld, attachments = post.attachments, repost = post.repost)
            assertEquals(
                listOf(post.hasOwnText, post.isHollow, post.isRemovedAndHollow),
                listOf(fixture.hasOwnText, fixture.isHollow, fixture.isRemovedAndHollow),
                "the post ${post.id}",
            )
        }
        byway.shutdown()
    }

    @Test
    fun `a sealed key file opens the store with its passphrase only`() = runBlocking {
        val path = lab.folder.resolve("key.age")
        val folder = lab.folder.resolve("sealed")
        val typed = "a long passphrase".toByteArray()
        val key = StoreKey.createSealedFile(path, typed, workFactor = 15)
        assertTrue(typed.all { it == 0.toByte() }, "the passphrase is overwritten")
        Byway.open(lab.configuration(storage = Storage(folder, key))).shutdown()
        assertTrue(key.passphrase.bytes.all { it == 0.toByte() }, "and its copy")
        val used = runCatching { Byway.open(lab.configuration(storage = Storage(folder, key))) }.exceptionOrNull()
        assertEquals("passphrase_used", (used as BywayException).code)
        val wrong = StoreKey.SealedKeyFile(path, "another".toByteArray())
        val failure = runCatching { Byway.open(lab.configuration(storage = Storage(folder, wrong))) }.exceptionOrNull()
        assertEquals("wrong_passphrase", (failure as BywayException).code)
        val again = runCatching { StoreKey.createSealedFile(path, "other".toByteArray(), workFactor = 15) }.exceptionOrNull()
        assertEquals("key_exists", (again as BywayException).code)
        val odd = runCatching { StoreKey.createSealedFile(lab.folder.resolve("other"), ByteArray(0), workFactor = 15) }.exceptionOrNull()
        assertEquals("secret_empty", (odd as BywayException).code)
    }

    @Test
    fun `a logged exception names no host`() = runBlocking {
        Byway.open(lab.configuration(strategies = listOf("socks5://127.0.0.1:1"))).use { byway ->
            val failure = runCatching { byway.get("https://secret.example/hidden") }.exceptionOrNull()
            assertTrue((failure as BywayException).reachability != null)
            assertEquals("BywayException(${failure.kind.code} ${failure.code})", "$failure")
            assertTrue("secret.example" !in failure.stackTraceToString(), failure.stackTraceToString())
        }
    }

    @Test
    fun `a reader's own token is never sent with exposure tor`() = runBlocking {
        val configuration = lab.configuration(listOf("tor"), Exposure.TOR, vkToken = VkToken.User("a-token"))
        val byway = Byway.open(configuration)
        val failure = runCatching { byway.open("vk.com/withheld_posts") }.exceptionOrNull()
        assertEquals("token_names_reader", assertInstanceOf(BywayException.Credentials::class.java, failure).code)
        byway.shutdown()
    }

    @Test
    fun `the report holds the latest accesses, and its JSON no name`() = runBlocking {
        val byway = Byway.open(lab.configuration())
        byway.open("vk.com/withheld_posts")
        byway.get(lab.origin("news.example") + "/")
        val report = byway.report()
        assertEquals(setOf(Action.OPEN, Action.GET), report.map(Access::action).toSet())
        assertTrue(report.any { "news.example" in it.full.url.orEmpty() })
        assertTrue(report.all { it.shareable.url == null })
        assertTrue("news.example" !in byway.reportJson() && "vk.com" !in byway.reportJson(), byway.reportJson())
        byway.shutdown()
    }

    private suspend fun awaitIdle() {
        val idle = runCatching { withTimeout(20.seconds) { while (diagnostics().runningTasks != 0L) delay(5) } }
        assertTrue(idle.isSuccess, "the engine has ${diagnostics().runningTasks} running tasks")
    }
}
