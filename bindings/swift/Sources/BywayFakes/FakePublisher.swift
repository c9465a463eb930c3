import Byway
import Foundation

/// A publisher for SwiftUI previews and tests of an admin's screens: one community in memory, no key, no file, no native work.
///
/// ```swift
/// #Preview {
///     AdminView(publisher: try! FakePublisher(CommunityStatement(name: "The club", mirrors: ["https://club.example/"])))
/// }
/// ```
///
/// It keeps what it is told, and refuses what the real publisher refuses, with the same kind and code. A folder is a name in
/// memory: nothing is written there, and ``postElsewhere(_:into:)`` is how another device publishes into it.
///
/// The line of an `AdminKeys` is known by its form alone, and of the admin's own keys the one in ``link(exposure:)``. The largest
/// size of an item, 64 KiB, is counted to within some hundred bytes. Of a statement, relays, bans, hints, resolvers and
/// restrictions are kept as they are given.
public final class FakePublisher: CommunityPublisher {
    struct State {
        var charter: FakeCharter
        var items: Set<FakeItem> = []
        /// The date of the charter in force. Nothing is dated before it.
        var issued = Date.distantPast
        var folders: [URL: Set<FakeItem>] = [:]
        var servers: [String: Set<FakeItem>] = [:]
        var freeze: Date?
        var recovery: WaitingRecovery?
        var successor: String?
        var pageLanguage = Language.english
        var failure: BywayError?
        var isClosed = false

        /// What a place has when another device has posted there.
        func posting(_ text: String, beside there: Set<FakeItem>, at now: Date) throws -> Set<FakeItem> {
            var other = self
            other.items.formUnion(there)
            return there.union([try other.article(FakeItem.newName(), text, [], replacing: nil, at: now)])
        }
    }

    private let state: Locked<State>
    private let clock: @Sendable () -> Date

    /// A community that says this of itself. One that could not be founded throws, as `LivePublisher.found` does.
    ///
    /// - Parameters:
    ///   - decidesAlone: `false`: it has several admins, and one of them cannot change its charter (`too_few_signed`).
    ///   - clock: The device's clock.
    public init(
        _ statement: CommunityStatement = .example, decidesAlone: Bool = true, clock: @escaping @Sendable () -> Date = { Date() }
    ) throws {
        state = Locked(State(charter: try FakeCharter(founding: statement, decidesAlone: decidesAlone)))
        self.clock = clock
    }

    // MARK: What only others can cause

    /// What every call throws while it is set.
    public var failure: BywayError? {
        get { state.withLock(\.failure) }
        set { state.withLock { $0.failure = newValue } }
    }

    /// The recovery that waits. The next charter ends it.
    public var waitingRecovery: WaitingRecovery? {
        get { state.withLock(\.recovery) }
        set { state.withLock { $0.recovery = newValue } }
    }

    /// The language of the pages of its web site, as ``setPageLanguage(_:)`` left it.
    public var pageLanguage: Language { state.withLock(\.pageLanguage) }

    /// The link of its successor, as ``move(to:)`` left it.
    public var successor: String? { state.withLock(\.successor) }

    /// Puts a freeze in force, as `CommunityProposal.placeFreeze(into:)` does. Of several the earliest stays.
    public func freeze(after time: Date) {
        state.withLock { $0.freeze = min($0.freeze ?? .distantFuture, time.minute) }
    }

    /// Posts as another device of this admin does, which publishes into this folder.
    public func postElsewhere(_ text: String, into folder: URL) throws {
        try state.withLock { state in
            let place = folder.standardizedFileURL
            state.folders[place] = try state.posting(text, beside: state.folders[place] ?? [], at: clock())
        }
    }

    /// The same, into a folder on a server.
    public func postElsewhere(_ text: String, into target: UploadTarget) throws {
        try state.withLock { state in
            let there = state.servers[target.address] ?? []
            state.servers[target.address] = try state.posting(text, beside: there, at: clock())
        }
    }

    /// A picture, without a file to clean.
    public static func picture(_ text: String = "", bytes: Data = Data(), width: Int = 4, height: Int = 3) -> Picture {
        Picture(bytes: bytes, mediaType: "image/png", width: width, height: height, text: text)
    }

    // MARK: What an admin does

    public func link(exposure: Exposure) async throws -> SignedLink { try call { $0.charter.link(exposure) } }

    public func content() async throws -> Published { try call { $0.content() } }

    public func statement() async throws -> CommunityStatement { try call { $0.charter.statement } }

    public func post(_ text: String, pictures: [Picture]) async throws -> String {
        try call { [now = clock()] in
            try $0.add(try $0.article(FakeItem.newName(), text, pictures, replacing: nil, at: now))
        }
    }

    public func edit(_ name: String, text: String, pictures: [Picture]?) async throws {
        try call { [now = clock()] state in
            guard let known = state.latestOfOurs(name), known.isPost else { throw FakeItem.absent() }
            _ = try state.add(try state.article(name, text, pictures ?? known.pictures, replacing: known, at: now))
        }
    }

    public func announce(_ gathering: Gathering, replacing name: String?) async throws -> String {
        try call { [now = clock()] state in
            try FakeItem.checkTimes(of: gathering)
            let known = try name.map { name in
                guard let known = state.latestOfOurs(name), !known.isPost else { throw FakeItem.absent() }
                return known
            }
            return try state.add(try state.gathering(name ?? FakeItem.newName(), gathering, replacing: known, at: now))
        }
    }

    public func delete(_ name: String) async throws {
        try call { [now = clock()] state in
            guard let known = state.latest(name) else { throw FakeItem.absent() }
            _ = try state.add(state.deletion(of: known, at: now))
        }
    }

    public func restate(_ statement: CommunityStatement) async throws {
        try call { [now = clock()] state in
            let decided = try state.charter.checked(statement)
            try state.enact(at: now) { try $0.restate(statement, decided) }
        }
    }

    public func move(to successor: String?) async throws {
        try call { [now = clock()] state in
            if let link = try successor.map(FakeLink.init) {
                guard link.id != FakeCharter.id else { throw BywayError.ofTheFake(.input, "successor_same") }
                guard !link.mirrors.isEmpty else { throw BywayError.ofTheFake(.input, "successor_homeless") }
            }
            try state.enact(at: now) { try $0.checkAlone() }
            state.successor = successor
        }
    }

    public func rotate(to keys: CommunityKeys) async throws {
        _ = try keys.passphrase.taken()
        try call { [now = clock()] state in
            try state.charter.checkUnused(keys.file)
            let file = keys.file.standardizedFileURL.pathComponents
            let isServed = state.folders.keys.contains { file.starts(with: $0.pathComponents) }
            guard !isServed else { throw BywayError.ofTheFake(.input, "key_served") }
            try state.enact(at: now) { try $0.rotate(to: keys.file) }
        }
    }

    public func recovery() async throws -> WaitingRecovery? { try call(\.recovery) }

    public func frozen() async throws -> Date? { try call(\.freeze) }

    public func datedAhead() async throws -> Date? {
        try call { [now = clock()] state in
            let newest = max(state.issued, state.items.map(\.signed).max() ?? .distantPast)
            return newest > now + 86_400 ? newest : nil
        }
    }

    public func redate() async throws -> Int {
        try call { [now = clock()] in $0.redate(to: now) }
        return 0
    }

    public func setPageLanguage(_ language: Language) async throws { try call { $0.pageLanguage = language } }

    public func publish(into folder: URL, replacing: Bool) async throws -> FilesWritten {
        try call { try Self.bring(&$0.folders[folder.standardizedFileURL], to: $0.items, replacing: replacing) }
    }

    /// A server is a name in memory too: nothing is sent, and every login is the right one. The client may be a fake.
    public func upload(
        to target: UploadTarget, credentials: UploadCredentials?, over client: any BywayClient, options: UploadOptions
    ) async throws -> FilesWritten {
        var isKey = false
        switch credentials {
        case .key(_, let secret, let token):
            isKey = true
            _ = try (secret.taken(), token?.taken())
        case .login(_, let password): _ = try password.taken()
        case nil: break
        }
        return try call { [isKey] state in
            if let code = Self.fault(of: target) { throw BywayError.ofTheFake(.input, code) }
            guard !isKey else { throw BywayError.ofTheFake(.input, "upload_credentials_kind") }
            if options.takeIn { state.items.formUnion(state.servers[target.address] ?? []) }
            return try Self.bring(&state.servers[target.address], to: state.items, replacing: options.replacing)
        }
    }

    /// Why a library without buckets refuses this target.
    private static func fault(of target: UploadTarget) -> String? {
        let address = URLComponents(string: target.address)
        if address?.scheme == "s3" { return "upload_no_s3" }
        guard let address, address.host?.isEmpty == false, ["http", "https"].contains(address.scheme) else {
            return "upload_target"
        }
        if address.user != nil { return "upload_login" }
        return address.scheme == "http" ? "upload_cleartext" : nil
    }

    private static func bring(
        _ place: inout Set<FakeItem>?, to items: Set<FakeItem>, replacing: Bool
    ) throws -> FilesWritten {
        guard replacing || place?.isSubset(of: items) != false else { throw BywayError.ofTheFake(.input, "target_newer") }
        // The head is renewed in any case.
        let changed = place == items ? 1 : files
        place = items
        return FilesWritten(changed: changed, unchanged: files - changed)
    }

    public func takeIn(from folder: URL) async throws {
        try call { state in
            guard let there = state.folders[folder.standardizedFileURL] else {
                throw BywayError.ofTheFake(.notFound, "community_absent")
            }
            state.items.formUnion(there)
        }
    }

    public func close() async { state.withLock { $0.isClosed = true } }

    /// Charter, head, newest, page, feed and calendar.
    private static let files = 6

    private func call<Answer>(_ answer: (inout State) throws -> Answer) throws -> Answer {
        try state.withLock { state in
            if state.isClosed { throw BywayError.ofTheFake(.closed, "closed") }
            if let failure = state.failure { throw failure }
            return try answer(&state)
        }
    }
}

extension CommunityStatement {
    /// The statement of the fake: a small community with a mirror.
    public static let example = CommunityStatement(
        name: "The workers' club", description: "We read together.", mirrors: ["https://club.example/"])
}
