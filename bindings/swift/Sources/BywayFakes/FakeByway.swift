import Byway
import Foundation

/// A client for SwiftUI previews and tests: one small community, no network, no native work.
///
/// ```swift
/// #Preview { PostsView(byway: FakeByway()) }
/// #Preview("Offline") { PostsView(byway: FakeByway(failure: .unreached)) }
/// ```
///
/// It remembers what it is told (exposures, retention, the language) in memory, and refuses what the real client
/// refuses: while its store is locked or suspended nothing is read, and an exposure that none of its strategies satisfies is
/// not permitted. It opens any link, always as its one community. That community is stored from the beginning, so a reading
/// changes something only after the community was forgotten.
public final class FakeByway: BywayClient {
    private struct State {
        var exposure = Exposure.open
        var retention: Int?
        var limit: Int?
        var network = Network(id: "")
        var language = Language.english
        /// Why the store answers nothing; `nil` while it is open.
        var shut: Shut?
        var closed = false
        var forgotten = false
        var listeners: [UUID: Listener<StoreChange>] = [:]
        var eventListeners: [UUID: Listener<EngineEvent>] = [:]
    }

    private enum Shut: String {
        case locked = "store_locked"
        case suspended = "store_suspended"
    }

    private let fixture: Fixture
    private let state = Locked(State())

    public init(_ fixture: Fixture = Fixture()) { self.fixture = fixture }

    /// A fake in which every access fails in this way, and nothing is stored that could be shown instead.
    public convenience init(failure kind: BywayError.Kind) {
        let error = BywayError(
            kind: kind, code: kind.rawValue, text: "This is how an error reads.", reachability: .blockedExample)
        self.init(Fixture(reachability: .blockedExample, failure: error))
        state.withLock { $0.forgotten = true }
    }

    // MARK: Reading

    public func open(_ link: String, options: AccessOptions) async throws -> Opened {
        try alive()
        let named = try exposure(in: link)
        try unlocked()
        let exposure = max(options.exposure, named, state.withLock(\.exposure))
        guard !options.offline else {
            guard isStored, isOwn(link) else { throw Self.notStored() }
            return opened(source: .store, exposure: exposure)
        }
        guard isPermitted(exposure) else {
            guard isStored, isOwn(link) else { throw BywayError.ofTheFake(.notPermitted, "unreached") }
            let fault = Fault(kind: .notPermitted, code: "unreached", sentence: "This is how an error reads.")
            return opened(source: .store, exposure: exposure, fault: fault)
        }
        try await access()
        let isFirst = state.withLock { state in
            state.exposure = exposure
            defer { state.forgotten = false }
            return state.forgotten
        }
        guard isFirst else { return opened(source: .network, exposure: exposure) }
        let id = fixture.community.id
        let changes = Changes(
            community: true,
            posts: Changed(added: fixture.posts.map(\.id), first: true),
            events: Changed(added: fixture.events.map(\.id), first: true))
        tell(.community(id))
        if !changes.posts.added.isEmpty { tell(.posts(id, changes.posts)) }
        if !changes.events.added.isEmpty { tell(.events(id, changes.events)) }
        return opened(source: .network, exposure: exposure, changes: changes)
    }

    private func opened(
        source: ReadFrom, exposure: Exposure, changes: Changes = Changes(), fault: Fault? = nil
    ) -> Opened {
        Opened(
            community: fixture.community,
            posts: fixture.posts,
            events: fixture.events.sorted { ($0.start?.date ?? .distantFuture) < ($1.start?.date ?? .distantFuture) },
            changes: changes,
            reachability: fixture.reachability,
            source: source,
            syncedAt: Date(),
            exposure: exposure,
            trust: fixture.trust,
            fault: fault
        )
    }

    public func refresh(_ id: CommunityID) async throws -> Opened {
        try known(id)
        return try await open(fixture.community.homes.first ?? "", options: AccessOptions())
    }

    public func preview(_ link: String, options: AccessOptions) async throws -> Preview {
        try alive()
        let named = try exposure(in: link)
        try unlocked()
        let contact = PreviewContact(observer: .proxy, sentence: "The proxy sees which site is read.")
        let exposure = max(options.exposure, named, state.withLock(\.exposure))
        let permitted = fixture.strategies.filter { $0.allowedBy.contains(exposure) }
        return Preview(
            link: link, exposure: exposure, stored: isStored, hosts: ["vk.com"],
            routes: permitted.map { PreviewRoute(strategy: $0, contacts: [contact]) },
            refusal: permitted.isEmpty ? "no_way" : nil,
            refusalSentence: permitted.isEmpty ? "This is how an error reads." : nil)
    }

    public func sync(_ communities: [CommunityID], limits: SyncLimits) async throws -> Synced {
        try alive()
        var done: [SyncedCommunity] = []
        // Communities of which no post is stored come first.
        let order = communities.filter { $0 != fixture.community.id } + communities.filter { $0 == fixture.community.id }
        for id in order where !done.contains(where: { $0.id == id }) {
            do {
                let opened = try await refresh(id)
                if let fault = opened.fault {
                    done.append(SyncedCommunity(id: id, outcome: .failed(fault, reachability: opened.reachability)))
                } else {
                    done.append(SyncedCommunity(id: id, outcome: .done(opened.reachability), changes: opened.changes))
                }
            } catch let error as BywayError where error.kind != .closed {
                let fault = Fault(kind: error.kind, code: error.code, sentence: error.text)
                done.append(SyncedCommunity(id: id, outcome: .failed(fault, reachability: error.reachability)))
            }
        }
        return Synced(communities: done, bytes: 0, took: fixture.delay)
    }

    public func probe(_ url: String, options: AccessOptions) async throws -> Reachability {
        try await permitted(url, options.exposure)
        return fixture.reachability
    }

    public func get(_ url: String, options: AccessOptions, settle: Duration?) async throws -> Fetched {
        try await permitted(url, options.exposure)
        return Fetched(
            status: 200, url: url, headers: [Header(name: "content-type", value: "text/plain")], body: Data("All is well.".utf8),
            reachability: fixture.reachability)
    }

    public func http(_ request: HTTPRequest) async throws -> any HTTPCall {
        try alive()
        guard !request.method.isEmpty else { throw BywayError.ofTheFake(.input, "method") }
        let isTorn = { (header: Header) in header.value.unicodeScalars.contains { $0.value < 32 && $0 != "\t" } }
        guard !request.headers.contains(where: { $0.name.isEmpty || isTorn($0) }) else {
            throw BywayError.ofTheFake(.input, "header")
        }
        try checkURL(request.url)
        return FakeCall(request: request) { [self] in try await permitted(request.url, request.exposure) }
    }

    public func httpSession(_ options: HTTPSessionOptions) async throws -> any HTTPSession {
        try alive()
        return FakeSession(client: self, isolation: options.isolation)
    }

    public func fetchAttachment(_ id: AttachmentID, maxBytes: Int, options: AccessOptions) async throws -> FetchedFile {
        try unlocked()
        guard id.index >= 0, maxBytes >= 0 else { throw BywayError.ofTheFake(.input, "number") }
        guard let post = try await post(id.post, of: id.community) else { throw Self.notStored() }
        guard post.attachments.indices.contains(id.index) else { throw Self.notStored() }
        switch post.attachments[id.index] {
        case .photo, .document: break
        default: throw BywayError.ofTheFake(.input, "no_file")
        }
        try await access()
        return FetchedFile(bytes: Data(), contentType: "image/jpeg", reachability: fixture.reachability)
    }

    // MARK: What is on the device

    public func communities() async throws -> [StoredCommunity] {
        try unlocked()
        return isStored ? [StoredCommunity(community: fixture.community, syncedAt: Date())] : []
    }

    public func community(_ id: CommunityID) async throws -> StoredCommunity? {
        try await communities().first { $0.id == id }
    }

    public func posts(of community: CommunityID, after: Cursor?, limit: Int) async throws -> Page<Post> {
        try page(isStored && community == fixture.community.id ? fixture.posts : [], after, limit)
    }

    public func events(of community: CommunityID, after: Cursor?, limit: Int) async throws -> Page<Event> {
        let latestFirst = fixture.events.sorted { left, right in
            (left.start?.date ?? Date.distantPast) > (right.start?.date ?? Date.distantPast)
        }
        return try page(isStored && community == fixture.community.id ? latestFirst : [], after, limit)
    }

    public func post(_ id: String, of community: CommunityID) async throws -> Post? {
        try unlocked()
        guard isStored, community == fixture.community.id else { return nil }
        return fixture.posts.first { $0.id == id }
    }

    public func event(_ id: CommunityID, of community: CommunityID) async throws -> Event? {
        try unlocked()
        guard isStored, community == fixture.community.id else { return nil }
        return fixture.events.first { $0.id == id }
    }

    public func upcomingEvents(from: Date, until: Date?, after: Cursor?, limit: Int) async throws -> Page<UpcomingEvent> {
        let ahead = fixture.events.filter { event in
            guard isStored, let start = event.start?.date else { return false }
            return start >= from && until.map { start < $0 } ?? true
        }
        let byStart = ahead.sorted { ($0.start?.date ?? .distantPast) < ($1.start?.date ?? .distantPast) }
        return try page(byStart.map { UpcomingEvent(community: fixture.community.id, event: $0) }, after, limit)
    }

    public func search(
        _ query: String, in community: CommunityID?, after: Cursor?, limit: Int
    ) async throws -> Page<SearchHit> {
        let isHere = isStored && community.map { $0 == fixture.community.id } ?? true
        let hits = fixture.posts.filter { isHere && $0.text.localizedCaseInsensitiveContains(query) }
        return try page(hits.map { SearchHit.post($0, community: fixture.community.id) }, after, limit)
    }

    public func attachments(of post: String, community: CommunityID) async throws -> [AttachedFile] {
        guard let found = try await self.post(post, of: community) else { throw BywayError.ofTheFake(.notStored, "no_post") }
        return found.attachments.enumerated().map { index, attachment in
            AttachedFile(id: AttachmentID(community: community, post: post, index: index), attachment: attachment)
        }
    }

    public func icalendar(of events: [EventReference]) async throws -> String {
        try unlocked()
        return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Byway//Fake//EN\r\nEND:VCALENDAR\r\n"
    }

    public func link(to id: CommunityID) async throws -> String? {
        try unlocked()
        guard isStored, id == fixture.community.id, let home = fixture.community.homes.first else { return nil }
        let exposure = state.withLock(\.exposure)
        return exposure == .open ? home : "\(home)#exposure=\(exposure.rawValue)"
    }

    /// Reads the addresses of each `xmlUrl`, as ``exportFeeds()`` writes them, and raises the exposure of its community.
    public func importFeeds(_ opml: Data) async throws -> FeedList {
        try alive()
        let text = String(decoding: opml, as: UTF8.self)
        guard text.contains("<opml") else {
            throw BywayError(kind: .input, code: "not_opml", text: "This file is not a list of feeds.")
        }
        let links = text.components(separatedBy: "xmlUrl=\"").dropFirst().compactMap { $0.split(separator: "\"").first }
        let entries = links.map { ListedFeed(link: $0.replacingOccurrences(of: "&amp;", with: "&"), title: "") }
        for entry in entries {
            let exposure = try self.exposure(in: entry.link)
            if exposure > .open { try await raiseExposure(of: entry.link, to: exposure) }
        }
        return FeedList(entries: entries)
    }

    public func exportFeeds() async throws -> String {
        let link = try await link(to: fixture.community.id)?.replacingOccurrences(of: "&", with: "&amp;")
        let outline = link.map { "<outline xmlUrl=\"\($0)\"/>\n" } ?? ""
        return "<opml version=\"2.0\">\n<head/>\n<body>\n\(outline)</body>\n</opml>\n"
    }

    // MARK: Who may learn of it

    public func exposure(of id: CommunityID) async throws -> Exposure {
        try unlocked()
        return id == fixture.community.id ? state.withLock(\.exposure) : .open
    }

    public func raiseExposure(of link: String, to exposure: Exposure) async throws {
        try alive()
        let named = try self.exposure(in: link)
        try unlocked()
        guard isOwn(link) else { return }
        state.withLock { $0.exposure = max($0.exposure, named, exposure) }
    }

    public func allowDirect(_ allowed: Bool, for id: CommunityID) async throws { try unlocked() }

    // MARK: The store

    public func retention() async throws -> Int? {
        try unlocked()
        return state.withLock(\.retention)
    }

    public func setRetention(days: Int?) async throws -> Int {
        try unlocked()
        guard days ?? 0 >= 0 else { throw BywayError.ofTheFake(.input, "number") }
        state.withLock { $0.retention = days }
        return 0
    }

    public func storageLimit() async throws -> Int? {
        try unlocked()
        return state.withLock(\.limit)
    }

    public func setStorageLimit(bytes: Int?) async throws {
        try unlocked()
        guard bytes ?? 0 >= 0 else { throw BywayError.ofTheFake(.input, "number") }
        state.withLock { $0.limit = bytes }
    }

    public func storageUsed() async throws -> Int {
        try unlocked()
        return 120_000
    }

    public func checkIntegrity() async throws { try unlocked() }

    public func forget(_ id: CommunityID) async throws {
        try unlocked()
        guard isStored, id == fixture.community.id else { return }
        state.withLock { $0.forgotten = true }
        tell(.forgotten(id))
    }

    public func lock() async throws {
        try alive()
        state.withLock { $0.shut = .locked }
    }

    public func unlock(_ key: StoreKey) async throws {
        try alive()
        if case .bytes(let bytes) = key, bytes.count != 32 { throw BywayError.ofTheFake(.input, "key_length") }
        // A suspended store stays suspended.
        state.withLock { $0.shut = $0.shut == .suspended ? .suspended : nil }
    }

    public func suspend() async throws {
        try alive()
        happened(.suspended, "suspended")
        state.withLock { $0.shut = $0.shut ?? .suspended }
    }

    public func resume() async throws {
        try alive()
        happened(.resumed, "resumed")
        guard state.withLock(\.shut) != .locked else { throw BywayError.ofTheFake(.storeClosed, Shut.locked.rawValue) }
        state.withLock { $0.shut = nil }
    }

    public func wipe() async throws {
        try alive()
        state.withLock { state in
            state.forgotten = true
            state.exposure = .open
            state.shut = .locked
        }
        tell(.emptied)
    }

    public func paths() throws -> [URL] {
        try alive()
        return []
    }

    // MARK: The network, and watching

    public func network() throws -> Network {
        try alive()
        return state.withLock(\.network)
    }

    public func setNetwork(_ network: Network) throws {
        try alive()
        let before = state.withLock { state in
            defer { state.network = network }
            return state.network
        }
        // Behind a VPN, the same network is another one.
        guard before.id != network.id || (before.kind == .vpn) != (network.kind == .vpn) else { return }
        happened(.networkChanged, "network_changed")
    }

    public func networkChanged() throws {
        try alive()
        happened(.networkChanged, "network_changed")
    }

    public func newIdentity() throws { try alive() }

    public func changes() throws -> Batches<StoreChange> {
        try alive()
        let (id, listener) = (UUID(), Listener<StoreChange>())
        state.withLock { $0.listeners[id] = listener }
        return Batches(
            next: { await listener.next() },
            end: { [weak self] in
                listener.end()
                self?.state.withLock { _ = $0.listeners.removeValue(forKey: id) }
            })
    }

    public func engineEvents(redacted: Bool) throws -> Batches<EngineEvent> {
        try alive()
        let (id, listener) = (UUID(), Listener<EngineEvent>())
        state.withLock { $0.eventListeners[id] = listener }
        return Batches(
            next: { await listener.next() },
            end: { [weak self] in
                listener.end()
                self?.state.withLock { _ = $0.eventListeners.removeValue(forKey: id) }
            })
    }

    public func accesses() throws -> [Access] {
        try alive()
        return []
    }

    public func report() throws -> String {
        try alive()
        return "[]"
    }

    public func language() throws -> Language {
        try alive()
        return state.withLock(\.language)
    }

    public func setLanguage(_ language: Language) throws {
        try alive()
        state.withLock { $0.language = language }
    }

    public func strategies() throws -> [Strategy] {
        try alive()
        return fixture.strategies
    }

    public func close() async {
        let (listeners, eventListeners) = state.withLock { state in
            state.closed = true
            return (Array(state.listeners.values), Array(state.eventListeners.values))
        }
        listeners.forEach { $0.end() }
        eventListeners.forEach { $0.end() }
    }

    // MARK: - What the answers have in common

    private func access() async throws {
        try alive()
        try await Task.sleep(for: fixture.delay)
        if let failure = fixture.failure { throw failure }
    }

    private func checkURL(_ url: String) throws {
        guard ["http", "https"].contains(URL(string: url)?.scheme) else { throw BywayError.ofTheFake(.input, "url") }
    }

    /// An access to a page.
    private func permitted(_ url: String, _ exposure: Exposure) async throws {
        try alive()
        try checkURL(url)
        try unlocked()
        guard isPermitted(exposure) else { throw BywayError.ofTheFake(.notPermitted, "no_way") }
        try await access()
    }

    private func isPermitted(_ exposure: Exposure) -> Bool { fixture.strategies.contains { $0.allowedBy.contains(exposure) } }

    private func alive() throws {
        guard !state.withLock(\.closed) else {
            throw BywayError.ofTheFake(.closed, "closed")
        }
    }

    private func unlocked() throws {
        try alive()
        if let shut = state.withLock(\.shut) { throw BywayError.ofTheFake(.storeClosed, shut.rawValue) }
    }

    /// A page has 1 to 1,000 items, whatever the caller asks for.
    private static let longestPage = 1_000

    private var isStored: Bool { !state.withLock(\.forgotten) }

    private func isOwn(_ link: String) -> Bool {
        let homes = fixture.community.homes + [fixture.community.screenName].compactMap { $0 }
        let home = link.split(separator: "#").first ?? ""
        return homes.contains { home.hasSuffix($0) || $0.hasSuffix(home) }
    }

    /// The exposure in a link. It must look like an address: no spaces, and a host with a dot. The real client checks more.
    private func exposure(in link: String) throws -> Exposure {
        guard link.contains("."), !link.contains(where: \.isWhitespace) else { throw BywayError.ofTheFake(.input, "link") }
        guard let place = link.range(of: "#exposure=") else { return .open }
        guard let named = Exposure(rawValue: link[place.upperBound...].lowercased()) else {
            throw BywayError.ofTheFake(.input, "link")
        }
        return named
    }

    private static func notStored() -> BywayError { .ofTheFake(.notStored, "not_stored") }

    private func known(_ id: CommunityID) throws {
        try unlocked()
        guard id == fixture.community.id, isStored else { throw Self.notStored() }
    }

    private func page<Item>(_ all: [Item], _ after: Cursor?, _ limit: Int) throws -> Page<Item> {
        try unlocked()
        guard limit >= 0 else { throw BywayError.ofTheFake(.input, "number") }
        let from =
            try after.map { cursor in
                guard let place = Int(cursor.rawValue), (0...all.count).contains(place) else {
                    throw BywayError.ofTheFake(.input, "bad_cursor")
                }
                return place
            } ?? 0
        let end = from + min(max(limit, 1), Self.longestPage, all.count - from)
        return Page(items: Array(all[from..<end]), next: end < all.count ? Cursor(rawValue: String(end)) : nil)
    }

    private func happened(_ kind: EngineEventKind, _ code: String) {
        let event = EngineEvent(at: .zero, code: code, sentence: "This is how an event reads.", kind: kind)
        state.withLock { Array($0.eventListeners.values) }.forEach { $0.add(event) }
    }

    private func tell(_ change: StoreChange) {
        state.withLock { Array($0.listeners.values) }.forEach { $0.add(change) }
    }
}

extension BywayError {
    /// An error as the fake words all of them.
    static func ofTheFake(_ kind: Kind, _ code: String) -> BywayError {
        BywayError(kind: kind, code: code, text: "This is how an error reads.")
    }
}
