package org.byway

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import org.byway.ffi.HttpResponse
import org.byway.ffi.NoHandle
import org.byway.internals.EngineHttpCall
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

/** An exchange whose caller changes its mind. */
@Timeout(30)
class HttpCallTest {
    @Test
    fun `a cancelled wait ends the exchange, because a piece may be lost`() = runBlocking {
        val waits = mapOf<String, suspend HttpCall.() -> Unit>(
            "write" to { write(ByteArray(1)) },
            "finish" to { finish() },
            "response" to { response() },
            "read" to { read() },
        )
        for ((name, wait) in waits) {
            val native = Waiting()
            val waiting = async(start = CoroutineStart.UNDISPATCHED) { EngineHttpCall(native).wait() }
            native.begun.await()
            waiting.cancel()
            waiting.join()
            assertTrue(waiting.isCancelled, name)
            assertEquals(1, native.cancelled, name)
        }
    }

    @Test
    fun `cancelling an exchange that is closed meanwhile does nothing`() {
        val native = object : org.byway.ffi.HttpCall(NoHandle) {
            // What the generated code says of an object that was given back.
            override fun cancel(): Unit = error("HttpCall object has already been destroyed")
        }
        EngineHttpCall(native).cancel()
    }

    /** The native side of an exchange with a silent host. */
    private class Waiting : org.byway.ffi.HttpCall(NoHandle) {
        val begun = CompletableDeferred<Unit>()
        var cancelled = 0

        override fun cancel() {
            cancelled += 1
        }

        override suspend fun write(bytes: ByteArray): Boolean = wait()

        override suspend fun finish(): Unit = wait()

        override suspend fun response(): HttpResponse = wait()

        override suspend fun read(max: Int): ByteArray = wait()

        private suspend fun wait(): Nothing {
            begun.complete(Unit)
            awaitCancellation()
        }
    }
}
