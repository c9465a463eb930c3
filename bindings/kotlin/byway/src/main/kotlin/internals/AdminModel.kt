/** What crosses for admins: keys, proposals, cards. */
package org.byway.internals

import org.byway.AdminKeys
import org.byway.ApprovedProposal
import org.byway.BannedKey
import org.byway.BundlePictures
import org.byway.CardInfo
import org.byway.CommunityKeys
import org.byway.CommunityProposal
import org.byway.CommunityStatement
import org.byway.HostHint
import org.byway.KeyChanges
import org.byway.MadeBundle
import org.byway.ProposedChange
import org.byway.RecoveryCard
import org.byway.StatedRestriction
import org.byway.ffi.AdminKeys as FfiAdminKeys
import org.byway.ffi.Approved as FfiApproved
import org.byway.ffi.BannedKey as FfiBannedKey
import org.byway.ffi.BundlePictures as FfiBundlePictures
import org.byway.ffi.CardInfo as FfiCardInfo
import org.byway.ffi.HostHint as FfiHostHint
import org.byway.ffi.KeyChanges as FfiKeyChanges
import org.byway.ffi.MadeBundle as FfiMadeBundle
import org.byway.ffi.Proposal as FfiProposal
import org.byway.ffi.ProposedChange as FfiProposedChange
import org.byway.ffi.RecoveryCard as FfiRecoveryCard
import org.byway.ffi.StatedRestriction as FfiStatedRestriction
import org.byway.ffi.Statement as FfiStatement

internal fun FfiAdminKeys.toModel() = AdminKeys(line, decides, publishes, writes)

internal fun FfiCardInfo.toModel() = CardInfo(number, of, needed, set, keys)

internal fun FfiRecoveryCard.toModel() = RecoveryCard(info.toModel(), line, rows, page)

internal fun FfiProposal.toModel() = CommunityProposal(
    bytes = file,
    community = community,
    rootKeys = rootKeys,
    changes = changes,
    signers = signers,
    missing = missing.toInt(),
    isRecovery = isRecovery,
    isFounding = isFounding,
)

internal fun FfiApproved.toModel() = ApprovedProposal(proposal.toModel(), line)

internal fun FfiStatement.toModel() = CommunityStatement(
    name,
    description,
    mirrors,
    pages,
    continues,
    relays = relays,
    membersMayPost = membersMayPost,
    banned = banned.map { BannedKey(it.key, it.since) },
    hints = hints.map { HostHint(it.host, it.addresses) },
    resolvers = resolvers,
    restrictions = restrictions.map {
        StatedRestriction(it.text, it.jurisdiction, it.authority, it.number, it.date)
    },
)

internal fun CommunityStatement.toNative() =
    FfiStatement(
        name,
        description,
        mirrors,
        pages,
        continues,
        keys.takeIf { it != KeyChanges() }?.toNative(),
        relays,
        membersMayPost,
        banned.map { FfiBannedKey(it.key, it.since) },
        hints.map { FfiHostHint(it.host, it.addresses) },
        resolvers,
        restrictions.map { FfiStatedRestriction(it.text, it.jurisdiction, it.authority, it.number, it.date) },
    )

private fun KeyChanges.toNative() =
    FfiKeyChanges(root, threshold, publishers, moderators, recovery, recoveryThreshold, recoveryDays, removed)

/** The change as it crosses, and its passphrase, if it has one, overwritten afterwards. */
internal inline fun <T> ProposedChange.proposed(work: (FfiProposedChange) -> T): T = when (this) {
    is ProposedChange.Rotate -> keys.wiped { work(FfiProposedChange.Rotate(keys.file.toString(), it)) }
    else -> work(toNative())
}

internal fun ProposedChange.toNative(): FfiProposedChange = when (this) {
    is ProposedChange.Restate -> FfiProposedChange.Restate(statement.toNative())
    is ProposedChange.Move -> FfiProposedChange.Move(successor)
    is ProposedChange.Rotate -> FfiProposedChange.Rotate(keys.file.toString(), ByteArray(0))
    is ProposedChange.Recover -> FfiProposedChange.Recover(keys.toNative())
    ProposedChange.Objection -> FfiProposedChange.Object
    is ProposedChange.Freeze -> FfiProposedChange.Freeze(after)
}

internal fun BundlePictures.toNative() = when (this) {
    BundlePictures.NEWEST -> FfiBundlePictures.NEWEST
    BundlePictures.LEFT_OUT -> FfiBundlePictures.LEFT_OUT
}

internal fun FfiMadeBundle.toModel() = MadeBundle(bytes, pictures, picturesLeftOut)
