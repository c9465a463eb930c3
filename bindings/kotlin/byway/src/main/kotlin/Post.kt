package org.byway

import java.time.Duration
import java.time.Instant

/** A post of a community. */
public data class Post(
    val id: String,
    val text: String = "",
    val author: Author? = null,
    val created: Instant? = null,
    val edited: Instant? = null,
    val readAt: Instant? = null,
    val url: String? = null,
    val isPinned: Boolean = false,
    val state: PostState = PostState.PUBLISHED,
    /** When [state] was last seen. */
    val stateSeen: Instant? = null,
    /** What the platform says in place of a post that it withholds. */
    val withheld: String? = null,
    val counts: PostCounts = PostCounts(),
    val links: List<Link> = emptyList(),
    val attachments: List<Attachment> = emptyList(),
    /** The post that this one shares. */
    val repost: Post? = null,
    /** [text] is the post's own, and not what the platform shows instead of it. */
    val hasOwnText: Boolean = text.isNotEmpty() && withheld != text,
    /** The post contains nothing to show. */
    val isHollow: Boolean = text.isEmpty() && attachments.isEmpty() && repost == null,
    /** The platform says that the post was removed, and nothing else is known of it. */
    val isRemovedAndHollow: Boolean = state == PostState.REMOVED && isHollow,
)

/** The state of a post. */
public enum class PostState(override val code: String) : Coded {
    PUBLISHED("published"),
    REMOVED("removed"),
    WITHHELD("withheld"),
}

/** What the platform counts on a post; `null` if it does not say. */
public data class PostCounts(
    val likes: Long? = null,
    val reposts: Long? = null,
    val comments: Long? = null,
    val views: Long? = null,
)

/** A post's or an event's author. */
public data class Author(val id: String, val name: String, val kind: AuthorKind, val url: String? = null)

/** Who an [Author] is. */
public enum class AuthorKind(override val code: String) : Coded {
    COMMUNITY("community"),
    PERSON("person"),
    UNKNOWN("unknown"),
}

/** What is attached to a post. A file is fetched with [Byway.fetchAttachment]. */
public sealed interface Attachment {
    /**
     * A picture. One of a signed community is fetched with [Byway.fetchAttachment], which compares it with what the community
     * signed: a library that loads [url] shows whatever its host answers.
     */
    public data class Photo(
        val url: String?,
        val width: Int? = null,
        val height: Int? = null,
        /** What it shows, for people who can't see it. */
        val text: String? = null,
    ) : Attachment

    /** A video; [url] leads to its page. */
    public data class Video(
        val title: String?,
        val url: String?,
        /** The address of a still picture. */
        val preview: String? = null,
        val duration: Duration? = null,
    ) : Attachment

    /** A sound. */
    public data class Audio(
        val title: String?,
        val artist: String?,
        val url: String?,
        val duration: Duration? = null,
    ) : Attachment

    /** A file. */
    public data class Document(
        val title: String?,
        val url: String?,
        /** The end of its name, without the dot. */
        val extension: String? = null,
        val bytes: Long? = null,
    ) : Attachment

    /** A link with its title. */
    public data class LinkPreview(val url: String, val title: String? = null, val text: String? = null) : Attachment

    /** A poll as it was read. */
    public data class Poll(val question: String, val options: List<PollOption>, val votes: Long? = null) : Attachment

    /** An event of the platform. */
    public data class EventLink(val home: String) : Attachment

    /** A kind that this version does not know. */
    public data class Unknown(val kind: String) : Attachment
}

/** One answer of a poll. */
public data class PollOption(val text: String, val votes: Long? = null)

/** An attachment with the id by which it is fetched. */
public data class AttachedFile(val id: AttachmentId, val attachment: Attachment)

/** Names one attachment of one stored post. */
public data class AttachmentId(val community: CommunityId, val post: String, val index: Long)
