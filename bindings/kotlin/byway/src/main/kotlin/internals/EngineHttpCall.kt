package org.byway.internals

import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.CancellationException
import org.byway.BywayException
import org.byway.HttpBody
import org.byway.HttpCall
import org.byway.HttpHead
import org.byway.HttpRequest
import org.byway.ffi.HttpBody as FfiHttpBody
import org.byway.ffi.HttpCall as FfiHttpCall
import org.byway.ffi.HttpRequest as FfiHttpRequest

/** An exchange through the engine. */
internal class EngineHttpCall(private val call: FfiHttpCall) : HttpCall {
    private val closed = AtomicBoolean()

    override suspend fun write(bytes: ByteArray): Boolean = whole { call.write(bytes) }

    override suspend fun finish(): Unit = whole { call.finish() }

    override suspend fun response(): HttpHead = whole {
        val head = call.response()
        HttpHead(
            status = head.status,
            url = head.url,
            headers = head.headers.map { it.toModel() },
            version = head.version,
            length = head.length,
            reachability = head.reachability?.toModel(),
        )
    }

    override suspend fun read(max: Int): ByteArray? = whole { call.read(max).takeIf(ByteArray::isNotEmpty) }

    override fun cancel() {
        if (closed.get()) return
        try {
            translated { call.cancel() }
        } catch (_: BywayException.Closed) {
            // It was closed on another thread meanwhile.
        }
    }

    override fun close() {
        if (!closed.compareAndSet(false, true)) return
        call.cancel()
        call.close()
    }

    /** A piece that crossed when its caller was cancelled is lost. So the exchange ends: nothing may pass for the whole. */
    private suspend fun <T> whole(work: suspend () -> T): T = try {
        native(work = work)
    } catch (cancelled: CancellationException) {
        cancel()
        throw cancelled
    }
}

internal fun HttpRequest.toNative() = FfiHttpRequest(
    method = method,
    url = url,
    headers = headers.map { it.toNative() },
    body = when (val body = body) {
        is HttpBody.None -> FfiHttpBody.Empty
        is HttpBody.Whole -> FfiHttpBody.Whole(body.bytes)
        is HttpBody.Streamed -> FfiHttpBody.Streamed(body.length)
    },
    exposure = exposure.toNative(),
    allowDirect = allowDirect,
    ignorePause = ignorePause,
    replaySafe = isReplaySafe,
    timeout = timeout?.notNegative(),
)
