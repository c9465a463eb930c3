package org.byway

import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.byway.testing.Lab
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

/** Requests with common limits and cookies. */
@Timeout(120)
class HttpSessionTest {
    private val lab = Lab()
    private val byway: Byway = runBlocking { Byway.open(lab.configuration()) }
    private val origin = lab.origin("http.example")

    @AfterEach
    fun end() {
        runBlocking { byway.shutdown() }
        lab.close()
    }

    @Test
    fun `cookies are kept in the session that asks for them`() = runBlocking {
        for ((cookies, expected) in listOf(false to "", true to "seen=yes")) {
            val session = byway.httpSession(HttpSessionOptions(cookies = cookies))
            session.http(HttpRequest("$origin/cookie")).use { it.response() }
            val sent = session.http(HttpRequest("$origin/echo")).use { call ->
                call.response().headers.first { it.name == "x-cookie" }.value
            }
            assertEquals(expected, sent)
            session.close()
        }
        val other = byway.httpSession(HttpSessionOptions(cookies = true))
        other.http(HttpRequest("$origin/echo")).use { call ->
            assertEquals("", call.response().headers.first { it.name == "x-cookie" }.value, "no session has another's cookies")
        }
    }

    @Test
    fun `a session that nobody closed keeps no store open`() = runBlocking {
        val configuration = lab.configuration(storage = lab.storage())
        val kept = Byway.open(configuration)
        val session = kept.httpSession()
        val call = session.http(HttpRequest("$origin/slow"))
        call.response()
        kept.shutdown()
        Byway.open(configuration).shutdown()
        Byway.wipe(configuration.storage!!.folder)
        val late = runCatching { session.http(HttpRequest("$origin/hello")) }.exceptionOrNull()
        assertInstanceOf(BywayException.Closed::class.java, late)
        call.close()
    }

    @Test
    fun `the limits of a session hold`() = runBlocking {
        val limited = mapOf(
            HttpLimits(bodyBytes = 10) to "$origin/slow",
            HttpLimits(redirects = 0) to "$origin/redirect",
            HttpLimits(streamed = java.time.Duration.ofMillis(300)) to "$origin/slow",
            HttpLimits(headers = 1) to "$origin/hello",
        )
        for ((limits, url) in limited) {
            val session = byway.httpSession(HttpSessionOptions(limits = limits))
            val failure = runCatching {
                withTimeout(20.seconds) {
                    session.http(HttpRequest(url)).use { call ->
                        call.response()
                        while (call.read() != null) Unit
                    }
                }
            }.exceptionOrNull()
            assertInstanceOf(BywayException::class.java, failure, "$limits")
        }
        val odd = runCatching { byway.httpSession(HttpSessionOptions(limits = HttpLimits(bodyBytes = -1))) }.exceptionOrNull()
        assertInstanceOf(BywayException.Input::class.java, odd)
        Unit
    }

    @Test
    fun `a session's exposure and isolation hold for its requests`() = runBlocking {
        val strict = byway.httpSession(HttpSessionOptions(exposure = Exposure.TOR))
        val refused = runCatching { strict.http(HttpRequest("$origin/hello")).use { it.response() } }.exceptionOrNull()
        assertEquals(ErrorKind.NOT_PERMITTED, assertInstanceOf(BywayException::class.java, refused).kind)
        val one = byway.httpSession(HttpSessionOptions(isolation = "one"))
        assertEquals(200, one.http(HttpRequest("$origin/hello", isolation = "one")).use { it.response().status })
        val other = runCatching { one.http(HttpRequest("$origin/hello", isolation = "two")) }.exceptionOrNull()
        assertEquals("isolation", assertInstanceOf(BywayException.Input::class.java, other).code)
    }

    @Test
    fun `a closed session refuses, and its exchanges go on`() = runBlocking {
        val session = byway.httpSession()
        val call = session.http(HttpRequest("$origin/slow"))
        session.close()
        session.close()
        var length = 0
        call.use {
            it.response()
            while (true) length += (it.read() ?: break).size
        }
        assertEquals(20 * 8 * 1024, length)
        assertInstanceOf(BywayException.Closed::class.java, runCatching { session.http(HttpRequest("$origin/hello")) }.exceptionOrNull())
        val ended = byway.httpSession()
        byway.shutdown()
        val late = runCatching { ended.http(HttpRequest("$origin/hello")).use { it.response() } }.exceptionOrNull()
        assertInstanceOf(BywayException.Closed::class.java, late)
        Unit
    }
}
