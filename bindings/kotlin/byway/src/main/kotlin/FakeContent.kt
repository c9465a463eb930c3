package org.byway

import java.util.concurrent.atomic.AtomicBoolean

/** A community of a [FakeByway]. */
public data class FakeCommunity(
    val community: Community,
    /** Newest first. */
    val posts: List<Post> = emptyList(),
    val events: List<Event> = emptyList(),
    /** What may be believed of it. */
    val trust: Trust = Trust(TrustState.UNSIGNED, sentence = "Read from a page that signs nothing."),
    /**
     * A signed move to another community of the fixture, at [Move.home]. It is followed at once if its kind is
     * [MoveKind.MOVED], and else when the user says yes. A move that nobody signed is in [Community.successor].
     */
    val move: Move? = null,
    /** How each of its homes behaves, if it is signed: [Opened.homes] and [Byway.standing]. */
    val mirrors: List<HomeAccess> = emptyList(),
) {
    internal fun isAt(link: String): Boolean {
        val path = link.trim().substringAfter("://").trimEnd('/')
        return community.homes.any { it.substringAfter("://") == path } || path == community.screenName
    }
}

/** A page or a file of a [FakeByway]. */
public class FakePage(
    public val body: ByteArray,
    public val status: Int = 200,
    public val headers: List<Header> = emptyList(),
)

/** An exchange with a page that is in memory. It takes any body. */
internal class FakeHttpCall(
    private val request: HttpRequest,
    private val answer: () -> Pair<FakePage, HttpHead>,
) : HttpCall {
    private val cancelled = AtomicBoolean()
    private val closed = AtomicBoolean()
    private val isTaken = AtomicBoolean()
    private var read = 0
    private var isFinished = false

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
    }

    private fun streamed() {
        if (request.body !is HttpBody.Streamed) throw BywayException.Input("This request has no streamed body.", "no_body")
    }

    override suspend fun response(): HttpHead {
        refuseEnded()
        val head = answer().second
        if (!isTaken.compareAndSet(false, true)) throw BywayException.Input("The answer was taken already.", "response_taken")
        return head
    }

    override suspend fun read(max: Int): ByteArray? {
        refuseEnded()
        if (max < 1) throw BywayException.Input("A piece has at least one byte.", "number")
        val body = answer().first.body
        val piece = body.copyOfRange(read, minOf(body.size, read + minOf(max, body.size)))
        read += piece.size
        return piece.takeIf { it.isNotEmpty() }
    }

    override fun cancel() {
        cancelled.set(true)
    }

    override fun close() {
        closed.set(true)
    }

    private fun refuseEnded() {
        if (closed.get()) throw BywayException.Closed("This exchange was closed.")
        if (cancelled.get()) throw BywayException.Cancelled("This exchange was cancelled.", "cancelled")
    }
}

/** An address, and the exposure that it or its caller demands. */
internal class Asked(val address: String, val exposure: Exposure)

/** Takes the exposure from a link or an address, as in `vk.com/NAME#exposure=tor`. The codes are those of the true library. */
internal fun asked(link: String, exposure: Exposure, malformed: String, oddExposure: String): Asked {
    val address = link.trim().substringBefore('#')
    if (address.isEmpty() || address.any(Char::isWhitespace)) throw BywayException.Input("This is no address.", malformed)
    val demanded = link.substringAfter('#', "").split('&').filter { it.startsWith("exposure=") }.map { part ->
        Exposure.entries.firstOrNull { it.code == part.substringAfter('=').trim() }
            ?: throw BywayException.Input("This is no exposure.", oddExposure)
    }
    return Asked(address, (demanded + exposure).max())
}

internal fun askedLink(link: String, exposure: Exposure) = asked(link, exposure, "link", "link")

internal fun askedPage(url: String, exposure: Exposure) = asked(url, exposure, "url", "exposure")

/** Where a file is, as with the true library: a link is no file. */
internal fun Attachment.file(): String? = when (this) {
    is Attachment.Photo -> url
    is Attachment.Document -> url
    is Attachment.Audio -> url
    is Attachment.Video -> preview
    else -> null
}

/** What a flow of a [FakeByway] carries. */
internal sealed interface Signal<out T> {
    data class Of<T>(val value: T) : Signal<T>

    data object End : Signal<Nothing>
}
