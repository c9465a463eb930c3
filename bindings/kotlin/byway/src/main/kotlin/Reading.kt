package org.byway

import java.time.Duration
import java.time.Instant

/** A community as it was read, or as it is stored if it could not be read. */
public data class Opened(
    val community: Community,
    /** Newest first. */
    val posts: List<Post>,
    /** By start. */
    val events: List<Event>,
    /** What has changed since it was last stored. */
    val changes: Changes,
    /** How it was reached. If the content comes from the store: why it was not reached. */
    val reachability: Reachability,
    val source: ReadFrom,
    /** When it was read from its source. */
    val syncedAt: Instant,
    /** How long ago that was; `null` if that time is ahead of this device's clock. [notes] says so then. */
    val age: Duration?,
    /** The exposure with which it is read from now on. */
    val exposure: Exposure,
    /** What could not be read or stored of it. */
    val notes: List<Note>,
    /** What may be believed of the content. It is the same from the network and from the store. */
    val trust: Trust,
    /** The reading stopped before the end of the page: its time or its allowance was used up. */
    val isTruncated: Boolean = false,
    /** Why the content comes from the store; `null` if it does not, or if only the store was asked. */
    val fault: Fault? = null,
    /** How each home of a signed community behaved. Empty for other communities, and if nothing was asked. */
    val homes: List<HomeAccess> = emptyList(),
) {
    /** The moves of this reading: those that were followed, in their order, and the one at which it ended. */
    val moves: List<Move> get() = notes.mapNotNull(Note::move)
}

/** Where content comes from. */
public enum class ReadFrom(override val code: String) : Coded {
    NETWORK("network"),
    STORE("store"),
}

/** A remark on a reading, in the client's language. */
public data class Note(
    override val code: String,
    val sentence: String,
    /** The move that it tells of. */
    val move: Move? = null,
) : Coded

/** Why something was not done, as data. An access that ends without any content throws a [BywayException] instead. */
public data class Fault(val kind: ErrorKind, override val code: String, val sentence: String) : Coded

/** One page of a list, and where the next one begins. */
public data class Page<out T>(
    val items: List<T>,
    /** Pass it to the same call to read on; `null` at the end. */
    val next: Cursor? = null,
    /** How many items of the store could not be read. */
    val unreadable: Long = 0,
)

/** A place in a list. It stays valid when items are added. */
@JvmInline
public value class Cursor(public val value: String)

/** What a search finds. */
public sealed interface SearchHit {
    /** The community in which it was found. */
    public val community: CommunityId

    /** A community's own text. */
    public data class OfCommunity(val stored: StoredCommunity) : SearchHit {
        override val community: CommunityId get() = stored.community.id
    }

    /** A post. */
    public data class OfPost(override val community: CommunityId, val post: Post) : SearchHit

    /** An event. */
    public data class OfEvent(override val community: CommunityId, val event: Event) : SearchHit
}

/** What a reading changed. */
public data class Changes(
    /** The community's own data changed. */
    val community: Boolean = false,
    /** Ids of posts. */
    val posts: Changed<String> = Changed(),
    /** Ids of events. */
    val events: Changed<CommunityId> = Changed(),
) {
    /** Nothing changed. */
    public val isEmpty: Boolean get() = !community && posts.isEmpty && events.isEmpty
}

/** Ids of what was added, changed or removed. */
public data class Changed<out T>(
    val added: List<T> = emptyList(),
    val changed: List<T> = emptyList(),
    /** The platform says that they were removed. */
    val removed: List<T> = emptyList(),
    /** They were removed from the device, for example by the retention. */
    val dropped: List<T> = emptyList(),
    /** It is the first reading: everything is new on this device, but nothing is news. */
    val isFirst: Boolean = false,
    /** How many more are new: a bundle may bring very many, of which [added] names only the first. */
    val moreAdded: Long = 0,
) {
    /** Nothing changed. */
    public val isEmpty: Boolean
        get() = added.isEmpty() && changed.isEmpty() && removed.isEmpty() && dropped.isEmpty() && moreAdded == 0L
}

/** A change of what is on the device. See [Byway.changes]. */
public sealed interface StoreChange {
    /** The data of a community. */
    public data class OfCommunity(val id: CommunityId) : StoreChange

    /** Posts of a community. */
    public data class OfPosts(val id: CommunityId, val posts: Changed<String>) : StoreChange

    /** Events of a community. */
    public data class OfEvents(val id: CommunityId, val events: Changed<CommunityId>) : StoreChange

    /** A community was forgotten. */
    public data class Forgotten(val id: CommunityId) : StoreChange

    /** The store was wiped. */
    public data object Emptied : StoreChange

    /** This collector was slow and missed changes. Read what is shown again. */
    public data class Missed(val changes: Long) : StoreChange
}

/** What a round of [Byway.sync] did. */
public data class Synced(
    val communities: List<SyncedCommunity>,
    /** Bytes of answers. */
    val bytes: Long,
    val took: Duration,
)

/** What [Byway.sync] did with one community. */
public data class SyncedCommunity(
    val id: CommunityId,
    val outcome: SyncOutcome,
    val changes: Changes,
    /** What could not be read or stored of it. */
    val notes: List<Note> = emptyList(),
)

/** How the reading of one community ended. */
public sealed interface SyncOutcome {
    /** It was read and stored. */
    public data class Done(val reachability: Reachability) : SyncOutcome

    /** The time or the allowance was used up. */
    public data object Left : SyncOutcome

    /** Its site asks not to be asked again before [until]. Nothing was sent. [Byway.refresh] does not wait. */
    public data class NotYet(val until: Instant) : SyncOutcome

    /** It was not read. */
    public data class Failed(val fault: Fault, val reachability: Reachability?) : SyncOutcome
}

/** A file that was fetched. */
public class FetchedFile(
    public val bytes: ByteArray,
    public val contentType: String?,
    public val reachability: Reachability,
)

/** A small page that was fetched with [Byway.get]. */
public class Fetched(
    public val status: Int,
    /** The address of the answer, after redirects. */
    public val url: String,
    public val headers: List<Header>,
    public val body: ByteArray,
    public val reachability: Reachability,
)

/** One field of an HTTP message. */
public data class Header(val name: String, val value: String) {
    /** Without the value, which may be a token or a cookie. */
    override fun toString(): String = "Header($name)"
}
