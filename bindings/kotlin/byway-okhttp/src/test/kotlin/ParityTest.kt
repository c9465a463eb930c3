package org.byway.okhttp

import java.io.ByteArrayOutputStream
import java.net.InetAddress
import java.util.zip.GZIPOutputStream
import kotlinx.coroutines.runBlocking
import okhttp3.Dns
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.toRequestBody
import org.byway.Byway
import org.byway.BywayException
import org.byway.testing.Lab
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

/** One host answers an OkHttp of its own network and one over the engine: an app sees the same. */
@Timeout(60)
class ParityTest {
    private val lab = Lab()
    private val host = RawHost { answer() }
    private val byway: Byway = runBlocking { Byway.open(lab.configuration(resolve = listOf(host.resolve))) }
    private val over = OkHttpClient().through(byway)
    private val plain = OkHttpClient.Builder().dns(
        object : Dns {
            override fun lookup(hostname: String) = listOf(InetAddress.getLoopbackAddress())
        },
    ).build()

    @AfterEach
    fun end() {
        runBlocking { byway.shutdown() }
        plain.connectionPool.evictAll()
        host.close()
        lab.close()
    }

    /** What an app sees of an answer. */
    private data class Seen(
        val status: Int,
        val path: String,
        val headers: List<Pair<String, String>>,
        val length: Long,
        val body: String,
        val asked: List<String>,
    )

    private fun seen(client: OkHttpClient, request: Request): Seen {
        host.asked.clear()
        return client.newCall(request).execute().use { response ->
            val body = response.body!!
            Seen(
                response.code,
                response.request.url.encodedPath,
                response.headers.map { (name, value) -> name.lowercase() to value }.sortedBy { it.first },
                body.contentLength(),
                body.string(),
                host.asked.map { it.substringBefore(" HTTP/") },
            )
        }
    }

    private fun check(path: String, method: String = "GET", body: String? = null) {
        val request = Request.Builder().url(host.url + path).method(method, body?.toRequestBody()).build()
        assertEquals(seen(plain, request), seen(over, request), "$method $path")
    }

    @Test
    fun `answers with and without a body are the same`() {
        for (path in listOf("/plain", "/chunked", "/empty", "/204", "/304", "/early", "/trailers", "/twice", "/404", "/500")) check(path)
        for (path in listOf("/plain", "/gzip", "/204")) check(path, "HEAD")
    }

    @Test
    fun `a compressed answer is the same`() = check("/gzip")

    @Test
    fun `redirects end in the same place`() {
        for (status in listOf(301, 302, 303, 307, 308)) {
            check("/to/$status")
            check("/to/$status", "HEAD")
        }
    }

    @Test
    fun `a redirect of a post ends in the same request`() {
        for (status in listOf(301, 302, 303)) check("/to/$status", "POST", "body")
    }

    /** Where OkHttp would send the body again, the engine refuses: nobody asked the app whether the other address may have it. */
    @Test
    fun `a redirect that asks for the body again is refused`() {
        for (status in listOf(307, 308)) {
            val request = Request.Builder().url("${host.url}/to/$status").post("body".toRequestBody()).build()
            assertThrows(BywayException.Refused::class.java) { over.newCall(request).execute() }
        }
    }

    @Test
    fun `a cookie is seen and not kept`() {
        check("/cookie")
        assertEquals(false, host.asked.any { "cookie:" in it.lowercase() })
        check("/plain")
        assertEquals(false, host.asked.any { "cookie:" in it.lowercase() })
    }

    private fun RawHost.Exchange.answer() {
        val (method, path) = head.split(' ')
        take(length)
        val isHead = method == "HEAD"
        fun reply(head: String, body: ByteArray = ByteArray(0)) {
            say(head.trimIndent().replace("\n", "\r\n") + "\r\n\r\n")
            if (!isHead) say(body)
        }
        val hello = "Hello.".toByteArray()
        when (path) {
            "/plain" -> reply("HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 6\nX-One: 1", hello)
            "/chunked" -> reply("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", "3\r\nHel\r\n3\r\nlo.\r\n0\r\n\r\n".toByteArray())
            "/trailers" ->
                reply("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nTrailer: x-sum", "6\r\nHello.\r\n0\r\nx-sum: 6\r\n\r\n".toByteArray())
            "/empty" -> reply("HTTP/1.1 200 OK\nContent-Length: 0")
            "/204" -> reply("HTTP/1.1 204 No Content")
            "/304" -> reply("HTTP/1.1 304 Not Modified\nETag: \"a\"")
            "/404" -> reply("HTTP/1.1 404 Not Found\nContent-Length: 6", hello)
            "/500" -> reply("HTTP/1.1 500 Internal Server Error\nContent-Length: 6", hello)
            "/early" -> {
                reply("HTTP/1.1 103 Early Hints\nLink: </a.css>")
                reply("HTTP/1.1 200 OK\nContent-Length: 6", hello)
            }
            "/twice" -> reply("HTTP/1.1 200 OK\nContent-Length: 6\nX-Two: a\nX-Two: b", hello)
            "/cookie" -> reply("HTTP/1.1 200 OK\nContent-Length: 6\nSet-Cookie: a=b; Path=/", hello)
            "/gzip" -> {
                val packed = ByteArrayOutputStream().also { GZIPOutputStream(it).use { gzip -> gzip.write(hello) } }.toByteArray()
                reply("HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: ${packed.size}", packed)
            }
            else -> reply("HTTP/1.1 ${path.substringAfterLast('/')} Elsewhere\nLocation: /plain\nContent-Length: 0")
        }
    }
}
