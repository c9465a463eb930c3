package org.byway

import com.sun.jna.NativeLibrary
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.byway.testing.Lab
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

/** A panic in Rust is an exception in Kotlin: the process and the instance live on. */
@Timeout(120)
class PanicTest {
    private val lab = Lab()

    @AfterEach
    fun end() = lab.close()

    @Test
    fun `a panic is an exception, and the instance lives on`() = runBlocking {
        val byway = Byway.open(lab.configuration(storage = lab.storage()))
        val calls: List<suspend () -> Any?> = listOf(
            { byway.open(LINK) }, { byway.communities() }, { byway.setRetention(3) }, { byway.lock() },
            { byway.language }, { byway.changes.first() }, { byway.http(HttpRequest(lab.origin("http.example") + "/hello")) },
            { byway.httpSession() }, { Strategy.parse("direct:") },
        )
        calls.forEachIndexed { number, call ->
            panicNext()
            val failure = runCatching { call() }.exceptionOrNull()
            assertInstanceOf(BywayException.Internal::class.java, failure, "call $number")
            assertEquals("panic", (failure as BywayException).code, "call $number")
            assertFalse("provoked" in failure.message!!, "what a panic says may quote what was read")
        }
        assertTrue(byway.open(LINK).posts.isNotEmpty())
        assertEquals(1, byway.communities().size)
        byway.shutdown()
    }

    @Test
    fun `a panic while an instance opens leaves nothing behind`() = runBlocking {
        panicNext()
        val failure = runCatching { Byway.open(lab.configuration(storage = lab.storage())) }.exceptionOrNull()
        assertEquals("panic", assertInstanceOf(BywayException.Internal::class.java, failure).code)
        val byway = Byway.open(lab.configuration(storage = lab.storage()))
        assertEquals(0, byway.communities().size)
        byway.shutdown()
    }

    private companion object {
        const val LINK = "vk.com/byway_club"

        /** Lets the work of the next call panic. Debug builds of the library have it. */
        fun panicNext() =
            NativeLibrary.getInstance("byway_ffi").getFunction("ffi_byway_ffi_debug_panic_next").invokeVoid(emptyArray())
    }
}
