import Foundation

/// Who may learn that a community is read, from the least strict to the strictest.
public enum Exposure: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    /// Any strategy, including a direct one.
    case open
    /// Only through a proxy or Tor.
    case proxied
    /// Only through Tor.
    case tor

    /// The less strict one is the smaller.
    public static func < (left: Self, right: Self) -> Bool { left.strictness < right.strictness }
    private var strictness: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The language of sentences.
public enum Language: String, Hashable, Sendable, Codable, CaseIterable {
    case english = "en"
    case russian = "ru"
}

/// How one access is made.
public struct AccessOptions: Hashable, Sendable {
    /// Raises who may learn of it. It never lowers what the link, the store or the configuration demand.
    public let exposure: Exposure
    /// Tries direct strategies this time, even if a restriction or the community's advice speaks against them. Ask the
    /// user first.
    public let allowDirect: Bool
    /// Sends nothing, and answers from the store at once. It only has an effect when a community is opened.
    public let offline: Bool
    /// Dials even if this network was just found to let only a few addresses through.
    public let ignorePause: Bool

    public init(
        exposure: Exposure = .open,
        allowDirect: Bool = false,
        offline: Bool = false,
        ignorePause: Bool = false
    ) {
        self.exposure = exposure
        self.allowDirect = allowDirect
        self.offline = offline
        self.ignorePause = ignorePause
    }
}

/// How much ``BywayClient/sync(_:limits:)`` may take.
public struct SyncLimits: Hashable, Sendable {
    public let deadline: Duration
    /// The bytes of answers, for all communities together.
    public let bytes: Int

    public init(deadline: Duration = .seconds(25), bytes: Int = 2 << 20) {
        self.deadline = deadline
        self.bytes = bytes
    }
}
