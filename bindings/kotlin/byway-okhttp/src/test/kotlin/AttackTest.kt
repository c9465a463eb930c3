package org.byway.okhttp

import java.io.IOException
import java.io.InterruptedIOException
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicReference
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import okhttp3.Call
import okhttp3.Callback
import okhttp3.EventListener
import okhttp3.MediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody
import okhttp3.Response
import okio.BufferedSink
import org.byway.Byway
import org.byway.BywayException
import org.byway.FakeByway
import org.byway.HttpCall
import org.byway.HttpHead
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

/** Hosts that do what they should not, and apps that change their mind. */
@Timeout(60)
class AttackTest {
    private val lab = Lab()
    private val closed = mutableListOf<AutoCloseable>()

    @AfterEach
    fun end() {
        closed.reversed().forEach { it.close() }
        lab.close()
    }

    private fun host(answer: RawHost.Exchange.() -> Unit): RawHost = RawHost(answer).also { closed += it }

    /** A host whose body has no end. */
    private fun endless(): RawHost = host {
        say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        val piece = "10000\r\n".toByteArray() + ByteArray(65_536) + "\r\n".toByteArray()
        while (true) say(piece)
    }

    private fun client(host: RawHost): OkHttpClient {
        val byway = runBlocking { Byway.open(lab.configuration(resolve = listOf(host.resolve))) }
        closed += AutoCloseable { runBlocking { byway.shutdown() } }
        return OkHttpClient().through(byway)
    }

    private fun request(host: RawHost, body: RequestBody? = null): Request =
        Request.Builder().url(host.url + "/").apply { if (body != null) post(body) }.build()

    @Test
    fun `a head without end fails the call`() {
        val host = host { say("HTTP/1.1 200 OK\r\n"); while (true) say("x-more: ${"a".repeat(1_000)}\r\n") }
        val failure = assertThrows(IOException::class.java) { client(host).newCall(request(host)).execute() }
        assertInstanceOf(BywayException::class.java, failure)
        assertTrue(host.given.get() < 16 * MIB, "${host.given} bytes of a head left the host")
        awaitIdle()
    }

    @Test
    fun `interim answers without end fail the call`() {
        val host = host { while (true) say("HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n") }
        assertThrows(IOException::class.java) { client(host).newCall(request(host)).execute() }
        awaitIdle()
    }

    @Test
    fun `a body without end stops at the limit`() {
        val host = endless()
        client(host).newCall(request(host)).execute().use { response ->
            val source = response.body!!.source()
            var read = 0L
            val failure = assertThrows(BywayException.BrokenOff::class.java) {
                while (!source.exhausted()) {
                    read += source.buffer.size
                    source.buffer.clear()
                }
            }
            assertEquals("limit", failure.code)
            assertTrue(read in MIB..64 * MIB, "$read bytes were read")
        }
        awaitIdle()
    }

    @Test
    fun `the call timeout ends a body that drips`() {
        val host = host {
            say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            val piece = "1000\r\n".toByteArray() + ByteArray(4_096) + "\r\n".toByteArray()
            while (true) { say(piece); Thread.sleep(20) }
        }
        val hasty = client(host).newBuilder().callTimeout(3, TimeUnit.SECONDS).build()
        hasty.newCall(request(host)).execute().use { response ->
            val failure = assertThrows(InterruptedIOException::class.java) { response.body!!.source().readByteArray() }
            assertEquals(InterruptedIOException::class.java to "timeout", failure.javaClass to failure.message)
        }
        awaitIdle()
    }

    @Test
    fun `a body that is not read is not fetched`() {
        val host = endless()
        client(host).newCall(request(host)).execute().use { response ->
            assertTrue(response.body!!.source().request(1))
            await { settled(host) }
            assertTrue(host.given.get() < 16 * MIB, "${host.given} bytes left the host")
        }
        awaitIdle()
    }

    @Test
    fun `an upload of 100 MB takes little memory`() {
        val host = host { take(length); say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok") }
        val client = client(host)
        client.newCall(request(host, Upload(MIB))).execute().close()
        System.gc()
        val before = resident()
        var highest = before
        val body = Upload(UPLOAD) { highest = maxOf(highest, resident()) }
        client.newCall(request(host, body)).execute().use { assertEquals("ok", it.body!!.string()) }
        assertTrue(host.taken.get() >= UPLOAD)
        assertTrue(highest - before < 48 * MIB, "${(highest - before) / MIB} MiB more than before")
    }

    @Test
    fun `a host that does not read an upload takes no memory`() {
        val host = host { Thread.sleep(Long.MAX_VALUE) }
        val written = java.util.concurrent.atomic.AtomicLong()
        val call = client(host).newCall(request(host, Upload(UPLOAD) { written.set(it) }))
        val ended = enqueue(call)
        await { written.get() > 0 && settled { written.get() } }
        assertTrue(written.get() < 16 * MIB, "${written.get()} bytes were taken from the app")
        call.cancel()
        assertEquals("Canceled", ended().message)
        awaitIdle()
    }

    @Test
    fun `an answer before the end of an upload is the answer`() {
        val host = host { take(MIB); say("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"); stall() }
        client(host).newCall(request(host, Upload(UPLOAD))).execute().use { assertEquals(413, it.code) }
        awaitIdle()
    }

    @Test
    fun `cancelling ends the work at every stage`() {
        val stages = mapOf<String, RawHost.Exchange.() -> Unit>(
            "an upload is not read" to { Thread.sleep(Long.MAX_VALUE) },
            "an upload is read" to { take(Long.MAX_VALUE) },
            "there is no answer" to { take(MIB); stall() },
            "there is half a head" to { take(MIB); say("HTTP/1.1 200 OK\r\ncontent-"); stall() },
            "there is half a body" to { take(MIB); say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"); stall() },
        )
        for ((stage, answer) in stages) {
            val host = host(answer)
            val size = if (stage.startsWith("an upload")) UPLOAD else MIB
            val call = client(host).newCall(request(host, Upload(size)))
            val ended = enqueue(call)
            await { host.asked.isNotEmpty() && runningTasks() > 0 }
            call.cancel()
            assertEquals("Canceled", ended().message, stage)
            awaitIdle()
        }
    }

    @Test
    fun `cancelling while the host is dialled ends the work`() {
        // Its queue of connections is full: a dial hangs.
        val listener = java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())
        closed += listener
        val fill = List(4) { java.nio.channels.SocketChannel.open().apply { configureBlocking(false); connect(listener.localSocketAddress) } }
        closed += fill
        val resolve = listOf("raw.example:${listener.localPort}:127.0.0.1")
        val byway = runBlocking { Byway.open(lab.configuration(resolve = resolve)) }
        closed += AutoCloseable { runBlocking { byway.shutdown() } }
        val call = OkHttpClient().through(byway).newCall(Request.Builder().url("http://raw.example:${listener.localPort}/").build())
        val ended = enqueue(call)
        await { runningTasks() > 0 }
        call.cancel()
        assertEquals("Canceled", ended().message)
        awaitIdle()
    }

    @Test
    fun `a cancellation reaches the exchange before it returns`() {
        val byway = Watched()
        val call = OkHttpClient().through(byway).newCall(Request.Builder().url("http://raw.example/").build())
        val ended = enqueue(call)
        assertTrue(byway.begun.await(10, TimeUnit.SECONDS))
        call.cancel()
        assertTrue(byway.cancelled)
        byway.answered.countDown()
        assertEquals("Canceled", ended().message)
    }

    @Test
    fun `an app's own listener stays, and its calls end, too`() {
        val events = java.util.concurrent.CopyOnWriteArrayList<String>()
        val listener = object : EventListener() {
            override fun callStart(call: Call) { events += "start" }

            override fun canceled(call: Call) { events += "canceled" }

            override fun callFailed(call: Call, ioe: IOException) { events += "failed" }
        }
        val byway = Watched()
        val call = OkHttpClient.Builder().eventListener(listener).build().through(byway)
            .newCall(Request.Builder().url("http://raw.example/").build())
        val ended = enqueue(call)
        assertTrue(byway.begun.await(10, TimeUnit.SECONDS))
        call.cancel()
        await { byway.cancelled }
        byway.answered.countDown()
        ended()
        await { events.size == 3 }
        assertEquals(listOf("start", "canceled", "failed"), events.toList())
    }

    /** An exchange that answers when it is told to, and notes when it is cancelled. */
    private class Watched(private val fake: FakeByway = FakeByway()) : Byway by fake {
        val begun = CountDownLatch(1)
        val answered = CountDownLatch(1)

        @Volatile
        var cancelled = false

        override suspend fun http(request: HttpRequest): HttpCall = object : HttpCall {
            override suspend fun write(bytes: ByteArray) = true

            override suspend fun finish() = Unit

            override suspend fun response(): HttpHead {
                begun.countDown()
                while (answered.count > 0) delay(1)
                throw BywayException.Cancelled("It was cancelled.", "cancelled")
            }

            override suspend fun read(max: Int): ByteArray? = null

            override fun cancel() { cancelled = true }

            override fun close() = Unit
        }
    }

    /** A body that is made while it is written. */
    private class Upload(private val size: Long, private val written: (Long) -> Unit = {}) : RequestBody() {
        private val piece = ByteArray(64 * 1024)

        override fun contentType(): MediaType? = null

        override fun contentLength() = size

        override fun writeTo(sink: BufferedSink) {
            var left = size
            while (left > 0) {
                val count = minOf(left, piece.size.toLong()).toInt()
                sink.write(piece, 0, count)
                left -= count
                written(size - left)
            }
        }
    }

    /** Begins the call, and answers what waits for its failure: in its head, or in its body. */
    private fun enqueue(call: Call): () -> IOException {
        val done = CountDownLatch(1)
        val failure = AtomicReference<IOException>()
        call.enqueue(object : Callback {
            override fun onFailure(call: Call, e: IOException) {
                failure.set(e)
                done.countDown()
            }

            override fun onResponse(call: Call, response: Response) {
                try {
                    response.use { it.body!!.bytes() }
                } catch (e: IOException) {
                    failure.set(e)
                }
                done.countDown()
            }
        })
        return {
            assertTrue(done.await(10, TimeUnit.SECONDS), "the call goes on")
            failure.get() ?: error("the call did not fail")
        }
    }

    private fun settled(host: RawHost): Boolean = settled { host.given.get() }

    /** Whether it moves no more. */
    private fun settled(value: () -> Long): Boolean {
        val before = value()
        Thread.sleep(200)
        return value() == before
    }

    private fun await(holds: () -> Boolean) {
        val reached = runBlocking { runCatching { withTimeout(10_000) { while (!holds()) delay(5) } } }
        assertTrue(reached.isSuccess, "it did not come to that; the engine has ${runningTasks()} running tasks")
    }

    private fun awaitIdle() = await { runningTasks() == 0L }

    private companion object {
        const val MIB = 1024L * 1024
        const val UPLOAD = 100 * MIB

        /** What the process has of the machine's memory beside the heap of the JVM, in bytes. */
        fun resident(): Long = Files.readAllLines(Path.of("/proc/self/status"))
            .first { it.startsWith("VmRSS:") }.filter(Char::isDigit).toLong() * 1024 - Runtime.getRuntime().totalMemory()
    }
}
