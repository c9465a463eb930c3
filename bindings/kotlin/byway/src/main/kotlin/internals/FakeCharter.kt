package org.byway.internals

import java.nio.file.Path
import org.byway.BywayException
import org.byway.Community
import org.byway.CommunityId
import org.byway.CommunityStatement
import org.byway.Exposure
import org.byway.KeyChanges
import org.byway.Link
import org.byway.SignedLink

/**
 * What a [org.byway.FakePublisher] says of its community, and who decides. It checks what the core checks of a charter.
 */
internal class FakeCharter(statement: CommunityStatement, private val decidesAlone: Boolean) {
    var statement: CommunityStatement = statement
        private set

    /** How often the keys were replaced. */
    var rotations = 0
        private set
    private val keyFiles = HashSet<Path>()
    private var parts = FakeParts()

    init {
        parts = checked(statement).also { it.check() }
        this.statement = statement.copy(keys = KeyChanges())
        if (parts.threshold > 1) throw tooFew()
    }

    fun restate(statement: CommunityStatement, enact: (() -> Unit) -> Unit) {
        val decided = checked(statement)
        enact {
            decided.check()
            checkAlone()
            if (decided.threshold > 1) throw tooFew()
            parts = decided
            this.statement = statement.copy(keys = KeyChanges())
        }
    }

    fun checkUnused(file: Path) {
        if (file in keyFiles) throw BywayException.Input("There is a key file already.", "key_exists")
    }

    fun rotate(file: Path) {
        checkAlone()
        keyFiles.add(file)
        rotations += 1
    }

    fun checkAlone() {
        if (!decidesAlone) throw tooFew()
    }

    fun community() = Community(
        CommunityId("byway:$ID"),
        statement.name,
        description = statement.description.ifEmpty { null },
        homes = statement.mirrors,
        links = statement.pages.map { Link(it) },
    )

    /** The link with its first mirrors: at most four, and as many as a QR code holds. */
    fun link(exposure: Exposure): SignedLink {
        val key = ownKey()
        val asked = listOfNotNull("exposure=${exposure.code}".takeIf { exposure > Exposure.OPEN }, "key=$key")
        var named = emptyList<String>()
        val text = { mirrors: List<String> ->
            val parameters = asked + mirrors.map { "mirror=${it.removePrefix("https://")}" }
            "byway:$ID?${parameters.joinToString("&")}"
        }
        for (mirror in statement.mirrors.mapNotNull(FakeLink::mirror).distinct().take(FakeLink.MAX_MIRRORS)) {
            if (text(named + mirror).length <= FakeLink.MAX_BYTES) named = named + mirror
        }
        val shown = named.firstOrNull { exposure == Exposure.OPEN || ".onion/" in it }
        return SignedLink(
            ID, exposure, key.chunked(4).joinToString("-"), named, text(named), shown?.let { "$it#${text(named)}" },
        )
    }

    private fun ownKey() = "%020x".format(rotations)

    private fun checked(statement: CommunityStatement): FakeParts {
        statement.continues?.let(FakeLink::parse)
        val changes = statement.keys
        val lines = with(changes) { root + publishers + moderators + recovery }
        (lines + changes.removed.filter { FakeKeys.fingerprint(it) == null }).forEach(FakeKeys::parse)
        if (listOfNotNull(changes.threshold, changes.recoveryThreshold, changes.recoveryDays).any { it < 0 }) {
            throw BywayException.Input("This number is out of range here.", "number")
        }
        line("The name", statement.name, MAX_NAME)
        if (statement.description.toByteArray().size > MAX_DESCRIPTION) throw unfit("The description is too long.")
        if (statement.description.any { it.isISOControl() && it != '\n' }) {
            throw unfit("The description has control characters.")
        }
        val addresses = statement.mirrors + statement.pages
        if (addresses.size > MAX_HOMES) throw unfit("There are more than $MAX_HOMES addresses.")
        if (!addresses.all(::isAddress)) throw unfit("This is no address.")
        return parts.after(changes, ownKey())
    }

    companion object {
        /** The community's id. */
        val ID = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        private const val MAX_NAME = 200
        private const val MAX_DESCRIPTION = 4000
        private const val MAX_HOMES = 32
        private const val MAX_ADDRESS = 512

        fun texts(statement: CommunityStatement): Array<String?> = with(statement) {
            val lines = with(keys) { root + publishers + moderators + recovery + removed }
            (listOf(name, description, continues) + mirrors + pages + lines).toTypedArray()
        }

        fun unfit(message: String) = BywayException.Input(message, "unfit")

        private fun tooFew() = BywayException.Input("More keys have to sign this.", "too_few_signed")

        fun line(part: String, text: String, most: Int) {
            if (text.all(FakeItems::isSpace)) throw unfit("$part is empty.")
            if (text.toByteArray().size > most) throw unfit("$part is too long.")
            if (text.any(Char::isISOControl)) throw unfit("$part has control characters.")
        }

        private fun isAddress(text: String): Boolean {
            val beginning = listOf("https://", "http://").firstOrNull(text::startsWith) ?: return false
            val rest = text.removePrefix(beginning)
            val host = rest.substringBefore('/').substringBefore('?')
            val isGraphic = text.length <= MAX_ADDRESS && text.all { it in '!'..'~' }
            return isGraphic && host.isNotEmpty() && '@' !in host && '#' !in rest
        }
    }
}

/** The link to a signed community, as far as a fake reads it. */
internal class FakeLink private constructor(val id: String, val mirrors: List<String>) {
    companion object {
        const val MAX_BYTES = 331
        const val MAX_MIRRORS = 4
        private const val MAX_WEB_FORM = 1024

        fun parse(text: String): FakeLink {
            val own = { part: String -> part.startsWith("byway:", ignoreCase = true) }
            val given = text.trim()
            if (given.toByteArray().size > MAX_WEB_FORM) throw refused("The link is too long.", "too_long")
            val isWeb = listOf("https://", "http://").any { given.startsWith(it, ignoreCase = true) }
            val link = if (own(given)) given else given.substringAfter('#', "").takeIf { isWeb && own(it) }
            val rest = link?.drop("byway:".length) ?: throw refused("This is no link of a community.", "no_link")
            if (link.toByteArray().size > MAX_BYTES) throw refused("The link is too long.", "too_long")
            val id = rest.substringBefore('?')
            if (!IDS.matches(id)) throw refused("The id has not 64 hexadecimal digits.", "id")
            val mirrors = LinkedHashSet<String>()
            val parameters = rest.substringAfter('?', "").takeIf { '?' in rest }?.split('&').orEmpty()
            for (parameter in parameters) {
                val value = parameter.substringAfter('=', "")
                val exposures = Exposure.entries.map { it.code }
                when (parameter.substringBefore('=').takeIf { '=' in parameter }) {
                    "exposure" -> if (value.lowercase() !in exposures) throw refused("No exposure.", "exposure")
                    "key" -> if (value.count { it != '-' } != 20) throw refused("No fingerprint.", "key")
                    "mirror" -> mirrors += mirror(value) ?: throw refused("A mirror is a web address.", "mirror")
                    else -> throw refused("This version does not know that.", "parameter")
                }
                if (mirrors.size > MAX_MIRRORS) throw refused("A link names at most 4 mirrors.", "too_many_mirrors")
            }
            return FakeLink(id.lowercase(), mirrors.toList())
        }

        /** A mirror's address in its only form: a folder, without login, query and fragment. */
        fun mirror(text: String): String? {
            val address = if ("://" in text) text else "https://$text"
            val beginning = listOf("https://", "http://").firstOrNull { address.startsWith(it, true) } ?: return null
            val rest = address.drop(beginning.length)
            if (rest.isEmpty() || rest.any { it in "@?#& " }) return null
            return if (address.endsWith('/')) address else "$address/"
        }

        private val IDS = Regex("[0-9a-fA-F]{64}")

        private fun refused(message: String, code: String) = BywayException.Input(message, code)
    }
}
