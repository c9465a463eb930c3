import Foundation

/// A move from one community to another, and what is signed of it. ``Opened/moves`` has those of a reading.
///
/// Before the user decides (``BywayClient/follow(_:)``, ``BywayClient/stay(despite:)``), show both fingerprints: they are
/// compared with what is printed or known of the group. The answer is for the move that was shown, so give back the same value.
public struct Move: Hashable, Sendable {
    public let kind: MoveKind
    /// The old community.
    public let from: CommunityID
    /// The new one; `nil` if a page names it that signs nothing, and it was not read.
    public let to: CommunityID?
    /// The address at which the new one was read, else the first that is named.
    public let home: String?
    /// All addresses at which the new one may be read. A yes is for these.
    public let homes: [String]
    /// The fingerprint of the old community's root keys, in groups that people compare.
    public let fromKeys: String?
    /// The fingerprint of the new community's root keys, if its charters are known.
    public let toKeys: String?
    /// The time from which on the move is followed, if it waits.
    public let until: Date?
    /// The time that the old community's charter which names the new one states, if its charters are known.
    public let at: Date?
    /// How many root keys are in both communities.
    public let stayed: Int
    /// How many root keys are in the old one alone.
    public let left: Int
    /// How many root keys are in the new one alone.
    public let joined: Int
    /// The fingerprints of the root keys that are in both communities.
    public let stayedKeys: [String]
    /// Those of the keys that are in the old one alone.
    public let leftKeys: [String]
    /// Those of the keys that are in the new one alone.
    public let joinedKeys: [String]
    /// How many members the old community's page stated when it was read last, if both pages state some.
    public let fromMembers: Int?
    /// How many the new one's states, if both do.
    public let toMembers: Int?

    public init(
        kind: MoveKind,
        from: CommunityID,
        to: CommunityID? = nil,
        home: String? = nil,
        homes: [String] = [],
        fromKeys: String? = nil,
        toKeys: String? = nil,
        until: Date? = nil,
        at: Date? = nil,
        stayed: Int = 0,
        left: Int = 0,
        joined: Int = 0,
        stayedKeys: [String] = [],
        leftKeys: [String] = [],
        joinedKeys: [String] = [],
        fromMembers: Int? = nil,
        toMembers: Int? = nil
    ) {
        self.kind = kind
        self.from = from
        self.to = to
        self.home = home
        self.homes = homes
        self.fromKeys = fromKeys
        self.toKeys = toKeys
        self.until = until
        self.at = at
        self.stayed = stayed
        self.left = left
        self.joined = joined
        self.stayedKeys = stayedKeys
        self.leftKeys = leftKeys
        self.joinedKeys = joinedKeys
        self.fromMembers = fromMembers
        self.toMembers = toMembers
    }

    /// The user's answer is wanted: show what is signed, and a way to follow and to stay.
    public var asks: Bool {
        switch kind {
        case .asked, .waits, .oneSided, .claimed: true
        default: false
        }
    }
}

/// What is signed of a ``Move``, and what was done.
public enum MoveKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// Both sides sign the move, and it was followed: the successor is shown.
    case moved
    /// The user asked to follow, and the two sides do not both sign the move: the claimed successor is shown.
    case onYourWord = "moved_on_your_word"
    /// Both sides sign the move of the community that is shown: its successor is another one that is stored.
    case movedOn = "moved_on"
    /// The user asked to follow the community that is shown, and the two sides do not both sign the move.
    case leftOnYourWord = "left_on_your_word"
    /// Several keys of the old community sign the move. It is followed after a waiting time.
    case waits = "move_waits"
    /// One key was enough to name the successor, so the user is asked.
    case asked = "move_asked"
    /// The move would be followed, but the successor was not read: no permitted route led there.
    case unread = "move_unread"
    /// The named successor does not name the community.
    case oneSided = "move_one_sided"
    /// A page that signs nothing names the successor.
    case claimed = "move_claimed"
    /// One of the two communities is disputed.
    case disputed = "move_disputed"
    /// The user asked to stay.
    case declined = "move_declined"
    /// The next successor was passed already.
    case loop = "move_loop"
    /// There are more moves than are followed at once.
    case tooLong = "move_too_long"
    /// The community that is shown continues one that is stored, and both sides sign that.
    case continues
    /// The community that is shown says that it continues one that is stored, which does not say so.
    case claimsToContinue = "continues_claimed"
    /// The community that is shown says that it continues one of which nothing is stored.
    case continuesUnknown = "continues_unknown"
}

/// What a bundle brought. See ``BywayClient/takeBundle(_:exposure:)``.
public struct TakenBundle: Hashable, Sendable {
    /// The community, as it is stored now.
    public let community: Community
    public let changes: Changes
    /// What may be believed of it, and what of the bundle was refused.
    public let notes: [Note]
    /// The exposure with which it is read from now on.
    public let exposure: Exposure

    public init(community: Community, changes: Changes = Changes(), notes: [Note] = [], exposure: Exposure = .open) {
        self.community = community
        self.changes = changes
        self.notes = notes
        self.exposure = exposure
    }
}
