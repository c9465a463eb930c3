import Foundation

/// What every call of this library throws when it fails. A call of a cancelled task throws `CancellationError` instead.
///
/// ``text`` is a sentence in the client's language, for the user's eyes: it may quote what was given, so it does not belong
/// in a log. ``kind`` and ``code`` name nobody and may be logged. A code is stable within its kind.
public struct BywayError: Error, LocalizedError, Hashable, Sendable {
    /// Who can do something about the error.
    public let kind: Kind
    /// What is wrong: a stable code.
    public let code: String
    /// The sentence for the user.
    public let text: String
    /// How far the access came, if one was made.
    public var reachability: Reachability? { accessed.first }

    /// A struct in an error in a struct: an array keeps the error small.
    private let accessed: [Reachability]

    public init(kind: Kind, code: String, text: String, reachability: Reachability? = nil) {
        self.kind = kind
        self.code = code
        self.text = text
        accessed = reachability.map { [$0] } ?? []
    }

    /// ``text``.
    public var errorDescription: String? { text }

    /// Who can do something about an error.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// A text or a value is not understood: show the sentence next to the field.
        case input
        /// The exposure, the community's advice or a rule about addresses leaves nothing to try: ask the user.
        case notPermitted = "not_permitted"
        /// The platform wants a token, or another one.
        case credentials
        /// No strategy led there: show the verdict, and ask again later.
        case unreached
        /// The host answers, but does not give what was asked for.
        case refused
        /// The platform states that it withholds the community.
        case withheld
        /// The platform states that there is no such community.
        case notFound = "not_found"
        /// The community is not on this device, and only the device was asked.
        case notStored = "not_stored"
        /// The store is locked, suspended or in use, or its key is missing or wrong.
        case storeClosed = "store_closed"
        /// Files of the store are damaged, missing or of a newer version.
        case storeDamaged = "store_damaged"
        /// The store's limit or the disk leaves no room.
        case storeFull = "store_full"
        /// The answer is larger than the caller allowed.
        case tooLarge = "too_large"
        /// A body stopped before its end.
        case brokenOff = "broken_off"
        /// A fault of Byway, of the app's own code or of the device: report it.
        case `internal`
        /// The instance was closed.
        case closed
        /// The work was cancelled by something other than the task that waits for it.
        case cancelled
    }
}

extension BywayError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Kind and code, without the sentence. A log may contain these.
    public var description: String { "BywayError(\(kind.rawValue), \(code))" }
    public var debugDescription: String { description }
}

extension BywayError: CustomNSError {
    /// The domain of the `NSError` that this error is bridged to.
    public static var errorDomain: String { "org.byway" }
    public var errorCode: Int { Kind.allCases.firstIndex(of: kind) ?? 0 }
    public var errorUserInfo: [String: Any] { [NSLocalizedDescriptionKey: text] }
}
