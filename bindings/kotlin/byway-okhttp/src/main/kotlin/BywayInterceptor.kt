package org.byway.okhttp

import java.io.IOException
import java.io.InterruptedIOException
import java.lang.ref.WeakReference
import java.net.SocketTimeoutException
import java.net.UnknownServiceException
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import okhttp3.Call
import okhttp3.Headers
import okhttp3.HttpUrl
import okhttp3.HttpUrl.Companion.toHttpUrlOrNull
import okhttp3.Interceptor
import okhttp3.MediaType
import okhttp3.MediaType.Companion.toMediaTypeOrNull
import okhttp3.OkHttpClient
import okhttp3.Protocol
import okhttp3.Request
import okhttp3.RequestBody
import okhttp3.Response
import okhttp3.ResponseBody
import okhttp3.ResponseBody.Companion.toResponseBody
import okio.Buffer
import okio.BufferedSource
import okio.Sink
import okio.Source
import okio.Timeout
import okio.buffer
import org.byway.Byway
import org.byway.BywayException
import org.byway.Exposure
import org.byway.Header
import org.byway.HttpBody
import org.byway.HttpCall
import org.byway.HttpHead
import org.byway.HttpRequest

/**
 * A client that sends every request through [byway], and is otherwise like this one. Give it to Retrofit, Coil, Glide,
 * or whatever takes an OkHttpClient.
 *
 * The engine has its own names, connections, TLS, redirects and decoding, so a client's settings for these do not
 * apply. Where that would be dangerous or would break the app silently, this throws [IllegalArgumentException]: a client is not
 * taken if it has pinned certificates, a TLS, a hostname verifier or sockets of its own, a proxy, a proxy selector, a cookie
 * jar, a resolver, an authenticator or network interceptors, if it does not follow redirects, if it takes TLS 1.3 only, or if it
 * goes through Byway already. A client certificate cannot be seen: it is not sent.
 *
 * **The client knows no community.** Its requests have the exposure of this function, whatever the community whose post names
 * the address demands. Files of posts are fetched with [Byway.fetchAttachment], which knows it.
 *
 * Cleartext (`http`) is refused where OkHttp refuses it: if the client has no [okhttp3.ConnectionSpec.CLEARTEXT], and if
 * Android's network security policy forbids it for the host. Of that policy nothing else applies: the engine trusts the
 * authorities of its configuration, and checks no pins.
 *
 * @param exposure who may learn of these requests; the more strict of this and the instance's own holds
 * @param allowDirect tries direct strategies although the advice of a community speaks against them
 * @param isolation requests with different names share no connection and no Tor circuit
 */
public fun OkHttpClient.through(
    byway: Byway,
    exposure: Exposure = Exposure.OPEN,
    allowDirect: Boolean = false,
    isolation: (HttpUrl) -> String? = { null },
): OkHttpClient {
    require(interceptors.none { it is BywayInterceptor }) { "This client goes through Byway already: take the one that it was made from." }
    lostSetting()?.let { throw IllegalArgumentException(it) }
    return newBuilder()
        .cache(null)
        .eventListenerFactory(Cancellation.listeners(eventListenerFactory))
        .addInterceptor(BywayInterceptor(byway, exposure, allowDirect, isolation))
        .build()
}

/**
 * Sends requests through the engine instead of OkHttp's own network. There is no listening socket.
 *
 * Add it last, as an application interceptor. [through] does so. The first call of a client checks the rest of the client: it
 * fails where [through] would throw, and where another interceptor comes behind this one, because that one would never run.
 *
 * Both bodies are streamed. Cancelling the call ends the work of the engine; the call timeout of the client does so, too, while
 * the body of the answer is read as well.
 * The client's read timeout is the longest silence between two pieces of an answer's body. Until its head has come, the
 * time limits of the engine hold, which leave the next strategy its time. The client's write timeout does not apply: a
 * streamed body waits while a route is still being made, and a route over Tor may take longer than that. A failure is a
 * [BywayException], which is an [IOException]. Redirects are followed by the engine: [Response.request] has the last address
 * and the first method, [Response.priorResponse] is null. WebSockets and duplex bodies are refused, and there are no trailers.
 *
 * A request that may be answered by a cache only ([okhttp3.CacheControl.FORCE_CACHE]) gets the status 504, as OkHttp without a
 * cache answers it, and nothing is sent.
 */
public class BywayInterceptor(
    private val byway: Byway,
    private val exposure: Exposure = Exposure.OPEN,
    private val allowDirect: Boolean = false,
    private val isolation: (HttpUrl) -> String? = { null },
) : Interceptor {
    /** The client that was checked last. Clients do not change. */
    @Volatile
    private var checked = WeakReference<OkHttpClient>(null)

    override fun intercept(chain: Interceptor.Chain): Response {
        val request = chain.request()
        val call = chain.call()
        val deadline = Deadline.of(call)
        val client = call.client?.also(::checkOnce)
        refuseCleartext(request.url, client)
        if (request.url.isHttps && client?.connectionSpecs?.none { it.isTls } == true) {
            throw UnknownServiceException("This client permits cleartext (http) only.")
        }
        if (request.header("Upgrade") != null) throw IOException("Byway carries no WebSockets.")
        if (request.body?.isDuplex() == true) throw IOException("Byway carries no duplex bodies.")
        if (call.isCanceled()) throw IOException(CANCELED)
        // This client has no cache, and what may come from a cache only must not be sent.
        if (request.cacheControl.onlyIfCached) return unsatisfiable(request)
        val exchange = blocking { byway.http(request.forEngine()) }
        val watch = Cancellation.watch(call, exchange)
        try {
            request.body?.takeIf(::isStreamed)?.let { body -> send(body, exchange, call) }
            val head = onBehalfOf(call) { blocking { exchange.response() } }
            // A host may redirect from one cleartext page to another. The engine never follows from https to http.
            head.url.toHttpUrlOrNull()?.let { refuseCleartext(it, client) }
            val readTimeout = chain.readTimeoutMillis().toLong()
            return response(request, head, EngineSource(exchange, call, watch, readTimeout, deadline))
        } catch (failure: Throwable) {
            watch.close()
            exchange.close()
            throw failure
        }
    }

    private fun checkOnce(client: OkHttpClient) {
        if (checked.get() === client) return
        if (client.isBehind(this)) throw IOException("An interceptor behind Byway's would never run: add Byway's last.")
        client.lostSetting()?.let { throw IOException(it) }
        checked = WeakReference(client)
    }

    private fun Request.forEngine(): HttpRequest {
        val all = headers.map { (name, value) -> Header(name, value) }.toMutableList()
        body?.let { body ->
            all.removeAll { it.name.equals("Content-Type", true) && body.contentType() != null }
            all.removeAll { it.name.equals("Content-Length", true) || it.name.equals("Transfer-Encoding", true) }
            body.contentType()?.let { all += Header("Content-Type", it.toString()) }
        }
        return HttpRequest(
            // OkHttp sends no login that stands in an address, and the engine would.
            url = url.newBuilder().username("").password("").build().toString(),
            method = method,
            headers = all,
            body = body?.forEngine() ?: HttpBody.None,
            exposure = exposure,
            allowDirect = allowDirect,
            isolation = isolation(url),
        )
    }
}

/** A small body may be sent again by another strategy; a large one, or one that is written once, is streamed. */
private fun isStreamed(body: RequestBody): Boolean = body.isOneShot() || body.contentLength() !in 0..SMALL

private fun RequestBody.forEngine(): HttpBody =
    if (isStreamed(this)) HttpBody.Streamed(contentLength().takeIf { it >= 0 }) else HttpBody.Whole(Buffer().also(::writeTo).readByteArray())

/** What OkHttp itself says. */
private const val CANCELED = "Canceled"

/** The largest body that is held in memory until it was answered. */
private const val SMALL = 256L * 1024

/** How much of a body crosses at once. */
private const val PIECE = 64L * 1024

/** OkHttp calls an interceptor on a thread that may wait. */
private fun <T> blocking(work: suspend () -> T): T = try {
    runBlocking { work() }
} catch (interrupted: InterruptedException) {
    Thread.currentThread().interrupt()
    throw InterruptedIOException("interrupted").apply { initCause(interrupted) }
}

/** The failure of a cancelled call is that it was cancelled, whatever else the engine says then. */
private inline fun <T> onBehalfOf(call: Call, work: () -> T): T = try {
    work()
} catch (failure: BywayException) {
    throw if (call.isCanceled()) IOException(CANCELED, failure) else failure
}

private fun send(body: RequestBody, exchange: HttpCall, call: Call) {
    val sink = object : Sink {
        override fun write(source: Buffer, byteCount: Long) {
            var left = byteCount
            while (left > 0) {
                val piece = source.readByteArray(minOf(left, PIECE))
                left -= piece.size
                if (!onBehalfOf(call) { blocking { exchange.write(piece) } }) throw AnsweredEarly()
            }
        }

        override fun flush() = Unit

        override fun timeout() = Timeout.NONE

        override fun close() = Unit
    }.buffer()
    try {
        body.writeTo(sink)
        sink.flush()
        onBehalfOf(call) { blocking { exchange.finish() } }
    } catch (_: AnsweredEarly) {
        // The answer, or the failure, says why.
    }
}

/** The exchange takes no more of the body. */
private class AnsweredEarly : IOException()

/** What OkHttp answers where its cache has nothing. */
private fun unsatisfiable(request: Request): Response = Response.Builder()
    .request(request)
    .protocol(Protocol.HTTP_1_1)
    .code(504)
    .message("Unsatisfiable Request (only-if-cached)")
    .body(ByteArray(0).toResponseBody(null))
    .sentRequestAtMillis(-1)
    .receivedResponseAtMillis(System.currentTimeMillis())
    .build()

private fun response(request: Request, head: HttpHead, source: EngineSource): Response {
    val headers = Headers.Builder().apply {
        head.headers.forEach { (name, value) -> addUnsafeNonAscii(name, value) }
    }.build()
    val last = head.url.toHttpUrlOrNull() ?: request.url
    return Response.Builder()
        .request(if (last == request.url) request else request.newBuilder().url(last).build())
        .protocol(if (head.version.startsWith("HTTP/2")) Protocol.HTTP_2 else Protocol.HTTP_1_1)
        .code(head.status)
        .message("")
        .headers(headers)
        .body(EngineBody(headers, if (hasNoBody(request, head)) 0 else head.length ?: -1, source.buffer()))
        .build()
}

/** RFC 9110 section 6.4.1: their answers end with their heads. */
private fun hasNoBody(request: Request, head: HttpHead) = request.method == "HEAD" || head.status == 204 || head.status == 304

private class EngineBody(
    private val headers: Headers,
    private val length: Long,
    private val source: BufferedSource,
) : ResponseBody() {
    override fun contentType(): MediaType? = headers["Content-Type"]?.toMediaTypeOrNull()

    override fun contentLength(): Long = length

    override fun source(): BufferedSource = source
}

/** When the call timeout of a call ends. OkHttp itself watches it only until an application interceptor has answered. */
private class Deadline(private val at: Long) {
    /** Nanoseconds, below zero when it is over. */
    fun left(): Long = at - System.nanoTime()

    companion object {
        fun of(call: Call): Deadline? =
            call.timeout().timeoutNanos().takeIf { it > 0 }?.let { Deadline(System.nanoTime() + it) }
    }
}

/** The body of an answer. */
private class EngineSource(
    private val exchange: HttpCall,
    private val call: Call,
    private val watch: AutoCloseable,
    private val readTimeoutMillis: Long,
    private val deadline: Deadline?,
) : Source {
    private val timeout = Timeout().timeout(readTimeoutMillis, TimeUnit.MILLISECONDS)
    private var closed = false

    override fun read(sink: Buffer, byteCount: Long): Long {
        check(!closed) { "closed" }
        if (byteCount == 0L) return 0
        if (call.isCanceled()) throw IOException(CANCELED)
        val max = minOf(byteCount, PIECE).toInt()
        val piece = onBehalfOf(call) { blocking { next(max) } } ?: return -1
        sink.write(piece)
        return piece.size.toLong()
    }

    private suspend fun next(max: Int): ByteArray? {
        val left = deadline?.left()
        if (left != null && left <= 0) end()
        // Rounded up, so that the deadline is over when the wait ends.
        val untilDeadline = left?.let { TimeUnit.NANOSECONDS.toMillis(it) + 1 }
        val limit = listOfNotNull(untilDeadline, readTimeoutMillis.takeIf { it > 0 }).minOrNull() ?: return exchange.read(max)
        var ended = false
        val piece = withTimeoutOrNull(limit) { exchange.read(max).also { ended = it == null } }
        if (piece == null && !ended) end()
        return piece
    }

    /** The time is over: that of the call, or that of a silence. */
    private fun end(): Nothing {
        exchange.cancel()
        val isCall = deadline != null && deadline.left() <= 0
        throw if (isCall) InterruptedIOException("timeout") else SocketTimeoutException("timeout")
    }

    override fun timeout(): Timeout = timeout

    override fun close() {
        if (closed) return
        closed = true
        watch.close()
        exchange.close()
    }
}
