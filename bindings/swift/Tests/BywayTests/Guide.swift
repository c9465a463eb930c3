import Byway
import BywayFakes
import BywayURLSession
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

// The short listings of docs/ios.md. `tests/readme.rs` compares them.

func storage(in folder: URL, keychain: some Keychain) -> Storage {
    Storage(folder: folder, key: .hook { try keychain.storeKey() })
}

protocol Keychain: Sendable {
    func storeKey() throws -> Data
    func deleteStoreKey() throws
}

func wipe(_ byway: any BywayClient, keychain: some Keychain) async throws {
    // The key first: without it nothing can be read, even if the files cannot be removed.
    let deleted = Result { try keychain.deleteStoreKey() }
    try await byway.wipe()
    try deleted.get()
}

func lifecycle(_ configuration: Configuration) -> AppLifecycle {
    AppLifecycle { try await LiveByway.open(configuration) }
}

func readInBackground(_ app: AppLifecycle, notify: @escaping @Sendable () -> Void) async throws {
    try await app.inBackground { byway in
        let synced = try await byway.sync(byway.communities().map(\.id))
        if synced.communities.contains(where: { !$0.changes.posts.added.isEmpty && !$0.changes.posts.isFirst }) {
            notify()  // "New item", and nothing else
        }
    }
}

func picture(_ id: AttachmentID, through byway: any BywayClient) async throws -> Data {
    try await byway.fetchAttachment(id, maxBytes: 4 << 20).bytes
}

func page(at url: URL, through byway: LiveByway) async throws -> Data {
    let session = URLSession(configuration: .through(byway, exposure: .proxied))
    let (data, response) = try await session.data(from: url)
    return response.expectedContentLength > 0 ? data : Data()
}

func progress(of byway: LiveByway, show: (String) -> Void) async throws {
    for await event in try byway.engineEvents() {
        if case .torStarts(_, let percent, let stall) = event.kind {
            show("\(percent) %" + (stall.map { ", \($0.rawValue)" } ?? ""))
        }
    }
}

func configuration(through bridge: String) -> Configuration {
    let configuration = Configuration(
        strategies: [bridge],
        torTransports: [.running(["obfs4", "snowflake"], address: "127.0.0.1:52000")])
    return configuration
}

func askAboutAMove(
    of opened: Opened, through byway: any BywayClient, userFollows: (String?, String?) -> Bool
) async throws {
    if opened.moves.contains(where: \.asks) {
        // `successor(of:)` reads it over strategies that are not direct, and says what is signed. It decides nothing.
        guard let shown = try await byway.successor(of: opened.community.id).moves.last else { return }
        // The answer is for what was shown: if another successor is named by now, it is refused (`successor_changed`).
        if userFollows(shown.fromKeys, shown.toKeys) {
            _ = try await byway.follow(shown)
        } else {
            try await byway.stay(despite: shown)
        }
    }
}

func publish(from folder: URL, keyFile: URL, typed: String, webServer: URL) async throws {
    let keys = CommunityKeys(file: keyFile, passphrase: Passphrase(typed))
    let statement = CommunityStatement(name: "Zavod", mirrors: ["https://zavod.example/"])
    let zavod = try await LivePublisher.found(folder, keys: keys, statement: statement)
    _ = try await zavod.post("We meet on Friday at six.")
    _ = try await zavod.publish(into: webServer)
    await zavod.close()
}

func post(_ photo: Data, with publisher: any CommunityPublisher) async throws {
    let gate = try await Picture(cleaning: photo, text: "The closed gate")
    _ = try await publisher.post("They locked us out.", pictures: [gate])
}

func copy(with byway: any BywayClient, into folder: URL, keys: CommunityKeys) async throws -> SignedLink {
    let options = CopyOptions(mirrors: ["https://dav.example/copy/"])
    let copied = try await byway.copyPage("vk.com/NAME", into: folder, keys: keys, by: "Anna", options: options)
    return copied.link
}

func previewed(gate: Data) async throws -> (any BywayClient, any CommunityPublisher) {
    let byway = FakeByway()
    let club = try FakePublisher(CommunityStatement(name: "The club", mirrors: ["https://club.example/"]))
    _ = try await club.post("", pictures: [FakePublisher.picture("The gate", bytes: gate)])
    club.freeze(after: Date())
    return (byway, club)
}

func approve(_ file: Data, in folder: URL, keys: CommunityKeys, userAgrees: ([String]) -> Bool) async throws -> Data? {
    let proposal = try await CommunityProposal(file: file, comparingWith: folder)
    if userAgrees(proposal.changes) {
        return try await proposal.approve(with: keys, comparingWith: folder).proposal.file
    }
    return nil
}
