package org.byway

import java.time.Instant
import org.byway.internals.toModel
import org.byway.internals.toNative
import org.byway.internals.translated

/** What may be believed of a community's content. No state hides content. */
public data class Trust(
    val state: TrustState,
    /** Why it is not better, the gravest reason first. Empty if it is verified or unsigned. */
    val reasons: List<TrustReason> = emptyList(),
    /** The name that the maker of a copy gives itself, if it is a copy. */
    val copiedBy: String? = null,
    /** What it says, with each reason, in the client's language. */
    val sentence: String,
)

/** What is known about the origin of content. */
public enum class TrustState(override val code: String) : Coded {
    /** Signed by the community, and its statement about the newest state is recent. */
    VERIFIED("verified"),

    /** Signed by the community, but something newer may be withheld: the statement is old, or the clock is wrong. */
    STALE("stale"),

    /** Signed by keys of the community that contradict each other, or that it no longer trusts. */
    DISPUTED("disputed"),

    /** Somebody says that this is the community or its successor. No signature shows it. */
    CLAIMED("claimed"),

    /** Signed by the maker of a copy of the community's page, not by the community. */
    COPIED("copied"),

    /** Read from a page that signs nothing. */
    UNSIGNED("unsigned"),
}

/** Why a state of trust is not better. */
public data class TrustReason(
    /** For example `head_expired`. */
    override val code: String,
    /** The time that it speaks of: an expiry, the end of a waiting time, the last trusted time. */
    val at: Instant? = null,
    /** The number of the charter or of the statement that exists twice. */
    val number: Long? = null,
) : Coded

/** The link to a signed community: `byway:ID?exposure=tor&mirror=HOST/`. See [SignedLink.parse]. */
public data class SignedLink(
    /** The community's id, with 64 hexadecimal digits. */
    val id: String,
    /** Who may learn at most that the community is read. */
    val exposure: Exposure,
    /** The fingerprint of its root keys when the link was made, in groups that people compare. */
    val key: String? = null,
    /** The addresses that carry the community. */
    val mirrors: List<String> = emptyList(),
    /** The link as it is shared, and as a QR code contains it. */
    val text: String,
    /** The link behind the address of a mirror, for messengers that open only such links; `null` if the exposure forbids it. */
    val webForm: String? = null,
) {
    /** Without the community: it says what is read. */
    override fun toString(): String = "SignedLink(exposure=${exposure.code}, ${mirrors.size} mirrors)"

    public companion object {
        /**
         * Reads the link to a signed community, and raises its exposure if [exposure] is stricter: the link that is shared. Sends
         * nothing. Throws [BywayException.Input] if the text is not one.
         */
        public fun parse(
            text: String,
            exposure: Exposure = Exposure.OPEN,
            language: Language = Language.ENGLISH,
        ): SignedLink =
            translated { org.byway.ffi.parseSignedLink(text, exposure.toNative(), language.toNative()).toModel() }
    }
}
