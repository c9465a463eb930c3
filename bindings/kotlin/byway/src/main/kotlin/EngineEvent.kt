package org.byway

import java.time.Duration

/** Something that the engine does while it works. See [Byway.engineEvents]. */
public data class EngineEvent(
    /** The access that it belongs to; `null` if it belongs to none. */
    val access: Long?,
    /** The time since the beginning of the access. */
    val at: Duration,
    /** The stable code of its kind, for example `started`, `first_byte`, `won` or `judged`. */
    override val code: String,
    val sentence: String,
    val kind: EngineEventKind,
) : Coded

/** What happened. */
public sealed interface EngineEventKind {
    /** An access began. */
    public data class Began(val action: Action) : EngineEventKind

    /** An attempt was started. */
    public data class Started(
        val attempt: Long,
        val strategy: String,
        val destination: String,
        val hop: Int,
        val why: StartReason,
    ) : EngineEventKind

    /** An attempt entered a stage. */
    public data class Entered(val attempt: Long, val stage: Stage) : EngineEventKind

    /** An attempt dials an address. */
    public data class Dialled(val attempt: Long, val address: String) : EngineEventKind

    /** The first byte of an answer came. */
    public data class FirstByte(val attempt: Long) : EngineEventKind

    /**
     * The Tor within the library starts, for the first attempt that needs it. [percent]: 0 to 100; it may fall. [stall]: what
     * probably holds it up, where nothing has moved for a while.
     */
    public data class TorStarts(val attempt: Long, val percent: Int, val stall: TorStall?) : EngineEventKind

    /** Another attempt continues a body, from this byte. */
    public data class Continued(val attempt: Long, val from: Long) : EngineEventKind

    /** An attempt ended. */
    public data class Ended(
        val attempt: Long,
        val outcome: String,
        val stage: Stage,
        val took: Duration,
    ) : EngineEventKind

    /** An attempt brought the answer. */
    public data class Won(val attempt: Long, val strategy: String, val took: Duration) : EngineEventKind

    /** There is a verdict. [again]: it replaces an earlier one. */
    public data class Judged(
        val code: VerdictCode,
        val layer: Layer?,
        val rule: String,
        val again: Boolean,
    ) : EngineEventKind

    /** The answer comes from the store. */
    public data class AnsweredFromStore(val age: Duration?) : EngineEventKind

    /** The caller gave up the access. */
    public data object Abandoned : EngineEventKind

    /** Nothing is dialled for a while, because the network lets only a few addresses through. */
    public data class DialsPaused(val lasts: Duration) : EngineEventKind

    /** The device is on another network. */
    public data object NetworkChanged : EngineEventKind

    /** The store was suspended. */
    public data object Suspended : EngineEventKind

    /** The store was resumed. */
    public data object Resumed : EngineEventKind

    /** This collector was slow and missed events. */
    public data class Missed(val events: Long) : EngineEventKind

    /** A kind that this version does not know. */
    public data object Other : EngineEventKind
}

/** Why an attempt was started. */
public enum class StartReason(override val code: String) : Coded {
    FIRST("first"),
    FAILURE("failure"),
    SILENCE("silence"),
    SLOW("slow"),
}

/** What probably keeps the Tor within the library from starting. */
public enum class TorStall(override val code: String) : Coded {
    /** No connection is made at all: there is no network, or it blocks the addresses of all relays. */
    NO_CONNECTION("no_connection"),

    /** Connections are made and nothing of Tor gets through: the network filters Tor, or asks for a login on a page first. */
    FILTERED("filtered"),

    /** Relays answer, and Tor's directory (the list of all relays) does not come. */
    DIRECTORY("directory"),

    /** This device's clock is wrong, so that the directory looks outdated or not valid yet. */
    CLOCK("clock"),

    /** No bridge answers as one: all of them are down, or the network blocks them. */
    BRIDGE("bridge"),

    /** The bridges expect a pluggable transport for which the app has named no program, or its program does not start. */
    TRANSPORT("transport"),

    /** Its files cannot be read or written. */
    STORAGE("storage"),

    /** Another Tor client of this process or of another one has these files. */
    IN_USE("in_use"),

    /** The Tor network does not take this version any more. */
    OUTDATED("outdated"),

    /** The app ended it: it sleeps, or its data are wiped. Nothing else is tried for what it was to carry. */
    ENDED("ended"),

    /** The device's network changed. What may be sent again begins anew. */
    NETWORK_CHANGED("network_changed"),

    /** Nothing moves, and nothing says why. */
    UNKNOWN("unknown"),
}
