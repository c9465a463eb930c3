package org.byway

import java.time.Duration

/**
 * An HTTP request for [Byway.http] or for an [HttpSession]. The engine follows redirects. Cookies are sent and kept only in a
 * session that asks for them.
 */
public data class HttpRequest(
    val url: String,
    val method: String = "GET",
    /** The header. The engine replaces the fields that it sets itself. */
    val headers: List<Header> = emptyList(),
    val body: HttpBody = HttpBody.None,
    val exposure: Exposure = Exposure.OPEN,
    val allowDirect: Boolean = false,
    val ignorePause: Boolean = false,
    /** A second copy of this request does no harm, so that it may be raced over several strategies like a `GET`. */
    val isReplaySafe: Boolean = false,
    /** Requests with different names share no connection and no Tor circuit. A session has its own name. */
    val isolation: String? = null,
    /** How long the whole exchange may take, the body of the answer included. */
    val timeout: Duration? = null,
) {
    /** Without the address, the values of the header and the body: they say who reads what, and may be a password. */
    override fun toString(): String = "HttpRequest($method, ${headers.size} fields, exposure=${exposure.code})"
}

/** What the requests of an [HttpSession] have in common. */
public data class HttpSessionOptions(
    /** Who may learn of these requests. A request may demand a stricter exposure, but not a laxer one. */
    val exposure: Exposure = Exposure.OPEN,
    /** Tries direct strategies even if a restriction or the advice of a community speaks against them. */
    val allowDirect: Boolean = false,
    /** Sessions with different names share no connection, no Tor circuit and no cookie. */
    val isolation: String? = null,
    /** Keeps cookies in memory, only for this session. Without it, none are sent and none are kept. */
    val cookies: Boolean = false,
    val limits: HttpLimits = HttpLimits(),
)

/** How much is taken from a host at most. If a field is `null`, the engine's limit applies. */
public data class HttpLimits(
    /** Redirects that are followed. */
    val redirects: Int? = null,
    /** Bytes of one answer's head. */
    val headerBytes: Long? = null,
    /** Header fields of one answer. */
    val headers: Long? = null,
    /** Bytes of the body as it comes over the wire. */
    val bodyBytes: Long? = null,
    /** Bytes of the decoded body. */
    val decodedBytes: Long? = null,
    /** From the start of a request to the head of its answer. */
    val total: Duration? = null,
    /** From the start of a request to the last byte of its answer's body. */
    val streamed: Duration? = null,
    /** From one piece of an answer to the next. */
    val progress: Duration? = null,
)

/** Requests with common limits and, if asked for, cookies. A session ends with its instance, or when it is closed. */
public interface HttpSession : AutoCloseable {
    /**
     * Begins an HTTP request whose bodies are streamed. If its [HttpRequest.isolation] differs from the session's, it is
     * refused with [BywayException.Input].
     */
    public suspend fun http(request: HttpRequest): HttpCall

    /** Ends the session and forgets its cookies. Exchanges that have begun continue. Closing twice is harmless. */
    override fun close()
}

/** The body of an [HttpRequest]. */
public sealed interface HttpBody {
    /** No body. */
    public data object None : HttpBody

    /** These bytes. If the method allows it, they may be sent again over another strategy. */
    public class Whole(public val bytes: ByteArray) : HttpBody

    /** The app writes the body with [HttpCall.write] until [HttpCall.finish]. It is sent once. */
    public data class Streamed(val length: Long? = null) : HttpBody
}

/**
 * An HTTP exchange that is under way. Close it when its answer was read, or to give it up.
 *
 * Cancelling the coroutine that waits in one of its functions ends the exchange, because a piece of a body may be lost then.
 */
public interface HttpCall : AutoCloseable {
    /**
     * Sends a piece of a streamed body. Waits until there is room for it.
     *
     * @return `false` if the exchange takes no more, because it was answered or has failed: [response] says which
     */
    public suspend fun write(bytes: ByteArray): Boolean

    /** Ends a streamed body. */
    public suspend fun finish()

    /** Waits for the head of the answer. It can be taken once. */
    public suspend fun response(): HttpHead

    /** The next piece of the answer's body, at most [max] bytes; `null` at its end. */
    public suspend fun read(max: Int = 64 * 1024): ByteArray?

    /** Ends the exchange at once. Whatever waits for it fails with [BywayException.Cancelled]. */
    public fun cancel()
}

/** The head of an answer. An error status is an answer too. */
public data class HttpHead(
    val status: Int,
    /** The address of the answer, after redirects. */
    val url: String,
    val headers: List<Header>,
    /** For example `HTTP/1.1` or `HTTP/2.0`. */
    val version: String,
    /** How many bytes the decoded body has, if that is known. */
    val length: Long? = null,
    /** How the host was reached. */
    val reachability: Reachability? = null,
) {
    /** Without the address and the values of the header. */
    override fun toString(): String = "HttpHead($status, ${headers.size} fields, $version)"
}
