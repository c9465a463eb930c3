package org.byway

import java.time.Duration
import org.byway.internals.toModel
import org.byway.internals.toNative
import org.byway.internals.translated

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
) {
    public companion object {
        /** Checks and describes one strategy. Sends nothing. Throws [BywayException.Input] if the text is not one. */
        public fun parse(text: String, language: Language = Language.ENGLISH): Strategy =
            translated { org.byway.ffi.describeStrategy(text, language.toNative()).toModel() }

        /** Finds strategies in a text that a person pasted, line by line: strategies, links of proxies, comments. */
        public fun parseLines(text: String, language: Language = Language.ENGLISH): List<ImportedLine> =
            translated { org.byway.ffi.importStrategies(text, language.toNative()).map { it.toModel() } }
    }
}

/** One line of a pasted text. See [Strategy.parseLines]. */
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

/** A community's link with its exposure. See [CommunityLink.parse]. */
public data class CommunityLink(
    val url: String,
    val exposure: Exposure,
    /** The link as it is shared, with its exposure, for example `https://vk.com/NAME#exposure=tor`. */
    val text: String,
    /** More addresses that carry a signed community, as its link names them. */
    val mirrors: List<String> = emptyList(),
) {
    /** Without the address: it says what is read. */
    override fun toString(): String = "CommunityLink(exposure=${exposure.code}, ${mirrors.size} mirrors)"

    public companion object {
        /**
         * Reads a link of a community, with or without an exposure in it, and raises its exposure if [exposure] is stricter: the
         * link that is shared. Sends nothing. Throws [BywayException.Input] if the text is not one.
         */
        public fun parse(
            text: String,
            exposure: Exposure = Exposure.OPEN,
            language: Language = Language.ENGLISH,
        ): CommunityLink =
            translated { org.byway.ffi.parseLink(text, exposure.toNative(), language.toNative()).toModel() }
    }
}

/** What a file of fingerprints contains. */
public data class Fingerprints(val usable: Long, val skipped: List<SkippedRow>) {
    public companion object {
        /**
         * Checks fingerprints of block pages before they go into a [Configuration]. Throws [BywayException.Input] if the text is no
         * such list at all.
         */
        public fun parse(csv: String, language: Language = Language.ENGLISH): Fingerprints =
            translated { org.byway.ffi.checkFingerprints(csv, language.toNative()).toModel() }
    }
}

/** A row that is not understood. */
public data class SkippedRow(val row: Long, val fault: Fault)

/** A duration in words, as sentences say it, for example "3 days". */
public fun Duration.inWords(language: Language = Language.ENGLISH): String =
    translated { org.byway.ffi.durationText(this, language.toNative()) }
