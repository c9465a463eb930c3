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

    private func failure(_ call: () async throws -> Void) async -> BywayError? {
        do {
            try await call()
            return nil
        } catch {
            return error as? BywayError
        }
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
        func upload(_ target: UploadTarget, _ credentials: UploadCredentials?) async -> BywayError? {
            await failure { _ = try await zavod.upload(to: target, credentials: credentials, over: byway) }
        }
        #expect(await upload(UploadTarget(address, exposure: .tor), login())?.kind == .notPermitted)
        #expect(try FileManager.default.contentsOfDirectory(atPath: at("server").path).isEmpty)
        #expect(await upload(UploadTarget(address), login("wrong"))?.code == "upload_denied")
        #expect(await upload(UploadTarget(address), nil)?.code == "upload_denied")
        #expect(await upload(UploadTarget("file:///tmp"), login())?.code == "upload_target")
        #expect(await upload(UploadTarget("http://zavod.example/"), login())?.code == "upload_cleartext")
        #expect(await upload(UploadTarget("s3://zavod"), login())?.code == "upload_credentials_kind")
        await zavod.close()
        #expect(await upload(UploadTarget(address), login())?.code == "closed")
        await byway.close()
    }

    @Test func aFakeUploadRefusesWhatTheRealOneRefuses() async throws {
        let (zavod, byway, target) = (try FakePublisher(), FakeByway(), UploadTarget("https://dav.example/zavod/"))
        #expect(try await zavod.upload(to: target, credentials: login(), over: byway).changed > 0)
        try zavod.postElsewhere("Bring bread.", into: target)
        let newer = await failure { _ = try await zavod.upload(to: target, credentials: login(), over: byway) }
        #expect(newer?.code == "target_newer")
        _ = try await zavod.upload(
            to: target, credentials: login(), over: byway, options: UploadOptions(takeIn: true))
        #expect(try await zavod.content().posts.map(\.text) == ["Bring bread."])
        let bucket = await failure {
            _ = try await zavod.upload(to: UploadTarget("s3://zavod"), credentials: login(), over: byway)
        }
        #expect(bucket?.code == "upload_credentials_kind")
        let file = await failure {
            _ = try await zavod.upload(to: UploadTarget("file:///tmp"), credentials: nil, over: byway)
        }
        #expect(file?.code == "upload_target")
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
        #expect(await failure { _ = try await zavod.upload(to: target, credentials: nil, over: fake) }?.code == "fake")
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration())
        let hidden = UploadTarget(target.address, exposure: .tor)
        let first = await failure { _ = try await zavod.upload(to: hidden, credentials: credentials, over: byway) }
        #expect(first?.kind == .notPermitted)
        let second = await failure { _ = try await zavod.upload(to: hidden, credentials: credentials, over: byway) }
        #expect(second?.code == "passphrase_used")
        await byway.close()
        await zavod.close()
    }
}
