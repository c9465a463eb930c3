package org.byway

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
    /** Nobody asked for its address: [ListedFeed.isUnasked] in a list of feeds. */
    val isUnasked: Boolean = false,
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

/** An address, and the exposure that it or its caller demands. */
internal class Asked(val address: String, val exposure: Exposure) {
    /** It is one of this device or of the reader's own network, as far as its spelling shows. */
    val isInOwnNetwork: Boolean
        get() {
            val host = HOST.find(address)?.groupValues?.get(1)?.lowercase() ?: return false
            return OWN_ADDRESSES.matches(host) || host == "localhost" || OWN_NAMES.any { host.endsWith(".$it") }
        }

    private companion object {
        val HOST = Regex("""^(?:[a-z]+://)?(\[[^]]*]|[^/?:]+)""")
        val OWN_ADDRESSES = Regex("""(10|127|192\.168|169\.254|172\.(1[6-9]|2[0-9]|3[01]))\.[0-9.]+|\[(::1|f[cde].*)]""")
        val OWN_NAMES = listOf("localhost", "local", "home.arpa", "internal", "lan", "home", "corp", "localdomain")
    }
}

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
