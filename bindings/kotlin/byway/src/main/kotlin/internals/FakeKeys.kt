package org.byway.internals

import java.security.MessageDigest
import java.util.Base64
import org.byway.BywayException
import org.byway.KeyChanges

/** The keys in the line of an [org.byway.AdminKeys], each by its fingerprint. Whether the line was mistyped is not checked. */
internal class FakeKeys private constructor(val decides: String, val publishes: String, val writes: String) {
    companion object {
        private val LINE = Regex("byway-keys:[A-Za-z0-9_-]{134}")
        private val FINGERPRINT = Regex("[0-9a-f]{20}")
        private const val KEYS_CHARACTERS = 128
        private const val KEY_BYTES = 32
        private const val FINGERPRINT_BYTES = 10

        fun parse(line: String): FakeKeys {
            if (!LINE.matches(line)) throw unknown()
            // What follows the three keys is a check of them.
            val bytes = Base64.getUrlDecoder().decode(line.removePrefix("byway-keys:").take(KEYS_CHARACTERS))
            val (decides, publishes, writes) = List(3) { fingerprint(bytes.copyOfRange(it * KEY_BYTES, (it + 1) * KEY_BYTES)) }
            return FakeKeys(decides, publishes, writes)
        }

        /** The digits of a fingerprint as it is shown. `null`: the text is none. */
        fun fingerprint(text: String): String? =
            text.filter { it != ' ' && it != '-' }.lowercase().takeIf(FINGERPRINT::matches)

        fun unknown() = BywayException.Input("This is not the line of an admin's public keys.", "public_keys")

        private fun fingerprint(key: ByteArray): String {
            val digest = MessageDigest.getInstance("SHA-256").digest(key)
            return digest.take(FINGERPRINT_BYTES).joinToString("") { "%02x".format(it) }
        }
    }
}

/** Who decides and publishes, as far as a fake knows: `null` stands for the admin whose keys it has. */
internal data class FakeParts(
    private val root: Set<String?> = setOf(null),
    val threshold: Int = 1,
    private val routine: Set<String> = emptySet(),
    private val writers: Set<String> = emptySet(),
    private val recovery: Set<String> = emptySet(),
    private val recoveryThreshold: Int = 1,
    private val recoveryDays: Int = 14,
) {
    /** [own]: the fingerprint of the key that decides, where only the fake's admin does. */
    fun after(changes: KeyChanges, own: String): FakeParts {
        val (prints, lines) = changes.removed.partition { FakeKeys.fingerprint(it) != null }
        val gone = lines.map(FakeKeys::parse)
        val publishers = (changes.publishers + changes.moderators).map(FakeKeys::parse)
        val rest = copy(
            root = root - gone.map { it.decides }.toSet(),
            routine = routine - gone.map { it.publishes }.toSet(),
            writers = writers - gone.map { it.writes }.toSet(),
            recovery = recovery - gone.map { it.decides }.toSet(),
        )
        val left = prints.mapNotNull(FakeKeys::fingerprint).fold(rest) { parts, print -> parts.without(print, own) }
        val decides = changes.threshold ?: threshold
        val recovers = left.recovery + changes.recovery.map { FakeKeys.parse(it).decides }
        val least = if (decides > 1) 2 else 1
        val isNamed = changes.recoveryThreshold != null || changes.recoveryDays != null
        if (recovers.isEmpty() && isNamed) throw rules()
        return FakeParts(
            left.root + changes.root.map { FakeKeys.parse(it).decides },
            decides,
            left.routine + publishers.map { it.publishes },
            left.writers + publishers.map { it.writes },
            recovers,
            changes.recoveryThreshold ?: maxOf(if (recovery.isEmpty()) least else recoveryThreshold, least),
            changes.recoveryDays ?: recoveryDays,
        )
    }

    private fun without(print: String, own: String): FakeParts {
        if (print == own && root == setOf(null)) return copy(root = emptySet())
        if (print !in root + routine + writers + recovery) throw FakeKeys.unknown()
        return copy(root = root - print, routine = routine - print, writers = writers - print, recovery = recovery - print)
    }

    fun check() {
        val least = if (threshold > 1) 2 else 1
        val fits = recovery.isEmpty() || recoveryThreshold in least..recovery.size && recoveryDays in 7..366
        if (!fits || threshold !in 1..root.size) throw rules()
    }

    private fun rules() = BywayException.Input("The numbers of keys do not fit each other.", "key_rules")
}
