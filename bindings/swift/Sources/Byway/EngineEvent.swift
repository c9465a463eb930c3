import Foundation

/// Something that the engine does while it works. See ``BywayClient/engineEvents(redacted:)``.
public struct EngineEvent: Hashable, Sendable {
    /// The access that it belongs to, counted from 1; `nil` if it belongs to none.
    public let access: Int?
    /// The time since the beginning of the access, or of the instance.
    public let at: Duration
    /// The stable code of what happened, for example `started`, `first_byte`, `won`, `judged`.
    public let code: String
    /// The attempt that it is about.
    public let attempt: Int?
    public let sentence: String

    public init(access: Int? = nil, at: Duration, code: String, attempt: Int? = nil, sentence: String) {
        self.access = access
        self.at = at
        self.code = code
        self.attempt = attempt
        self.sentence = sentence
    }
}
