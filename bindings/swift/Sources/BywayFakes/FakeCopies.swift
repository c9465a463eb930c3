import Byway
import Foundation

/// A copy that the fake made of its page.
struct FakeCopy: Sendable {
    let of: String
    let charter: FakeCharter
    let at: Date
    let posts: [String: Post]
    let events: [CommunityID: Event]
    let gone: Int
}

extension FakeByway {
    /// A folder and its keys are names in memory: nothing is written, and every passphrase is the right one.
    public func copyPage(
        _ link: String, into folder: URL, keys: CommunityKeys, by name: String, options: CopyOptions
    ) async throws -> CopiedPage {
        let passphrase = try keys.passphrase.taken()
        try alive()
        guard !passphrase.isEmpty else { throw BywayError.ofTheFake(.input, "secret_empty") }
        let place = folder.standardizedFileURL
        guard !keys.file.standardizedFileURL.pathComponents.starts(with: place.pathComponents) else {
            throw BywayError.ofTheFake(.input, "key_served")
        }
        let named = try exposure(in: link)
        try unlocked()
        let address = String(link.split(separator: "#").first ?? "")
        let before = state.withLock { $0.copies[place] }
        if let before {
            guard before.of == address else { throw BywayError.ofTheFake(.input, "copy_of_other") }
            guard before.at + Self.leastInterval <= Date() else {
                return CopiedPage(link: before.charter.link(.open), isTooSoon: true)
            }
        }
        // What a link or a call asks for binds even if nothing is read.
        let exposure = state.withLock { state in
            state.exposure = max(state.exposure, named, options.exposure)
            return state.exposure
        }
        guard isPermitted(exposure, directly: mayBeDirect(AccessOptions(allowDirect: options.allowDirect))) else {
            throw BywayError.ofTheFake(.notPermitted, "unreached")
        }
        try await access()
        guard before != nil || !name.isEmpty else { throw BywayError.ofTheFake(.input, "refused") }
        let statement = CommunityStatement(name: fixture.community.name, mirrors: options.mirrors, pages: [address])
        let charter = try before?.charter ?? FakeCharter(founding: statement, decidesAlone: true)
        return take(address, charter, before, into: place)
    }

    private func take(_ address: String, _ charter: FakeCharter, _ before: FakeCopy?, into place: URL) -> CopiedPage {
        let whole = fixture.posts.filter { !$0.text.isEmpty || !$0.attachments.isEmpty }
        let posts = Dictionary(whole.map { ($0.id, $0) }) { first, _ in first }
        let events = Dictionary(fixture.events.map { ($0.id, $0) }) { first, _ in first }
        let changed =
            posts.filter { before?.posts[$0.key] != $0.value }.count
            + events.filter { before?.events[$0.key] != $0.value }.count
        let gone =
            (before?.posts.keys.filter { posts[$0] == nil }.count ?? 0)
            + (before?.events.keys.filter { events[$0] == nil }.count ?? 0)
        let copy = FakeCopy(
            of: address, charter: charter, at: Date(),
            posts: (before?.posts ?? [:]).merging(posts) { $1 }, events: (before?.events ?? [:]).merging(events) { $1 },
            gone: gone)
        state.withLock { $0.copies[place] = copy }
        return CopiedPage(
            link: charter.link(.open), changed: changed, removed: gone - (before?.gone ?? 0),
            leftOut: fixture.posts.count - whole.count)
    }

    /// More often no page is read for its copy.
    private static var leastInterval: TimeInterval { 600 }
}
