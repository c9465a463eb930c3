import Foundation

/// Bytes that are overwritten on demand, and when they are released.
final class WipedBytes: Sendable {
    private let bytes: Locked<Held>

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Locked(Held(bytes: Array(bytes))) }

    deinit { wipe() }

    func wipe() { bytes.withLock { Self.wipe(&$0) } }

    var data: Data { bytes.withLock { Data($0.bytes) } }

    /// Them, if they were not wiped. They are wiped now, and what is returned is when its last reference goes.
    func taken() -> Data? {
        bytes.withLock { bytes in
            guard !bytes.isWiped else { return nil }
            defer { Self.wipe(&bytes) }
            return Data(overwrittenInTheEnd: bytes.bytes)
        }
    }

    /// Others with the same content.
    func copy() -> WipedBytes { bytes.withLock { WipedBytes($0.bytes.lazy.map { $0 }) } }

    private static func wipe(_ held: inout Held) {
        held.bytes.withUnsafeMutableBytes { overwrite($0) }
        held.bytes.removeAll()
        held.isWiped = true
    }

    private struct Held {
        var bytes: [UInt8]
        var isWiped = false
    }
}

extension Data {
    /// A copy whose memory is overwritten before it is freed. `Data` keeps up to 14 bytes inside of itself, wherever it lies:
    /// those are not.
    fileprivate init(overwrittenInTheEnd bytes: [UInt8]) {
        guard !bytes.isEmpty else {
            self.init()
            return
        }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        memory.copyBytes(from: bytes)
        // swift-format-ignore: NeverForceUnwrap
        self.init(
            bytesNoCopy: memory.baseAddress!, count: memory.count,
            deallocator: .custom { start, count in
                overwrite(UnsafeMutableRawBufferPointer(start: start, count: count))
                start.deallocate()
            })
    }
}

/// By functions of the system that no compiler leaves out.
private func overwrite(_ memory: UnsafeMutableRawBufferPointer) {
    guard let start = memory.baseAddress else { return }
    #if canImport(Darwin)
        _ = memset_s(start, memory.count, 0, memory.count)
    #else
        explicit_bzero(start, memory.count)
    #endif
}

/// A passphrase that is overwritten: by the call that takes it, whether it succeeds or not, and when it is released. Make one
/// for each call: a second call throws a ``BywayError`` of kind ``BywayError/Kind/input`` (`passphrase_used`).
///
/// Only these bytes are overwritten, and the copies that cross to Rust. A `String` or a text field from which it was made keeps its
/// own copy. While a call takes it, one of fewer than 15 bytes lies inside of values that Swift copies and does not overwrite.
public final class Passphrase: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let bytes: WipedBytes

    private init(_ bytes: WipedBytes) { self.bytes = bytes }

    /// Copies a text.
    public init(_ text: String) { bytes = WipedBytes(text.utf8) }

    /// Copies a text in UTF-8.
    public init(utf8: some Sequence<UInt8>) { bytes = WipedBytes(utf8) }

    /// Overwrites it.
    public func wipe() { bytes.wipe() }

    /// Another one with the same text, which has to be overwritten too.
    public func copy() -> Passphrase { Passphrase(bytes.copy()) }

    /// What crosses to Rust, which overwrites its copy.
    package func taken() throws -> Data {
        guard let bytes = bytes.taken() else {
            throw BywayError(
                kind: .input, code: "passphrase_used",
                text: "This passphrase was used and overwritten. Make a new one for each call.")
        }
        return bytes
    }

    public var description: String { "Passphrase" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The file with an admin's keys, and the passphrase under which it is sealed. The file and the passphrase are all that an
/// admin has to keep: without either nobody can publish any more.
///
/// A new file is refused in the folder of a community (`key_served`), because a web server hands out every file in it.
public struct CommunityKeys: Sendable {
    public let file: URL
    public let passphrase: Passphrase

    public init(file: URL, passphrase: Passphrase) {
        self.file = file
        self.passphrase = passphrase
    }
}

/// The public halves of an admin's keys. Nothing in them is secret, but they name the admin's communities.
public struct AdminKeys: Hashable, Sendable {
    /// One line, which begins with `byway-keys:`, for ``KeyChanges``. A line that was mistyped is refused.
    public let line: String
    /// The fingerprint of the key that decides, for two admins to compare aloud.
    public let decides: String
    /// The fingerprint of the key that signs the newest state.
    public let publishes: String
    /// The fingerprint of the key that writes.
    public let writes: String

    public init(line: String, decides: String, publishes: String, writes: String) {
        self.line = line
        self.decides = decides
        self.publishes = publishes
        self.writes = writes
    }
}

/// Who gets a part in a community, and who loses it. Each person is named by their ``AdminKeys/line``. What is not named stays
/// as it is.
public struct KeyChanges: Hashable, Sendable {
    /// Admins who decide about charters.
    public var root: [String]
    /// How many of them must sign. 1 in a new community, unless this says otherwise.
    public var threshold: Int?
    /// Admins who post in the community's name, and sign the newest state.
    public var publishers: [String]
    /// People who post under their own keys, delete what others posted, and sign the newest state.
    public var moderators: [String]
    /// People who may replace lost root keys.
    public var recovery: [String]
    /// How many of them must sign. Two if two root keys must sign, else one, unless this says otherwise.
    public var recoveryThreshold: Int?
    /// The days in which the root keys can object to a recovery, 7 to 366. 14 in a new community.
    public var recoveryDays: Int?
    /// People who lose every part that they have, or single keys by their fingerprints: then the person's others stay.
    public var removed: [String]

    public init(
        root: [String] = [],
        threshold: Int? = nil,
        publishers: [String] = [],
        moderators: [String] = [],
        recovery: [String] = [],
        recoveryThreshold: Int? = nil,
        recoveryDays: Int? = nil,
        removed: [String] = []
    ) {
        self.root = root
        self.threshold = threshold
        self.publishers = publishers
        self.moderators = moderators
        self.recovery = recovery
        self.recoveryThreshold = recoveryThreshold
        self.recoveryDays = recoveryDays
        self.removed = removed
    }
}

/// What stands on a ``RecoveryCard`` and is not secret.
public struct CardInfo: Hashable, Sendable {
    /// Its number in its set, from 1 on.
    public let number: Int
    /// How many cards the set has.
    public let count: Int
    /// How many of them make the key.
    public let needed: Int
    /// The name of the set. Cards of two sets do not mix.
    public let set: String
    /// The fingerprint of the key that the set makes: ``AdminKeys/decides``.
    public let keys: String

    public init(number: Int, count: Int, needed: Int, set: String, keys: String) {
        self.number = number
        self.count = count
        self.needed = needed
        self.set = set
        self.keys = keys
    }
}

/// One part of a key, to be printed. Enough of them are as secret as the key file.
///
/// Its bytes are overwritten by ``wipe()``, and when it is released. The `Data` that it hands out, and copies that a printer
/// or a view makes, are not.
public final class RecoveryCard: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public let info: CardInfo
    private let secrets: [WipedBytes]

    init(info: CardInfo, line: Data, rows: Data, page: Data) {
        self.info = info
        secrets = [WipedBytes(line), WipedBytes(rows), WipedBytes(page)]
    }

    /// The card as one line, for a QR code. In UTF-8. Empty once it was wiped.
    public var line: Data { secrets[0].data }
    /// The rows of groups that a person types, one below the other. In UTF-8.
    public var rows: Data { secrets[1].data }
    /// A page to print, in HTML, which loads nothing: what the card is, how it is used, its rows and its QR code. In UTF-8.
    public var page: Data { secrets[2].data }

    /// Overwrites it.
    public func wipe() { secrets.forEach { $0.wipe() } }

    public var description: String { "RecoveryCard(\(info.number) of \(info.count))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
