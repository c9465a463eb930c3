import Foundation

/// The admin's side: a signed community in a folder on this device, with the keys to change it.
///
/// ```swift
/// let keys = CommunityKeys(file: keyFile, passphrase: Passphrase(typed))
/// let zavod = try await LivePublisher.found(
///     folder, keys: keys, statement: CommunityStatement(name: "Zavod", mirrors: ["https://zavod.example/"]))
/// _ = try await zavod.post("We meet on Friday at six.")
/// _ = try await zavod.publish(into: webServer)
/// await zavod.close()
/// ```
///
/// The folder is a complete mirror and can be put on a web server as it is; the keys are not in it. Nothing is sent but by
/// ``upload(to:credentials:over:options:)``. One publisher at a time opens a folder.
///
/// Every function may be called from any actor. All but an upload are carried out even if their task is cancelled. A failure is
/// a ``BywayError``. Published times are rounded to the minute.
public protocol CommunityPublisher: AnyObject, Sendable {
    /// The community's link, with its first mirrors.
    func link(exposure: Exposure) async throws -> SignedLink

    /// The community, its posts and its gatherings, as readers see them.
    func content() async throws -> Published

    /// What the charter in force says.
    func statement() async throws -> CommunityStatement

    /// Publishes a post in the community's name, with at most 10 pictures. With a picture its text may be empty. The answer
    /// names it for ``edit(_:text:pictures:)`` and ``delete(_:)``.
    func post(_ text: String, pictures: [Picture]) async throws -> String

    /// Replaces the text of a post. Readers see that it was edited. `pictures` replaces its pictures too; `nil` leaves them, and
    /// an empty array removes them.
    func edit(_ name: String, text: String, pictures: [Picture]?) async throws

    /// Announces a gathering, or replaces the announcement with this name. The answer names it.
    func announce(_ gathering: Gathering, replacing name: String?) async throws -> String

    /// Deletes a post or an announcement. What was published may have been copied; readers with Byway no longer see it.
    func delete(_ name: String) async throws

    /// Makes the next charter, with this statement. ``CommunityStatement/keys`` changes who decides, publishes and moderates.
    /// Where more than one key must sign (`too_few_signed`), the change is proposed instead: ``CommunityProposal``.
    func restate(_ statement: CommunityStatement) async throws

    /// Names the community that continues this one, by its link; `nil` takes that back. The other one has to name this one
    /// too (``CommunityStatement/continues``): then both sides sign the move.
    func move(to successor: String?) async throws

    /// Replaces the keys with new ones in a new file. The id stays. From then on the old keys may do nothing more.
    func rotate(to keys: CommunityKeys) async throws

    /// The recovery that waits in this folder, or that waited at a mirror when it was last published to or taken in from there;
    /// `nil` if none does. Root keys object to it by any charter of theirs (``ProposedChange/objection``).
    func recovery() async throws -> WaitingRecovery?

    /// The time of the freeze in this folder, if there is one: readers trust nothing that is signed later, and call the community
    /// disputed. What is signed after it is refused (`community_frozen`). See ``ProposedChange/freeze(after:)``.
    func frozen() async throws -> Date?

    /// The date of the newest statement, if it is more than a day ahead of this device's clock.
    func datedAhead() async throws -> Date?

    /// Brings the community back to this device's clock, which is right, after another clock dated its newest statements ahead.
    /// What these keys published ahead is signed again with this time.
    ///
    /// - Returns: How many items of other keys were left out.
    @discardableResult
    func redate() async throws -> Int

    /// Sets the language of the web site's pages, which otherwise stays that of the founding.
    func setPageLanguage(_ language: Language) async throws

    /// Renews the statement of the newest state, which readers otherwise call stale after 30 days, and brings another folder
    /// to it: the one of a web server, or one that is uploaded. Only what changed is written.
    ///
    /// If that folder has something that this one does not have, nothing is written (`target_newer`):
    /// ``takeIn(from:)`` it first. With `replacing` it is written over, and lost.
    func publish(into folder: URL, replacing: Bool) async throws -> FilesWritten

    /// Renews the statement of the newest state, and brings a folder on a server to it, by the routes and under the exposure of
    /// this client. Only what changed is sent. If the server has something that the folder does not have, nothing is written there
    /// (`target_newer`), unless the options say so. A WebDAV folder may ask for no credentials.
    ///
    /// An upload that is cancelled or fails ends after its last write: readers have a complete state, and the next one continues
    /// there.
    func upload(
        to target: UploadTarget, credentials: UploadCredentials?, over client: any BywayClient, options: UploadOptions
    ) async throws -> FilesWritten

    /// Takes in what another folder of this community has and this one does not: posts, gatherings and charters of another
    /// admin, or of another device. All of it is verified as a reader would.
    func takeIn(from folder: URL) async throws

    /// Overwrites the keys in memory and lets the folder go. Every later call throws a ``BywayError`` of kind
    /// ``BywayError/Kind/closed``. Closing twice is harmless.
    func close() async
}

extension CommunityPublisher {
    /// The community's link, with its first mirrors.
    public func link() async throws -> SignedLink { try await link(exposure: .open) }

    /// Publishes a post without pictures. The answer names it.
    public func post(_ text: String) async throws -> String { try await post(text, pictures: []) }

    /// Replaces the text of a post. Its pictures stay.
    public func edit(_ name: String, text: String) async throws { try await edit(name, text: text, pictures: nil) }

    /// Announces a gathering. The answer names it.
    public func announce(_ gathering: Gathering) async throws -> String { try await announce(gathering, replacing: nil) }

    /// Brings a folder on a server to the newest state, unless it has something that this one does not have.
    public func upload(
        to target: UploadTarget, credentials: UploadCredentials?, over client: any BywayClient
    ) async throws -> FilesWritten {
        try await upload(to: target, credentials: credentials, over: client, options: UploadOptions())
    }

    /// Brings another folder to the newest state, unless it has something that this one does not have.
    public func publish(into folder: URL) async throws -> FilesWritten { try await publish(into: folder, replacing: false) }
}

/// What a charter says of a community, as an admin writes it.
public struct CommunityStatement: Hashable, Sendable {
    public var name: String
    /// What the community says about itself.
    public var description: String
    /// Addresses of folders on the web that carry the community.
    public var mirrors: [String]
    /// Addresses of its pages at platforms.
    public var pages: [String]
    /// The link to the community that this one continues. See ``CommunityPublisher/move(to:)``.
    public var continues: String?
    /// Changes of who decides, publishes and moderates. What a community says of itself names none.
    public var keys: KeyChanges
    /// Addresses of Nostr relays (`wss:`, `ws:`) that carry what it publishes. Byway does not read relays yet.
    public var relays: [String]
    /// Whether everyone may post texts, under keys of their own.
    public var membersMayPost: Bool
    /// Keys whose posts no longer count, at most 128. ``KeyChanges/removed`` adds the key that writes of each person.
    public var banned: [BannedKey]
    /// Addresses of the community's hosts, for readers whose network falsifies names: at most 16 hosts.
    public var hints: [HostHint]
    /// Resolvers (DNS over HTTPS, `https:`) that the admins name to their readers, at most 16.
    public var resolvers: [String]
    /// Blocks that the admins know of, at most 16.
    public var restrictions: [StatedRestriction]

    public init(
        name: String, description: String = "", mirrors: [String] = [], pages: [String] = [], continues: String? = nil,
        keys: KeyChanges = KeyChanges(), relays: [String] = [], membersMayPost: Bool = false, banned: [BannedKey] = [],
        hints: [HostHint] = [], resolvers: [String] = [], restrictions: [StatedRestriction] = []
    ) {
        self.name = name
        self.description = description
        self.mirrors = mirrors
        self.pages = pages
        self.continues = continues
        self.keys = keys
        self.relays = relays
        self.membersMayPost = membersMayPost
        self.banned = banned
        self.hints = hints
        self.resolvers = resolvers
        self.restrictions = restrictions
    }
}

/// A key whose posts do not count from a time on.
public struct BannedKey: Hashable, Sendable {
    /// The key that writes: 64 hexadecimal digits, or a person's line of public keys (`byway-keys:`).
    public var key: String
    /// Posts of this time and later ones do not count. A thief of the key can state an earlier time.
    public var since: Date

    public init(key: String, since: Date) {
        self.key = key
        self.since = since
    }
}

/// The addresses of a host, for readers whose network falsifies its name.
public struct HostHint: Hashable, Sendable {
    public var host: String
    /// Its IP addresses, 1 to 16.
    public var addresses: [String]

    public init(host: String, addresses: [String]) {
        self.host = host
        self.addresses = addresses
    }
}

/// A block that the admins know of. Readers see it as the admins' own word.
public struct StatedRestriction: Hashable, Sendable {
    public var text: String
    /// The jurisdiction, an ISO 3166 code.
    public var jurisdiction: String?
    /// The authority that ordered it.
    public var authority: String?
    /// The number of the order.
    public var number: String?
    /// The date of the order, `YYYY-MM-DD`.
    public var date: String?

    public init(
        text: String, jurisdiction: String? = nil, authority: String? = nil, number: String? = nil, date: String? = nil
    ) {
        self.text = text
        self.jurisdiction = jurisdiction
        self.authority = authority
        self.number = number
        self.date = date
    }
}

/// A gathering, as an admin announces it. It has a start or days.
public struct Gathering: Hashable, Sendable {
    public var name: String
    public var text: String?
    public var start: Date?
    public var end: Date?
    /// Its days, if it has days and no time of day.
    public var days: EventDays?
    /// The name of its time zone, for example `Europe/Moscow`.
    public var zone: String?
    /// The name of the place.
    public var place: String?
    /// It does not take place.
    public var isCancelled: Bool

    public init(
        name: String,
        text: String? = nil,
        start: Date? = nil,
        end: Date? = nil,
        days: EventDays? = nil,
        zone: String? = nil,
        place: String? = nil,
        isCancelled: Bool = false
    ) {
        self.name = name
        self.text = text
        self.start = start
        self.end = end
        self.days = days
        self.zone = zone
        self.place = place
        self.isCancelled = isCancelled
    }
}

/// The community of a ``CommunityPublisher``, as readers see it.
public struct Published: Hashable, Sendable {
    public let community: Community
    /// The posts, newest first.
    public let posts: [Post]
    /// The gatherings, by their start.
    public let events: [Event]

    public init(community: Community, posts: [Post] = [], events: [Event] = []) {
        self.community = community
        self.posts = posts
        self.events = events
    }
}

/// What was done to the files of a folder.
public struct FilesWritten: Hashable, Sendable {
    /// Files that were created, replaced, continued or removed.
    public let changed: Int
    /// Files that were the same already, and were not touched.
    public let unchanged: Int

    public init(changed: Int, unchanged: Int) {
        self.changed = changed
        self.unchanged = unchanged
    }
}

/// A link as a QR code: a square of dark and light modules. Draw it dark on light, in any colour scheme.
public struct QRCode: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The number of modules a side, with the margin of four light ones that readers of codes need.
    public let size: Int
    /// The same as an SVG image, black on white.
    public let svg: String
    private let modules: Data

    init(size: Int, modules: Data, svg: String) {
        self.size = size
        self.modules = modules
        self.svg = svg
    }

    /// Whether a module is dark. Outside of the code all are light.
    public func isDark(column: Int, row: Int) -> Bool {
        guard (0..<size).contains(column), (0..<size).contains(row) else { return false }
        return modules[modules.startIndex + row * size + column] == 1
    }

    /// Without the link that it contains.
    public var description: String { "QRCode(\(size))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Which pictures a bundle carries.
public enum BundlePictures: Hashable, Sendable {
    /// Those of the newest posts, up to 32 MiB in all.
    case newest
    /// None, for a small file.
    case leftOut
}

/// A bundle, and what is not in it.
public struct MadeBundle: Hashable, Sendable {
    /// The file.
    public let bytes: Data
    /// How many pictures are in it.
    public let pictures: Int
    /// How many pictures of posts are not in it: there was no room for them, or they are not in the folder.
    public let picturesLeftOut: Int

    public init(bytes: Data, pictures: Int, picturesLeftOut: Int) {
        self.bytes = bytes
        self.pictures = pictures
        self.picturesLeftOut = picturesLeftOut
    }
}

/// A recovery that replaces the keys of a community if the root keys do not object.
public struct WaitingRecovery: Hashable, Sendable {
    /// When it takes effect for a new reader. Others wait longer: from the day on which they first see it.
    public let until: Date
    /// The fingerprints of the recovery keys that signed it.
    public let signers: [String]
    /// The fingerprints of the keys that would decide.
    public let root: [String]

    public init(until: Date, signers: [String], root: [String]) {
        self.until = until
        self.signers = signers
        self.root = root
    }
}
