import Byway
import BywayFakes
import Foundation
import Testing

/// What several admins decide together, recovery cards, packs of routes, and how each mirror behaved.
@Suite(.serialized) final class AdminsTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("byway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func at(_ name: String) -> URL { folder.appendingPathComponent(name) }
    private var zavod: URL { at("zavod") }

    /// The keys of an admin, whose passphrase is the name.
    private func keys(_ name: String) -> CommunityKeys {
        CommunityKeys(file: at("\(name).keys"), passphrase: Passphrase(name))
    }

    /// Two admins, `anna` and `boris`, who both must sign; `vera` may recover with `gleb` in a week.
    private func found() async throws -> LivePublisher {
        _ = try await keys("anna").create()
        let boris = try await keys("boris").create()
        let (vera, gleb) = (try await keys("vera").create(), try await keys("gleb").create())
        let decided = KeyChanges(
            root: [boris.line], threshold: 2, publishers: [boris.line], recovery: [vera.line, gleb.line], recoveryDays: 7)
        let statement = CommunityStatement(name: "Zavod", keys: decided)
        let founding = try await CommunityProposal.founding(statement, keys: keys("anna"))
        #expect(founding.missing == 1 && founding.isFounding && founding.rootKeys == nil)
        let alone = await code { _ = try await LivePublisher.open(zavod, enacting: founding, keys: keys("anna")) }
        #expect(alone == "too_few_signed")
        let approved = try await founding.approve(with: keys("boris"))
        #expect(try await founding.adding([approved.line]) == approved.proposal)
        return try await LivePublisher.open(zavod, enacting: approved.proposal, keys: keys("anna"))
    }

    @Test func twoAdminsDecideAndOneAloneDoesNot() async throws {
        let first = try await found()
        #expect(await code { try await first.restate(CommunityStatement(name: "Mine")) } == "too_few_signed")
        await first.close()
        var renamed = try await LivePublisher.statement(of: zavod)
        renamed.name = "The new Zavod"
        let anna = keys("anna")
        let proposal = try await CommunityProposal.make(.restate(renamed), of: zavod, keys: anna)
        #expect(await code { _ = try await anna.publicKeys() } == "passphrase_used")
        let received = try await CommunityProposal(file: proposal.file, comparingWith: zavod)
        #expect(received.changes.contains { $0.contains("The new Zavod") })
        #expect(received.community == "Zavod" && received.missing == 1 && !received.isRecovery)
        renamed.name = "Other"
        let rival = await code {
            _ = try await CommunityProposal.make(.restate(renamed), of: zavod, keys: keys("anna"))
        }
        #expect(rival == "proposal_rival")
        _ = try await keys("eva").create()
        let stranger = await code { _ = try await received.approve(with: keys("eva"), comparingWith: zavod) }
        #expect(stranger == "proposal_foreign")
        let approved = try await received.approve(with: keys("boris"), comparingWith: zavod).proposal
        #expect(try await approved.signers.contains(keys("boris").publicKeys().decides))
        let second = try await LivePublisher.open(zavod, enacting: approved, keys: keys("boris"))
        #expect(try await second.statement().name == "The new Zavod")
        await second.close()
        var torn = approved.file
        torn[torn.count / 2] ^= 1
        #expect(await code { _ = try await CommunityProposal(file: torn) } == "proposal_form")
        #expect("\(approved)" == "CommunityProposal(2 signed, 0 missing)")
    }

    @Test func aRecoveryWaitsAndTheRootKeysObject() async throws {
        await (try found()).close()
        let dina = try await keys("dina").create()
        let change = ProposedChange.recover(KeyChanges(root: [dina.line], threshold: 1))
        let made = try await CommunityProposal.make(change, of: zavod, keys: keys("vera"))
        let half = try await made.approve(with: keys("dina"), comparingWith: zavod).proposal
        let recovery = try await half.approve(with: keys("gleb"), comparingWith: zavod).proposal
        #expect(recovery.isRecovery && recovery.missing == 0)
        let early = await code { _ = try await LivePublisher.open(zavod, enacting: recovery, keys: keys("dina")) }
        #expect(early == "recovery_waits")
        let until = try await recovery.placeRecovery(into: zavod)
        #expect((6...7).contains(until.timeIntervalSinceNow / 86_400))
        let community = try await LivePublisher.open(zavod, keys: keys("anna"))
        let waiting = try #require(try await community.recovery())
        #expect(waiting.until == until && waiting.signers.count == 2 && waiting.root == [dina.decides])
        await community.close()
        let objection = try await CommunityProposal.make(.objection, of: zavod, keys: keys("anna"))
        let signed = try await objection.approve(with: keys("boris"), comparingWith: zavod).proposal
        await (try LivePublisher.open(zavod, enacting: signed, keys: keys("anna"))).close()
        #expect(await code { _ = try await recovery.placeRecovery(into: zavod) } == "proposal_outdated")
        let rotation = ProposedChange.rotate(to: keys("anna2"))
        #expect(try await CommunityProposal.make(rotation, of: zavod, keys: keys("anna")).signers.count == 2)
        #expect(FileManager.default.fileExists(atPath: at("anna2.keys").path))
    }

    @Test func aFreezeEndsTheTrustInWhatIsSignedLater() async throws {
        await (try found()).close()
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration())
        func trust() async throws -> TrustState {
            let id = try await byway.takeBundle(LivePublisher.bundle(of: zavod).bytes).community.id
            return try await byway.standing(of: id).trust.state
        }
        #expect(try await trust() == .verified)
        let change = ProposedChange.freeze(after: Date(timeIntervalSinceNow: -3600))
        let freeze = try await CommunityProposal.make(change, of: zavod, keys: keys("anna"))
        #expect(await code { try await freeze.placeFreeze(into: zavod) } == "too_few_signed")
        try await freeze.approve(with: keys("boris"), comparingWith: zavod).proposal.placeFreeze(into: zavod)
        #expect(try await trust() == .disputed)
        let community = try await LivePublisher.open(zavod, keys: keys("anna"))
        #expect(try #require(try await community.frozen()) < Date(timeIntervalSinceNow: -3599))
        #expect(await code { _ = try await community.post("Late") } == "community_frozen")
        await community.close()
        await byway.close()
    }

    @Test func cardsMakeTheKeyAgainAndAreOverwritten() async throws {
        let anna = try await keys("anna").create()
        let cards = try await keys("anna").split(needed: 2, of: 3)
        #expect(cards.map(\.info.number) == [1, 2, 3] && Set(cards.map(\.info.keys)) == [anna.decides])
        #expect(try await RecoveryCard.read(cards[1].rows) == [cards[1].info])
        let few = await code { _ = try await RecoveryCard.restore(cards[0].line, to: keys("again")) }
        #expect(few == "cards_too_few")
        #expect(try await RecoveryCard.restore(cards[2].line + cards[0].line, to: keys("again")) == anna)
        cards.forEach { $0.wipe() }
        #expect(cards.allSatisfy { $0.line.isEmpty && $0.rows.isEmpty && $0.page.isEmpty })
        #expect(await code { _ = try await keys("anna").split(needed: 1, of: 3) } == "card_numbers")
        let founded = try await LivePublisher.found(
            zavod, keys: keys("own"), statement: CommunityStatement(name: "Zavod"))
        await founded.close()
        let inside = CommunityKeys(file: zavod.appendingPathComponent("k"), passphrase: Passphrase("k"))
        #expect(await code { _ = try await inside.create() } == "key_served")
        #expect(!FileManager.default.fileExists(atPath: inside.file.path))
    }

    @Test func aPackOfRoutesIsSignedAndSealed() async throws {
        let founded = try await found()
        let link = try await founded.link().text
        await founded.close()
        let route = "socks5://name:word@192.0.2.1:1080"
        func pack(_ strategy: String, by name: String) async throws -> Data {
            try await RoutePack.make(
                for: link, keys: keys(name), strategies: [strategy], expires: Date(timeIntervalSinceNow: 86_400),
                passphrase: Passphrase("circle"))
        }
        #expect(await code { _ = try await pack("direct:", by: "anna") } == "routes_strategy")
        let packed = try await pack(route, by: "anna")
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration())
        func take(_ pack: Data, _ word: String) async throws -> RoutePack {
            try await byway.importRoutePack(pack, passphrase: Passphrase(word))
        }
        #expect(await code { _ = try await take(packed, "circle") } == "routes_other_community")
        _ = try await byway.takeBundle(LivePublisher.bundle(of: zavod).bytes)
        #expect(await code { _ = try await take(packed, "square") } == "routes_passphrase")
        let taken = try await take(packed, "circle")
        #expect(taken.routes.map(\.text) == [route] && !"\(taken)".contains("word"))
        let stranger = try await pack(route, by: "vera")
        #expect(await code { _ = try await take(stranger, "circle") } == "routes_unsigned")
        await byway.close()
    }

    @Test func eachMirrorSaysHowItBehaved() async throws {
        let lab = try Lab(folders: ["good.example": zavod, "empty.example": at("empty")])
        let mirrors = [lab.url("good.example"), lab.url("empty.example")]
        let founded = try await LivePublisher.found(
            zavod, keys: keys("anna"), statement: CommunityStatement(name: "Zavod", mirrors: mirrors))
        let signed = try await founded.link()
        let link = signed.text
        await founded.close()
        #expect(try CommunityLink(link).mirrors.count == 1)
        let byway = try await LiveByway.open(lab.configuration())
        #expect(try await byway.preview(link).others.map(\.routes.count) == [1])
        let opened = try await byway.open(link)
        func state(_ host: String) -> MirrorState? {
            opened.homes.first { $0.standing.home.contains(host) }?.standing.state
        }
        #expect(state("good.example") == .current && state("empty.example") == .gone)
        let standing = try await byway.standing(of: opened.community.id)
        #expect(standing.homes.count == 2 && standing.trust.state == .verified)
        #expect(standing.homes.allSatisfy { !$0.isFault && !$0.sentence.isEmpty })
        let listed = try await byway.importFeeds(Data(byway.exportFeeds().utf8)).entries
        let asked = try #require(listed.first { !$0.isUnasked })
        #expect(try await byway.openListed(asked).community.id == opened.community.id)
        // The list has the mirrors that the user opened, and the keys.
        let keys = try #require(signed.key).replacingOccurrences(of: " ", with: "")
        #expect(asked.link.contains("good.example") && asked.link.contains("empty.example") && asked.link.contains(keys))
        let zeros = String(repeating: "0", count: keys.count)
        let forged = ListedFeed(link: asked.link.replacingOccurrences(of: keys, with: zeros), title: "")
        #expect(try await byway.openListed(forged).notes.contains { $0.code == "link_keys" })
        await byway.close()
    }

    @Test func theFakeAnswersAsTheLibraryDoes() async throws {
        let home = MirrorStanding(
            home: "https://mirror.example/", state: .rolledBack, sentence: "It went back.", at: .distantPast,
            isFault: true)
        let fake = FakeByway(.init(homes: [HomeAccess(standing: home)]))
        #expect(try await fake.openListed(ListedFeed(link: "vk.com/rabochie", title: "")).homes.map(\.standing) == [home])
        let id = Community.example.id
        #expect(try await fake.standing(of: id).homes.allSatisfy(\.isFault))
        func take(_ pack: Data, _ word: String) async throws -> RoutePack {
            try await fake.importRoutePack(pack, passphrase: Passphrase(word))
        }
        #expect(try await take(FakeByway.routePack, "circle").community == id)
        #expect(await code { _ = try await take(FakeByway.routePack, "square") } == "routes_passphrase")
        #expect(await code { _ = try await take(Data(), "circle") } == "routes_form")
        try await fake.forget(id)
        #expect(await code { _ = try await take(FakeByway.routePack, "circle") } == "routes_other_community")
    }
}
