import Byway
import BywayFakes
import Foundation
import Testing

/// What an admin uploads to a server, and who learns of it.
@Suite(.serialized) final class UploadTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("byway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("server"), withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func at(_ name: String) -> URL { folder.appendingPathComponent(name) }

    private func keys() -> CommunityKeys {
        CommunityKeys(file: at("zavod.keys"), passphrase: Passphrase("a passphrase"))
    }

    private func login(_ password: String = "word") -> UploadCredentials {
        .login(user: "anna", password: Passphrase(password))
    }

    private func found(mirror: String) async throws -> LivePublisher {
        let statement = CommunityStatement(name: "Zavod", mirrors: [mirror])
        return try await LivePublisher.found(at("zavod"), keys: keys(), statement: statement)
    }

    @Test func whatIsUploadedIsReadAtTheServer() async throws {
        let lab = try Lab(webdav: ["dav.example": at("server")])
        let target = UploadTarget(lab.url("dav.example"))
        let zavod = try await found(mirror: target.address)
        let byway = try await LiveByway.open(lab.configuration())
        _ = try await zavod.post("We meet on Friday.")
        #expect(try await zavod.upload(to: target, credentials: login(), over: byway).changed > 3)
        _ = try await zavod.post("Bring bread. 🍞")
        _ = try await zavod.upload(to: target, credentials: login(), over: byway)
        let opened = try await byway.open(zavod.link().text)
        #expect(opened.posts.map(\.text) == ["Bring bread. 🍞", "We meet on Friday."])
        let after = Date(timeIntervalSinceNow: -3600)
        let freeze = try await CommunityProposal.make(.freeze(after: after), of: at("zavod"), keys: keys())
        #expect(try await freeze.uploadFreeze(to: target, credentials: login(), over: byway).changed > 0)
        #expect(FileManager.default.fileExists(atPath: at("server").appendingPathComponent("freeze.json").path))
        await zavod.close()
        await byway.close()
    }

    @Test func anUploadObeysTheExposureAndSaysWhatIsWrong() async throws {
        let lab = try Lab(webdav: ["dav.example": at("server")])
        let address = lab.url("dav.example")
        let zavod = try await found(mirror: address)
        let byway = try await LiveByway.open(lab.configuration())
        func upload(_ target: UploadTarget, _ credentials: UploadCredentials?) async -> String {
            await code { try await zavod.upload(to: target, credentials: credentials, over: byway) }
        }
        let hidden = UploadTarget(address, exposure: .tor)
        let refused = try await failure { try await zavod.upload(to: hidden, credentials: login(), over: byway) }
        #expect(refused.kind == .notPermitted)
        #expect(try FileManager.default.contentsOfDirectory(atPath: at("server").path).isEmpty)
        #expect(await upload(UploadTarget(address), login("wrong")) == "upload_denied")
        #expect(await upload(UploadTarget(address), nil) == "upload_denied")
        await zavod.close()
        #expect(await upload(UploadTarget(address), login()) == "closed")
        await byway.close()
    }

    /// The table that all bindings share. Its places do not exist: each of them is refused before anything is sent.
    @Test func uploadsAreRefusedAsTheTableSays() async throws {
        let zavod = try await found(mirror: "https://zavod.example/")
        let byway = try await LiveByway.open(Configuration(strategies: ["direct:"]))
        let (fake, fakeByway) = (try FakePublisher(), FakeByway())
        for row in try Cases.rows("uploads") {
            let target = UploadTarget(try #require(row.json["address"] as? String))
            let isKey = row.json["credentials"] as? String == "key"
            let given = { isKey ? UploadCredentials.key(id: "an-id", secret: Passphrase("a-secret")) : self.login() }
            let expected = row.json["error"] as? String
            let real = await code { try await zavod.upload(to: target, credentials: given(), over: byway) }
            #expect(real == expected, "\(row.name)")
            let faked = await code { try await fake.upload(to: target, credentials: given(), over: fakeByway) }
            #expect(faked == expected, "fake: \(row.name)")
        }
        await zavod.close()
        await byway.close()
    }

    @Test func aFakeUploadRefusesWhatTheRealOneRefuses() async throws {
        let (zavod, byway, target) = (try FakePublisher(), FakeByway(), UploadTarget("https://dav.example/zavod/"))
        #expect(try await zavod.upload(to: target, credentials: login(), over: byway).changed > 0)
        try zavod.postElsewhere("Bring bread.", into: target)
        #expect(await code { try await zavod.upload(to: target, credentials: login(), over: byway) } == "target_newer")
        _ = try await zavod.upload(
            to: target, credentials: login(), over: byway, options: UploadOptions(takeIn: true))
        #expect(try await zavod.content().posts.map(\.text) == ["Bring bread."])
    }

    @Test func secretsOfAServerAreTakenOnceAndShownNowhere() async throws {
        let credentials = UploadCredentials.key(
            id: "an-id-canary", secret: Passphrase("a-secret-canary"), token: Passphrase("a-token-canary"))
        let target = UploadTarget("s3://canary-bucket")
        var dumped = "\(credentials) \(target) \(String(reflecting: credentials)) \(String(reflecting: target))"
        dump(credentials, to: &dumped)
        dump(target, to: &dumped)
        #expect(!dumped.contains("canary"))
        let zavod = try await found(mirror: "https://zavod.example/")
        let fake = FakeByway()
        #expect(await code { try await zavod.upload(to: target, credentials: nil, over: fake) } == "fake")
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration())
        let upload = { try await zavod.upload(to: target, credentials: credentials, over: byway) }
        #expect(await code(upload) == "upload_no_s3")
        #expect(await code(upload) == "passphrase_used")
        await byway.close()
        await zavod.close()
    }
}
