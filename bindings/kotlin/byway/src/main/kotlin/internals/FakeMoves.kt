package org.byway.internals

import org.byway.BywayException
import org.byway.Community
import org.byway.CommunityId
import org.byway.FakeCommunity
import org.byway.Move
import org.byway.MoveKind
import org.byway.Note
import org.byway.Opened

/** What a fake does about successors: it decides as the true library does. [read] reads a community of the fixture. */
internal class FakeMoves(private val at: (String) -> FakeCommunity?) {
    private val decided = HashMap<CommunityId, Boolean>()

    fun clear() = synchronized(this) { decided.clear() }

    /** The community that was read, or its successor, with a note of each move. */
    fun followed(from: FakeCommunity, opened: Opened, read: (FakeCommunity) -> Opened): Opened {
        val decision = synchronized(this) { decided[from.community.id] }
        val move = from.move
        val kind = when {
            move == null -> if (decision == true) MoveKind.ON_YOUR_WORD else return opened
            decision == false -> MoveKind.DECLINED
            decision == true -> MoveKind.MOVED
            else -> move.kind
        }
        val told = (move ?: claimed(from.community) ?: return opened).copy(kind = kind)
        val to = at(told.home.orEmpty())
        if (kind != MoveKind.MOVED && kind != MoveKind.ON_YOUR_WORD) return opened.with(told)
        return try {
            read(to ?: return opened.with(told.copy(kind = MoveKind.UNREAD))).with(told.copy(to = to.community.id))
        } catch (_: BywayException) {
            opened.with(told.copy(kind = MoveKind.UNREAD))
        }
    }

    /** What is remembered of the move that a community names. */
    fun known(from: FakeCommunity): List<Note> = listOfNotNull(from.move).map { move ->
        val decision = synchronized(this) { decided[from.community.id] }
        val kind = when {
            decision == false -> MoveKind.DECLINED
            decision == true || move.kind == MoveKind.MOVED -> MoveKind.MOVED_ON
            else -> move.kind
        }
        move.copy(kind = kind)
    }.map(::told)

    /** The community that was read, with a note of what is known of its move. */
    fun known(from: FakeCommunity, opened: Opened): Opened = opened.copy(notes = opened.notes + known(from))

    /** The successor; where nothing is signed, the community itself with its claim. */
    fun successor(from: FakeCommunity, stored: () -> Opened, read: (FakeCommunity) -> Opened): Opened {
        val move = from.move ?: return stored().with(claimed(from.community) ?: throw notNamed())
        val isYes = synchronized(this) { decided[from.community.id] } == true
        return read(found(move)).with(if (isYes) move.copy(kind = MoveKind.MOVED) else move)
    }

    /** [read] reads what the user has just asked for. */
    fun follow(from: FakeCommunity, shown: Move, read: (FakeCommunity) -> Opened): Opened {
        val move = from.move?.copy(kind = MoveKind.MOVED)
            ?: claimed(from.community)?.copy(kind = MoveKind.ON_YOUR_WORD) ?: throw notNamed()
        refuseChanged(shown, move)
        val to = found(move)
        val opened = read(to).with(move.copy(to = to.community.id))
        synchronized(this) { decided[from.community.id] = true }
        return opened
    }

    fun stay(from: FakeCommunity, shown: Move): Boolean {
        refuseChanged(shown, from.move ?: claimed(from.community) ?: return false)
        synchronized(this) { if (from.move == null) decided.remove(from.community.id) else decided[from.community.id] = false }
        return true
    }

    /** An answer is for the move that was shown. */
    private fun refuseChanged(shown: Move, named: Move) {
        val homes = (listOfNotNull(named.home) + named.homes)
        val isShown = homes.all { it == shown.home || it in shown.homes } && (named.to == null || named.to == shown.to)
        if (!isShown) throw BywayException.Input("The named successor has changed.", "successor_changed")
    }

    private fun found(move: Move): FakeCommunity =
        at(move.home.orEmpty()) ?: throw BywayException.NotFound("There is no such community.", "absent")

    private fun claimed(community: Community): Move? =
        community.successor?.let { Move(MoveKind.CLAIMED, community.id, home = it.home) }

    private fun notNamed() = BywayException.NotStored("This community names no successor.", "not_stored")

    private fun Opened.with(move: Move) =
        copy(notes = notes + told(move))

    private fun told(move: Move) = Note(move.kind.code, "This is how a note about a move reads.", move)
}
