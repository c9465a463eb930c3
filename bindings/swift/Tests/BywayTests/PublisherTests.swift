import Byway
import BywayFakes
import Foundation
import Testing

/// The admin's side, and what readers get of it: bundles, moves, codes.
@Suite(.serialized) final class PublisherTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("byway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func at(_ name: String) -> URL { folder.appendingPathComponent(name) }

    private func keys(_ name: String = "zavod", _ passphrase: String = "a passphrase") -> CommunityKeys {
        CommunityKeys(file: at("\(name).keys"), passphrase: Passphrase(passphrase))
    }

    private func found(
        _ name: String = "zavod", mirror: String = "https://zavod.example/", continues: String? = nil
    ) async throws -> LivePublisher {
        let statement = CommunityStatement(name: name, mirrors: [mirror], continues: continues)
        return try await LivePublisher.found(at(name), keys: keys(name), statement: statement)
    }

    @Test func whatIsPublishedIsReadFromABundleAndNothingIsSent() async throws {
        let zavod = try await found()
        let first = try await zavod.post("We meet on Friday.")
        try await zavod.delete(zavod.post("Bring bread."))
        try await zavod.edit(first, text: "We meet on Saturday. 🎉")
        let days = EventDays(
            first: DateComponents(year: 2030, month: 5, day: 9), last: DateComponents(year: 2030, month: 5, day: 10))
        var evening = Gathering(name: "Evening", text: "Bring tea.", days: days, place: "The hall")
        let name = try await zavod.announce(evening)
        evening.isCancelled = true
        _ = try await zavod.announce(evening, replacing: name)
        #expect(try await zavod.content().posts.map(\.text) == ["We meet on Saturday. 🎉"])

        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        let taken = try await byway.takeBundle(LivePublisher.bundle(of: at("zavod")).bytes, exposure: .tor)
        #expect(taken.community.name == "zavod" && taken.exposure == .tor)
        let id = taken.community.id
        let shown = try await byway.posts(of: id).items.filter { $0.state != .removed }
        #expect(shown.map(\.text) == ["We meet on Saturday. 🎉"])
        let event = try #require(try await byway.events(of: id).items.first)
        #expect(event.status == .cancelled && event.days == days && event.edited != nil)

        _ = try await zavod.post("Again.")
        try await LivePublisher.bundle(of: at("zavod")).bytes.write(to: at("zavod.byway"))
        let again = try await byway.takeBundle(at: at("zavod.byway"))
        #expect(again.changes.posts.added.count == 1 && again.exposure == .tor)
        #expect(await code { _ = try await byway.takeBundle(Data("no bundle".utf8)) } == "bundle_form")
        #expect(await code { _ = try await byway.takeBundle(at: at("absent")) } == "file")
        let carried = try await byway.openFolder(at: at("zavod"))
        #expect(carried.community.id == id && carried.exposure == .tor)
        #expect(await code { _ = try await byway.openFolder(at: at("nowhere")) } == "folder_absent")
        let offline = try await byway.open(zavod.link().text, offline: true)
        #expect(offline.source == .store && offline.trust.state == .verified)
        #expect(try await byway.writeSite(of: id, into: at("site")).changed >= 2)
        #expect(try String(contentsOf: at("site/index.html"), encoding: .utf8).contains("We meet on Saturday."))
        await byway.close()
        await zavod.close()
    }

    @Test func picturesOfAPostReachReadersWithoutWhatTheCameraWrote() async throws {
        let row = try #require(try Cases.rows("pictures").first)
        let photo = try #require((row.json["base64"] as? String).flatMap { Data(base64Encoded: $0) })
        let lab = try Lab(folders: ["zavod.example": at("zavod")])
        let zavod = try await found("zavod", mirror: lab.url("zavod.example"))
        let gate = try await Picture(cleaning: photo, text: "The gate")
        let name = try await zavod.post("", pictures: [gate])
        try await zavod.edit(name, text: "They locked us out.")
        #expect(try await zavod.recovery() == nil)
        let whole = try await LivePublisher.bundle(of: at("zavod"))
        let small = try await LivePublisher.bundle(of: at("zavod"), pictures: .leftOut)
        #expect(whole.pictures == 1 && whole.picturesLeftOut == 0)
        #expect(small.pictures == 0 && small.picturesLeftOut == 1)
        #expect(small.bytes.count < whole.bytes.count)
        let many = Array(repeating: gate, count: 11)
        #expect(await code { _ = try await zavod.post("", pictures: many) } == "unfit")
        let byway = try await LiveByway.open(lab.configuration(strategies: ["proxy.nl"], storage: lab.storage()))
        let opened = try await byway.open(zavod.link().text)
        let post = try #require(opened.posts.first)
        let listed = try #require(try await byway.attachments(of: post.id, community: opened.community.id).first)
        guard case .photo(_, 4, 3, "The gate") = listed.attachment else { throw Lab.Failure(description: "\(listed)") }
        #expect(try await byway.fetchAttachment(listed.id, maxBytes: 1000).bytes == gate.bytes)
        let file = try #require(FileManager.default.contentsOfDirectory(atPath: at("zavod/files").path).first)
        try photo.write(to: at("zavod/files/\(file)"))
        #expect(await code { _ = try await byway.fetchAttachment(listed.id, maxBytes: 1000) } == "unreached")
        try await zavod.edit(name, text: "They locked us out.", pictures: [])
        #expect(try await byway.refresh(opened.community.id).posts.first?.attachments == [])
        await byway.close()
        await zavod.close()
    }

    @Test func aPassphraseIsOverwrittenAndEachMisuseHasItsCode() async throws {
        let first = keys()
        let zavod = try await LivePublisher.found(at("zavod"), keys: first, statement: CommunityStatement(name: "Zavod"))
        #expect("\(first.passphrase)" == "Passphrase")
        // What is left of a passphrase that was used must seal nothing.
        let used = CommunityKeys(file: at("x"), passphrase: first.passphrase)
        #expect(await code { try await zavod.rotate(to: used) } == "passphrase_used")
        let zeros = CommunityKeys(file: at("x"), passphrase: Passphrase(utf8: [0, 0, 0]))
        #expect(await code { try await zavod.rotate(to: zeros) } == "secret_no_text")
        #expect(!FileManager.default.fileExists(atPath: at("x").path))
        #expect(await code { _ = try await LivePublisher.open(at("zavod"), keys: keys()) } == "community_busy")
        #expect(await code { try await zavod.edit("nothing", text: "text") } == "no_such_item")
        #expect(await code { _ = try await zavod.post(" ") } == "unfit")
        #expect(await code { _ = try await zavod.announce(Gathering(name: "")) } == "unfit")
        #expect(await code { _ = try await zavod.announce(Gathering(name: "a", start: .distantFuture + 1e30)) } == "time")
        #expect(await code { try await zavod.move(to: "vk.com/club") } == "no_link")
        try await zavod.rotate(to: keys("next", "a new passphrase"))
        await zavod.close()
        await zavod.close()
        #expect(await code { _ = try await zavod.post("Late.") } == "closed")
        let wrong = keys("zavod", "another")
        #expect(await code { _ = try await LivePublisher.open(at("zavod"), keys: wrong) } == "wrong_passphrase")
        #expect(await code { _ = try await LivePublisher.open(at("zavod"), keys: keys()) } == "other_keys")
        let other = CommunityStatement(name: "Other")
        let again = await code { _ = try await LivePublisher.found(at("zavod"), keys: keys("more"), statement: other) }
        #expect(again == "community_exists")
        #expect(!FileManager.default.fileExists(atPath: at("more.keys").path))
        #expect(await code { _ = try await LivePublisher.bundle(of: at("nowhere")) } == "community_absent")
        let next = try await LivePublisher.open(at("zavod"), keys: keys("next", "a new passphrase"))
        var statement = try await next.statement()
        statement.description = "We read together."
        try await next.restate(statement)
        #expect(try await next.statement() == statement)
        try await next.setPageLanguage(.russian)
        #expect(try String(contentsOf: at("zavod/index.html"), encoding: .utf8).contains("lang=\"ru\""))
        let (ahead, leftOut) = (try await next.datedAhead(), try await next.redate())
        #expect(ahead == nil && leftOut == 0)
        await next.close()
    }

    @Test func anotherDevicesPostsAreTakenInBeforeTheyAreReplaced() async throws {
        let web = at("web")
        let zavod = try await found()
        #expect(try await zavod.publish(into: web).changed > 3)
        await zavod.close()
        try FileManager.default.copyItem(at: at("zavod"), to: at("copy"))
        let copy = try await LivePublisher.open(at("copy"), keys: keys())
        _ = try await copy.post("From the other phone.")
        _ = try await copy.publish(into: web)
        await copy.close()
        let again = try await LivePublisher.open(at("zavod"), keys: keys())
        #expect(await code { _ = try await again.publish(into: web) } == "target_newer")
        try await again.takeIn(from: web)
        _ = try await again.publish(into: web)
        #expect(try await again.content().posts.map(\.text) == ["From the other phone."])
        await again.close()
    }

    @Test func aSignedMoveIsAskedDeclinedAndFollowedOnAYes() async throws {
        let lab = try Lab(folders: ["old.example": at("old"), "new.example": at("new")])
        let before = try await found("old", mirror: lab.url("old.example"))
        let old = try await before.link()
        let after = try await found("new", mirror: lab.url("new.example"), continues: old.text)
        _ = try await after.post("The new place.")
        let new = try await after.link()
        try await before.move(to: new.text)
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        let asked = try await byway.open(old.text)
        let move = try #require(asked.moves.first)
        #expect(asked.community.name == "old" && move.kind == .asked && move.asks)
        #expect(move.fromKeys == old.key && move.to?.rawValue == "byway:\(new.id)")
        #expect(asked.community.successor == nil)
        #expect(try await byway.refresh(asked.community.id).moves.map(\.kind) == [.asked])
        let other = Move(kind: .asked, from: move.from, to: "byway:0", home: move.home, homes: move.homes)
        #expect(await code { _ = try await byway.follow(other) } == "successor_changed")
        try await byway.stay(despite: move)
        #expect(try await byway.open(old.text).moves.map(\.kind) == [.declined])
        let followed = try await byway.follow(move)
        #expect(followed.community.name == "new" && followed.moves.map(\.kind) == [.moved])
        #expect(followed.moves.first?.fromKeys == old.key && followed.moves.first?.toKeys == new.key)
        #expect(try await byway.open(old.text).posts.map(\.text) == ["The new place."])
        #expect(await code { _ = try await byway.follow(Move(kind: .asked, from: "vk:-5")) } == "not_stored")
        await byway.close()
        await before.close()
        await after.close()
    }

    @Test func aLinkBecomesACodeOfDarkAndLightModules() async throws {
        let zavod = try await found()
        let link = try await zavod.link(exposure: .tor)
        await zavod.close()
        #expect(try await LivePublisher.link(of: at("zavod"), exposure: .tor) == link)
        let modules = try QRCode(link.text)
        #expect(modules.isDark(column: 4, row: 4) && !modules.isDark(column: 3, row: 3))
        #expect(!modules.isDark(column: -1, row: modules.size))
        #expect(modules.svg.hasPrefix("<svg ") && "\(modules)" == "QRCode(\(modules.size))")
        #expect(await code { _ = try QRCode(String(repeating: "a", count: 332)) } == "too_long_for_qr")
    }

    @Test func theFakeAsksAndFollowsAsTheLibraryDoes() async throws {
        let id = Community.example.id
        let next = Community(id: "byway:new", name: "The new place")
        let move = Move(kind: .asked, from: id, to: next.id, fromKeys: "0011", toKeys: "2233")
        let fake = FakeByway(.init(move: move, successor: next, successorPosts: [Post(id: "a", text: "Here.")]))
        let link = "vk.com/rabochie"
        #expect(try await fake.open(link).moves == [move])
        #expect(try await fake.refresh(id).moves == [move])
        #expect(try await fake.successor(of: id).moves == [move], "a look asks as well")
        let other = Move(kind: .asked, from: id, to: "byway:other")
        #expect(await code { try await fake.stay(despite: other) } == "successor_changed")
        #expect(await code { _ = try await fake.follow(other) } == "successor_changed")
        try await fake.stay(despite: move)
        #expect(try await fake.open(link).moves.map(\.kind) == [.declined])
        #expect(try await fake.follow(move).community == next)
        #expect(try await fake.refresh(id).moves.map(\.kind) == [.movedOn])
        let opened = try await fake.open(link)
        #expect(opened.community == next && opened.posts.map(\.text) == ["Here."] && opened.moves.map(\.kind) == [.moved])
        #expect(try await fake.takeBundle(FakeByway.bundle, exposure: .proxied).exposure == .proxied)
    }
}
