package org.byway

import java.time.Duration

/** An HTTP request for [Byway.http]. Cookies are neither sent nor kept, and redirects are followed by the engine. */
public data class HttpRequest(
    val url: String,
    val method: String = "GET",
    /** What the engine sets itself is set anew. */
    val headers: List<Header> = emptyList(),
    val body: HttpBody = HttpBody.None,
    val exposure: Exposure = Exposure.OPEN,
    val allowDirect: Boolean = false,
    val ignorePause: Boolean = false,
    /** A second copy of this request does no harm, so that it may be raced over several strategies like a `GET`. */
    val replaySafe: Boolean = false,
    /** Requests with different names share no connection and no Tor circuit. */
    val isolation: String? = null,
    /** How long the whole exchange may take, the body of the answer included. */
    val timeout: Duration? = null,
)

/** The body of an [HttpRequest]. */
public sealed interface HttpBody {
    /** There is none. */
    public data object None : HttpBody

    /** These bytes. Where the method allows it, they may be sent again by another strategy. */
    public class Whole(public val bytes: ByteArray) : HttpBody

    /** What is given by [HttpCall.write] until [HttpCall.finish]. It is sent once. */
    public data class Streamed(val length: Long? = null) : HttpBody
}

/** An HTTP exchange on its way. Close it when its answer was read, or to give it up. */
public interface HttpCall : AutoCloseable {
    /**
     * Sends a piece of a streamed body. Waits until there is room for it.
     *
     * @return `false` where the exchange takes no more, because it was answered or has failed: [response] says which
     */
    public suspend fun write(bytes: ByteArray): Boolean

    /** Ends a streamed body. */
    public suspend fun finish()

    /** Waits for the head of the answer. It is there once. */
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
    /** How many bytes the decoded body has, where that is known. */
    val length: Long? = null,
    /** How the host was reached. */
    val reachability: Reachability? = null,
)
