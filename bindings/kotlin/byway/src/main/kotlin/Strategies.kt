package org.byway

import java.time.Duration
import org.byway.internals.toModel
import org.byway.internals.toNative
import org.byway.internals.translated

/** Checks texts without an instance: strategies, links, fingerprints. Sends nothing. */
public object Strategies {
    /** Checks and describes one strategy. Throws [BywayException.Input] if the text is not one. */
    public fun describe(text: String, language: Language = Language.ENGLISH): Strategy =
        translated { org.byway.ffi.describeStrategy(text, language.toNative()).toModel() }

    /** Finds strategies in a text that was pasted, line by line. */
    public fun import(text: String, language: Language = Language.ENGLISH): List<ImportedLine> =
        translated { org.byway.ffi.importStrategies(text, language.toNative()).map { it.toModel() } }

    /** Reads a link of a community. Throws [BywayException.Input] if the text is not one. */
    public fun parseLink(text: String, language: Language = Language.ENGLISH): CommunityLink =
        translated { org.byway.ffi.parseLink(text, language.toNative()).toModel() }

    /**
     * Reads the link to a signed community, and raises its exposure if [exposure] is stricter: the link that is shared.
     * Throws [BywayException.Input] if the text is not one.
     */
    public fun parseSignedLink(
        text: String,
        exposure: Exposure = Exposure.OPEN,
        language: Language = Language.ENGLISH,
    ): SignedLink =
        translated { org.byway.ffi.parseSignedLink(text, exposure.toNative(), language.toNative()).toModel() }

    /** Checks fingerprints of block pages before they go into a [Configuration]. */
    public fun checkFingerprints(csv: String, language: Language = Language.ENGLISH): Fingerprints =
        translated { org.byway.ffi.checkFingerprints(csv, language.toNative()).toModel() }

    /** A duration in words, for example "3 days". */
    public fun inWords(duration: Duration, language: Language = Language.ENGLISH): String =
        translated { org.byway.ffi.durationText(duration, language.toNative()) }
}

/** A strategy as it is shown: without its login. */
public data class Strategy(
    /** The strategy URL without its login. */
    val redacted: String,
    val scheme: String,
    /** What it is, in words. */
    val phrase: String,
    /** The name that its author gave it. */
    val name: String? = null,
    /** The country of its exit, as two letters. */
    val country: String? = null,
    /** The proxy's host and port. */
    val server: String? = null,
    val isDirect: Boolean = false,
    val isTor: Boolean = false,
    /** The exposures that allow it. */
    val allowedBy: List<Exposure> = emptyList(),
    /** The transports that its bridges need, for example `obfs4`: see [Configuration.torTransports]. */
    val torTransports: List<String> = emptyList(),
)

/** One line of a pasted text. See [Strategies.import]. */
public data class ImportedLine(val number: Long, val outcome: Imported)

/** What a line contains. */
public sealed interface Imported {
    /** A strategy. */
    public class Found(
        /** The strategy URL with its login: a secret, for [Configuration.strategies]. */
        public val secretText: String,
        public val strategy: Strategy,
    ) : Imported {
        override fun toString(): String = "Found($strategy)"
    }

    /** A strategy that line [first] already has. */
    public data class Duplicate(val strategy: Strategy, val first: Long) : Imported

    /** An empty line or a comment. */
    public data object Ignored : Imported

    /** Not a strategy. [shown] is the line without secrets. */
    public data class Wrong(val shown: String, val fault: Fault) : Imported
}

/** A community's link with its exposure. */
public data class CommunityLink(
    val url: String,
    val exposure: Exposure,
    /** The link as it is shared, with its exposure, for example `https://vk.com/NAME#exposure=tor`. */
    val text: String,
    /** More addresses that carry a signed community, as its link names them. */
    val mirrors: List<String> = emptyList(),
)

/** What a file of fingerprints contains. */
public data class Fingerprints(val usable: Long, val skipped: List<SkippedRow>)

/** A row that is not understood. */
public data class SkippedRow(val row: Long, val fault: Fault)
