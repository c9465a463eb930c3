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
    public data class AnsweredFromStore(val age: Duration) : EngineEventKind

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
