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
/// not permitted. It opens any link, always as its one community, or as that one's successor once the user follows it. That
/// community is stored from the beginning, so a reading
/// changes something only after the community was forgotten.
public final class FakeByway: BywayClient {
    struct State {
        var exposure = Exposure.open
        var retention: Int?
        var limit: Int?
        var network = Network(id: "")
        var language = Language.english
        /// Why the store answers nothing; `nil` while it is open.
        var shut: Shut?
        var closed = false
        var forgotten = false
        /// The user's answer to the move of the fixture.
        var follows: Bool?
        /// The user has opened the address of the community. `false`: only a bundle or a list has named it.
        var isAsked = true
        /// Direct strategies are allowed although the community's advice speaks against them.
        var isDirectAllowed = false
        /// By their folders.
        var copies: [URL: FakeCopy] = [:]
        var listeners: [UUID: Listener<StoreChange>] = [:]
        var eventListeners: [UUID: Listener<EngineEvent>] = [:]
    }

    enum Shut: String {
        case locked = "store_locked"
        case suspended = "store_suspended"
    }

    private let content: Locked<Fixture>
    let state = Locked(State())

    public init(_ fixture: Fixture = Fixture()) { content = Locked(fixture) }

    /// What it answers from now on. A test that changes it sees how a screen shows what is new.
    public var fixture: Fixture {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }

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
        if !options.offline, isOwn(link) { try asked() }
        return try await openStored(link, options: options)
    }

    /// As the real client opens what nobody asks for now.
    private func openStored(_ link: String, options: AccessOptions) async throws -> Opened {
        let here = try await read(link, options: options)
        return here.fault == nil ? try await followed(here) : here
    }

    /// The community itself, without its moves.
    private func read(_ link: String, options: AccessOptions) async throws -> Opened {
        try alive()
        let named = try exposure(in: link)
        try unlocked()
        // What a link asks for binds even if nothing is read.
        if !options.offline, isOwn(link) { state.withLock { $0.exposure = max($0.exposure, named) } }
        let exposure = max(options.exposure, named, state.withLock(\.exposure))
        guard !options.offline else {
            guard isStored, isOwn(link) else { throw Self.notStored() }
            return opened(source: .store, exposure: exposure)
        }
        guard isPermitted(exposure, directly: mayBeDirect(options)) else {
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
            posts: Changed(added: fixture.posts.map(\.id), isFirst: true),
            events: Changed(added: fixture.events.map(\.id), isFirst: true))
        tell(.community(id))
        if !changes.posts.added.isEmpty { tell(.posts(id, changes.posts)) }
        if !changes.events.added.isEmpty { tell(.events(id, changes.events)) }
        return opened(source: .network, exposure: exposure, changes: changes)
    }

    func opened(
        source: ReadFrom, exposure: Exposure, changes: Changes = Changes(), moves: [Move] = [], fault: Fault? = nil
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
            homes: source == .network ? fixture.homes : [],
            notes: moves.map(Note.init(of:)),
            fault: fault
        )
    }

    /// An address that nobody asked for is read through a proxy or Tor alone, whatever `allowDirect` says. One of this device or of its
    /// own network is refused unless a community is stored from there.
    public func openListed(_ feed: ListedFeed, options: AccessOptions) async throws -> Opened {
        if !options.offline, Self.isInOwnNetwork(feed.link), !(isStored && isOwn(feed.link)) {
            try alive()
            throw BywayError.ofTheFake(.notPermitted, "own_network")
        }
        guard feed.isUnasked else { return try await open(feed.link, options: options) }
        return try await openStored(feed.link, options: options)
    }

    public func openKept(_ id: CommunityID, options: AccessOptions) async throws -> Opened {
        try known(id)
        return try await openStored(fixture.community.homes.first ?? "", options: options)
    }

    public func refresh(_ id: CommunityID) async throws -> Opened {
        try known(id)
        return told(try await read(fixture.community.homes.first ?? "", options: AccessOptions()))
    }

    public func preview(_ link: String, options: AccessOptions) async throws -> Preview {
        try alive()
        let named = try exposure(in: link)
        try unlocked()
        let contact = PreviewContact(observer: .proxy, sentence: "The proxy sees which site is read.")
        let exposure = max(options.exposure, named, state.withLock(\.exposure))
        let isDirect = options.allowDirect || isDirectAllowed
        let permitted = fixture.strategies.filter { $0.allowedBy.contains(exposure) && (isDirect || !$0.isDirect) }
        return Preview(
            link: link, exposure: exposure, isStored: isStored, hosts: ["vk.com"],
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
        return FakeSession(client: self, options: options)
    }

    public func fetchAttachment(_ id: AttachmentID, maxBytes: Int, options: AccessOptions) async throws -> FetchedFile {
        try unlocked()
        guard id.index >= 0, maxBytes >= 0 else { throw BywayError.ofTheFake(.input, "number") }
        guard let post = try await post(id.post, of: id.community) else { throw Self.notStored() }
        guard post.attachments.indices.contains(id.index) else { throw Self.notStored() }
        let address: String?
        switch post.attachments[id.index] {
        case .photo(let url, _, _, _), .document(_, let url, _, _): address = url
        default: throw BywayError.ofTheFake(.input, "no_file")
        }
        let exposure = max(options.exposure, state.withLock(\.exposure))
        guard isPermitted(exposure, directly: mayBeDirect(options)) else { throw BywayError.ofTheFake(.notPermitted, "no_way") }
        try await access()
        let bytes = address.flatMap { fixture.files[$0] } ?? Data()
        guard bytes.count <= maxBytes else { throw BywayError.ofTheFake(.tooLarge, "too_large") }
        return FetchedFile(bytes: bytes, contentType: "image/jpeg", reachability: fixture.reachability)
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

    public func allowDirect(_ allowed: Bool, for id: CommunityID) async throws {
        try unlocked()
        guard id == fixture.community.id else { return }
        state.withLock { $0.isDirectAllowed = allowed }
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

    func access() async throws {
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

    func isPermitted(_ exposure: Exposure, directly isDirect: Bool = true) -> Bool {
        fixture.strategies.contains { $0.allowedBy.contains(exposure) && (isDirect || !$0.isDirect) }
    }

    /// What nobody asked for is never read directly; what advice speaks against is, on the user's word.
    func mayBeDirect(_ options: AccessOptions) -> Bool {
        state.withLock(\.isAsked) && (options.allowDirect || isDirectAllowed)
    }

    /// Its advice is known from its first reading on.
    private var isDirectAllowed: Bool {
        fixture.community.accessAdvice.isEmpty || !isStored || state.withLock(\.isDirectAllowed)
    }

    /// The user opens the community's address.
    private func asked() throws {
        try unlocked()
        state.withLock { $0.isAsked = true }
    }

    func alive() throws {
        guard !state.withLock(\.closed) else {
            throw BywayError.ofTheFake(.closed, "closed")
        }
    }

    func unlocked() throws {
        try alive()
        if let shut = state.withLock(\.shut) { throw BywayError.ofTheFake(.storeClosed, shut.rawValue) }
    }

    /// A page has 1 to 1,000 items, whatever the caller asks for.
    static let longestPage = 1_000

    var isStored: Bool { !state.withLock(\.forgotten) }

    func isOwn(_ link: String) -> Bool {
        let homes = fixture.community.homes + [fixture.community.screenName].compactMap { $0 }
        let home = link.split(separator: "#").first ?? ""
        return homes.contains { home.hasSuffix($0) || $0.hasSuffix(home) }
    }

    /// The exposure in a link. It must look like an address: no spaces, and a host with a dot. The real client checks more.
    func exposure(in link: String) throws -> Exposure {
        guard link.contains("."), !link.contains(where: \.isWhitespace) else { throw BywayError.ofTheFake(.input, "link") }
        guard let place = link.range(of: "#exposure=") else { return .open }
        guard let named = Exposure(rawValue: link[place.upperBound...].lowercased()) else {
            throw BywayError.ofTheFake(.input, "link")
        }
        return named
    }

    /// Whether an address is one of this device or of the reader's own network, as far as its spelling shows.
    static func isInOwnNetwork(_ link: String) -> Bool {
        let url = link.contains("://") ? link : "https://\(link)"
        guard let host = URLComponents(string: url)?.host?.lowercased() else { return false }
        let parts = host.split(separator: ".").compactMap { UInt8($0) }
        if parts.count == 4 {
            return [10, 127].contains(parts[0]) || parts.starts(with: [192, 168]) || parts.starts(with: [169, 254])
                || parts[0] == 172 && (16...31).contains(parts[1])
        }
        let names = ["localhost", "local", "home.arpa", "internal", "lan", "home", "corp", "localdomain"]
        return host == "localhost" || names.contains { host.hasSuffix(".\($0)") }
    }

    static func notStored() -> BywayError { .ofTheFake(.notStored, "not_stored") }

    func known(_ id: CommunityID) throws {
        try unlocked()
        guard id == fixture.community.id, isStored else { throw Self.notStored() }
    }

    func page<Item>(_ all: [Item], _ after: Cursor?, _ limit: Int) throws -> Page<Item> {
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

    func happened(_ kind: EngineEventKind, _ code: String) {
        let event = EngineEvent(at: .zero, code: code, sentence: "This is how an event reads.", kind: kind)
        state.withLock { Array($0.eventListeners.values) }.forEach { $0.add(event) }
    }

    func tell(_ change: StoreChange) {
        state.withLock { Array($0.listeners.values) }.forEach { $0.add(change) }
    }
}

extension BywayError {
    /// An error as the fake words all of them.
    static func ofTheFake(_ kind: Kind, _ code: String) -> BywayError {
        BywayError(kind: kind, code: code, text: "This is how an error reads.")
    }
}
