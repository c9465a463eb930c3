import Byway
import Foundation

/// What a ``FakePublisher`` says of its community, and who decides. It checks what the core checks of a charter.
struct FakeCharter: Sendable {
    private(set) var statement: CommunityStatement
    /// How often the keys were replaced.
    private(set) var rotations = 0
    private let decidesAlone: Bool
    private var keyFiles: Set<URL> = []
    private var parts = FakeParts()

    /// The community's id.
    static let id = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    init(founding statement: CommunityStatement, decidesAlone: Bool) throws {
        (self.statement, self.decidesAlone) = (statement, decidesAlone)
        let decided = try checked(statement)
        try decided.check()
        guard decided.threshold == 1 else { throw Self.tooFew() }
        parts = decided
        self.statement.keys = KeyChanges()
    }

    mutating func restate(_ statement: CommunityStatement, _ decided: FakeParts) throws {
        try decided.check()
        try checkAlone()
        guard decided.threshold == 1 else { throw Self.tooFew() }
        parts = decided
        self.statement = statement
        self.statement.keys = KeyChanges()
    }

    func checkUnused(_ file: URL) throws {
        if keyFiles.contains(file.standardizedFileURL) { throw BywayError.ofTheFake(.input, "key_exists") }
    }

    mutating func rotate(to file: URL) throws {
        try checkAlone()
        keyFiles.insert(file.standardizedFileURL)
        rotations += 1
    }

    func checkAlone() throws {
        guard decidesAlone else { throw Self.tooFew() }
    }

    var community: Community {
        Community(
            id: CommunityID(rawValue: "byway:\(Self.id)"), name: statement.name,
            description: statement.description.isEmpty ? nil : statement.description, homes: statement.mirrors,
            links: statement.pages.map { Link(url: $0) })
    }

    /// The link with its first mirrors: at most four, and as many as a QR code holds.
    func link(_ exposure: Exposure) -> SignedLink {
        let key = ownKey
        let asked = (exposure > .open ? ["exposure=\(exposure.rawValue)"] : []) + ["key=\(key)"]
        func text(_ mirrors: [String]) -> String {
            let shown = mirrors.map { "mirror=" + ($0.hasPrefix("https://") ? String($0.dropFirst(8)) : $0) }
            return "byway:\(Self.id)?" + (asked + shown).joined(separator: "&")
        }
        var named: [String] = []
        for mirror in statement.mirrors.compactMap(FakeLink.mirror) where !named.contains(mirror) {
            if named.count < FakeLink.mostMirrors, text(named + [mirror]).utf8.count <= FakeLink.longest { named.append(mirror) }
        }
        let shown = named.first { exposure == .open || $0.contains(".onion/") }
        let groups = stride(from: 0, to: 20, by: 4).map { String(key.dropFirst($0).prefix(4)) }
        return SignedLink(
            id: Self.id, exposure: exposure, key: groups.joined(separator: "-"), mirrors: named, text: text(named),
            webForm: shown.map { "\($0)#\(text(named))" })
    }

    private var ownKey: String {
        String(repeating: "0", count: 20 - String(rotations, radix: 16).count) + String(rotations, radix: 16)
    }

    func checked(_ statement: CommunityStatement) throws -> FakeParts {
        _ = try statement.continues.map(FakeLink.init)
        let keys = statement.keys
        let lines = keys.root + keys.publishers + keys.moderators + keys.recovery
        for line in lines + keys.removed.filter({ FakeKeys.fingerprint($0) == nil }) { _ = try FakeKeys(line) }
        let numbers = [keys.threshold, keys.recoveryThreshold, keys.recoveryDays].compactMap { $0 }
        guard numbers.allSatisfy({ $0 >= 0 }) else { throw BywayError.ofTheFake(.input, "number") }
        try FakeItem.checkLine(statement.name, most: 200)
        let isControl = { (scalar: Unicode.Scalar) in
            scalar.properties.generalCategory == .control && scalar != "\n"
        }
        let addresses = statement.mirrors + statement.pages
        guard statement.description.utf8.count <= 4000, !statement.description.unicodeScalars.contains(where: isControl),
            addresses.count <= 32, addresses.allSatisfy(Self.isAddress)
        else { throw FakeItem.unfit() }
        return try parts.changed(by: keys, own: ownKey)
    }

    private static func tooFew() -> BywayError { .ofTheFake(.input, "too_few_signed") }

    private static func isAddress(_ text: String) -> Bool {
        guard let beginning = ["https://", "http://"].first(where: text.hasPrefix) else { return false }
        let rest = text.dropFirst(beginning.count)
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        let isGraphic = text.utf8.count <= 512 && text.utf8.allSatisfy { (33...126).contains($0) }
        return isGraphic && !host.isEmpty && !host.contains("@") && !rest.contains("#")
    }
}

/// The link to a signed community, as far as a fake reads it.
struct FakeLink {
    let id: String
    private(set) var mirrors: [String] = []

    static let longest = 331
    static let mostMirrors = 4
    private static let longestWebForm = 1024

    init(_ text: String) throws {
        let given = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard given.utf8.count <= Self.longestWebForm else { throw Self.refused("too_long") }
        let isOwn = { (part: Substring) in part.lowercased().hasPrefix("byway:") }
        let isWeb = ["https://", "http://"].contains { given.lowercased().hasPrefix($0) }
        let behind = given.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first
        guard let link = isOwn(given[...]) ? given[...] : isWeb ? behind : nil, isOwn(link) else { throw Self.refused("no_link") }
        guard link.utf8.count <= Self.longest else { throw Self.refused("too_long") }
        let parts = link.dropFirst(6).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        id = parts[0].lowercased()
        guard id.utf8.count == 64, id.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { throw Self.refused("id") }
        for parameter in parts.dropFirst().flatMap({ $0.split(separator: "&", omittingEmptySubsequences: false) }) {
            let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = pair.count == 2 ? String(pair[1]) : ""
            switch pair.count == 2 ? pair[0] : "" {
            case "exposure":
                guard Exposure(rawValue: value.lowercased()) != nil else { throw Self.refused("exposure") }
            case "key":
                guard value.filter({ $0 != "-" }).count == 20 else { throw Self.refused("key") }
            case "mirror":
                guard let mirror = Self.mirror(value) else { throw Self.refused("mirror") }
                if !mirrors.contains(mirror) { mirrors.append(mirror) }
                guard mirrors.count <= Self.mostMirrors else { throw Self.refused("too_many_mirrors") }
            default: throw Self.refused("parameter")
            }
        }
    }

    /// A mirror's address in its only form: a folder, without login, query and fragment.
    static func mirror(_ text: String) -> String? {
        let address = text.contains("://") ? text : "https://\(text)"
        guard let beginning = ["https://", "http://"].first(where: address.lowercased().hasPrefix) else { return nil }
        let rest = address.dropFirst(beginning.count)
        guard !rest.isEmpty, !rest.contains(where: { "@?#& ".contains($0) }) else { return nil }
        return address.hasSuffix("/") ? address : "\(address)/"
    }

    private static func refused(_ code: String) -> BywayError { .ofTheFake(.input, code) }
}
