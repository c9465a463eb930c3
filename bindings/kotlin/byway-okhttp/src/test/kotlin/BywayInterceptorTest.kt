package org.byway.okhttp

import java.io.IOException
import java.io.InterruptedIOException
import java.util.concurrent.CountDownLatch
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicReference
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import okhttp3.Call
import okhttp3.Callback
import okhttp3.MediaType.Companion.toMediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody
import okhttp3.RequestBody.Companion.toRequestBody
import okhttp3.Response
import okhttp3.ResponseBody
import okio.BufferedSink
import org.byway.Byway
import org.byway.BywayException
import org.byway.Exposure
import org.byway.ErrorKind
import org.byway.FakeByway
import org.byway.HttpCall
import org.byway.HttpRequest
import org.byway.testing.Lab
import org.byway.testing.runningTasks
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import retrofit2.Retrofit
import retrofit2.http.Body
import retrofit2.http.GET
import retrofit2.http.POST
import retrofit2.http.Url

/** An app's OkHttp over the engine. */
@Timeout(60)
class BywayInterceptorTest {
    private val lab = Lab()
    private val byway: Byway = runBlocking { Byway.open(lab.configuration()) }
    private val client = OkHttpClient().through(byway)
    private val origin = lab.origin("http.example")

    @AfterEach
    fun end() {
        runBlocking { byway.shutdown() }
        lab.close()
    }

    private fun get(path: String, client: OkHttpClient = this.client): Response =
        client.newCall(Request.Builder().url(origin + path).build()).execute()

    @Test
    fun `a page is read, and an error status is an answer`() {
        get("/hello").use { response ->
            assertEquals(200, response.code)
            assertEquals("Hello.", response.body!!.string())
        }
        get("/missing").use { assertEquals(404, it.code) }
    }

    @Test
    fun `redirects are followed, and end`() {
        get("/redirect").use { response ->
            assertEquals("Hello.", response.body!!.string())
            assertEquals("/hello", response.request.url.encodedPath)
        }
        assertInstanceOf(BywayException::class.java, assertThrows(IOException::class.java) { get("/circle") })
    }

    @Test
    fun `a small and a large body arrive whole`() {
        val type = "application/octet-stream".toMediaType()
        for (size in listOf(0, 1, 1_000, 300_000, 1_000_000)) {
            val bytes = ByteArray(size) { (it % 251).toByte() }
            val request = Request.Builder().url("$origin/echo").post(bytes.toRequestBody(type)).build()
            client.newCall(request).execute().use { response ->
                assertEquals("POST", response.header("x-method"))
                assertTrue(bytes.contentEquals(response.body!!.bytes()), "$size bytes")
            }
        }
    }

    @Test
    fun `a body without a length is streamed piece by piece`() {
        val body = object : RequestBody() {
            override fun contentType() = "text/plain; charset=utf-8".toMediaType()

            override fun isOneShot() = true

            override fun writeTo(sink: BufferedSink) {
                repeat(100) {
                    sink.writeUtf8("строка $it\n")
                    sink.flush()
                }
            }
        }
        client.newCall(Request.Builder().url("$origin/echo").put(body).build()).execute().use { response ->
            assertEquals((0 until 100).joinToString("") { "строка $it\n" }, response.body!!.string())
        }
    }

    @Test
    fun `a body that fails while it is written fails the call`() {
        val body = object : RequestBody() {
            override fun contentType() = null

            override fun isOneShot() = true

            override fun writeTo(sink: BufferedSink) {
                sink.writeUtf8("half")
                throw IOException("the file is gone")
            }
        }
        val failure = assertThrows(IOException::class.java) {
            client.newCall(Request.Builder().url("$origin/echo").post(body).build()).execute()
        }
        assertEquals("the file is gone", failure.message)
        awaitIdle()
    }

    @Test
    fun `an answer is there before its body has ended`() {
        get("/slow").use { response ->
            val source = response.body!!.source()
            val start = System.nanoTime()
            assertTrue(source.request(1))
            assertTrue(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) < 3_000)
            assertEquals(20 * 8 * 1024L, source.readByteArray().size.toLong())
        }
    }

    @Test
    fun `cancelling ends the work of the engine`() {
        val call = client.newCall(Request.Builder().url("$origin/silent").build())
        val failed = CountDownLatch(1)
        val failure = AtomicReference<IOException>()
        call.enqueue(object : Callback {
            override fun onFailure(call: Call, e: IOException) {
                failure.set(e)
                failed.countDown()
            }

            override fun onResponse(call: Call, response: Response) = response.close()
        })
        await { runningTasks() > 0 }
        call.cancel()
        assertTrue(failed.await(3, TimeUnit.SECONDS))
        assertEquals("Canceled", failure.get().message)
        awaitIdle()
    }

    @Test
    fun `cancelling while a body is read ends the work, too`() {
        val call = client.newCall(Request.Builder().url("$origin/stall").build())
        val response = call.execute()
        val source = response.body!!.source()
        assertTrue(source.request(1))
        Thread { Thread.sleep(100); call.cancel() }.start()
        assertThrows(IOException::class.java) { source.readByteArray() }
        awaitIdle()
        response.close()
    }

    @Test
    fun `a body that is closed early ends the work`() {
        get("/slow").close()
        awaitIdle()
    }

    @Test
    fun `the call timeout holds`() {
        val hasty = client.newBuilder().callTimeout(300, TimeUnit.MILLISECONDS).build()
        val start = System.nanoTime()
        assertThrows(InterruptedIOException::class.java) { get("/silent", hasty) }
        assertTrue(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) < 5)
        awaitIdle()
    }

    @Test
    fun `the read timeout is the longest silence of a body`() {
        val hasty = client.newBuilder().readTimeout(400, TimeUnit.MILLISECONDS).build()
        get("/stall", hasty).use { response ->
            assertThrows(java.net.SocketTimeoutException::class.java) { response.body!!.bytes() }
        }
        awaitIdle()
    }

    @Test
    fun `an exposure that no strategy satisfies sends nothing`() {
        val strict = OkHttpClient().through(byway, exposure = Exposure.TOR)
        val failure = assertThrows(IOException::class.java) { get("/hello", strict) }
        assertEquals(ErrorKind.NOT_PERMITTED, assertInstanceOf(BywayException::class.java, failure).kind)
    }

    @Test
    fun `a closed instance is an error of its own`() {
        runBlocking { byway.shutdown() }
        assertThrows(BywayException.Closed::class.java) { get("/hello") }
    }

    @Test
    fun `a header goes and comes`() {
        val request = Request.Builder().url("$origin/echo").header("x-repeat", "once").build()
        client.newCall(request).execute().use { assertEquals("once", it.header("x-repeated")) }
    }

    @Test
    fun `interceptors of the app run before this one`() {
        val marked = OkHttpClient.Builder()
            .addInterceptor { it.proceed(it.request().newBuilder().header("x-repeat", "by the app").build()) }
            .addInterceptor { chain -> chain.proceed(chain.request()).newBuilder().header("x-seen", "yes").build() }
            .build().through(byway)
        get("/echo", marked).use {
            assertEquals("by the app", it.header("x-repeated"))
            assertEquals("yes", it.header("x-seen"))
        }
    }

    @Test
    fun `a redirect to another host keeps to the exposure`() {
        val elsewhere = lab.origin("news.example") + "/"
        fun via(target: String) = client.newCall(Request.Builder().url("$origin/to").header("x-location", target).build()).execute()
        via(elsewhere).use {
            assertTrue("All is well." in it.body!!.string())
            assertEquals("news.example", it.request.url.host)
        }
        val strict = assertThrows(BywayException::class.java) { via("$elsewhere#exposure=tor") }
        assertEquals(ErrorKind.NOT_PERMITTED, strict.kind)
        for (odd in listOf("ftp://news.example/", "https://user:secret@news.example/", "file:///etc/passwd")) {
            assertThrows(BywayException::class.java, { via(odd).close() }, odd)
        }
        awaitIdle()
    }

    @Test
    fun `a login in an address is not sent, as with OkHttp itself`() {
        val asked = AtomicReference<HttpRequest>()
        val fake = FakeByway()
        val recorder = object : Byway by fake {
            override suspend fun http(request: HttpRequest): HttpCall {
                asked.set(request)
                return fake.http(request)
            }
        }
        val url = origin.replace("://", "://user:secret@") + "/hello"
        assertThrows(IOException::class.java) { OkHttpClient().through(recorder).newCall(Request.Builder().url(url).build()).execute() }
        assertEquals("$origin/hello", asked.get().url)
        assertTrue("secret" !in asked.get().toString(), "${asked.get()}")
        client.newCall(Request.Builder().url(url).build()).execute().use { assertEquals(200, it.code) }
    }

    @Test
    fun `an exposure in an address holds`() {
        assertEquals(ErrorKind.NOT_PERMITTED, assertThrows(BywayException::class.java) { get("/hello#exposure=tor") }.kind)
    }

    @Test
    fun `a body that an app forgets to close ends when collected`() {
        // Held until all three run: the collector may come at any moment.
        val held = stalled(3)
        await { runningTasks() >= 3 }
        held.clear()
        val ended = (0 until 400).any {
            System.gc()
            Thread.sleep(25)
            runningTasks() == 0L
        }
        assertTrue(ended, "the engine has ${runningTasks()} running tasks")
    }

    @Test
    fun `more calls than threads all answer`() {
        val left = CountDownLatch(200)
        val failure = AtomicReference<Throwable>()
        repeat(200) {
            client.newCall(Request.Builder().url("$origin/hello").build()).enqueue(object : Callback {
                override fun onFailure(call: Call, e: IOException) {
                    failure.set(e)
                    left.countDown()
                }

                override fun onResponse(call: Call, response: Response) {
                    response.use { if (it.body!!.string() != "Hello.") failure.set(AssertionError("${it.code}")) }
                    left.countDown()
                }
            })
        }
        assertTrue(left.await(50, TimeUnit.SECONDS), "${left.count} calls are left")
        assertEquals(null, failure.get())
    }

    @Test
    fun `calls on every thread of the default dispatcher answer`() {
        val workers = maxOf(2, Runtime.getRuntime().availableProcessors())
        val together = CyclicBarrier(workers)
        val answers = runBlocking {
            List(workers) {
                async(Dispatchers.Default) {
                    together.await()
                    get("/hello").use { it.body!!.string() }
                }
            }.awaitAll()
        }
        assertEquals(List(workers) { "Hello." }, answers)
    }

    @Test
    fun `a duplex body is refused`() {
        val body = object : RequestBody() {
            override fun contentType() = null

            override fun isDuplex() = true

            override fun writeTo(sink: BufferedSink) = Unit
        }
        assertThrows(IOException::class.java) { client.newCall(Request.Builder().url("$origin/echo").post(body).build()).execute() }
    }

    @Test
    fun `closing the instance ends a call and a body`() {
        val response = get("/stall")
        val source = response.body!!.source()
        assertTrue(source.request(1))
        runBlocking { byway.shutdown() }
        assertThrows(IOException::class.java) { source.readByteArray() }
        response.close()
        response.close()
        awaitIdle()
    }

    @Test
    fun `WebSockets are refused`() {
        val request = Request.Builder().url("$origin/hello").header("Upgrade", "websocket").build()
        assertThrows(IOException::class.java) { client.newCall(request).execute() }
    }

    @Test
    fun `Retrofit works unchanged`() = runBlocking {
        val api = Retrofit.Builder().baseUrl("$origin/").client(client).build().create(Api::class.java)
        assertEquals("Hello.", api.hello().string())
        val sent = "{}".toRequestBody("application/json".toMediaType())
        assertEquals("{}", api.echo("$origin/echo", sent).string())
    }

    interface Api {
        @GET("hello")
        suspend fun hello(): ResponseBody

        @POST
        suspend fun echo(@Url url: String, @Body body: RequestBody): ResponseBody
    }

    /** Bodies that never end. No frame of the caller holds one of them. */
    private fun stalled(count: Int): MutableList<ResponseBody> =
        MutableList(count) { get("/stall").body!!.apply { source().request(1) } }

    private fun await(holds: () -> Boolean) {
        val reached = runBlocking { runCatching { withTimeout(10_000) { while (!holds()) delay(5) } } }
        assertTrue(reached.isSuccess, "the engine has ${runningTasks()} running tasks")
    }

    private fun awaitIdle() = await { runningTasks() == 0L }
}
