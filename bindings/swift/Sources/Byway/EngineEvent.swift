import Foundation

/// Something that the engine does while it works. See ``BywayClient/engineEvents(redacted:)``.
public struct EngineEvent: Hashable, Sendable {
    /// The access that it belongs to, counted from 1; `nil` if it belongs to none.
    public let access: Int?
    /// The time since the beginning of the access, or of the instance.
    public let at: Duration
    /// The stable code of its kind, for example `started`, `first_byte`, `won`, `judged`.
    public let code: String
    public let sentence: String
    public let kind: EngineEventKind

    /// The attempt that it is about.
    public var attempt: Int? { kind.attempt }

    public init(access: Int? = nil, at: Duration, code: String, sentence: String, kind: EngineEventKind) {
        self.access = access
        self.at = at
        self.code = code
        self.sentence = sentence
        self.kind = kind
    }
}

/// What happened.
public enum EngineEventKind: Hashable, Sendable {
    /// An access began.
    case began(Action)
    /// An attempt was started. `strategy` is without its login, and `hop` counts the redirects before it.
    case started(attempt: Int, strategy: String, destination: String, hop: Int, why: StartReason)
    /// An attempt entered a stage.
    case entered(attempt: Int, stage: Stage)
    /// An attempt dials an address.
    case dialled(attempt: Int, address: String)
    /// The first byte of an answer came.
    case firstByte(attempt: Int)
    /// The Tor within the library starts, for the first attempt that needs it. `percent` is 0 to 100, and may fall. `stall`
    /// is what probably holds it up, where nothing has moved for a while.
    case torStarts(attempt: Int, percent: Int, stall: TorStall?)
    /// Another attempt continues a body, from this byte.
    case continued(attempt: Int, from: Int)
    /// An attempt ended. `outcome` is `ok`, or the code of the cause.
    case ended(attempt: Int, outcome: String, stage: Stage, took: Duration)
    /// An attempt brought the answer.
    case won(attempt: Int, strategy: String, took: Duration)
    /// There is a verdict. `again`: it replaces an earlier one.
    case judged(code: VerdictCode, layer: Layer?, rule: String, again: Bool)
    /// The answer comes from the store.
    case answeredFromStore(age: Duration?)
    /// The caller gave up the access.
    case abandoned
    /// Nothing is dialled for a while, because the network lets only a few addresses through.
    case dialsPaused(for: Duration)
    /// The device is on another network.
    case networkChanged
    /// The store was suspended.
    case suspended
    /// The store was resumed.
    case resumed
    /// This listener was slow and missed so many events.
    case missed(Int)
    /// A kind that this version does not know.
    case other

    /// The attempt that it is about.
    public var attempt: Int? {
        switch self {
        case .started(let attempt, _, _, _, _), .entered(let attempt, _), .dialled(let attempt, _), .firstByte(let attempt),
            .torStarts(let attempt, _, _), .continued(let attempt, _), .ended(let attempt, _, _, _), .won(let attempt, _, _):
            attempt
        case .began, .judged, .answeredFromStore, .abandoned, .dialsPaused, .networkChanged, .suspended, .resumed, .missed,
            .other:
            nil
        }
    }
}

/// Why an attempt was started.
public enum StartReason: String, Hashable, Sendable, Codable, CaseIterable {
    /// It is the first one.
    case first
    /// Another one failed, or brought something other than what was asked for.
    case failure
    /// Another one was silent for longer than it should be.
    case silence
    /// What another one reads comes slowly.
    case slow
}

/// What probably keeps the Tor within the library from starting.
public enum TorStall: String, Hashable, Sendable, Codable, CaseIterable {
    /// No connection is made at all: there is no network, or it blocks the addresses of all relays.
    case noConnection = "no_connection"
    /// Connections are made and nothing of Tor gets through: the network filters Tor, or asks for a login on a page first.
    case filtered
    /// Relays answer, and Tor's directory (the list of all relays) does not come.
    case directory
    /// This device's clock is wrong, so that the directory looks outdated or not valid yet.
    case clock
    /// No bridge answers as one: all of them are down, or the network blocks them.
    case bridge
    /// The bridges expect a pluggable transport for which the app has named no program, or its program does not start.
    case transport
    /// Its files cannot be read or written.
    case storage
    /// Another Tor client of this process or of another one has these files.
    case inUse = "in_use"
    /// The Tor network does not take this version any more.
    case outdated
    /// The app ended it: it sleeps, or its data are wiped. Nothing else is tried for what it was to carry.
    case ended
    /// The device's network changed. What may be sent again begins anew.
    case networkChanged = "network_changed"
    /// Nothing moves, and nothing says why.
    case unknown
}
