import Foundation

/// A community as it was read, or as it is stored if it could not be read.
public struct Opened: Hashable, Sendable {
    public let community: Community
    /// The posts, newest first.
    public let posts: [Post]
    /// The events, by their start.
    public let events: [Event]
    /// What has changed since it was last stored.
    public let changes: Changes
    /// How it was reached. If the content comes from the store: why it was not reached.
    public let reachability: Reachability
    public let source: ReadFrom
    /// When it was read from its source.
    public let syncedAt: Date
    /// How long ago that was; `nil` if that time is ahead of this device's clock. `notes` says so then.
    public let age: Duration?
    /// The exposure with which it is read from now on.
    public let exposure: Exposure
    /// What may be believed of the content. It is the same from the network and from the store.
    public let trust: Trust
    /// How each home of a signed community behaved. Empty for other communities, and if nothing was asked.
    public let homes: [HomeAccess]
    /// What could not be read or stored of it.
    public let notes: [Note]
    /// The reading stopped before the end of the page: its time or its allowance was used up.
    public let isTruncated: Bool
    /// Why the content comes from the store; `nil` if it does not, or if only the store was asked.
    public let fault: Fault?

    public init(
        community: Community,
        posts: [Post],
        events: [Event],
        changes: Changes = Changes(),
        reachability: Reachability,
        source: ReadFrom = .network,
        syncedAt: Date,
        age: Duration? = .zero,
        exposure: Exposure = .open,
        trust: Trust,
        homes: [HomeAccess] = [],
        notes: [Note] = [],
        isTruncated: Bool = false,
        fault: Fault? = nil
    ) {
        self.community = community
        self.posts = posts
        self.events = events
        self.changes = changes
        self.reachability = reachability
        self.source = source
        self.syncedAt = syncedAt
        self.age = age
        self.exposure = exposure
        self.trust = trust
        self.homes = homes
        self.notes = notes
        self.isTruncated = isTruncated
        self.fault = fault
    }

    /// The moves of this reading: those that were followed, in their order, and the one at which it ended.
    public var moves: [Move] { notes.compactMap(\.move) }
}

/// Where content comes from.
public enum ReadFrom: String, Hashable, Sendable, Codable, CaseIterable {
    case network
    case store
}

/// A remark on a reading, in the client's language.
public struct Note: Hashable, Sendable {
    public let code: String
    public let sentence: String
    /// The move that it tells of.
    public let move: Move?

    public init(code: String, sentence: String, move: Move? = nil) {
        self.code = code
        self.sentence = sentence
        self.move = move
    }
}

/// Why something was not done, as data. An access that ends without any content throws a ``BywayError`` instead.
public struct Fault: Hashable, Sendable {
    public let kind: BywayError.Kind
    public let code: String
    public let sentence: String

    public init(kind: BywayError.Kind, code: String, sentence: String) {
        self.kind = kind
        self.code = code
        self.sentence = sentence
    }
}

/// One page of a list, and where the next one begins.
public struct Page<Item: Sendable & Hashable>: Hashable, Sendable {
    public let items: [Item]
    /// Pass it to the same call to read on; `nil` at the end.
    public let next: Cursor?
    /// How many items of the store could not be read.
    public let unreadable: Int

    public init(items: [Item], next: Cursor? = nil, unreadable: Int = 0) {
        self.items = items
        self.next = next
        self.unreadable = unreadable
    }
}

/// A place in a list. It stays valid when items are added.
public struct Cursor: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public init(stringLiteral value: String) { rawValue = value }

    public var description: String { rawValue }
}

/// What a reading changed.
public struct Changes: Hashable, Sendable {
    /// The community's own data changed.
    public let community: Bool
    /// Ids of posts.
    public let posts: Changed<String>
    /// Ids of events.
    public let events: Changed<CommunityID>

    public init(
        community: Bool = false,
        posts: Changed<String> = Changed(),
        events: Changed<CommunityID> = Changed()
    ) {
        self.community = community
        self.posts = posts
        self.events = events
    }

    /// Nothing changed.
    public var isEmpty: Bool { !community && posts.isEmpty && events.isEmpty }
}

/// Ids of what was added, changed or removed.
public struct Changed<ID: Sendable & Hashable>: Hashable, Sendable {
    public let added: [ID]
    public let changed: [ID]
    /// The platform says that they were removed.
    public let removed: [ID]
    /// They were removed from the device, for example by the retention.
    public let dropped: [ID]
    /// It is the first reading: everything is new on this device, but nothing is news.
    public let isFirst: Bool
    /// How many more are new: a bundle may bring very many, of which `added` names only the first.
    public let moreAdded: UInt64

    public init(
        added: [ID] = [], changed: [ID] = [], removed: [ID] = [], dropped: [ID] = [], isFirst: Bool = false,
        moreAdded: UInt64 = 0
    ) {
        self.added = added
        self.changed = changed
        self.removed = removed
        self.dropped = dropped
        self.isFirst = isFirst
        self.moreAdded = moreAdded
    }

    /// Nothing changed.
    public var isEmpty: Bool {
        added.isEmpty && changed.isEmpty && removed.isEmpty && dropped.isEmpty && moreAdded == 0
    }
}

/// What a round of ``BywayClient/sync(_:limits:)`` did.
public struct Synced: Hashable, Sendable {
    public let communities: [SyncedCommunity]
    /// Bytes of answers.
    public let bytes: Int
    public let took: Duration

    public init(communities: [SyncedCommunity], bytes: Int, took: Duration) {
        self.communities = communities
        self.bytes = bytes
        self.took = took
    }
}

/// What ``BywayClient/sync(_:limits:)`` did with one community.
public struct SyncedCommunity: Hashable, Sendable {
    public let id: CommunityID
    public let outcome: SyncOutcome
    public let changes: Changes
    /// What could not be read or stored of it.
    public let notes: [Note]

    public init(id: CommunityID, outcome: SyncOutcome, changes: Changes = Changes(), notes: [Note] = []) {
        self.id = id
        self.outcome = outcome
        self.changes = changes
        self.notes = notes
    }
}

/// A file that was fetched.
public struct FetchedFile: Hashable, Sendable {
    public let bytes: Data
    public let contentType: String?
    public let reachability: Reachability

    public init(bytes: Data, contentType: String?, reachability: Reachability) {
        self.bytes = bytes
        self.contentType = contentType
        self.reachability = reachability
    }
}

/// A small page that was fetched with `get`.
public struct Fetched: Hashable, Sendable {
    public let status: Int
    /// The address of the answer, after redirects.
    public let url: String
    public let headers: [Header]
    public let body: Data
    public let reachability: Reachability

    public init(status: Int, url: String, headers: [Header], body: Data, reachability: Reachability) {
        self.status = status
        self.url = url
        self.headers = headers
        self.body = body
        self.reachability = reachability
    }
}

/// One field of an HTTP message.
public struct Header: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public let name: String
    public let value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// Without the value, which may be a token or a cookie.
    public var description: String { "Header(\(name))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What a search finds.
public enum SearchHit: Hashable, Sendable {
    /// A community's own text.
    case community(StoredCommunity)
    /// A post.
    case post(Post, community: CommunityID)
    /// An event.
    case event(Event, community: CommunityID)

    /// The community in which it was found.
    public var communityID: CommunityID {
        switch self {
        case .community(let stored): stored.id
        case .post(_, let community), .event(_, let community): community
        }
    }
}

/// A change of what is on the device. See ``BywayClient/changes()``.
public enum StoreChange: Hashable, Sendable {
    /// The data of a community.
    case community(CommunityID)
    /// Posts of a community.
    case posts(CommunityID, Changed<String>)
    /// Events of a community.
    case events(CommunityID, Changed<CommunityID>)
    /// A community was forgotten.
    case forgotten(CommunityID)
    /// The store was wiped.
    case emptied
    /// This listener was slow and missed changes. Read what is shown again.
    case missed(Int)
}

/// How the reading of one community ended.
public enum SyncOutcome: Hashable, Sendable {
    /// It was read and stored.
    case done(Reachability)
    /// The time or the allowance was used up.
    case left
    /// Its site asks not to be asked again before this time. Nothing was sent. A refresh does not wait.
    case notYet(until: Date)
    /// It was not read.
    case failed(Fault, reachability: Reachability?)
}
