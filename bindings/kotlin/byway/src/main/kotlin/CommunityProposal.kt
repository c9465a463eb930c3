package org.byway

import java.nio.file.Path
import java.time.Instant
import org.byway.internals.native
import org.byway.internals.proposed
import org.byway.internals.toModel
import org.byway.internals.toNative
import org.byway.internals.wiped

/**
 * A change of a community that waits for the signatures of several admins. It holds no secret: [file] can be sent through any chat.
 *
 * ```
 * // The first admin:
 * val proposal = CommunityProposal.make(folder, keys, ProposedChange.Restate(statement))
 * send(proposal.file)
 * // Another one, who is shown what it would change before signing:
 * val received = CommunityProposal.read(file)
 * show(received.changes)
 * val approved = received.approve(keys, folder)
 * // Who has enough signatures puts it in force:
 * CommunityPublisher.open(folder, approved.proposal, keys).use { it.publish(webServer) }
 * ```
 *
 * Nobody is bound by it before enough keys have signed ([missing]). Every text in it was written by its maker: show it as text
 * that a stranger wrote. Each use reads and verifies it again.
 */
public class CommunityProposal internal constructor(
    private val bytes: ByteArray,
    /** The name of the community before the change. */
    public val community: String,
    /** The fingerprint of the root keys before the change: the one that the community's link shows. `null` for a founding. */
    public val rootKeys: String?,
    /**
     * What it would change, a line each. It is read from the charters, and not from anything that the maker says about it.
     */
    public val changes: List<String>,
    /** The fingerprints of those who have signed it: [AdminKeys.decides]. */
    public val signers: List<String>,
    /** How many more have to sign it, at least. */
    public val missing: Int,
    /** Recovery keys propose it: it takes effect after a waiting time, if the root keys do not object. */
    public val isRecovery: Boolean,
    /** It founds a community. */
    public val isFounding: Boolean,
) {
    /** The file, as it is sent to the other admins. */
    public val file: ByteArray get() = bytes.copyOf()

    /**
     * Signs it, with the keys of one more admin. Show [changes] first.
     *
     * @param folder the community's folder, up to date, with which it is compared: whether it is the community's, and still
     *   in time. Only a founding has none; anything else is not signed without it (`proposal_uncompared`)
     * @param instead signs it although these keys have signed another change in the same place, which must not be put in force
     *   then: with both in force the community is disputed for good. Without it that is an error (`proposal_rival`)
     */
    public suspend fun approve(
        keys: CommunityKeys,
        folder: Path? = null,
        instead: Boolean = false,
        language: Language = Language.ENGLISH,
    ): ApprovedProposal = keys.wiped {
        native {
            val (file, place) = keys.file.toString() to folder?.toString()
            org.byway.ffi.approveProposal(bytes, file, it, place, instead, language.toNative()).toModel()
        }
    }

    /** The same with the signatures that other admins sent as lines ([ApprovedProposal.line]). */
    public suspend fun withApprovals(lines: List<String>, language: Language = Language.ENGLISH): CommunityProposal =
        read(bytes, lines, language = language)

    /**
     * Puts a recovery into a folder that carries the community: an admin's, or a web server's. It needs no keys. Readers see
     * from then on that it waits.
     *
     * @return the time at which it takes effect for a new reader; it is no earlier for any other
     */
    public suspend fun placeRecovery(into: Path, language: Language = Language.ENGLISH): Instant =
        native { org.byway.ffi.placeRecovery(into.toString(), bytes, language.toNative()) }

    /**
     * Puts a freeze into a folder that carries the community: an admin's, or a web server's. It needs no keys. Readers trust
     * nothing from then on that is signed later than it says, and no key takes that back.
     */
    public suspend fun placeFreeze(into: Path, language: Language = Language.ENGLISH): Unit =
        native { org.byway.ffi.placeFreeze(into.toString(), bytes, language.toNative()) }

    /**
     * Publishes a freeze in a folder on a server, for good, by the routes and under the exposure of [over]. It needs no keys of
     * the community: see [placeFreeze].
     */
    public suspend fun uploadFreeze(target: UploadTarget, credentials: UploadCredentials?, over: Byway): FilesWritten =
        credentials.wiped { secrets ->
            native { over.native().uploadFreeze(bytes, target.toNative(), secrets, null).toModel() }
        }

    override fun equals(other: Any?): Boolean = other is CommunityProposal && bytes.contentEquals(other.bytes)

    override fun hashCode(): Int = bytes.contentHashCode()

    /** Without the community. */
    override fun toString(): String = "CommunityProposal(${signers.size} signed, $missing missing)"

    internal fun crossing(): ByteArray = bytes

    public companion object {
        /**
         * Proposes a change of the community in this folder, and signs it. Nothing is in force yet.
         *
         * Beside the key file lies a list of what it has signed (`FILE.signed`). [approve] says what [instead] does.
         */
        public suspend fun make(
            folder: Path,
            keys: CommunityKeys,
            change: ProposedChange,
            instead: Boolean = false,
            language: Language = Language.ENGLISH,
        ): CommunityProposal = keys.wiped { passphrase ->
            change.proposed { crossing ->
                val (place, file) = folder.toString() to keys.file.toString()
                native {
                    org.byway.ffi.propose(place, file, passphrase, crossing, instead, language.toNative()).toModel()
                }
            }
        }

        /**
         * Proposes to found a community of several admins, and signs it. The keys of its maker, which exist
         * ([CommunityKeys.create]), are the first of the root keys; [CommunityStatement.keys] names the others.
         */
        public suspend fun founding(
            keys: CommunityKeys,
            statement: CommunityStatement,
            language: Language = Language.ENGLISH,
        ): CommunityProposal = keys.wiped {
            native {
                val file = keys.file.toString()
                org.byway.ffi.proposeFounding(file, it, statement.toNative(), language.toNative()).toModel()
            }
        }

        /**
         * Reads the file of a proposal, and verifies that it continues the charter in it. A file that was changed on its way throws
         * [BywayException.Input].
         *
         * @param approvals signatures that other admins sent as lines ([ApprovedProposal.line])
         * @param folder the community's folder, with which it is compared
         */
        public suspend fun read(
            file: ByteArray,
            approvals: List<String> = emptyList(),
            folder: Path? = null,
            language: Language = Language.ENGLISH,
        ): CommunityProposal =
            native { org.byway.ffi.readProposal(file, approvals, folder?.toString(), language.toNative()).toModel() }
    }
}

/** A proposal that was signed, and the signature by itself. */
public data class ApprovedProposal(
    val proposal: CommunityProposal,
    /** The signature as one line, for a chat or a QR code: what [CommunityProposal.withApprovals] takes. */
    val line: String,
)

/** What a [CommunityProposal] proposes. */
public sealed interface ProposedChange {
    /** The charter says this. [CommunityStatement.keys] changes who decides, publishes and moderates. */
    public data class Restate(val statement: CommunityStatement) : ProposedChange

    /** The community moves to another one, by its link; `null`: it does not. */
    public data class Move(val successor: String?) : ProposedChange

    /** The keys of the proposing admin are replaced by new ones of the same admin, in a new file. Both sign. */
    public class Rotate(public val keys: CommunityKeys) : ProposedChange

    /** With a recovery key: the admins in [KeyChanges.root] decide instead of those whose keys are lost. */
    public data class Recover(val keys: KeyChanges) : ProposedChange

    /** With a root key: a recovery that waits does not take effect. */
    public data object Objection : ProposedChange

    /** Nothing that is signed after this time is to be trusted. It is never taken back. */
    public data class Freeze(val after: Instant) : ProposedChange
}
