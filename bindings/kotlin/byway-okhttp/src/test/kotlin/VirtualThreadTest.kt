package org.byway.okhttp

import java.io.IOException
import java.util.concurrent.Callable
import java.util.concurrent.ExecutionException
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import okhttp3.OkHttpClient
import okhttp3.Request
import org.byway.Byway
import org.byway.testing.Lab
import org.byway.testing.runningTasks
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.condition.EnabledForJreRange
import org.junit.jupiter.api.condition.JRE

/** Calls from virtual threads, which Java has since version 21. A server's code may run on them; Android has none. */
@EnabledForJreRange(min = JRE.JAVA_21)
@Timeout(60)
class VirtualThreadTest {
    private val lab = Lab()
    private val byway: Byway = runBlocking { Byway.open(lab.configuration(storage = lab.storage())) }
    private val client = OkHttpClient().through(byway)
    private val origin = lab.origin("http.example")
    private val threads = virtualThreads()

    @AfterEach
    fun end() {
        threads.shutdownNow()
        runBlocking { byway.shutdown() }
        lab.close()
    }

    private fun get(path: String): String =
        client.newCall(Request.Builder().url(origin + path).build()).execute().use { it.body!!.string() }

    @Test
    fun `more calls than carriers all answer`() {
        // Each pins no carrier while it waits: there are as many carriers as processors, and far more calls.
        val pages = List(200) { threads.submit(Callable { get("/slow").length }) }
        val lists = List(200) { threads.submit(Callable { runBlocking { byway.communities().size } }) }
        assertEquals(List(200) { 20 * 8 * 1024 }, pages.map { it.get(50, TimeUnit.SECONDS) })
        assertEquals(List(200) { 0 }, lists.map { it.get(50, TimeUnit.SECONDS) })
    }

    @Test
    fun `an interrupted thread ends the work of the engine`() {
        val call = threads.submit(Callable { get("/silent") })
        await { runningTasks() > 0 }
        call.cancel(true)
        await { runningTasks() == 0L }
        assertEquals("Hello.", threads.submit(Callable { get("/hello") }).get(10, TimeUnit.SECONDS))
    }

    @Test
    fun `a failure arrives as on any other thread`() {
        val failure = assertThrows(ExecutionException::class.java) {
            threads.submit(Callable { get("/circle") }).get(10, TimeUnit.SECONDS)
        }
        assertInstanceOf(IOException::class.java, failure.cause)
    }

    private fun await(holds: () -> Boolean) = runBlocking { withTimeout(10_000) { while (!holds()) delay(5) } }

    private companion object {
        /** By its name: the sources are compiled for Java 11. */
        fun virtualThreads(): ExecutorService =
            Executors::class.java.getMethod("newVirtualThreadPerTaskExecutor").invoke(null) as ExecutorService
    }
}
