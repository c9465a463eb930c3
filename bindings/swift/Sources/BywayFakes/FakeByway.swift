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
/// refuses. It opens any link, always as its one community. That community is stored from the beginning.
public final class FakeByway: BywayClient {
    /// What the fake knows and answers.
    public struct Fixture: Sendable {
        public var community: Community
        public var posts: [Post]
        public var events: [Event]
        /// How every access ends.
        public var reachability: Reachability
        /// What may be believed of it.
        public var trust: Trust
        /// What every access throws, instead of an answer.
        public var failure: BywayError?
        /// How long every access takes.
        public var delay: Duration

        public init(
            community: Community = .example,
            posts: [Post] = Post.examples,
            events: [Event] = Event.examples,
            reachability: Reachability = .example,
            trust: Trust = .example,
            failure: BywayError? = nil,
            delay: Duration = .zero
        ) {
            self.community = community
            self.posts = posts
            self.events = events
            self.reachability = reachability
            self.trust = trust
            self.failure = failure
            self.delay = delay
        }
    }

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
        var listeners: [UUID: Listener] = [:]
    }

    private enum Shut: String {
        case locked = "store_locked"
        case suspended = "store_suspended"
    }

    private let fixture: Fixture
    private let state = Locked(State())

    public init(_ fixture: Fixture = Fixture()) { self.fixture = fixture }

    /// A fake in which every access fails in this way.
    public convenience init(failure kind: BywayError.Kind) {
        let error = BywayError(
            kind: kind, code: kind.rawValue, text: "This is how an error reads.", reachability: .blockedExample)
        self.init(Fixture(reachability: .blockedExample, failure: error))
    }

    // MARK: Reading

    public func open(_ link: String, options: AccessOptions) async throws -> Opened {
        try unlocked()
        try check(link)
        try await access()
        guard !options.offline || (isStored && isOwn(link)) else { throw Self.notStored() }
        state.withLock { $0.forgotten = false }
        tell(.posts(fixture.community.id, Changed(changed: fixture.posts.map(\.id))))
        return Opened(
            community: fixture.community,
            posts: fixture.posts,
            events: fixture.events,
            reachability: fixture.reachability,
            source: options.offline ? .store : .network,
            syncedAt: Date(),
            exposure: max(options.exposure, state.withLock(\.exposure)),
            trust: fixture.trust
        )
    }

    public func refresh(_ id: CommunityID) async throws -> Opened {
        try known(id)
        return try await open(fixture.community.homes.first ?? "", options: AccessOptions())
    }

    public func preview(_ link: String, options: AccessOptions) async throws -> Preview {
        try unlocked()
        try check(link)
        let contact = PreviewContact(observer: .proxy, sentence: "The proxy sees which site is read.")
        return Preview(
            link: link, exposure: max(options.exposure, state.withLock(\.exposure)), stored: isStored, hosts: ["vk.com"],
            routes: [PreviewRoute(strategy: .example, contacts: [contact])])
    }

    public func sync(_ communities: [CommunityID], limits: SyncLimits) async throws -> Synced {
        try await access()
        let done = communities.map { SyncedCommunity(id: $0, outcome: .done(fixture.reachability)) }
        return Synced(communities: done, bytes: 0, took: fixture.delay)
    }

    public func probe(_ url: String, options: AccessOptions) async throws -> Reachability {
        try await access()
        return fixture.reachability
    }

    public func get(_ url: String, options: AccessOptions, settle: Duration?) async throws -> Fetched {
        try await access()
        return Fetched(
            status: 200, url: url, headers: [Header(name: "content-type", value: "text/plain")], body: Data("All is well.".utf8),
            reachability: fixture.reachability)
    }

    public func http(_ request: HTTPRequest) async throws -> any HTTPCall {
        try alive()
        guard !request.method.isEmpty else { throw Self.refused(.input, "method") }
        let isTorn = { (header: Header) in header.value.unicodeScalars.contains { $0.value < 32 && $0 != "\t" } }
        guard !request.headers.contains(where: { $0.name.isEmpty || isTorn($0) }) else { throw Self.refused(.input, "header") }
        guard ["http", "https"].contains(URL(string: request.url)?.scheme) else { throw Self.refused(.input, "url") }
        try await access()
        return FakeCall(request: request)
    }

    public func httpSession(_ options: HTTPSessionOptions) async throws -> any HTTPSession {
        try alive()
        return FakeSession(client: self, isolation: options.isolation)
    }

    public func fetchAttachment(_ id: AttachmentID, maxBytes: Int, options: AccessOptions) async throws -> FetchedFile {
        try unlocked()
        guard id.index >= 0, maxBytes >= 0 else { throw Self.refused(.input, "number") }
        guard let post = try await post(id.post, of: id.community) else { throw Self.notStored() }
        guard post.attachments.indices.contains(id.index) else { throw Self.notStored() }
        switch post.attachments[id.index] {
        case .photo, .document: break
        default: throw Self.refused(.input, "no_file")
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
        return try page(ahead.map { UpcomingEvent(community: fixture.community.id, event: $0) }, after, limit)
    }

    public func search(
        _ query: String, in community: CommunityID?, after: Cursor?, limit: Int
    ) async throws -> Page<SearchHit> {
        let isHere = isStored && community.map { $0 == fixture.community.id } ?? true
        let hits = fixture.posts.filter { isHere && $0.text.localizedCaseInsensitiveContains(query) }
        return try page(hits.map { SearchHit.post($0, community: fixture.community.id) }, after, limit)
    }

    public func attachments(of post: String, community: CommunityID) async throws -> [AttachedFile] {
        guard let found = try await self.post(post, of: community) else { throw Self.refused(.notStored, "no_post") }
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

    /// Reads the addresses of each `xmlUrl`, as ``exportFeeds()`` writes them.
    public func importFeeds(_ opml: Data) async throws -> FeedList {
        try unlocked()
        let text = String(decoding: opml, as: UTF8.self)
        guard text.contains("<opml") else {
            throw BywayError(kind: .input, code: "not_opml", text: "This file is not a list of feeds.")
        }
        let links = text.components(separatedBy: "xmlUrl=\"").dropFirst().compactMap { $0.split(separator: "\"").first }
        return FeedList(entries: links.map { ListedFeed(link: $0.replacingOccurrences(of: "&amp;", with: "&"), title: "") })
    }

    public func exportFeeds() async throws -> String {
        let link = try await link(to: fixture.community.id)?.replacingOccurrences(of: "&", with: "&amp;")
        let outline = link.map { "<outline xmlUrl=\"\($0)\"/>\n" } ?? ""
        return "<opml version=\"2.0\">\n<head/>\n<body>\n\(outline)</body>\n</opml>\n"
    }

    // MARK: Who may learn of it

    public func exposure(of id: CommunityID) async throws -> Exposure {
        try unlocked()
        return state.withLock(\.exposure)
    }

    public func raiseExposure(of link: String, to exposure: Exposure) async throws {
        try unlocked()
        try check(link)
        state.withLock { $0.exposure = max($0.exposure, exposure) }
    }

    public func allowDirect(_ allowed: Bool, for id: CommunityID) async throws { try unlocked() }

    // MARK: The store

    public func retention() async throws -> Int? {
        try unlocked()
        return state.withLock(\.retention)
    }

    public func setRetention(days: Int?) async throws -> Int {
        try unlocked()
        guard days ?? 0 >= 0 else { throw Self.refused(.input, "number") }
        state.withLock { $0.retention = days }
        return 0
    }

    public func storageLimit() async throws -> Int? {
        try unlocked()
        return state.withLock(\.limit)
    }

    public func setStorageLimit(bytes: Int?) async throws {
        try unlocked()
        guard bytes ?? 0 >= 0 else { throw Self.refused(.input, "number") }
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
        if case .bytes(let bytes) = key, bytes.count != 32 { throw Self.refused(.input, "key_length") }
        state.withLock { $0.shut = nil }
    }

    public func suspend() async throws {
        try alive()
        state.withLock { $0.shut = $0.shut ?? .suspended }
    }

    public func resume() async throws {
        try alive()
        guard state.withLock(\.shut) != .locked else { throw Self.refused(.storeClosed, Shut.locked.rawValue) }
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
        state.withLock { $0.network = network }
    }

    public func networkChanged() throws { try alive() }

    public func newIdentity() throws { try alive() }

    public func changes() throws -> Batches<StoreChange> {
        try alive()
        let (id, listener) = (UUID(), Listener())
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
        return Batches(next: { [] }, end: {})
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
        return [.example]
    }

    public func close() async {
        let listeners = state.withLock { state in
            state.closed = true
            return state.listeners.values
        }
        listeners.forEach { $0.end() }
    }

    // MARK: - What the answers have in common

    private func access() async throws {
        try alive()
        try await Task.sleep(for: fixture.delay)
        if let failure = fixture.failure { throw failure }
    }

    private func alive() throws {
        guard !state.withLock(\.closed) else {
            throw Self.refused(.closed, "closed")
        }
    }

    private func unlocked() throws {
        try alive()
        if let shut = state.withLock(\.shut) { throw Self.refused(.storeClosed, shut.rawValue) }
    }

    /// A page has 1 to 1,000 items, whatever the caller asks for.
    private static let longestPage = 1_000

    private var isStored: Bool { !state.withLock(\.forgotten) }

    private func isOwn(_ link: String) -> Bool {
        let homes = fixture.community.homes + [fixture.community.screenName].compactMap { $0 }
        return homes.contains { link.hasSuffix($0) || $0.hasSuffix(link) }
    }

    /// Whether it looks like an address: no spaces, and a host with a dot. The real client checks more.
    private func check(_ link: String) throws {
        guard link.contains("."), !link.contains(where: \.isWhitespace) else { throw Self.refused(.input, "link") }
    }

    private static func notStored() -> BywayError { refused(.notStored, "not_stored") }

    private static func refused(_ kind: BywayError.Kind, _ code: String) -> BywayError {
        BywayError(kind: kind, code: code, text: "This is how an error reads.")
    }

    private func known(_ id: CommunityID) throws {
        try unlocked()
        guard id == fixture.community.id, isStored else { throw Self.notStored() }
    }

    private func page<Item>(_ all: [Item], _ after: Cursor?, _ limit: Int) throws -> Page<Item> {
        try unlocked()
        guard limit >= 0 else { throw Self.refused(.input, "number") }
        let from =
            try after.map { cursor in
                guard let place = Int(cursor.rawValue), (0...all.count).contains(place) else {
                    throw Self.refused(.input, "bad_cursor")
                }
                return place
            } ?? 0
        let end = from + min(max(limit, 1), Self.longestPage, all.count - from)
        return Page(items: Array(all[from..<end]), next: end < all.count ? Cursor(rawValue: String(end)) : nil)
    }

    private func tell(_ change: StoreChange) {
        state.withLock { Array($0.listeners.values) }.forEach { $0.add(change) }
    }
}

/// A queue of changes for one listener.
private final class Listener: Sendable {
    /// Like the library's own queues: bounded, and the oldest item is lost first.
    private static let longest = 256

    private let stream: AsyncStream<StoreChange>
    private let continuation: AsyncStream<StoreChange>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.longest))
    }

    func add(_ change: StoreChange) { continuation.yield(change) }
    func end() { continuation.finish() }

    func next() async -> [StoreChange] {
        for await change in stream { return [change] }
        return []
    }
}

/// Repeats the body that it was sent.
private final class FakeCall: HTTPCall {
    private struct State {
        var body = Data()
        var isStreamed = false
        var hasEnded = false
        var isTaken = false
        var isCancelled = false
    }

    private let request: HTTPRequest
    private let state: Locked<State>
    private let (whole, ending) = AsyncStream.makeStream(of: Never.self)

    init(request: HTTPRequest) {
        self.request = request
        var state = State()
        switch request.body {
        case .none: ending.finish()
        case .whole(let data):
            state.body = data
            ending.finish()
        case .streamed: state.isStreamed = true
        }
        self.state = Locked(state)
    }

    func write(_ bytes: Data) async throws -> Bool {
        try state.withLock { state in
            guard state.isStreamed else { throw Self.refused(.input, "no_body") }
            guard !state.hasEnded else { throw Self.refused(.input, "body_ended") }
            guard !state.isCancelled else { return false }
            state.body.append(bytes)
            return true
        }
    }

    func finish() async throws {
        try state.withLock { state in
            guard state.isStreamed else { throw Self.refused(.input, "no_body") }
            state.hasEnded = true
        }
        ending.finish()
    }

    func response() async throws -> HTTPHead {
        for await _ in whole {}
        try Task.checkCancellation()
        try state.withLock { state in
            guard !state.isCancelled else { throw Self.refused(.cancelled, "cancelled") }
            guard !state.isTaken else { throw Self.refused(.input, "response_taken") }
            state.isTaken = true
        }
        return HTTPHead(status: 200, url: request.url, headers: [], version: "HTTP/1.1")
    }

    func read(max: Int) async throws -> Data? {
        try state.withLock { state in
            guard !state.isCancelled else { throw Self.refused(.cancelled, "cancelled") }
            let piece = state.body.prefix(Swift.max(1, max))
            state.body = Data(state.body.dropFirst(piece.count))
            return piece.isEmpty ? nil : Data(piece)
        }
    }

    func cancel() {
        state.withLock { $0.isCancelled = true }
        ending.finish()
    }

    private static func refused(_ kind: BywayError.Kind, _ code: String) -> BywayError {
        BywayError(kind: kind, code: code, text: "This is how an error reads.")
    }
}
