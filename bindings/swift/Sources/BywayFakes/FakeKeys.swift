import Byway
import Foundation

/// The keys in the line of an `AdminKeys`, each by its fingerprint. Whether the line was mistyped is not checked.
struct FakeKeys: Sendable {
    let decides: String
    let publishes: String
    let writes: String

    init(_ line: String) throws {
        let text = line.utf8.dropFirst(11)
        guard line.hasPrefix("byway-keys:"), text.count == 134, text.allSatisfy({ Self.alphabet.contains($0) }) else {
            throw Self.unknown()
        }
        // What follows the three keys is a check of them.
        let base64 = String(decoding: text.prefix(128), as: UTF8.self)
            .replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        guard let bytes = Data(base64Encoded: base64), bytes.count == 96 else { throw Self.unknown() }
        let keys = stride(from: 0, to: 96, by: 32).map { Self.fingerprint(ofKey: Array(bytes.dropFirst($0).prefix(32))) }
        (decides, publishes, writes) = (keys[0], keys[1], keys[2])
    }

    /// The digits of a fingerprint as it is shown. `nil`: the text is none.
    static func fingerprint(_ text: String) -> String? {
        let digits = text.filter { $0 != " " && $0 != "-" }.lowercased()
        return digits.utf8.count == 20 && digits.allSatisfy { $0.isASCII && $0.isHexDigit } ? digits : nil
    }

    static func unknown() -> BywayError { .ofTheFake(.input, "public_keys") }

    private static let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func fingerprint(ofKey key: [UInt8]) -> String {
        let digits = sha256(of: key).prefix(10).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return digits.joined()
    }

    /// SHA-256 (FIPS 180-4) of less than 56 bytes, which are one block. Linux has no CryptoKit.
    private static func sha256(of bytes: [UInt8]) -> [UInt8] {
        let end = [0x80] + [UInt8](repeating: 0, count: 55 - bytes.count)
        let block = bytes + end + (0..<8).map { UInt8(truncatingIfNeeded: (bytes.count * 8) >> (56 - 8 * $0)) }
        func turned(_ word: UInt32, _ by: UInt32) -> UInt32 { word >> by | word << (32 - by) }
        var words: [UInt32] = stride(from: 0, to: 64, by: 4).map { at in
            block[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        for at in 16..<64 {
            let (early, late) = (words[at - 15], words[at - 2])
            let first: UInt32 = turned(early, 7) ^ turned(early, 18) ^ early >> 3
            let second: UInt32 = turned(late, 17) ^ turned(late, 19) ^ late >> 10
            words.append(words[at - 16] &+ first &+ words[at - 7] &+ second)
        }
        var state = start
        for at in 0..<64 {
            let (a, e) = (state[0], state[4])
            let choice: UInt32 = e & state[5] ^ ~e & state[6]
            let majority: UInt32 = a & state[1] ^ a & state[2] ^ state[1] & state[2]
            let mixed: (UInt32, UInt32) = (
                turned(e, 6) ^ turned(e, 11) ^ turned(e, 25), turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
            )
            let first: UInt32 = state[7] &+ mixed.0 &+ choice &+ rounds[at] &+ words[at]
            state = [first &+ mixed.1 &+ majority, a, state[1], state[2], state[3] &+ first, e, state[5], state[6]]
        }
        let digest = zip(start, state).map { $0 &+ $1 }
        return digest.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) } }
    }

    private static let start: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    private static let rounds: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}

/// Who decides and publishes, as far as a fake knows: `nil` stands for the admin whose keys it has.
struct FakeParts: Sendable {
    private var root: Set<String?> = [nil]
    private(set) var threshold = 1
    private var routine: Set<String> = []
    private var writers: Set<String> = []
    private var recovery: Set<String> = []
    private var recoveryThreshold = 1
    private var recoveryDays = 14

    /// - Parameter own: The fingerprint of the key that decides, where only the fake's admin does.
    func changed(by changes: KeyChanges, own: String) throws -> FakeParts {
        var decided = self
        for gone in try changes.removed.filter({ FakeKeys.fingerprint($0) == nil }).map(FakeKeys.init) {
            decided.root.remove(gone.decides)
            decided.routine.remove(gone.publishes)
            decided.writers.remove(gone.writes)
            decided.recovery.remove(gone.decides)
        }
        for key in changes.removed.compactMap(FakeKeys.fingerprint) { try decided.remove(key, own: own) }
        decided.root.formUnion(try changes.root.map { try FakeKeys($0).decides })
        for keys in try (changes.publishers + changes.moderators).map(FakeKeys.init) {
            decided.routine.insert(keys.publishes)
            decided.writers.insert(keys.writes)
        }
        decided.threshold = changes.threshold ?? threshold
        decided.recovery.formUnion(try changes.recovery.map { try FakeKeys($0).decides })
        let known = recovery.isEmpty ? decided.least : recoveryThreshold
        decided.recoveryThreshold = changes.recoveryThreshold ?? max(known, decided.least)
        decided.recoveryDays = changes.recoveryDays ?? recoveryDays
        let isNamed = changes.recoveryThreshold != nil || changes.recoveryDays != nil
        if decided.recovery.isEmpty, isNamed { throw Self.rules() }
        return decided
    }

    private mutating func remove(_ key: String, own: String) throws {
        if key == own, root == [nil] {
            root = []
            return
        }
        let isInRoot = root.remove(key) != nil
        let wasThere = [routine.remove(key), writers.remove(key), recovery.remove(key)].contains { $0 != nil }
        guard isInRoot || wasThere else { throw FakeKeys.unknown() }
    }

    func check() throws {
        let recoveryFits =
            recovery.isEmpty
            || recoveryThreshold >= least && recoveryThreshold <= recovery.count && (7...366).contains(recoveryDays)
        guard recoveryFits, threshold >= 1, threshold <= root.count else { throw Self.rules() }
    }

    private var least: Int { threshold > 1 ? 2 : 1 }

    private static func rules() -> BywayError { .ofTheFake(.input, "key_rules") }
}
