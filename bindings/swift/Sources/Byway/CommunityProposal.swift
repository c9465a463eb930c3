import Foundation

/// A change of a community that waits for the signatures of several admins. It holds no secret: ``file`` can be sent through
/// any chat.
///
/// ```swift
/// // The first admin:
/// let proposal = try await CommunityProposal.make(.restate(statement), of: folder, keys: keys)
/// send(proposal.file)
/// // Another one, who is shown what it would change before signing:
/// let received = try await CommunityProposal(file: file)
/// show(received.changes)
/// let approved = try await received.approve(with: keys, comparingWith: folder)
/// // Who has enough signatures puts it in force:
/// let community = try await LivePublisher.open(folder, enacting: approved.proposal, keys: keys)
/// ```
///
/// Nobody is bound by it before enough keys have signed (``missing``). Every text in it was written by its maker: show it as
/// text that a stranger wrote. Each use reads and verifies it again.
public struct CommunityProposal: Hashable, Sendable {
    /// The file, as it is sent to the other admins.
    public let file: Data
    /// The name of the community before the change.
    public let community: String
    /// The fingerprint of the root keys before the change: the one that the community's link shows. `nil` for a founding.
    public let rootKeys: String?
    /// What it would change, a line each. It is read from the charters, and not from anything that the maker says about it.
    public let changes: [String]
    /// The fingerprints of those who have signed it: ``AdminKeys/decides``.
    public let signers: [String]
    /// How many more have to sign it, at least.
    public let missing: Int
    /// Recovery keys propose it: it takes effect after a waiting time, if the root keys do not object.
    public let isRecovery: Bool
    /// It founds a community.
    public let isFounding: Bool
}

extension CommunityProposal: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the community.
    public var description: String { "CommunityProposal(\(signers.count) signed, \(missing) missing)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// A proposal that was signed, and the signature by itself.
public struct ApprovedProposal: Hashable, Sendable {
    public let proposal: CommunityProposal
    /// The signature as one line, for a chat or a QR code: what ``CommunityProposal/adding(_:language:)`` takes.
    public let line: String
}

/// What a ``CommunityProposal`` proposes.
public enum ProposedChange: Sendable {
    /// The charter says this. ``CommunityStatement/keys`` changes who decides, publishes and moderates.
    case restate(CommunityStatement)
    /// The community moves to another one, by its link; `nil`: it does not.
    case move(to: String?)
    /// The keys of the proposing admin are replaced by new ones of the same admin, in a new file. Both sign.
    case rotate(to: CommunityKeys)
    /// With a recovery key: the admins in ``KeyChanges/root`` decide instead of those whose keys are lost.
    case recover(KeyChanges)
    /// With a root key: a recovery that waits does not take effect.
    case objection
    /// Nothing that is signed after this time is to be trusted. It is never taken back.
    case freeze(after: Date)
}
