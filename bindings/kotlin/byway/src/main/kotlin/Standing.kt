package org.byway

import java.time.Instant

/** What is remembered of a signed community on the device. See [Byway.standing]. Empty for a community that is not signed. */
public data class Standing(
    /** What may be believed now of what is stored: a state gets old, or is disputed, without a new reading. */
    val trust: Trust,
    /** What may be believed, and each move to or from another community. */
    val notes: List<Note> = emptyList(),
    /** Its homes. One that was never asked is not among them. */
    val homes: List<MirrorStanding> = emptyList(),
) {
    /** The moves to or from another community. */
    val moves: List<Move> get() = notes.mapNotNull(Note::move)
}

/** A home of a signed community in one reading. */
public data class HomeAccess(
    val standing: MirrorStanding,
    /**
     * How it was reached, or why it was not. `null` for the home whose account is that of the whole reading
     * ([Opened.reachability]), and if nothing was sent there.
     */
    val reachability: Reachability? = null,
)

/** One home of a signed community, and how it behaved. A fault of a home says nothing about the community. */
public data class MirrorStanding(
    /** Its address. */
    val home: String,
    val state: MirrorState,
    /** What [state] says, in the client's language. */
    val sentence: String,
    /** When it was last asked. */
    val at: Instant,
    /** The home itself did something that a faithful mirror does not do. */
    val isFault: Boolean = false,
)

/** How one home of a signed community behaved when it was last asked. */
public enum class MirrorState(override val code: String) : Coded {
    /** It has the newest state that was seen. */
    CURRENT("current"),

    /** It has an older state than another home: it was not updated yet, or it withholds what is new. */
    BEHIND("behind"),

    /** It gave an older state than it had given before. */
    ROLLED_BACK("rolled_back"),

    /** It does not give a file that the community's newest statement names, or only a part of it. */
    WITHHOLDS("withholds"),

    /**
     * It gave the newest statement, and failed to give a file that the statement names: it answered with an error, or
     * the file was cut short, too slow or too large. That proves no intent.
     */
    INCOMPLETE("incomplete"),

    /** It sent the reader to another site, which was not contacted. */
    REDIRECTS("redirects"),

    /** It gave something other than what the community signed. */
    TAMPERED("tampered"),

    /** It gave a statement that is signed and contradicts another one that is signed. */
    CONTRADICTS("contradicts"),

    /** It answers that it has no such files. */
    GONE("gone"),

    /** It answered with an error other than that it has no such files. */
    FAILING("failing"),

    /** Something answered in its name, in cleartext, and what came proves nothing. */
    UNVOUCHED("unvouched"),

    /** It was not reached. */
    UNREACHED("unreached"),

    /** It had not answered when the others had, and was not waited for. */
    SLOW("slow"),

    /**
     * It was not contacted: nothing that is allowed leads there. A host that only a charter names is never contacted
     * directly.
     */
    NOT_ASKED("not_asked"),

    /** It was not tried: enough other homes answered. */
    UNTRIED("untried"),
}
