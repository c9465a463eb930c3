internal import BywayGenerated
import Foundation

/// The client that reads over the network and keeps a store.
public final class LiveByway: BywayClient {
    /// The client in Rust.
    let client: Client

    private init(_ client: Client) { self.client = client }

    /// Opens a client. A store that does not exist is created. Several clients can work at the same time, each with its
    /// own folder.
    public static func open(_ configuration: Configuration) async throws -> LiveByway {
        let crossed = try configuration.crossing()
        return LiveByway(try await crossing { try await Client.build(configuration: crossed) })
    }

    /// Removes a store without its key, for example when the user has forgotten it. The app deletes its own key, if it keeps
    /// one.
    public static func wipe(_ folder: URL, language: Language = .english) async throws {
        try await crossing { try await wipeAt(directory: folder.path, language: language.crossing) }
    }

    // MARK: Reading

    public func open(_ link: String, options: AccessOptions) async throws -> Opened {
        try await cancellable { [client] cancel in
            Opened(try await client.open(link: link, options: options.opening, cancel: cancel))
        }
    }

    public func openListed(_ feed: ListedFeed, options: AccessOptions) async throws -> Opened {
        try await cancellable { [client] cancel in
            let crossed = BywayGenerated.ListedFeed(link: feed.link, title: feed.title, unasked: feed.isUnasked)
            return Opened(try await client.openListed(feed: crossed, options: options.opening, cancel: cancel))
        }
    }

    public func openKept(_ id: CommunityID, options: AccessOptions) async throws -> Opened {
        try await cancellable { [client] cancel in
            Opened(try await client.openKept(id: id.rawValue, options: options.opening, cancel: cancel))
        }
    }

    public func refresh(_ id: CommunityID) async throws -> Opened {
        try await cancellable { [client] cancel in
            Opened(try await client.refresh(id: id.rawValue, cancel: cancel))
        }
    }

    public func preview(_ link: String, options: AccessOptions) async throws -> Preview {
        try await cancellable { [client] cancel in
            Preview(try await client.preview(link: link, options: options.opening, cancel: cancel))
        }
    }

    public func sync(_ communities: [CommunityID], limits: SyncLimits) async throws -> Synced {
        let limits = try limits.crossing()
        return try await cancellable { [client] cancel in
            Synced(try await client.syncOnce(ids: communities.map(\.rawValue), limits: limits, cancel: cancel))
        }
    }

    public func probe(_ url: String, options: AccessOptions) async throws -> Reachability {
        try await cancellable { [client] cancel in
            Reachability(try await client.probe(url: url, options: options.probing, cancel: cancel))
        }
    }

    public func get(_ url: String, options: AccessOptions, settle: Duration?) async throws -> Fetched {
        let options = try options.getting(settle: settle)
        return try await cancellable { [client] cancel in
            Fetched(try await client.get(url: url, options: options, cancel: cancel))
        }
    }

    public func http(_ request: HTTPRequest) async throws -> any HTTPCall {
        let crossed = try request.crossing()
        return try LiveCall(crossing { try client.http(request: crossed, isolation: request.isolation) })
    }

    public func httpSession(_ options: HTTPSessionOptions) async throws -> any HTTPSession {
        let crossed = try options.crossing()
        let session = try crossing { try client.httpSession(options: crossed) }
        return LiveSession(session, isolation: options.isolation)
    }

    public func fetchAttachment(_ id: AttachmentID, maxBytes: Int, options: AccessOptions) async throws -> FetchedFile {
        let options = try options.getting()
        return try await cancellable { [client] cancel in
            FetchedFile(
                try await client.fetchAttachment(
                    id: id.crossing, maxBytes: Int64(maxBytes), options: options, cancel: cancel))
        }
    }

    // MARK: Signed communities

    public func successor(of id: CommunityID) async throws -> Opened {
        try await cancellable { [client] cancel in
            Opened(try await client.successor(id: id.rawValue, cancel: cancel))
        }
    }

    public func follow(_ shown: Move) async throws -> Opened {
        try await cancellable { [client] cancel in
            Opened(try await client.follow(shown: shown.crossing, cancel: cancel))
        }
    }

    @discardableResult
    public func stay(despite shown: Move) async throws -> Bool {
        try await crossing { [client] in try await client.stay(shown: shown.crossing) }
    }

    public func takeBundle(_ bytes: Data, exposure: Exposure) async throws -> TakenBundle {
        try await crossing { [client] in
            TakenBundle(try await client.takeBundle(bytes: bytes, exposure: exposure.crossing))
        }
    }

    public func takeBundle(at file: URL, exposure: Exposure) async throws -> TakenBundle {
        try await crossing { [client] in
            TakenBundle(try await client.takeBundleFile(path: file.path, exposure: exposure.crossing))
        }
    }

    public func standing(of id: CommunityID) async throws -> Standing {
        try await crossing { [client] in Standing(try await client.standing(id: id.rawValue)) }
    }

    public func importRoutePack(_ pack: Data, passphrase: Passphrase) async throws -> RoutePack {
        let passphrase = try passphrase.taken()
        return try await crossing { [client] in
            RoutePack(try await client.importRoutePack(pack: pack, passphrase: passphrase))
        }
    }

    public func writeSite(of id: CommunityID, into folder: URL) async throws -> FilesWritten {
        try await cancellable { [client] cancel in
            FilesWritten(try await client.writeSite(id: id.rawValue, folder: folder.path, cancel: cancel))
        }
    }

    public func copyPage(
        _ link: String, into folder: URL, keys: CommunityKeys, by name: String, options: CopyOptions
    ) async throws -> CopiedPage {
        let passphrase = try keys.passphrase.taken()
        return try await cancellable { [client] cancel in
            CopiedPage(
                try await client.copyPage(
                    link: link, folder: folder.path, keyFile: keys.file.path, passphrase: passphrase,
                    options: options.crossing(by: name), cancel: cancel))
        }
    }

    // MARK: What is on the device

    public func communities() async throws -> [StoredCommunity] {
        try await crossing { [client] in try await client.communities().map(StoredCommunity.init) }
    }

    public func community(_ id: CommunityID) async throws -> StoredCommunity? {
        try await crossing { [client] in try await client.community(id: id.rawValue).map(StoredCommunity.init) }
    }

    public func posts(of community: CommunityID, after: Cursor?, limit: Int) async throws -> Page<Post> {
        try await crossing { [client] in
            let page = try await client.posts(id: community.rawValue, after: after?.rawValue, limit: limit.limit)
            return Page(page.items, next: page.next, unreadable: page.unreadable, Post.init)
        }
    }

    public func events(of community: CommunityID, after: Cursor?, limit: Int) async throws -> Page<Event> {
        try await crossing { [client] in
            let page = try await client.events(id: community.rawValue, after: after?.rawValue, limit: limit.limit)
            return Page(page.items, next: page.next, unreadable: page.unreadable, Event.init)
        }
    }

    public func post(_ id: String, of community: CommunityID) async throws -> Post? {
        try await crossing { [client] in try await client.post(community: community.rawValue, id: id).map(Post.init) }
    }

    public func event(_ id: CommunityID, of community: CommunityID) async throws -> Event? {
        try await crossing { [client] in
            try await client.event(community: community.rawValue, id: id.rawValue).map(Event.init)
        }
    }

    public func upcomingEvents(from: Date, until: Date?, after: Cursor?, limit: Int) async throws -> Page<UpcomingEvent> {
        let (from, until) = (try from.crossing(), try until?.crossing())
        return try await crossing { [client] in
            let page = try await client.upcomingEvents(from: from, until: until, after: after?.rawValue, limit: limit.limit)
            return Page(page.items, next: page.next, unreadable: page.unreadable, UpcomingEvent.init)
        }
    }

    public func search(
        _ query: String, in community: CommunityID?, after: Cursor?, limit: Int
    ) async throws -> Page<SearchHit> {
        try await cancellable { [client] cancel in
            let page = try await client.search(
                query: query, community: community?.rawValue, after: after?.rawValue, limit: limit.limit, cancel: cancel)
            return Page(page.items, next: page.next, unreadable: page.unreadable, SearchHit.init)
        }
    }

    public func attachments(of post: String, community: CommunityID) async throws -> [AttachedFile] {
        try await crossing { [client] in
            try await client.attachments(community: community.rawValue, post: post).map(AttachedFile.init)
        }
    }

    public func icalendar(of events: [EventReference]) async throws -> String {
        try await crossing { [client] in
            try await client.icalendar(
                events: events.map { EventRef(community: $0.community.rawValue, event: $0.event.rawValue) })
        }
    }

    public func link(to id: CommunityID) async throws -> CommunityLink? {
        try await crossing { [client] in try await client.link(id: id.rawValue).map(CommunityLink.init) }
    }

    public func importFeeds(_ opml: Data) async throws -> FeedList {
        try await crossing { [client] in FeedList(try await client.importFeeds(opml: opml)) }
    }

    public func exportFeeds() async throws -> String {
        try await cancellable { [client] cancel in try await client.exportFeeds(cancel: cancel) }
    }

    // MARK: Who may learn of it

    public func exposure(of id: CommunityID) async throws -> Exposure {
        try await crossing { [client] in Exposure(try await client.exposureOf(id: id.rawValue)) }
    }

    public func raiseExposure(of link: String, to exposure: Exposure) async throws {
        try await crossing { [client] in
            try await client.raiseExposure(link: link, exposure: exposure.crossing)
        }
    }

    public func allowDirect(_ allowed: Bool, for id: CommunityID) async throws {
        try await crossing { [client] in try await client.allowDirect(id: id.rawValue, allowed: allowed) }
    }

    // MARK: The store

    public func retention() async throws -> Int? {
        try await crossing { [client] in try await client.retention().map { Int($0) } }
    }

    public func setRetention(days: Int?) async throws -> Int {
        try await crossing { [client] in Int(try await client.setRetention(days: days?.limit)) }
    }

    public func storageLimit() async throws -> Int? {
        try await crossing { [client] in try await client.storageLimit().map { Int($0) } }
    }

    public func setStorageLimit(bytes: Int?) async throws {
        try await crossing { [client] in try await client.setStorageLimit(bytes: bytes.map { Int64($0) }) }
    }

    public func storageUsed() async throws -> Int {
        try await crossing { [client] in Int(try await client.storageUsed()) }
    }

    public func checkIntegrity() async throws {
        try await cancellable { [client] cancel in try await client.checkIntegrity(cancel: cancel) }
    }

    public func forget(_ id: CommunityID) async throws {
        try await crossing { [client] in try await client.forget(id: id.rawValue) }
    }

    public func lock() async throws {
        try await crossing { [client] in try await client.lock() }
    }

    public func unlock(_ key: StoreKey) async throws {
        let key = try key.crossing()
        try await crossing { [client] in try await client.unlock(key: key) }
    }

    public func suspend() async throws {
        try await crossing { [client] in try await client.suspend() }
    }

    public func resume() async throws {
        try await crossing { [client] in try await client.resume() }
    }

    public func wipe() async throws {
        try await crossing { [client] in try await client.wipe() }
    }

    public func paths() throws -> [URL] {
        try crossing { try client.paths() }.map { URL(fileURLWithPath: $0) }
    }

    // MARK: The network

    public func network() throws -> Network {
        Network(try crossing { try client.network() })
    }

    public func setNetwork(_ network: Network) throws {
        try crossing { try client.setNetwork(network: network.crossing) }
    }

    public func networkChanged() throws {
        try crossing { try client.networkChanged() }
    }

    public func newIdentity() throws {
        try crossing { try client.newIdentity() }
    }

    // MARK: Watching

    /// How many elements cross at once: more than one screen of changes, and little memory.
    private static let batch: Int32 = 64

    public func changes() throws -> Batches<StoreChange> {
        let stream = try crossing { try client.changes() }
        // A stream fails only when its client is gone. That is its end.
        return Batches(
            next: { ((try? await stream.next(max: Self.batch)) ?? []).map(StoreChange.init) }, end: { try? stream.end() })
    }

    public func engineEvents(redacted: Bool) throws -> Batches<EngineEvent> {
        let stream = try crossing { try client.engineEvents(redacted: redacted) }
        return Batches(
            next: { ((try? await stream.next(max: Self.batch)) ?? []).map(EngineEvent.init) }, end: { try? stream.end() })
    }

    public func accesses() throws -> [Access] {
        try crossing { try client.report() }.map(Access.init)
    }

    public func report() throws -> String {
        try crossing { try client.reportJson() }
    }

    public func language() throws -> Language {
        Language(try crossing { try client.language() })
    }

    public func setLanguage(_ language: Language) throws {
        try crossing { try client.setLanguage(language: language.crossing) }
    }

    public func strategies() throws -> [Strategy] {
        try crossing { try client.strategies() }.map(Strategy.init)
    }

    public func close() async {
        // Closing a closed client is harmless, and nobody could do anything about an error of it.
        try? await client.shutdown()
    }
}
