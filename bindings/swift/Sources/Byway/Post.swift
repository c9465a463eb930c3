import Foundation

/// A post of a community.
public struct Post: Hashable, Sendable, Identifiable {
    public let id: String
    public let text: String
    public let author: Author?
    public let created: Date?
    public let edited: Date?
    public let readAt: Date?
    public let url: String?
    public let isPinned: Bool
    public let state: PostState
    /// When ``state`` was last seen.
    public let stateSeen: Date?
    /// What the platform says in place of a post that it withholds.
    public let withheld: String?
    /// The text is the post's own, and not what the platform shows instead of it.
    public let hasOwnText: Bool
    /// The post contains nothing to show.
    public let isHollow: Bool
    /// The platform says that the post was removed, and nothing else is known of it.
    public let isRemovedAndHollow: Bool
    public let counts: PostCounts
    public let links: [Link]
    public let attachments: [Attachment]
    /// The post that this one shares.
    public var repost: Post? { shared.first }

    /// A struct cannot hold itself, an array of it can.
    private let shared: [Post]

    public init(
        id: String,
        text: String = "",
        author: Author? = nil,
        created: Date? = nil,
        edited: Date? = nil,
        readAt: Date? = nil,
        url: String? = nil,
        isPinned: Bool = false,
        state: PostState = .published,
        stateSeen: Date? = nil,
        withheld: String? = nil,
        hasOwnText: Bool = true,
        isHollow: Bool = false,
        isRemovedAndHollow: Bool = false,
        counts: PostCounts = PostCounts(),
        links: [Link] = [],
        attachments: [Attachment] = [],
        repost: Post? = nil
    ) {
        self.id = id
        self.text = text
        self.author = author
        self.created = created
        self.edited = edited
        self.readAt = readAt
        self.url = url
        self.isPinned = isPinned
        self.state = state
        self.stateSeen = stateSeen
        self.withheld = withheld
        self.hasOwnText = hasOwnText
        self.isHollow = isHollow
        self.isRemovedAndHollow = isRemovedAndHollow
        self.counts = counts
        self.links = links
        self.attachments = attachments
        shared = repost.map { [$0] } ?? []
    }
}

/// The state of a post.
public enum PostState: String, Hashable, Sendable, Codable, CaseIterable {
    case published
    case removed
    case withheld
}

/// What the platform counts on a post; `nil` if it does not say.
public struct PostCounts: Hashable, Sendable {
    public let likes: Int?
    public let reposts: Int?
    public let comments: Int?
    public let views: Int?

    public init(likes: Int? = nil, reposts: Int? = nil, comments: Int? = nil, views: Int? = nil) {
        self.likes = likes
        self.reposts = reposts
        self.comments = comments
        self.views = views
    }
}

/// A post's or an event's author.
public struct Author: Hashable, Sendable {
    public let id: String
    public let name: String
    public let kind: AuthorKind
    public let url: String?

    public init(id: String, name: String, kind: AuthorKind, url: String? = nil) {
        self.id = id
        self.name = name
        self.kind = kind
        self.url = url
    }
}

/// Who an ``Author`` is.
public enum AuthorKind: String, Hashable, Sendable, Codable, CaseIterable {
    case community
    case person
    case unknown
}

/// One answer of a poll.
public struct PollOption: Hashable, Sendable {
    public let text: String
    public let votes: Int?

    public init(text: String, votes: Int? = nil) {
        self.text = text
        self.votes = votes
    }
}

/// An attachment with the id by which it is fetched.
public struct AttachedFile: Hashable, Sendable, Identifiable {
    public let id: AttachmentID
    public let attachment: Attachment

    public init(id: AttachmentID, attachment: Attachment) {
        self.id = id
        self.attachment = attachment
    }
}

/// Names one attachment of one stored post.
public struct AttachmentID: Hashable, Sendable {
    public let community: CommunityID
    public let post: String
    public let index: Int

    public init(community: CommunityID, post: String, index: Int) {
        self.community = community
        self.post = post
        self.index = index
    }
}

/// What is attached to a post. A file is fetched with ``BywayClient/fetchAttachment(_:maxBytes:options:)``.
public enum Attachment: Hashable, Sendable {
    /// A picture. `text` says what it shows. One of a signed community is fetched with
    /// ``BywayClient/fetchAttachment(_:maxBytes:options:)``, which compares it with what the community signed: a library that
    /// loads `url` shows whatever its host answers.
    case photo(url: String?, width: Int?, height: Int?, text: String?)
    /// A video. `url` leads to its page, `preview` to a still picture.
    case video(title: String?, url: String?, preview: String?, duration: Duration?)
    /// A sound.
    case audio(title: String?, artist: String?, url: String?, duration: Duration?)
    /// A file. `extension` is the end of its name, without the dot.
    case document(title: String?, url: String?, extension: String?, bytes: Int?)
    /// A link with its title.
    case link(url: String, title: String?, text: String?)
    /// A poll as it was read.
    case poll(question: String, options: [PollOption], votes: Int?)
    /// An event of the platform.
    case event(home: String)
    /// A kind that this version does not know.
    case unknown(kind: String)
}
