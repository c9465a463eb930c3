import Foundation

/// What is remembered of a signed community on the device. See ``BywayClient/standing(of:)``. Empty for a community that is not
/// signed.
public struct Standing: Hashable, Sendable {
    /// What may be believed now of what is stored: a state gets old, or is disputed, without a new reading.
    public let trust: Trust
    /// What may be believed, and each move to or from another community.
    public let notes: [Note]
    /// Its homes. One that was never asked is not among them.
    public let homes: [MirrorStanding]

    public init(trust: Trust, notes: [Note] = [], homes: [MirrorStanding] = []) {
        self.trust = trust
        self.notes = notes
        self.homes = homes
    }

    /// The moves to or from another community.
    public var moves: [Move] { notes.compactMap(\.move) }
}

/// A home of a signed community in one reading.
public struct HomeAccess: Hashable, Sendable {
    public let standing: MirrorStanding
    /// How it was reached, or why it was not. `nil` for the home whose account is that of the whole reading
    /// (``Opened/reachability``), and if nothing was sent there.
    public let reachability: Reachability?

    public init(standing: MirrorStanding, reachability: Reachability? = nil) {
        self.standing = standing
        self.reachability = reachability
    }
}

/// One home of a signed community, and how it behaved. A fault of a home says nothing about the community.
public struct MirrorStanding: Hashable, Sendable {
    /// Its address.
    public let home: String
    public let state: MirrorState
    /// What ``state`` says, in the client's language.
    public let sentence: String
    /// When it was last asked.
    public let at: Date
    /// The home itself did something that a faithful mirror does not do.
    public let isFault: Bool

    public init(home: String, state: MirrorState, sentence: String, at: Date, isFault: Bool = false) {
        self.home = home
        self.state = state
        self.sentence = sentence
        self.at = at
        self.isFault = isFault
    }
}

/// How one home of a signed community behaved when it was last asked.
public enum MirrorState: String, Hashable, Sendable, Codable, CaseIterable {
    /// It has the newest state that was seen.
    case current
    /// It has an older state than another home: it was not updated yet, or it withholds what is new.
    case behind
    /// It gave an older state than it had given before.
    case rolledBack = "rolled_back"
    /// It does not give a file that the community's newest statement names, or only a part of it.
    case withholds
    /// It gave the newest statement, and failed to give a file that the statement names: it answered with an error, or the file
    /// was cut short, too slow or too large. That proves no intent.
    case incomplete
    /// It sent the reader to another site, which was not contacted.
    case redirects
    /// It gave something other than what the community signed.
    case tampered
    /// It gave a statement that is signed and contradicts another one that is signed.
    case contradicts
    /// It answers that it has no such files.
    case gone
    /// It answered with an error other than that it has no such files.
    case failing
    /// Something answered in its name, in cleartext, and what came proves nothing.
    case unvouched
    /// It was not reached.
    case unreached
    /// It had not answered when the others had, and was not waited for.
    case slow
    /// It was not contacted: nothing that is allowed leads there. A host that only a charter names is never contacted directly.
    case notAsked = "not_asked"
    /// It was not tried: enough other homes answered.
    case untried
}
