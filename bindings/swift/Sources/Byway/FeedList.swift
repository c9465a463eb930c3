/// A community of a ``FeedList``.
public struct ListedFeed: Hashable, Sendable {
    /// Its link, with its exposure. That of a signed community has further mirrors and the fingerprint of its keys, if the list
    /// names them: the keys are compared when it is opened.
    public let link: String
    /// What the list calls it.
    public let title: String
    /// The address of a signed community that the maker of the list never asked for: a charter or a bundle named it.
    /// ``BywayClient/openListed(_:options:)`` does not contact it directly.
    public let isUnasked: Bool

    public init(link: String, title: String, isUnasked: Bool = false) {
        self.link = link
        self.title = title
        self.isUnasked = isUnasked
    }
}

/// A list of communities, as feed readers hand it to each other (OPML).
public struct FeedList: Hashable, Sendable {
    /// The communities, in the order of the list, each once.
    public let entries: [ListedFeed]
    /// How many entries were left out because of their address.
    public let odd: Int
    /// The list has more than was read, or breaks off.
    public let isCut: Bool

    public init(entries: [ListedFeed], odd: Int = 0, isCut: Bool = false) {
        self.entries = entries
        self.odd = odd
        self.isCut = isCut
    }
}
