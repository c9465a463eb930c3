package org.byway

import java.nio.file.Path
import org.byway.internals.OneUse
import org.byway.internals.native
import org.byway.internals.toModel
import org.byway.internals.toNative
import org.byway.internals.wiped

/**
 * The file with an admin's keys, and the passphrase under which it is sealed, in UTF-8. One call takes them: it overwrites [passphrase]
 * with zeros, whether it succeeds or not. Make new ones for each call; a second one throws [BywayException.Input]
 * (`passphrase_used`).
 *
 * A new file is refused in the folder of a community (`key_served`), because a web server hands out every file in it.
 */
public class CommunityKeys(public val file: Path, passphrase: ByteArray) {
    internal val passphrase = OneUse(passphrase)

    /** Makes new keys and the file. It is an error if the file exists. */
    public suspend fun create(language: Language = Language.ENGLISH): AdminKeys =
        wiped { native { org.byway.ffi.createAdminKeys(file.toString(), it, language.toNative()).toModel() } }

    /** The public halves of the keys in the file, for the other admins. */
    public suspend fun publicKeys(language: Language = Language.ENGLISH): AdminKeys =
        wiped { native { org.byway.ffi.adminKeys(file.toString(), it, language.toNative()).toModel() } }

    /**
     * Makes cards of the key in the file, to be printed: [of] cards (2 to 16), of which [needed] (2 or more) make the file
     * again ([RecoveryCard.restore]). Each call makes a new set, which does not mix with an earlier one.
     */
    public suspend fun split(needed: Int, of: Int, language: Language = Language.ENGLISH): List<RecoveryCard> = wiped {
        native {
            org.byway.ffi.splitKey(file.toString(), it, needed, of, language.toNative()).map { card -> card.toModel() }
        }
    }

    override fun toString(): String = "CommunityKeys"
}

/** The public halves of an admin's keys. Nothing in them is secret, but they name the admin's communities. */
public data class AdminKeys(
    /** One line, which begins with `byway-keys:`, for [KeyChanges]. A line that was mistyped is refused. */
    val line: String,
    /** The fingerprint of the key that decides, for two admins to compare aloud. */
    val decides: String,
    /** The fingerprint of the key that signs the newest state. */
    val publishes: String,
    /** The fingerprint of the key that writes. */
    val writes: String,
)

/**
 * Who gets a part in a community, and who loses it. Each person is named by their [AdminKeys.line]. What is not named stays as
 * it is.
 */
public data class KeyChanges(
    /** Admins who decide about charters. */
    val root: List<String> = emptyList(),
    /** How many of them must sign. 1 in a new community, unless this says otherwise. */
    val threshold: Int? = null,
    /** Admins who post in the community's name, and sign the newest state. */
    val publishers: List<String> = emptyList(),
    /** People who post under their own keys, delete what others posted, and sign the newest state. */
    val moderators: List<String> = emptyList(),
    /** People who may replace lost root keys. */
    val recovery: List<String> = emptyList(),
    /** How many of them must sign. Two if two root keys must sign, else one, unless this says otherwise. */
    val recoveryThreshold: Int? = null,
    /** The days in which the root keys can object to a recovery, 7 to 366. 14 in a new community. */
    val recoveryDays: Int? = null,
    /** People who lose every part that they have, or single keys by their fingerprints: then the person's others stay. */
    val removed: List<String> = emptyList(),
)

/** What stands on a [RecoveryCard] and is not secret. */
public data class CardInfo(
    /** Its number in its set, from 1 on. */
    val number: Int,
    /** How many cards the set has. */
    val of: Int,
    /** How many of them make the key. */
    val needed: Int,
    /** The name of the set. Cards of two sets do not mix. */
    val set: String,
    /** The fingerprint of the key that the set makes: [AdminKeys.decides]. */
    val keys: String,
)

/**
 * One part of a key, to be printed. Enough of them are as secret as the key file. [close] overwrites its bytes: close it once it was
 * printed. Copies that a printer or a view makes are not overwritten.
 */
public class RecoveryCard internal constructor(
    public val info: CardInfo,
    /** The card as one line, for a QR code. In UTF-8. */
    public val line: ByteArray,
    /** The rows of groups that a person types, one below the other. In UTF-8. */
    public val rows: ByteArray,
    /** A page to print, in HTML, which loads nothing: what the card is, how it is used, its rows and its QR code. In UTF-8. */
    public val page: ByteArray,
) : AutoCloseable {
    /** Overwrites the bytes with zeros. */
    override fun close() {
        listOf(line, rows, page).forEach { it.fill(0) }
    }

    override fun toString(): String = "RecoveryCard($info)"

    public companion object {
        /**
         * Reads the cards of a text as it is typed or scanned, in UTF-8: each begins with `byway-card:`. White space, hyphens
         * and the case of letters do not matter. Throws [BywayException.Input] that names the card which was mistyped.
         */
        public suspend fun read(text: ByteArray, language: Language = Language.ENGLISH): List<CardInfo> =
            native { org.byway.ffi.readCards(text, language.toNative()).map { it.toModel() } }

        /**
         * Makes a key file again from the cards of a text, sealed under a new passphrase. It is an error if the file exists. [cards]
         * is overwritten with zeros once the file is made.
         */
        public suspend fun restore(cards: ByteArray, keys: CommunityKeys, language: Language = Language.ENGLISH): AdminKeys {
            val restored = keys.wiped {
                native { org.byway.ffi.restoreKey(cards, keys.file.toString(), it, language.toNative()).toModel() }
            }
            cards.fill(0)
            return restored
        }
    }
}
