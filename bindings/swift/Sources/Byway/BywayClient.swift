import Foundation

/// Reaches communities that are blocked, and says what is blocked and by whom.
///
/// ```swift
/// let byway = try await LiveByway.open(Configuration(strategies: ["direct:", "tor+socks5://127.0.0.1:9050"]))
/// let opened = try await byway.open("vk.com/NAME")
/// opened.posts.forEach { print($0.text) }
/// ```
///
/// Every function may be called from any actor, even the main actor: the work runs on threads of the library. If the
/// task of a call is cancelled and the call contacts somebody or goes through the whole store, its work ends and it
/// throws `CancellationError`. A call that only looks something up is short and returns its answer. These calls finish
/// in any case: ``lock()``, ``unlock(_:)``, ``suspend()``, ``resume()``, ``wipe()``, ``forget(_:)``,
/// ``setRetention(days:)``, ``setStorageLimit(bytes:)``, ``raiseExposure(of:to:)``, ``allowDirect(_:for:)``,
/// ``importFeeds(_:)``, ``takeBundle(_:exposure:)``, ``stay(despite:)``. Every other failure is a ``BywayError``.
///
/// ``LiveByway`` is the real client. `FakeByway` of the product `BywayFakes` serves previews and tests.
public protocol BywayClient: AnyObject, Sendable {
    // MARK: Reading

    /// Reads a community. If it cannot be reached, returns what is stored and says why (``Opened/fault``).
    func open(_ link: String, options: AccessOptions) async throws -> Opened

    /// Reads a community of a list (``importFeeds(_:)``), as ``open(_:options:)`` does. An address that the maker of the list never
    /// asked for (``ListedFeed/isUnasked``) is not contacted directly: reading a list is no yes to what a charter or a bundle
    /// named. The further mirrors of an entry are not either, whatever the list says: it may be a stranger's. An address of this
    /// device or of the reader's own network is not contacted unless its community is stored already (`own_network`).
    func openListed(_ feed: ListedFeed, options: AccessOptions) async throws -> Opened

    /// Reads a stored community, as ``open(_:options:)`` does with its link, and follows its moves. For a screen that is shown
    /// again.
    ///
    /// It asks for no address: what only a bundle or a charter names is not contacted directly. Opening the text of
    /// ``link(to:)`` would ask for it; that text is for handing on.
    func openKept(_ id: CommunityID, options: AccessOptions) async throws -> Opened

    /// Reads a stored community again, because the user asks for it. It shows this community and no successor;
    /// ``Opened/moves`` says what is known of its moves.
    func refresh(_ id: CommunityID) async throws -> Opened

    /// Says whom opening a link would contact, and what each of them would see. Sends nothing.
    func preview(_ link: String, options: AccessOptions) async throws -> Preview

    /// Reads communities within limits, several side by side, for background work.
    func sync(_ communities: [CommunityID], limits: SyncLimits) async throws -> Synced

    /// Asks every strategy for a page and compares what they say.
    func probe(_ url: String, options: AccessOptions) async throws -> Reachability

    /// Fetches a small page. When the page is there, waits up to `settle` for evidence that is still coming.
    func get(_ url: String, options: AccessOptions, settle: Duration?) async throws -> Fetched

    /// Begins an HTTP request whose bodies are streamed.
    func http(_ request: HTTPRequest) async throws -> any HTTPCall
    /// Begins a session of HTTP requests with limits and, where asked for, cookies of its own. Sends nothing.
    func httpSession(_ options: HTTPSessionOptions) async throws -> any HTTPSession

    /// Fetches the file of an attachment of a stored post.
    func fetchAttachment(_ id: AttachmentID, maxBytes: Int, options: AccessOptions) async throws -> FetchedFile

    // MARK: Signed communities

    /// Reads the successor that a stored community names, over strategies that are not direct. ``Opened/moves`` says what is
    /// signed of the move, and what has to be known for an answer: that one key was enough, or until when others can object.
    /// Nothing is decided by that, and a successor that is not stored is not stored by it.
    ///
    /// What a page names that signs nothing is not contacted: the stored community is returned, and the move has the address.
    func successor(of id: CommunityID) async throws -> Opened

    /// Follows a community to its successor on the user's yes: reads it, remembers the decision, and returns the successor.
    /// A later reading of the old community leads there as well. A disputed move is not followed; ``Opened/moves`` says so.
    ///
    /// The yes is for the move that was shown: for that community, those addresses and those keys. If another one is named by
    /// now, nothing is contacted, and the code is `successor_changed`: show the new one, and ask again. Without a signature of
    /// both sides the yes alone counts, so show both fingerprints first (``successor(of:)``).
    func follow(_ shown: Move) async throws -> Opened

    /// Stays at a community although it names the successor that was shown. ``follow(_:)`` takes that back. If another one is
    /// named by now, nothing is decided, and the code is `successor_changed`.
    ///
    /// - Returns: `false` if there was nothing to decide: the community is not stored, or names no successor any more.
    @discardableResult
    func stay(despite shown: Move) async throws -> Bool

    /// Takes in a bundle and stores what is genuine of it: a whole signed community in one file, from a memory card or a
    /// chat. Nothing is sent: a bundle proves itself. Its mirrors are not contacted directly until the user opens the
    /// community's link. From now on it is read with at least this exposure.
    func takeBundle(_ bytes: Data, exposure: Exposure) async throws -> TakenBundle

    /// The same with a file.
    func takeBundle(at file: URL, exposure: Exposure) async throws -> TakenBundle

    /// Writes a stored community into a folder as a small web site, for people who cannot reach it: a page that is marked as
    /// a reader's copy, a feed, a calendar. A signed community is handed on as a bundle
    /// (``LivePublisher/bundle(of:pictures:language:)``).
    func writeSite(of id: CommunityID, into folder: URL) async throws -> FilesWritten

    /// Reads a page, and brings its copy in a folder to it: a mirror for people who cannot reach the page. The copy is a signed
    /// community of the person who copies, and says so. What the original deletes stays in it, and says that it is gone there. Then
    /// ``CommunityPublisher/upload(to:credentials:over:options:)`` brings the folder to a server.
    ///
    /// A folder without a copy gets one, with new keys in the file of `keys`, or with those that an interrupted call left there. No
    /// ``CommunityPublisher`` may have the folder open. What is stored of the page is neither used nor changed, except that its
    /// least exposure holds. A page is read once in ten minutes at most (``CopiedPage/isTooSoon``).
    ///
    /// - Parameters:
    ///   - link: An address of the page, for example `vk.com/NAME`.
    ///   - folder: Where the copy lies.
    ///   - keys: The keys of the copy: none that open anything else.
    ///   - name: The person or group who copies, a name that readers see. What the first call stated stays.
    ///   - options: How the page is read, and where the copy will be.
    func copyPage(
        _ link: String, into folder: URL, keys: CommunityKeys, by name: String, options: CopyOptions
    ) async throws -> CopiedPage

    /// What is remembered of a stored community that is signed: what may be believed of it now, its moves, and how each of its
    /// homes behaved. Sends nothing.
    func standing(of id: CommunityID) async throws -> Standing

    /// Opens a pack of routes, and verifies that an admin of a stored community signed it. Sends nothing and stores nothing: put
    /// the routes into the next ``Configuration``. If any part of a pack is wrong, nothing of it is used.
    func importRoutePack(_ pack: Data, passphrase: Passphrase) async throws -> RoutePack

    // MARK: What is on the device

    /// The stored communities.
    func communities() async throws -> [StoredCommunity]

    /// One of them; `nil` if it is not stored.
    func community(_ id: CommunityID) async throws -> StoredCommunity?

    /// Stored posts, newest first, a page at a time.
    func posts(of community: CommunityID, after: Cursor?, limit: Int) async throws -> Page<Post>

    /// Stored events, the latest start first, a page at a time.
    func events(of community: CommunityID, after: Cursor?, limit: Int) async throws -> Page<Event>

    /// One stored post.
    func post(_ id: String, of community: CommunityID) async throws -> Post?

    /// One stored event.
    func event(_ id: CommunityID, of community: CommunityID) async throws -> Event?

    /// Events of all communities between two instants, by start.
    func upcomingEvents(from: Date, until: Date?, after: Cursor?, limit: Int) async throws -> Page<UpcomingEvent>

    /// Searches what is stored.
    func search(_ query: String, in community: CommunityID?, after: Cursor?, limit: Int) async throws -> Page<SearchHit>

    /// The attachments of a stored post, each with the id by which it is fetched.
    func attachments(of post: String, community: CommunityID) async throws -> [AttachedFile]

    /// These stored events as one iCalendar text (RFC 5545). Events that are not stored or have no start are left out.
    func icalendar(of events: [EventReference]) async throws -> String

    /// The link of a stored community, with its exposure.
    func link(to id: CommunityID) async throws -> CommunityLink?

    // MARK: Who may learn of it

    /// Reads a list of communities (OPML), and raises the exposure of each to the one in its link. Nothing is sent: open
    /// the entries that the user wants to follow with ``openListed(_:options:)``.
    func importFeeds(_ opml: Data) async throws -> FeedList

    /// All stored communities, with the exposure of each, as a list in OPML. It names what is read.
    func exportFeeds() async throws -> String

    /// The exposure with which a community is read.
    func exposure(of id: CommunityID) async throws -> Exposure

    /// Raises the exposure of a link permanently, to the one in the link or to `exposure`, whichever is higher. Only
    /// ``wipe()`` lowers it.
    func raiseExposure(of link: String, to exposure: Exposure) async throws

    /// Allows or forbids direct strategies for a community whose advice or restriction speaks against them.
    func allowDirect(_ allowed: Bool, for id: CommunityID) async throws

    // MARK: The store

    /// For how many days posts are kept; `nil` keeps them for ever.
    func retention() async throws -> Int?

    /// Sets for how many days posts are kept, and returns how many were removed from the device.
    @discardableResult
    func setRetention(days: Int?) async throws -> Int

    /// How many bytes the store may take; `nil` sets no limit.
    func storageLimit() async throws -> Int?

    /// Sets how many bytes the store may take.
    func setStorageLimit(bytes: Int?) async throws

    /// How many bytes the store takes.
    func storageUsed() async throws -> Int

    /// Checks every page of the store's files.
    func checkIntegrity() async throws

    /// Removes a community and everything that is stored of it. The exposure with which it must be read stays.
    func forget(_ id: CommunityID) async throws

    /// Closes the store and overwrites its key in memory. Calls that need it fail until ``unlock(_:)``.
    func lock() async throws

    /// Opens a locked store again. A store that is suspended stays so.
    func unlock(_ key: StoreKey) async throws

    /// The app goes to the background: files are closed, so that the system does not kill the app for holding them. In an
    /// app, ``AppLifecycle`` calls this and ``resume()``.
    func suspend() async throws

    /// The app comes back. Fails if the store is locked.
    func resume() async throws

    /// Removes everything that is stored, first the key that lies with it. Calls that need the store fail until ``unlock(_:)``,
    /// with a new key. The app's own key (``StoreKey/bytes(_:)``, ``StoreKey/hook(_:)``) opens nothing any more; the app
    /// deletes it where it keeps it.
    func wipe() async throws

    /// The files and folders of the store, to be kept out of backups.
    func paths() throws -> [URL]

    // MARK: The network

    /// The network that was last given to ``setNetwork(_:)``.
    func network() throws -> Network

    /// Says which network the device is on now. ``NetworkWatch`` calls this on Apple's systems.
    func setNetwork(_ network: Network) throws

    /// Says that the network changed, if nothing else is known of it.
    func networkChanged() throws

    /// Takes a new identity: what is requested from now on has circuits of Tor, connections, TLS sessions and cookies of
    /// its own, and sends back nothing that a site gave before (`ETag`, `Last-Modified`). Tor's guard or bridge stays. It
    /// hides nothing on other strategies, where the address stays the same.
    func newIdentity() throws

    // MARK: Watching

    /// What changes on the device. Each call has its own bounded queue; a slow listener gets
    /// ``StoreChange/missed(_:)``.
    ///
    /// Ending the iteration ends the subscription. The sequence ends when the instance is closed.
    func changes() throws -> Batches<StoreChange>

    /// What the engine does. ``changes()`` describes the queue and how it ends.
    ///
    /// - Parameter redacted: Whether sentences leave out the names of hosts and proxies: for a log, and for others'
    ///   eyes.
    func engineEvents(redacted: Bool) throws -> Batches<EngineEvent>

    /// The latest accesses. They name hosts: they are for the screen.
    func accesses() throws -> [Access]

    /// The latest accesses, without names, as one JSON text that can be shared when asking for help.
    func report() throws -> String

    /// The language of sentences.
    func language() throws -> Language

    /// Sets the language of sentences.
    func setLanguage(_ language: Language) throws

    /// The strategies of the configuration, without their logins.
    func strategies() throws -> [Strategy]

    /// Ends the instance, and returns when its work and its files are closed. Every later call throws a ``BywayError`` of kind
    /// ``BywayError/Kind/closed``. Closing twice is harmless.
    func close() async
}

/// A page of the store's events, for the calendar of all of them.
private let eventsAtOnce = 200

// MARK: - Default arguments

extension BywayClient {
    /// Reads a page, and brings its copy in a folder to it, with its pictures.
    public func copyPage(
        _ link: String, into folder: URL, keys: CommunityKeys, by name: String
    ) async throws -> CopiedPage {
        try await copyPage(link, into: folder, keys: keys, by: name, options: CopyOptions())
    }

    /// Begins a session of HTTP requests with the limits of the engine, and without cookies. Sends nothing.
    public func httpSession() async throws -> any HTTPSession { try await httpSession(HTTPSessionOptions()) }

    /// Reads a community. Where it cannot be reached, answers with what is stored and says why (``Opened/fault``).
    ///
    /// - Parameters:
    ///   - link: An address of the community, for example `vk.com/NAME`.
    ///   - exposure: Raises who may learn of it. It never lowers what the link, the store or the configuration demand.
    ///   - allowDirect: Tries direct strategies this time, even if a restriction or the community's advice speaks
    ///     against
    ///     them. Ask the user first.
    ///   - offline: Sends nothing, and answers from the store at once.
    ///   - ignorePause: Dials even if this network was just found to let only a few addresses through.
    public func open(
        _ link: String,
        exposure: Exposure = .open,
        allowDirect: Bool = false,
        offline: Bool = false,
        ignorePause: Bool = false
    ) async throws -> Opened {
        try await open(
            link,
            options: AccessOptions(
                exposure: exposure, allowDirect: allowDirect, offline: offline, ignorePause: ignorePause))
    }

    /// Reads a community of a list.
    public func openListed(_ feed: ListedFeed) async throws -> Opened {
        try await openListed(feed, options: AccessOptions())
    }

    /// Reads a stored community, as opening its link does, and follows its moves. It asks for no address: what only a bundle
    /// or a charter names is not contacted directly.
    public func openKept(
        _ id: CommunityID,
        exposure: Exposure = .open,
        allowDirect: Bool = false,
        offline: Bool = false,
        ignorePause: Bool = false
    ) async throws -> Opened {
        try await openKept(
            id,
            options: AccessOptions(
                exposure: exposure, allowDirect: allowDirect, offline: offline, ignorePause: ignorePause))
    }

    /// Opens the folder of a mirror on this device, for example on a memory card: a signed community that was carried here. It
    /// is verified as any mirror is, and nothing is sent. From now on it is read with at least this exposure. The folder is not
    /// remembered: what is stored is opened with ``openKept(_:options:)``.
    public func openFolder(at folder: URL, exposure: Exposure = .open) async throws -> Opened {
        // With its slash even if it is not there, so that the error speaks of a folder.
        let path = URL(fileURLWithPath: folder.path, isDirectory: true).absoluteString
        return try await open(path, exposure: exposure)
    }

    /// Says whom opening a link would contact, and what each of them would see. Sends nothing.
    public func preview(_ link: String, exposure: Exposure = .open, allowDirect: Bool = false) async throws -> Preview {
        try await preview(link, options: AccessOptions(exposure: exposure, allowDirect: allowDirect))
    }

    /// Takes in a bundle and stores what is genuine of it. Nothing is sent.
    public func takeBundle(_ bytes: Data) async throws -> TakenBundle { try await takeBundle(bytes, exposure: .open) }

    /// Takes in a bundle from a file and stores what is genuine of it. Nothing is sent.
    public func takeBundle(at file: URL) async throws -> TakenBundle { try await takeBundle(at: file, exposure: .open) }

    /// Reads communities within the default limits, several side by side, for background work.
    public func sync(_ communities: [CommunityID]) async throws -> Synced {
        try await sync(communities, limits: SyncLimits())
    }

    /// Asks every strategy for a page and compares what they say.
    public func probe(_ url: String, exposure: Exposure = .open, allowDirect: Bool = false) async throws -> Reachability {
        try await probe(url, options: AccessOptions(exposure: exposure, allowDirect: allowDirect))
    }

    /// Fetches a small page.
    public func get(_ url: String, exposure: Exposure = .open, allowDirect: Bool = false) async throws -> Fetched {
        try await get(url, options: AccessOptions(exposure: exposure, allowDirect: allowDirect), settle: nil)
    }

    /// Fetches the file of an attachment of a stored post, 20 MB at most.
    public func fetchAttachment(_ id: AttachmentID, maxBytes: Int = 20 << 20) async throws -> FetchedFile {
        try await fetchAttachment(id, maxBytes: maxBytes, options: AccessOptions())
    }

    /// All stored events of a community as one iCalendar text (RFC 5545). Events without a start are left out.
    public func icalendar(of community: CommunityID) async throws -> String {
        var stored: [EventReference] = []
        var after: Cursor?
        repeat {
            let page = try await events(of: community, after: after, limit: eventsAtOnce)
            stored += page.items.map { EventReference(community: community, event: $0.id) }
            after = page.next
        } while after != nil
        return try await icalendar(of: stored)
    }

    /// Stored posts, newest first, a page at a time.
    public func posts(of community: CommunityID, after: Cursor? = nil) async throws -> Page<Post> {
        try await posts(of: community, after: after, limit: 50)
    }

    /// Stored events, the latest start first, a page at a time.
    public func events(of community: CommunityID, after: Cursor? = nil) async throws -> Page<Event> {
        try await events(of: community, after: after, limit: 50)
    }

    /// Events of all communities from an instant on, by start.
    public func upcomingEvents(from: Date = Date(), until: Date? = nil) async throws -> Page<UpcomingEvent> {
        try await upcomingEvents(from: from, until: until, after: nil, limit: 50)
    }

    /// What the engine does, without names of hosts and proxies.
    public func engineEvents() throws -> Batches<EngineEvent> {
        try engineEvents(redacted: true)
    }

    /// Searches what is stored.
    public func search(_ query: String, in community: CommunityID? = nil) async throws -> Page<SearchHit> {
        try await search(query, in: community, after: nil, limit: 50)
    }
}
