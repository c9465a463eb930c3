internal import BywayGenerated
import Foundation

/// The publisher that signs and writes.
public final class LivePublisher: CommunityPublisher {
    private let publisher: BywayGenerated.Publisher

    private init(_ publisher: BywayGenerated.Publisher) { self.publisher = publisher }

    /// Founds a community in a folder, which is created, with new keys in a new file. The pages of the web site that is
    /// written with it are in this language, except for what the community writes.
    public static func found(
        _ folder: URL, keys: CommunityKeys, statement: CommunityStatement, language: Language = .english
    ) async throws -> LivePublisher {
        let passphrase = try keys.passphrase.taken()
        return LivePublisher(
            try await crossing {
                try await BywayGenerated.Publisher.found(
                    folder: folder.path, keyFile: keys.file.path, passphrase: passphrase, statement: statement.crossing,
                    language: language.crossing)
            })
    }

    /// Opens the community of a folder, and verifies all of it as a reader would.
    ///
    /// With `trustClock` a person says that the device's clock is right although the folder contradicts it (`clock`), because a
    /// wrong clock dated the folder. Then see ``datedAhead()`` and ``redate()``.
    public static func open(
        _ folder: URL, keys: CommunityKeys, language: Language = .english, trustClock: Bool = false
    ) async throws -> LivePublisher {
        let passphrase = try keys.passphrase.taken()
        return LivePublisher(
            try await crossing {
                try await BywayGenerated.Publisher.open(
                    folder: folder.path, keyFile: keys.file.path, passphrase: passphrase, trustClock: trustClock,
                    language: language.crossing)
            })
    }

    /// Puts a proposal in force that enough keys have signed, in a folder of the community, and opens it. A founding makes the
    /// folder. A recovery and a freeze are placed instead (``CommunityProposal/placeRecovery(into:language:)``,
    /// ``CommunityProposal/placeFreeze(into:language:)``).
    public static func open(
        _ folder: URL, enacting proposal: CommunityProposal, keys: CommunityKeys, language: Language = .english
    ) async throws -> LivePublisher {
        let passphrase = try keys.passphrase.taken()
        return LivePublisher(
            try await crossing {
                try await publisherOfProposal(
                    folder: folder.path, file: proposal.file, keyFile: keys.file.path, passphrase: passphrase,
                    language: language.crossing)
            })
    }

    /// What the charter in force in a folder says. Nothing is opened, and no keys are needed.
    public static func statement(of folder: URL, language: Language = .english) async throws -> CommunityStatement {
        try await crossing {
            CommunityStatement(try await statementOf(folder: folder.path, language: language.crossing))
        }
    }

    /// The bundle of the community in a folder: all of it in one file, which proves itself without a network
    /// (``BywayClient/takeBundle(_:exposure:)``). It needs no keys.
    public static func bundle(
        of folder: URL, pictures: BundlePictures = .newest, language: Language = .english
    ) async throws -> MadeBundle {
        try await crossing {
            let made = try await bundleOf(folder: folder.path, pictures: pictures.crossing, language: language.crossing)
            return MadeBundle(
                bytes: made.bytes, pictures: Int(made.pictures), picturesLeftOut: Int(made.picturesLeftOut))
        }
    }

    /// The link to the community in a folder, with its first mirrors. It needs no keys.
    public static func link(
        of folder: URL, exposure: Exposure = .open, language: Language = .english
    ) async throws -> SignedLink {
        try await crossing {
            SignedLink(
                try await linkOf(folder: folder.path, exposure: exposure.crossing, language: language.crossing))
        }
    }

    public func link(exposure: Exposure) async throws -> SignedLink {
        try await crossing { [publisher] in SignedLink(try await publisher.link(exposure: exposure.crossing)) }
    }

    public func content() async throws -> Published {
        try await crossing { [publisher] in
            let content = try await publisher.content()
            return Published(
                community: Community(content.community), posts: content.posts.map(Post.init),
                events: content.events.map(Event.init))
        }
    }

    public func statement() async throws -> CommunityStatement {
        try await crossing { [publisher] in CommunityStatement(try await publisher.statement()) }
    }

    public func post(_ text: String, pictures: [Picture]) async throws -> String {
        try await crossing { [publisher] in
            try await publisher.post(text: text, pictures: pictures.map(\.crossing))
        }
    }

    public func edit(_ name: String, text: String, pictures: [Picture]?) async throws {
        try await crossing { [publisher] in
            try await publisher.edit(name: name, text: text, pictures: pictures?.map(\.crossing))
        }
    }

    public func announce(_ gathering: Gathering, replacing name: String?) async throws -> String {
        let crossed = try gathering.crossing()
        return try await crossing { [publisher] in try await publisher.announce(gathering: crossed, replaces: name) }
    }

    public func delete(_ name: String) async throws {
        try await crossing { [publisher] in try await publisher.delete(name: name) }
    }

    public func restate(_ statement: CommunityStatement) async throws {
        try await crossing { [publisher] in try await publisher.restate(statement: statement.crossing) }
    }

    public func move(to successor: String?) async throws {
        try await crossing { [publisher] in try await publisher.moveTo(successor: successor) }
    }

    public func rotate(to keys: CommunityKeys) async throws {
        let passphrase = try keys.passphrase.taken()
        try await crossing { [publisher] in
            try await publisher.rotate(keyFile: keys.file.path, passphrase: passphrase)
        }
    }

    public func recovery() async throws -> WaitingRecovery? {
        try await crossing { [publisher] in
            try await publisher.recovery().map { WaitingRecovery(until: $0.until, signers: $0.signers, root: $0.root) }
        }
    }

    public func frozen() async throws -> Date? {
        try await crossing { [publisher] in try await publisher.frozen() }
    }

    public func datedAhead() async throws -> Date? {
        try await crossing { [publisher] in try await publisher.datedAhead() }
    }

    public func redate() async throws -> Int {
        try await crossing { [publisher] in Int(try await publisher.redate()) }
    }

    public func setPageLanguage(_ language: Language) async throws {
        try await crossing { [publisher] in try await publisher.setPageLanguage(pageLanguage: language.crossing) }
    }

    public func publish(into folder: URL, replacing: Bool) async throws -> FilesWritten {
        try await crossing { [publisher] in
            FilesWritten(try await publisher.publish(into: folder.path, replace: replacing))
        }
    }

    public func upload(
        to target: UploadTarget, credentials: UploadCredentials?, over client: any BywayClient, options: UploadOptions
    ) async throws -> FilesWritten {
        let client = try client.ofUpload()
        let secrets = try credentials?.taken()
        return try await cancellable { [publisher] cancel in
            FilesWritten(
                try await publisher.upload(
                    client: client, target: target.crossing, credentials: secrets, options: options.crossing,
                    cancel: cancel))
        }
    }

    public func takeIn(from folder: URL) async throws {
        try await crossing { [publisher] in try await publisher.takeIn(from: folder.path) }
    }

    public func close() async {
        // Closing a closed publisher is harmless, and nobody could do anything about an error of it.
        try? await publisher.end()
    }
}

extension Picture {
    /// Removes from a JPEG, a PNG or a still WebP everything that is not needed to show it. `data` is the whole file.
    ///
    /// - Throws: A ``BywayError`` of kind ``BywayError/Kind/input`` (`unfit`) for another format, a damaged file, more than 8 MiB or
    ///   50 million pixels, and for a text of more than 1000 bytes or with a line break.
    public init(cleaning data: Data, text: String = "", language: Language = .english) async throws {
        let crossed = try await Byway.crossing {
            try await cleanPicture(
                picture: GivenPicture(bytes: data, text: text), language: language.crossing)
        }
        self.init(
            bytes: crossed.bytes, mediaType: crossed.mediaType, width: Int(crossed.width), height: Int(crossed.height),
            text: crossed.text)
    }

    /// The core cleans it once more, so nothing depends on what this value says of itself.
    fileprivate var crossing: GivenPicture { GivenPicture(bytes: bytes, text: text) }
}

extension QRCode {
    /// The code of a link, which has at most 331 bytes.
    ///
    /// - Throws: A ``BywayError`` of kind ``BywayError/Kind/input`` for a longer one.
    public init(_ link: String, language: Language = .english) throws {
        let crossed = try crossing { try qrCode(text: link, language: language.crossing) }
        self.init(size: Int(crossed.width), modules: crossed.modules, svg: crossed.svg)
    }
}

extension CommunityStatement {
    init(_ crossed: BywayGenerated.Statement) {
        self.init(
            name: crossed.name, description: crossed.description, mirrors: crossed.mirrors, pages: crossed.pages,
            continues: crossed.continues, relays: crossed.relays, membersMayPost: crossed.membersMayPost,
            banned: crossed.banned.map { BannedKey(key: $0.key, since: $0.since) },
            hints: crossed.hints.map { HostHint(host: $0.host, addresses: $0.addresses) }, resolvers: crossed.resolvers,
            restrictions: crossed.restrictions.map {
                StatedRestriction(
                    text: $0.text, jurisdiction: $0.jurisdiction, authority: $0.authority, number: $0.number, date: $0.date)
            })
    }

    var crossing: BywayGenerated.Statement {
        BywayGenerated.Statement(
            name: name, description: description, mirrors: mirrors, pages: pages, continues: continues,
            keys: keys == KeyChanges() ? nil : keys.crossing, relays: relays, membersMayPost: membersMayPost,
            banned: banned.map { BywayGenerated.BannedKey(key: $0.key, since: $0.since) },
            hints: hints.map { BywayGenerated.HostHint(host: $0.host, addresses: $0.addresses) }, resolvers: resolvers,
            restrictions: restrictions.map {
                BywayGenerated.StatedRestriction(
                    text: $0.text, jurisdiction: $0.jurisdiction, authority: $0.authority, number: $0.number, date: $0.date)
            })
    }
}

extension Gathering {
    func crossing() throws -> BywayGenerated.Gathering {
        BywayGenerated.Gathering(
            name: name,
            text: text,
            start: try start?.crossing(),
            end: try end?.crossing(),
            days: days.map { BywayGenerated.EventDays(first: $0.first.crossing, last: $0.last.crossing) },
            zone: zone,
            place: place,
            cancelled: isCancelled
        )
    }
}

extension DateComponents {
    /// A day. A part that is missing makes it no day, which is refused.
    var crossing: BywayGenerated.CivilDate {
        BywayGenerated.CivilDate(
            year: Int32(clamping: year ?? 0), month: Int32(clamping: month ?? 0), day: Int32(clamping: day ?? 0))
    }
}

extension FilesWritten {
    init(_ crossed: BywayGenerated.FilesWritten) {
        self.init(changed: Int(crossed.changed), unchanged: Int(crossed.unchanged))
    }
}

extension BundlePictures {
    fileprivate var crossing: BywayGenerated.BundlePictures {
        switch self {
        case .newest: .newest
        case .leftOut: .leftOut
        }
    }
}
