internal import BywayGenerated
import Foundation

// What admins call without a publisher: keys, cards, proposals.

extension CommunityKeys {
    /// Makes new keys and the file. A file that is there is an error.
    public func create(language: Language = .english) async throws -> AdminKeys {
        let passphrase = try passphrase.taken()
        return try await Byway.crossing { [file] in
            AdminKeys(
                try await createAdminKeys(keyFile: file.path, passphrase: passphrase, language: language.crossing))
        }
    }

    /// The public halves of the keys in the file, for the other admins.
    public func publicKeys(language: Language = .english) async throws -> AdminKeys {
        let passphrase = try passphrase.taken()
        return try await Byway.crossing { [file] in
            AdminKeys(try await adminKeys(keyFile: file.path, passphrase: passphrase, language: language.crossing))
        }
    }

    /// Makes cards of the key in the file, to be printed: `count` cards (2 to 16), of which `needed` (2 or more) make the file
    /// again (``RecoveryCard/restore(_:to:language:)``). Each call makes a new set, which does not mix with an earlier one.
    public func split(needed: Int, of count: Int, language: Language = .english) async throws -> [RecoveryCard] {
        let passphrase = try passphrase.taken()
        return try await Byway.crossing { [file] in
            try await splitKey(
                keyFile: file.path, passphrase: passphrase, needed: needed.limit, of: count.limit,
                language: language.crossing
            ).map(RecoveryCard.init)
        }
    }
}

extension RecoveryCard {
    /// Reads the cards of a text as it is typed or scanned, in UTF-8: each begins with `byway-card:`. White space, hyphens and
    /// the case of letters do not matter.
    ///
    /// - Throws: A ``BywayError`` of kind ``BywayError/Kind/input`` that names the card which was mistyped.
    public static func read(_ text: Data, language: Language = .english) async throws -> [CardInfo] {
        try await crossing { try await readCards(text: text, language: language.crossing).map(CardInfo.init) }
    }

    /// Makes a key file again from the cards of a text, sealed under a new passphrase. A file that is there is an error.
    public static func restore(
        _ cards: Data, to keys: CommunityKeys, language: Language = .english
    ) async throws -> AdminKeys {
        let passphrase = try keys.passphrase.taken()
        return try await crossing {
            AdminKeys(
                try await restoreKey(
                    cards: cards, keyFile: keys.file.path, passphrase: passphrase, language: language.crossing))
        }
    }

    fileprivate convenience init(_ crossed: BywayGenerated.RecoveryCard) {
        self.init(info: CardInfo(crossed.info), line: crossed.line, rows: crossed.rows, page: crossed.page)
    }
}

extension CommunityProposal {
    /// Reads the file of a proposal, and verifies that it continues the charter in it.
    ///
    /// `approvals` are signatures that other admins sent as lines (``ApprovedProposal/line``). With the community's folder it is compared:
    /// whether it is the community's, and still in time.
    ///
    /// - Throws: A ``BywayError`` of kind ``BywayError/Kind/input`` for a file that was changed on its way.
    public init(
        file: Data, approvals: [String] = [], comparingWith folder: URL? = nil, language: Language = .english
    ) async throws {
        self = try await crossing {
            CommunityProposal(
                try await readProposal(
                    file: file, approvals: approvals, folder: folder?.path, language: language.crossing))
        }
    }

    /// Proposes a change of the community in this folder, and signs it. Nothing is in force yet.
    ///
    /// Beside the key file lies a list of what it has signed (`FILE.signed`).
    /// ``approve(with:comparingWith:instead:language:)`` says what `instead` does.
    public static func make(
        _ change: ProposedChange, of folder: URL, keys: CommunityKeys, instead: Bool = false,
        language: Language = .english
    ) async throws -> CommunityProposal {
        let passphrase = try keys.passphrase.taken()
        let change = try change.crossing()
        return try await crossing {
            CommunityProposal(
                try await propose(
                    folder: folder.path, keyFile: keys.file.path, passphrase: passphrase, change: change, instead: instead,
                    language: language.crossing))
        }
    }

    /// Proposes to found a community of several admins, and signs it. The keys of its maker, which exist
    /// (``CommunityKeys/create(language:)``), are the first of the root keys; ``CommunityStatement/keys`` names the others.
    public static func founding(
        _ statement: CommunityStatement, keys: CommunityKeys, language: Language = .english
    ) async throws -> CommunityProposal {
        let passphrase = try keys.passphrase.taken()
        return try await crossing {
            CommunityProposal(
                try await proposeFounding(
                    keyFile: keys.file.path, passphrase: passphrase, statement: statement.crossing,
                    language: language.crossing))
        }
    }

    /// Signs it, with the keys of one more admin. Show ``changes`` first. It is compared with the community's folder, which is up to
    /// date. Only a founding has none; anything else is not signed without it (`proposal_uncompared`).
    ///
    /// `instead` signs it although these keys have signed another change in the same place, which must not be put in force then:
    /// with both in force the community is disputed for good. Without it that is an error (`proposal_rival`).
    public func approve(
        with keys: CommunityKeys, comparingWith folder: URL? = nil, instead: Bool = false, language: Language = .english
    ) async throws -> ApprovedProposal {
        let passphrase = try keys.passphrase.taken()
        return try await crossing { [file] in
            let approved = try await approveProposal(
                file: file, keyFile: keys.file.path, passphrase: passphrase, folder: folder?.path, instead: instead,
                language: language.crossing)
            return ApprovedProposal(proposal: CommunityProposal(approved.proposal), line: approved.line)
        }
    }

    /// The same with the signatures that other admins sent as lines (``ApprovedProposal/line``).
    public func adding(_ approvals: [String], language: Language = .english) async throws -> CommunityProposal {
        try await CommunityProposal(file: file, approvals: approvals, language: language)
    }

    /// Puts a recovery into a folder that carries the community: an admin's, or a web server's. It needs no keys. Readers see
    /// from then on that it waits.
    ///
    /// - Returns: The time at which it takes effect for a new reader. It is no earlier for any other.
    public func placeRecovery(into folder: URL, language: Language = .english) async throws -> Date {
        try await crossing { [file] in
            try await place(recovery: file, into: folder, language: language)
        }
    }

    /// Puts a freeze into a folder that carries the community: an admin's, or a web server's. It needs no keys. Readers trust
    /// nothing from then on that is signed later than it says, and no key takes that back.
    public func placeFreeze(into folder: URL, language: Language = .english) async throws {
        try await crossing { [file] in
            try await place(freeze: file, into: folder, language: language)
        }
    }

    /// Publishes a freeze in a folder on a server, for good, by the routes and under the exposure of this client. It needs no keys
    /// of the community: see ``placeFreeze(into:language:)``.
    public func uploadFreeze(
        to target: UploadTarget, credentials: UploadCredentials?, over client: any BywayClient
    ) async throws -> FilesWritten {
        let client = try client.ofUpload()
        let secrets = try credentials?.taken()
        return try await cancellable { [file] cancel in
            FilesWritten(
                try await client.uploadFreeze(
                    file: file, target: target.crossing, credentials: secrets, cancel: cancel))
        }
    }

    fileprivate init(_ crossed: BywayGenerated.Proposal) {
        self.init(
            file: crossed.file, community: crossed.community, rootKeys: crossed.rootKeys, changes: crossed.changes,
            signers: crossed.signers, missing: Int(crossed.missing), isRecovery: crossed.isRecovery,
            isFounding: crossed.isFounding)
    }
}

/// Within the type, its own methods hide the functions of these names.
private func place(recovery file: Data, into folder: URL, language: Language) async throws -> Date {
    try await placeRecovery(folder: folder.path, file: file, language: language.crossing)
}

private func place(freeze file: Data, into folder: URL, language: Language) async throws {
    try await placeFreeze(folder: folder.path, file: file, language: language.crossing)
}

extension RoutePack {
    /// Makes a pack: signed with an admin's keys, sealed with a passphrase that the circle knows. It may have proxies,
    /// Shadowsocks, and `tor:` with bridges; 32 at most, for 366 days at most. `community` is the link of the community whose
    /// readers it is for.
    public static func make(
        for community: String, keys: CommunityKeys, strategies: [String], expires: Date, passphrase: Passphrase,
        language: Language = .english
    ) async throws -> Data {
        let (own, sealed) = (try keys.passphrase.taken(), try passphrase.taken())
        let expires = try expires.crossing()
        return try await crossing {
            try await packRoutes(
                community: community, keyFile: keys.file.path, passphrase: own, strategies: strategies, expires: expires,
                packPassphrase: sealed, language: language.crossing)
        }
    }

    init(_ crossed: BywayGenerated.RoutePack) {
        self.init(
            community: CommunityID(rawValue: crossed.community),
            routes: crossed.routes.map { PackedRoute(strategy: Strategy($0.info), text: $0.secretText) },
            expires: crossed.expires)
    }
}

extension ProposedChange {
    fileprivate func crossing() throws -> BywayGenerated.ProposedChange {
        switch self {
        case .restate(let statement): .restate(statement: statement.crossing)
        case .move(let successor): .move(successor: successor)
        case .rotate(let keys): .rotate(keyFile: keys.file.path, passphrase: try keys.passphrase.taken())
        case .recover(let keys): .recover(keys: keys.crossing)
        case .objection: .object
        case .freeze(let after): .freeze(after: try after.crossing())
        }
    }
}

extension AdminKeys {
    fileprivate init(_ crossed: BywayGenerated.AdminKeys) {
        self.init(
            line: crossed.line, decides: crossed.decides, publishes: crossed.publishes, writes: crossed.writes)
    }
}

extension CardInfo {
    fileprivate init(_ crossed: BywayGenerated.CardInfo) {
        self.init(
            number: Int(crossed.number), count: Int(crossed.of), needed: Int(crossed.needed), set: crossed.set,
            keys: crossed.keys)
    }
}

extension KeyChanges {
    var crossing: BywayGenerated.KeyChanges {
        BywayGenerated.KeyChanges(
            root: root, threshold: threshold?.limit, publishers: publishers, moderators: moderators, recovery: recovery,
            recoveryThreshold: recoveryThreshold?.limit, recoveryDays: recoveryDays?.limit, removed: removed)
    }
}
