/** The pages of a fake: exchanges and sessions. */
package org.byway.internals

import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.CompletableDeferred
import org.byway.BywayException
import org.byway.FakePage
import org.byway.HttpBody
import org.byway.HttpCall
import org.byway.HttpHead
import org.byway.HttpRequest
import org.byway.HttpSession
import org.byway.HttpSessionOptions

/** An exchange with a page that is in memory. It takes any body, and answers when the body is whole. */
internal class FakeHttpCall(
    private val request: HttpRequest,
    private val answer: () -> Pair<FakePage, HttpHead>,
) : HttpCall {
    private val cancelled = AtomicBoolean()
    private val closed = AtomicBoolean()
    private val isTaken = AtomicBoolean()
    private var read = 0

    /** Completed by the end of the body, and by what ends the exchange. */
    private val whole = CompletableDeferred<Unit>()

    @Volatile
    private var isFinished = false

    init {
        if (request.body !is HttpBody.Streamed) whole.complete(Unit)
    }

    override suspend fun write(bytes: ByteArray): Boolean {
        refuseEnded()
        streamed()
        if (isFinished) throw BywayException.Input("The body of this request has ended.", "body_ended")
        return true
    }

    override suspend fun finish() {
        refuseEnded()
        streamed()
        isFinished = true
        whole.complete(Unit)
    }

    private fun streamed() {
        if (request.body !is HttpBody.Streamed) throw BywayException.Input("This request has no streamed body.", "no_body")
    }

    override suspend fun response(): HttpHead {
        refuseEnded()
        whole.await()
        refuseEnded()
        val head = answer().second
        if (!isTaken.compareAndSet(false, true)) throw BywayException.Input("The answer was taken already.", "response_taken")
        return head
    }

    override suspend fun read(max: Int): ByteArray? {
        refuseEnded()
        if (max < 1) throw BywayException.Input("A piece has at least one byte.", "number")
        whole.await()
        refuseEnded()
        val body = answer().first.body
        val piece = body.copyOfRange(read, minOf(body.size, read + minOf(max, body.size)))
        read += piece.size
        return piece.takeIf { it.isNotEmpty() }
    }

    override fun cancel() {
        cancelled.set(true)
        whole.complete(Unit)
    }

    override fun close() {
        closed.set(true)
        whole.complete(Unit)
    }

    private fun refuseEnded() {
        if (closed.get()) throw BywayException.Closed("This exchange was closed.")
        if (cancelled.get()) throw BywayException.Cancelled("This exchange was cancelled.", "cancelled")
    }
}

/** A session whose requests go to the pages of its fake. */
internal class FakeSession(
    private val options: HttpSessionOptions,
    private val http: suspend (HttpRequest) -> HttpCall,
) : HttpSession {
    private val ended = AtomicBoolean()

    override suspend fun http(request: HttpRequest): HttpCall {
        if (ended.get()) throw BywayException.Closed("This session was closed.")
        request.refuseOtherThan(options.isolation)
        return http.invoke(request.copy(exposure = maxOf(request.exposure, options.exposure)))
    }

    override fun close(): Unit = ended.set(true)
}
