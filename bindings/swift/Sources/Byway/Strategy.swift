import Foundation

/// One line of a pasted text. See ``Strategy/lines(of:language:)``.
public struct ImportedLine: Hashable, Sendable {
    public let number: Int
    public let outcome: Imported

    public init(number: Int, outcome: Imported) {
        self.number = number
        self.outcome = outcome
    }
}

/// What a line of a pasted text contains. Its description does not show a login.
public enum Imported: Hashable, Sendable {
    /// A strategy. `text` is the strategy URL with its login: treat it as a secret if it has one.
    case strategy(Strategy, text: String)
    /// A strategy that line `first` already has.
    case duplicate(Strategy, first: Int)
    /// An empty line or a comment.
    case ignored
    /// Not a strategy. `shown` is the line without secrets.
    case wrong(shown: String, fault: Fault)
}

extension Imported: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        switch self {
        case .strategy(let strategy, _): "Imported(\(strategy))"
        case .duplicate(let strategy, let first): "Imported(\(strategy), first in line \(first))"
        case .ignored: "Imported(ignored)"
        case .wrong(_, let fault): "Imported(\(fault.code))"
        }
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// A strategy that was understood, as an app shows it.
public struct Strategy: Hashable, Sendable {
    /// The strategy URL without its login.
    public let redacted: String
    public let scheme: String
    /// What it is, in words, for example "through the proxy at ...".
    public let phrase: String
    /// The name that its author gave it.
    public let name: String?
    /// The country of its exit, as two letters.
    public let country: String?
    /// The host and port of its server.
    public let server: String?
    public let isDirect: Bool
    public let isTor: Bool
    /// The transports that its bridges need, for example `obfs4`: see ``Configuration/torTransports``.
    public let torTransports: [String]
    /// The exposures that allow it.
    public let allowedBy: [Exposure]

    public init(
        redacted: String,
        scheme: String,
        phrase: String,
        name: String? = nil,
        country: String? = nil,
        server: String? = nil,
        isDirect: Bool = false,
        isTor: Bool = false,
        allowedBy: [Exposure] = [],
        torTransports: [String] = []
    ) {
        self.redacted = redacted
        self.scheme = scheme
        self.phrase = phrase
        self.name = name
        self.country = country
        self.server = server
        self.isDirect = isDirect
        self.isTor = isTor
        self.allowedBy = allowedBy
        self.torTransports = torTransports
    }
}

/// A link of a community, and its exposure.
public struct CommunityLink: Hashable, Sendable {
    /// Where it leads.
    public let home: String
    public let exposure: Exposure
    /// More addresses that carry a signed community, as its link names them.
    public let mirrors: [String]
    /// The link as it is shared, with its exposure, for example `https://vk.com/NAME#exposure=tor`.
    public let text: String

    public init(home: String, exposure: Exposure, mirrors: [String] = [], text: String) {
        self.home = home
        self.exposure = exposure
        self.mirrors = mirrors
        self.text = text
    }
}

extension CommunityLink: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the address: it says what is read.
    public var description: String { "CommunityLink(exposure=\(exposure.rawValue), \(mirrors.count) mirrors)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What a list of fingerprints of block pages contains.
public struct Fingerprints: Hashable, Sendable {
    /// How many of its rows can be used.
    public let usable: Int
    /// The rows that cannot be used.
    public let skipped: [SkippedRow]

    public init(usable: Int, skipped: [SkippedRow] = []) {
        self.usable = usable
        self.skipped = skipped
    }
}

/// A row of a list of fingerprints that cannot be used.
public struct SkippedRow: Hashable, Sendable {
    /// The first row below the header is 1.
    public let row: Int
    public let fault: Fault

    public init(row: Int, fault: Fault) {
        self.row = row
        self.fault = fault
    }
}
