package org.byway

import java.time.Instant

/**
 * A move from one community to another, and what is signed of it. [Opened.moves] has those of a reading.
 *
 * Before the user decides ([Byway.follow], [Byway.stay]), show both fingerprints: they are compared with what is
 * printed or known of the group. The answer is for the move that was shown, so give back the same object.
 */
public data class Move(
    val kind: MoveKind,
    /** The old community. */
    val from: CommunityId,
    /** The new one; `null` if a page names it that signs nothing, and it was not read. */
    val to: CommunityId? = null,
    /** The address at which the new one was read, else the first that is named. */
    val home: String? = null,
    /** The fingerprint of the old community's root keys, in groups that people compare. */
    val fromKeys: String? = null,
    /** The fingerprint of the new community's root keys, if its charters are known. */
    val toKeys: String? = null,
    /** The time from which on the move is followed, if it waits. */
    val until: Instant? = null,
    /** The time that the old community's charter which names the new one states, if its charters are known. */
    val at: Instant? = null,
    /** How many root keys are in both communities. */
    val stayed: Long = 0,
    /** How many root keys are in the old one alone. */
    val left: Long = 0,
    /** How many root keys are in the new one alone. */
    val joined: Long = 0,
    /** All addresses at which the new one may be read. A yes is for these. */
    val homes: List<String> = emptyList(),
    /** The fingerprints of the root keys that are in both communities. */
    val stayedKeys: List<String> = emptyList(),
    /** Those of the keys that are in the old one alone. */
    val leftKeys: List<String> = emptyList(),
    /** Those of the keys that are in the new one alone. */
    val joinedKeys: List<String> = emptyList(),
    /** How many members the old community's page stated when it was read last, if both pages state some. */
    val fromMembers: Long? = null,
    /** How many the new one's states, if both do. */
    val toMembers: Long? = null,
) {
    /** The user's answer is wanted: show what is signed, and a way to follow and to stay. */
    public val asks: Boolean get() = kind in ASKING

    private companion object {
        val ASKING = setOf(MoveKind.ASKED, MoveKind.WAITS, MoveKind.ONE_SIDED, MoveKind.CLAIMED)
    }
}

/** What is signed of a [Move], and what was done. */
public enum class MoveKind(override val code: String) : Coded {
    /** Both sides sign the move, and it was followed: the successor is shown. */
    MOVED("moved"),

    /** The user asked to follow, and the two sides do not both sign the move: the claimed successor is shown. */
    ON_YOUR_WORD("moved_on_your_word"),

    /** Both sides sign the move of the community that is shown: its successor is another one that is stored. */
    MOVED_ON("moved_on"),

    /** The user asked to follow the community that is shown, and the two sides do not both sign the move. */
    LEFT_ON_YOUR_WORD("left_on_your_word"),

    /** Several keys of the old community sign the move. It is followed after a waiting time. */
    WAITS("move_waits"),

    /** One key was enough to name the successor, so the user is asked. */
    ASKED("move_asked"),

    /** The move would be followed, but the successor was not read: no permitted route led there. */
    UNREAD("move_unread"),

    /** The named successor does not name the community. */
    ONE_SIDED("move_one_sided"),

    /** A page that signs nothing names the successor. */
    CLAIMED("move_claimed"),

    /** One of the two communities is disputed. */
    DISPUTED("move_disputed"),

    /** The user asked to stay. */
    DECLINED("move_declined"),

    /** The next successor was passed already. */
    LOOP("move_loop"),

    /** There are more moves than are followed at once. */
    TOO_LONG("move_too_long"),

    /** The community that is shown continues one that is stored, and both sides sign that. */
    CONTINUES("continues"),

    /** The community that is shown says that it continues one that is stored, which does not say so. */
    CLAIMS_TO_CONTINUE("continues_claimed"),

    /** The community that is shown says that it continues one of which nothing is stored. */
    CONTINUES_UNKNOWN("continues_unknown"),
}

/** What a bundle brought. See [Byway.takeBundle]. */
public data class TakenBundle(
    /** The community, as it is stored now. */
    val community: Community,
    val changes: Changes,
    /** What may be believed of it, and what of the bundle was refused. */
    val notes: List<Note>,
    /** The exposure with which it is read from now on. */
    val exposure: Exposure,
)
