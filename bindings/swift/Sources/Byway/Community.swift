import Foundation

/// Names a community, an event or a group permanently, for example `vk:-1000`.
public struct CommunityID: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public init(stringLiteral value: String) { rawValue = value }

    public var description: String { rawValue }
}

/// What can be read of a community.
public struct Community: Hashable, Sendable, Identifiable {
    public let id: CommunityID
    public let name: String
    /// The short name in its address, if it has one.
    public let screenName: String?
    public let state: CommunityState
    /// When ``state`` was last seen.
    public let stateSeen: Date?
    public let description: String?
    /// The line that the community shows under its name.
    public let status: String?
    public let members: Members?
    /// The addresses at which the community can be read.
    public let homes: [String]
    public let links: [Link]
    public let restrictions: [Restriction]
    /// What the community says about how to read it, for example "only through Tor".
    public let accessAdvice: [AccessAdvice]
    /// The community that this one says it continues.
    public let predecessor: Claim?
    /// The community that this one names as its successor. It is a claim; Byway never follows it by itself.
    public let successor: Claim?
    /// The platform that marks the community as verified, such as `Telegram`. It is that platform's claim.
    public let verifiedBy: String?

    public init(
        id: CommunityID,
        name: String,
        screenName: String? = nil,
        state: CommunityState = .active,
        stateSeen: Date? = nil,
        description: String? = nil,
        status: String? = nil,
        members: Members? = nil,
        homes: [String] = [],
        links: [Link] = [],
        restrictions: [Restriction] = [],
        accessAdvice: [AccessAdvice] = [],
        predecessor: Claim? = nil,
        successor: Claim? = nil,
        verifiedBy: String? = nil
    ) {
        self.id = id
        self.name = name
        self.screenName = screenName
        self.state = state
        self.stateSeen = stateSeen
        self.description = description
        self.status = status
        self.members = members
        self.homes = homes
        self.links = links
        self.restrictions = restrictions
        self.accessAdvice = accessAdvice
        self.predecessor = predecessor
        self.successor = successor
        self.verifiedBy = verifiedBy
    }
}

/// A community on the device, with the time of its last reading.
public struct StoredCommunity: Hashable, Sendable, Identifiable {
    public let community: Community
    public let syncedAt: Date

    public init(community: Community, syncedAt: Date) {
        self.community = community
        self.syncedAt = syncedAt
    }

    public var id: CommunityID { community.id }
}

/// The state of a community.
public enum CommunityState: String, Hashable, Sendable, Codable, CaseIterable {
    case active
    case restricted
    case gone
    case moved
}

/// A number of members, and when it was read.
public struct Members: Hashable, Sendable {
    public let count: Int
    public let readAt: Date

    public init(count: Int, readAt: Date) {
        self.count = count
        self.readAt = readAt
    }
}

/// A link in a text.
public struct Link: Hashable, Sendable {
    public let url: String
    public let text: String?

    public init(url: String, text: String? = nil) {
        self.url = url
        self.text = text
    }
}

/// What a community says about how it can be read.
public struct AccessAdvice: Hashable, Sendable {
    public let kind: AdviceKind
    public let text: String
    public let field: Field

    public init(kind: AdviceKind, text: String, field: Field) {
        self.kind = kind
        self.text = text
        self.field = field
    }
}

/// What an ``AccessAdvice`` recommends.
public enum AdviceKind: String, Hashable, Sendable, Codable, CaseIterable {
    case tor
    case vpn
    case proxy
}

/// The part of a community's page that a statement was found in.
public enum Field: String, Hashable, Sendable, Codable, CaseIterable {
    case name
    case status
    case description
    case links
    case pinnedPost = "pinned_post"
    case elsewhere
}

/// A statement of a community about another one. It is a claim of its page, and nothing has checked it.
public struct Claim: Hashable, Sendable {
    public let home: String
    public let field: Field
    public let text: String

    public init(home: String, field: Field, text: String) {
        self.home = home
        self.field = field
        self.text = text
    }
}

/// A restriction that a platform or an authority states. Each field is a statement, and not a finding of Byway.
public struct Restriction: Hashable, Sendable {
    public let statedBy: String
    public let text: String
    public let authority: String?
    /// ``authority`` in English, if a translation is known.
    public let authorityEnglish: String?
    public let basis: String?
    public let number: String?
    /// The date on the statement.
    public let date: DateComponents?
    public let jurisdiction: String?
    public let observedIn: String?
    public let link: String?
    /// The community itself states it, and no other party.
    public let isOwnWord: Bool

    public init(
        statedBy: String,
        text: String,
        authority: String? = nil,
        authorityEnglish: String? = nil,
        basis: String? = nil,
        number: String? = nil,
        date: DateComponents? = nil,
        jurisdiction: String? = nil,
        observedIn: String? = nil,
        link: String? = nil,
        isOwnWord: Bool = false
    ) {
        self.statedBy = statedBy
        self.text = text
        self.authority = authority
        self.authorityEnglish = authorityEnglish
        self.basis = basis
        self.number = number
        self.date = date
        self.jurisdiction = jurisdiction
        self.observedIn = observedIn
        self.link = link
        self.isOwnWord = isOwnWord
    }
}
