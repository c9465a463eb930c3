package org.byway.internals

import java.util.concurrent.atomic.AtomicBoolean
import org.byway.BywayException
import org.byway.HttpCall
import org.byway.HttpLimits
import org.byway.HttpRequest
import org.byway.HttpSession
import org.byway.HttpSessionOptions
import org.byway.ffi.HttpLimits as FfiHttpLimits
import org.byway.ffi.HttpSession as FfiHttpSession
import org.byway.ffi.HttpSessionOptions as FfiHttpSessionOptions

/** A session through the engine. */
internal class EngineHttpSession(private val session: FfiHttpSession, private val isolation: String?) : HttpSession {
    private val closed = AtomicBoolean()

    override suspend fun http(request: HttpRequest): HttpCall = handedOver {
        if (closed.get()) throw BywayException.Closed("This session was closed.")
        request.refuseOtherThan(isolation)
        EngineHttpCall(session.call(request.toNative()))
    }

    override fun close() {
        if (closed.compareAndSet(false, true)) session.close()
    }
}

/** If a name were dropped silently, an app would have less isolation than it asked for. */
internal fun HttpRequest.refuseOtherThan(session: String?) {
    if (isolation != null && isolation != session) {
        throw BywayException.Input("The isolation of a request is that of its session.", "isolation")
    }
}

internal fun HttpSessionOptions.toNative() = FfiHttpSessionOptions(
    exposure = exposure.toNative(),
    allowDirect = allowDirect,
    isolation = isolation,
    cookies = cookies,
    limits = limits.toNative(),
)

private fun HttpLimits.toNative() = FfiHttpLimits(
    redirects = redirects,
    headerBytes = headerBytes,
    headers = headers,
    bodyBytes = bodyBytes,
    decodedBytes = decodedBytes,
    total = total?.notNegative(),
    streamed = streamed?.notNegative(),
    progress = progress?.notNegative(),
)
