/// How a page is copied. See ``BywayClient/copyPage(_:into:keys:by:options:)``.
public struct CopyOptions: Hashable, Sendable {
    /// Addresses of folders on the web that will carry the copy. What the first call stated stays, until
    /// ``CommunityPublisher/restate(_:)``.
    public var mirrors: [String]
    /// Copies the pictures too.
    public var pictures: Bool
    /// Raises who may learn that the page is read. It never lowers what the link, the store or the configuration demand.
    public var exposure: Exposure
    /// Tries direct strategies even if something recorded speaks against them. Ask the user first.
    public var allowDirect: Bool

    public init(
        mirrors: [String] = [], pictures: Bool = true, exposure: Exposure = .open, allowDirect: Bool = false
    ) {
        self.mirrors = mirrors
        self.pictures = pictures
        self.exposure = exposure
        self.allowDirect = allowDirect
    }
}

/// What a copy of a page took over. See ``BywayClient/copyPage(_:into:keys:by:options:)``.
public struct CopiedPage: Hashable, Sendable {
    /// The link of the copy, for readers.
    public let link: SignedLink
    /// The page was read less than ten minutes ago. It was left alone, and nothing changed.
    public let isTooSoon: Bool
    /// Posts and gatherings that are new, or have other words.
    public let changed: Int
    /// Posts and gatherings that the original no longer has. They stay, with a sentence that says so.
    public let removed: Int
    /// Posts and gatherings that a copy cannot hold: without words, without a name, or with a part that is too long.
    public let leftOut: Int

    public init(link: SignedLink, isTooSoon: Bool = false, changed: Int = 0, removed: Int = 0, leftOut: Int = 0) {
        self.link = link
        self.isTooSoon = isTooSoon
        self.changed = changed
        self.removed = removed
        self.leftOut = leftOut
    }
}
