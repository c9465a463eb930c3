package org.byway

/** A community of a [FeedList]. */
public data class ListedFeed(
    /**
     * Its link, with its exposure. That of a signed community has further mirrors and the fingerprint of its keys, if the list
     * names them: the keys are compared when it is opened.
     */
    val link: String,
    /** What the list calls it. */
    val title: String,
    /**
     * The address of a signed community that the maker of the list never asked for: a charter or a bundle named it.
     * [Byway.openListed] does not contact it directly.
     */
    val isUnasked: Boolean = false,
)

/** A list of communities, as feed readers hand it to each other (OPML). */
public data class FeedList(
    /** The communities, in the order of the list, each once. */
    val entries: List<ListedFeed>,
    /** How many entries were left out because of their address. */
    val odd: Long,
    /** The list has more than was read, or breaks off. */
    val isCut: Boolean,
)
