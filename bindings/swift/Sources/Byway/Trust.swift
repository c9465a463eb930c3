import Foundation

/// What may be believed of a community's content. No state hides content.
public struct Trust: Hashable, Sendable {
    public let state: TrustState
    /// Why it is not better, the gravest reason first. Empty if it is verified or unsigned.
    public let reasons: [TrustReason]
    /// The name that the maker of a copy gives itself, if it is a copy.
    public let copiedBy: String?
    /// What it says, with each reason, in the client's language.
    public let sentence: String

    public init(state: TrustState, reasons: [TrustReason] = [], copiedBy: String? = nil, sentence: String) {
        self.state = state
        self.reasons = reasons
        self.copiedBy = copiedBy
        self.sentence = sentence
    }
}

/// What is known about the origin of content.
public enum TrustState: String, Hashable, Sendable, Codable, CaseIterable {
    /// Signed by the community, and its statement about the newest state is recent.
    case verified
    /// Signed by the community, but something newer may be withheld: the statement is old, or the clock is wrong.
    case stale
    /// Signed by keys of the community that contradict each other, or that it no longer trusts.
    case disputed
    /// Somebody says that this is the community or its successor. No signature shows it.
    case claimed
    /// Signed by the maker of a copy of the community's page, not by the community.
    case copied
    /// Read from a page that signs nothing.
    case unsigned
}

/// Why a state of trust is not better.
public struct TrustReason: Hashable, Sendable {
    /// For example `head_expired`.
    public let code: String
    /// The time that it speaks of: an expiry, the end of a waiting time, the last trusted time.
    public let at: Date?
    /// The number of the charter or of the statement that exists twice.
    public let number: Int?

    public init(code: String, at: Date? = nil, number: Int? = nil) {
        self.code = code
        self.at = at
        self.number = number
    }
}

/// The link to a signed community: `byway:ID?exposure=tor&mirror=HOST/`.
public struct SignedLink: Hashable, Sendable {
    /// The community's id, with 64 hexadecimal digits.
    public let id: String
    /// Who may learn at most that the community is read.
    public let exposure: Exposure
    /// The fingerprint of its root keys when the link was made, in groups that people compare.
    public let key: String?
    /// The addresses that carry the community.
    public let mirrors: [String]
    /// The link as it is shared, and as a QR code contains it.
    public let text: String
    /// The link behind the address of a mirror, for messengers that open only such links; `nil` if the exposure forbids it.
    public let webForm: String?

    public init(
        id: String, exposure: Exposure, key: String? = nil, mirrors: [String] = [], text: String, webForm: String? = nil
    ) {
        self.id = id
        self.exposure = exposure
        self.key = key
        self.mirrors = mirrors
        self.text = text
        self.webForm = webForm
    }
}

extension SignedLink: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the community and its mirrors: they say what is read.
    public var description: String { "SignedLink(exposure=\(exposure.rawValue), \(mirrors.count) mirrors)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
