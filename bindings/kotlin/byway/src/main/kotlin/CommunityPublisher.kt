package org.byway

import java.nio.file.Path
import java.time.Instant
import org.byway.internals.EnginePublisher
import org.byway.internals.native
import org.byway.internals.toModel
import org.byway.internals.toNative
import org.byway.internals.translated

/**
 * The admin's side: a signed community in a folder on this device, with the keys to change it.
 *
 * ```
 * val keys = CommunityKeys(folder.resolve("zavod.keys"), passphrase)
 * CommunityPublisher.found(folder.resolve("zavod"), keys, CommunityStatement("Zavod", mirrors =
 * listOf("https://zavod.example/"))).use {
 *     it.post("We meet on Friday at six.")
 *     it.publish(webServer)
 * }
 * ```
 *
 * The folder is a complete mirror and can be put on a web server as it is; the keys are not in it. Nothing is sent but by
 * [upload]. One publisher at a time opens a folder.
 *
 * Every call may be made from any thread. All but [upload] are carried out even if their coroutine is cancelled. A call throws a
 * [BywayException] when it fails. Published times are rounded to the minute.
 */
public interface CommunityPublisher : AutoCloseable {
    /** The community's link, with its first mirrors. */
    public suspend fun link(exposure: Exposure = Exposure.OPEN): SignedLink

    /** The community, its posts and its gatherings, as readers see them. */
    public suspend fun content(): Published

    /** What the charter in force says. */
    public suspend fun statement(): CommunityStatement

    /**
     * Publishes a post in the community's name, with at most 10 [pictures]. With a picture its text may be empty. The answer
     * names it for [edit] and [delete].
     */
    public suspend fun post(text: String, pictures: List<Picture> = emptyList()): String

    /**
     * Replaces the text of a post. Readers see that it was edited.
     *
     * @param pictures replaces its pictures too; `null` leaves them, and an empty list removes them
     */
    public suspend fun edit(name: String, text: String, pictures: List<Picture>? = null)

    /** Announces a gathering, or replaces the announcement that [replaces] names. The answer names it. */
    public suspend fun announce(gathering: Gathering, replaces: String? = null): String

    /**
     * Deletes a post or an announcement. What was published may have been copied; readers with Byway no longer see it.
     */
    public suspend fun delete(name: String)

    /**
     * Makes the next charter, with this statement. [CommunityStatement.keys] changes who decides, publishes and moderates. Where
     * more than one key must sign (`too_few_signed`), the change is proposed instead: [CommunityProposal].
     */
    public suspend fun restate(statement: CommunityStatement)

    /**
     * Names the community that continues this one, by its link; `null` takes that back. The other one has to name
     * this one too ([CommunityStatement.continues]): then both sides sign the move.
     */
    public suspend fun moveTo(successor: String?)

    /** Replaces the keys with new ones in a new file. The id stays. From then on the old keys may do nothing more. */
    public suspend fun rotate(keys: CommunityKeys)

    /**
     * The recovery that waits in this folder, or that waited at a mirror when it was last published to or taken in from
     * there; `null` if none does. Root keys object to it by any charter of theirs ([ProposedChange.Objection]).
     */
    public suspend fun recovery(): WaitingRecovery?

    /**
     * The time of the freeze in this folder, if there is one: readers trust nothing that is signed later, and call the
     * community disputed. What is signed after it is refused (`community_frozen`). See [ProposedChange.Freeze].
     */
    public suspend fun frozen(): Instant?

    /** The date of the newest statement, if it is more than a day ahead of this device's clock. */
    public suspend fun datedAhead(): Instant?

    /**
     * Brings the community back to this device's clock, which is right, after another clock dated its newest statements ahead. What these
     * keys published ahead is signed again with this time.
     *
     * @return how many items of other keys were left out
     */
    public suspend fun redate(): Long

    /** Sets the language of the web site's pages, which otherwise stays that of the founding. */
    public suspend fun setPageLanguage(language: Language)

    /**
     * Renews the statement of the newest state, which readers otherwise call stale after 30 days, and brings another
     * folder to it: the one of a web server, or one that is uploaded. Only what changed is written.
     *
     * @param replace writes over what that folder has and this one does not, which is lost. Without it nothing is written
     *   then (`target_newer`): [takeIn] it first.
     */
    public suspend fun publish(into: Path, replace: Boolean = false): FilesWritten

    /**
     * Renews the statement of the newest state, and brings a folder on a server to it, by the routes and under the exposure of
     * [over]. Only what changed is sent.
     *
     * An upload that is cancelled or fails ends after its last write: readers have a complete state, and the next one continues
     * there.
     *
     * @param credentials what the server knows the admin by; `null` for a WebDAV folder that asks for none
     * @param takeIn takes in first what the server has and the folder does not, as [takeIn] does
     * @param replace writes over what the server has and the folder does not, which is lost. Without it nothing is written then
     *   (`target_newer`).
     * @param checkAll compares every file with the server's, and not only what changed
     */
    public suspend fun upload(
        target: UploadTarget,
        credentials: UploadCredentials?,
        over: Byway,
        takeIn: Boolean = false,
        replace: Boolean = false,
        checkAll: Boolean = false,
    ): FilesWritten

    /**
     * Takes in what another folder of this community has and this one does not: posts, gatherings and charters of
     * another admin, or of another phone. All of it is verified as a reader would.
     */
    public suspend fun takeIn(from: Path)

    /**
     * Overwrites the keys in memory and lets the folder go. It does not wait; [shutdown] waits. Closing twice is
     * harmless.
     */
    override fun close()

    /** Closes it, and returns when the folder can be opened again. */
    public suspend fun shutdown()

    public companion object {
        /**
         * Founds a community in a folder, which is created, with new keys in a new file. The file and its passphrase
         * are all that an admin has to keep: without either nobody can publish any more.
         *
         * @param language of the web site that is written with it, except for what the community writes
         */
        public suspend fun found(
            folder: Path,
            keys: CommunityKeys,
            statement: CommunityStatement,
            language: Language = Language.ENGLISH,
        ): CommunityPublisher = EnginePublisher.found(folder, keys, statement, language)

        /**
         * Opens the community of a folder, and verifies all of it as a reader would.
         *
         * @param trustClock a person says that the device's clock is right although the folder contradicts it (`clock`), because a
         *   wrong clock dated the folder; then see [datedAhead] and [redate]
         */
        public suspend fun open(
            folder: Path,
            keys: CommunityKeys,
            language: Language = Language.ENGLISH,
            trustClock: Boolean = false,
        ): CommunityPublisher = EnginePublisher.open(folder, keys, trustClock, language)

        /**
         * Puts a proposal in force that enough keys have signed, in a folder of the community, and opens it. A founding makes
         * the folder. A recovery and a freeze are placed instead ([CommunityProposal.placeRecovery],
         * [CommunityProposal.placeFreeze]).
         */
        public suspend fun open(
            folder: Path,
            proposal: CommunityProposal,
            keys: CommunityKeys,
            language: Language = Language.ENGLISH,
        ): CommunityPublisher = EnginePublisher.open(folder, proposal, keys, language)

        /** What the charter in force says. See [CommunityProposal.make]; nothing is opened, and no keys are needed. */
        public suspend fun statementOf(folder: Path, language: Language = Language.ENGLISH): CommunityStatement =
            native { org.byway.ffi.statementOf(folder.toString(), language.toNative()).toModel() }

        /**
         * The bundle of the community in a folder: all of it in one file, which proves itself without a network
         * ([Byway.takeBundle]). It needs no keys.
         */
        public suspend fun bundleOf(
            folder: Path,
            pictures: BundlePictures = BundlePictures.NEWEST,
            language: Language = Language.ENGLISH,
        ): MadeBundle = native {
            org.byway.ffi.bundleOf(folder.toString(), pictures.toNative(), language.toNative()).toModel()
        }

        /** The link to the community in a folder, with its first mirrors. It needs no keys. */
        public suspend fun linkOf(
            folder: Path,
            exposure: Exposure = Exposure.OPEN,
            language: Language = Language.ENGLISH,
        ): SignedLink =
            native { org.byway.ffi.linkOf(folder.toString(), exposure.toNative(), language.toNative()).toModel() }
    }
}

/** What a charter says of a community, as an admin writes it. */
public data class CommunityStatement(
    val name: String,
    /** What the community says about itself. */
    val description: String = "",
    /** Addresses of folders on the web that carry the community. */
    val mirrors: List<String> = emptyList(),
    /** Addresses of its pages at platforms. */
    val pages: List<String> = emptyList(),
    /** The link to the community that this one continues. See [CommunityPublisher.moveTo]. */
    val continues: String? = null,
    /** Changes of who decides, publishes and moderates. What a community says of itself names none. */
    val keys: KeyChanges = KeyChanges(),
    /** Addresses of Nostr relays (`wss:`, `ws:`) that carry what it publishes. Byway does not read relays yet. */
    val relays: List<String> = emptyList(),
    /** Whether everyone may post texts, under keys of their own. */
    val membersMayPost: Boolean = false,
    /** Keys whose posts no longer count, at most 128. [KeyChanges.removed] adds the key that writes of each person. */
    val banned: List<BannedKey> = emptyList(),
    /** Addresses of the community's hosts, for readers whose network falsifies names: at most 16 hosts. */
    val hints: List<HostHint> = emptyList(),
    /** Resolvers (DNS over HTTPS, `https:`) that the admins name to their readers, at most 16. */
    val resolvers: List<String> = emptyList(),
    /** Blocks that the admins know of, at most 16. */
    val restrictions: List<StatedRestriction> = emptyList(),
)

/**
 * A key whose posts do not count from a time on.
 *
 * @property key the key that writes: 64 hexadecimal digits, or a person's line of public keys (`byway-keys:`)
 * @property since posts of this time and later ones do not count. A thief of the key can state an earlier time.
 */
public data class BannedKey(val key: String, val since: Instant)

/** The IP addresses of a host, 1 to 16, for readers whose network falsifies its name. */
public data class HostHint(val host: String, val addresses: List<String>)

/**
 * A block that the admins know of. Readers see it as the admins' own word.
 *
 * @property jurisdiction an ISO 3166 code
 * @property date of the order, `YYYY-MM-DD`
 */
public data class StatedRestriction(
    val text: String,
    val jurisdiction: String? = null,
    val authority: String? = null,
    val number: String? = null,
    val date: String? = null,
)

/** A gathering, as an admin announces it. It has a start or days. */
public data class Gathering(
    val name: String,
    val text: String? = null,
    val start: Instant? = null,
    val end: Instant? = null,
    /** Its days, if it has days and no time of day. */
    val days: EventDays? = null,
    /** The name of its time zone, for example `Europe/Moscow`. */
    val zone: String? = null,
    /** The name of the place. */
    val place: String? = null,
    /** It does not take place. */
    val isCancelled: Boolean = false,
)

/** The community of a [CommunityPublisher], as readers see it. */
public data class Published(
    val community: Community,
    /** Newest first. */
    val posts: List<Post>,
    /** By start. */
    val events: List<Event>,
)

/** What was done to the files of a folder. */
public data class FilesWritten(
    /** Files that were created, replaced, continued or removed. */
    val changed: Long,
    /** Files that were the same already, and were not touched. */
    val unchanged: Long,
)

/** What a copy of a page took over. See [Byway.copyPage]. */
public data class CopiedPage(
    /** The link of the copy, for readers. */
    val link: SignedLink,
    /** The page was read less than ten minutes ago. It was left alone, and nothing changed. */
    val isTooSoon: Boolean = false,
    /** Posts and gatherings that are new, or have other words. */
    val changed: Long = 0,
    /** Posts and gatherings that the original no longer has. They stay, with a sentence that says so. */
    val removed: Long = 0,
    /** Posts and gatherings that a copy cannot hold: without words, without a name, or with a part that is too long. */
    val leftOut: Long = 0,
)

/** A link as a QR code: a square of dark and light modules. Draw it dark on light, in any colour scheme. */
public class QrCode internal constructor(
    /** The number of modules a side, with the margin of four light ones that readers of codes need. */
    public val size: Int,
    private val modules: ByteArray,
    /** The same as an SVG image, black on white. */
    public val svg: String,
) {
    /** Whether a module is dark. Outside of the code all are light. */
    public fun isDark(column: Int, row: Int): Boolean =
        column in 0 until size && row in 0 until size && modules[row * size + column] == DARK

    /** Without the link that it contains. */
    override fun toString(): String = "QrCode($size)"

    public companion object {
        private const val DARK: Byte = 1

        /** The code of a link, which has at most 331 bytes; a longer one throws [BywayException.Input]. */
        public fun of(link: String, language: Language = Language.ENGLISH): QrCode = translated {
            org.byway.ffi.qrCode(link, language.toNative()).let { QrCode(it.width, it.modules, it.svg) }
        }
    }
}

/** Which pictures a bundle carries. */
public enum class BundlePictures {
    /** Those of the newest posts, up to 32 MiB in all. */
    NEWEST,

    /** None, for a small file. */
    LEFT_OUT,
}

/** A bundle, and what is not in it. */
public class MadeBundle(
    /** The file. */
    public val bytes: ByteArray,
    /** How many pictures are in it. */
    public val pictures: Long,
    /** How many pictures of posts are not in it: there was no room for them, or they are not in the folder. */
    public val picturesLeftOut: Long,
) {
    override fun toString(): String = "MadeBundle(${bytes.size} bytes, $pictures pictures, $picturesLeftOut left out)"
}

/** A recovery that replaces the keys of a community if the root keys do not object. */
public data class WaitingRecovery(
    /** When it takes effect for a new reader. Others wait longer: from the day on which they first see it. */
    val until: Instant,
    /** The fingerprints of the recovery keys that signed it. */
    val signers: List<String>,
    /** The fingerprints of the keys that would decide. */
    val root: List<String>,
)
