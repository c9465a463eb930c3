package org.byway

import java.time.Instant
import java.time.LocalDate
import java.time.ZonedDateTime

/** An event that a community announces. */
public data class Event(
    val id: CommunityId,
    val name: String,
    val text: String? = null,
    val start: ZonedDateTime? = null,
    val end: ZonedDateTime? = null,
    /** The name of the zone that the platform states, for example `Europe/Moscow`. */
    val zone: String? = null,
    val place: Place? = null,
    val status: EventStatus = EventStatus.UNKNOWN,
    /** When [status] was last seen. */
    val statusSeen: Instant? = null,
    /** The event's text mentions a cancellation. Show it; Byway does not decide whether it is one. */
    val mentionsCancellation: Boolean = false,
    val organiser: Author? = null,
    val home: String? = null,
    val counts: EventCounts = EventCounts(),
    val readAt: Instant? = null,
    /** [Byway.icalendar] can write it: its start is known. */
    val isInICalendar: Boolean = start != null,
    /** The days of an event without a time of day. Show them instead of [start] and [end]. */
    val days: EventDays? = null,
    /** When the version that is shown was signed, if the source signs versions. */
    val edited: Instant? = null,
)

/** The days of an event without a time of day; [last] belongs to it. They are the same days wherever the reader is. */
public data class EventDays(val first: LocalDate, val last: LocalDate)

/** The state of an event. */
public enum class EventStatus(override val code: String) : Coded {
    /** It is announced and not over. */
    SCHEDULED("scheduled"),

    /** Its source has a field for this, and it says so. This is never concluded from words. */
    CANCELLED("cancelled"),

    /** It is over. */
    ENDED("ended"),

    /**
     * It was taken out where it was announced, or cannot be read there any more: its page was deleted or banned, or its
     * calendar no longer has it. It may still be held.
     */
    REMOVED("removed"),

    /** The source does not say, or says that it is not certain. */
    UNKNOWN("unknown"),
}

/** What the platform counts on an event; `null` if it does not say. */
public data class EventCounts(val going: Long? = null, val maybe: Long? = null)

/** Where an event takes place. */
public data class Place(val name: String? = null, val address: String? = null, val coordinates: Coordinates? = null)

/** A point on the earth, in degrees. */
public data class Coordinates(val latitude: Double, val longitude: Double)

/** An event on the device, with the community that announces it. */
public data class UpcomingEvent(val community: CommunityId, val event: Event)
