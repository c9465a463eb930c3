import Byway
import BywayFakes
import Foundation
import Testing

/// What a copy of a page takes over, who learns of it, and what it refuses.
@Suite(.serialized) final class CopyTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("byway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("server"), withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func at(_ name: String) -> URL { folder.appendingPathComponent(name) }

    private func keys(_ file: String = "copy.keys", _ passphrase: String = "a passphrase") -> CommunityKeys {
        CommunityKeys(file: at(file), passphrase: Passphrase(passphrase))
    }

    private func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: at(name).path) }

    @Test func aPageIsCopiedUploadedAndItsCopyIsRead() async throws {
        let lab = try Lab(webdav: ["dav.example": at("server")])
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        let options = CopyOptions(mirrors: [lab.url("dav.example")])
        let copied = try await byway.copyPage(Self.link, into: at("copy"), keys: keys(), by: "Anna", options: options)
        #expect(copied.changed > 0 && copied.removed == 0 && !copied.isTooSoon)
        #expect(try await byway.communities().isEmpty)
        let again = try await byway.copyPage(Self.link, into: at("copy"), keys: keys(), by: "Anna")
        #expect(again == CopiedPage(link: copied.link, isTooSoon: true))
        let copy = try await LivePublisher.open(at("copy"), keys: keys())
        let login = UploadCredentials.login(user: "anna", password: Passphrase("word"))
        _ = try await copy.upload(to: UploadTarget(lab.url("dav.example")), credentials: login, over: byway)
        let busy = { try await byway.copyPage(Self.link, into: self.at("copy"), keys: self.keys(), by: "Anna") }
        #expect(await code(busy) == "community_busy")
        await copy.close()
        let opened = try await byway.open(copied.link.text)
        #expect(opened.trust.state == .copied && opened.trust.copiedBy == "Anna" && !opened.posts.isEmpty)
        await byway.close()
    }

    @Test func aCopyObeysTheExposureAndSaysWhatIsWrong() async throws {
        let lab = try Lab()
        let hidden = try await LiveByway.open(lab.configuration())
        try await refuses(hidden, Self.link)
        #expect(!has("copy") && !has("copy.keys"))
        await hidden.close()
        let fake = FakeByway()
        try await refuses(fake, try #require(fake.fixture.community.homes.first))
        let byway = try await LiveByway.open(lab.configuration())
        func copy(_ link: String, _ keys: CommunityKeys) async -> String {
            await code { try await byway.copyPage(link, into: self.at("copy"), keys: keys, by: "Anna") }
        }
        _ = try await byway.copyPage(Self.link, into: at("copy"), keys: keys(), by: "Anna")
        #expect(await copy(Self.link, keys("copy.keys", "another")) == "wrong_passphrase")
        #expect(await copy("vk.com/other", keys()) == "copy_of_other")
        await byway.close()
    }

    /// What the real one and the fake refuse alike.
    private func refuses(_ byway: any BywayClient, _ link: String) async throws {
        func copy(_ link: String, _ keys: CommunityKeys, by name: String = "Anna") async -> String {
            await code { try await byway.copyPage(link, into: self.at("copy"), keys: keys, by: name) }
        }
        #expect(await copy("", keys()) == "link")
        #expect(await copy(link, keys("copy/keys")) == "key_served")
        #expect(await copy(link, keys("copy.keys", "")) == "secret_empty")
        #expect(await copy(link, keys(), by: "") == "refused")
        let used = keys()
        _ = await copy("", used)
        #expect(await copy(link, used) == "passphrase_used")
        // From then on it is the least one, as after any reading.
        for exposure in [Exposure.tor, .open] {
            let options = CopyOptions(exposure: exposure)
            let refused = try await failure {
                try await byway.copyPage(link, into: at("copy"), keys: keys(), by: "Anna", options: options)
            }
            #expect(refused.kind == .notPermitted)
        }
    }

    @Test func aFakeCopiesItsPageAsTheRealOneDoes() async throws {
        let byway = FakeByway()
        let fixture = byway.fixture
        let link = try #require(fixture.community.homes.first)
        let first = try await byway.copyPage(link, into: at("copy"), keys: keys(), by: "Anna")
        #expect(first.changed == fixture.posts.count + fixture.events.count && !first.isTooSoon)
        #expect(try await byway.copyPage(link, into: at("copy"), keys: keys(), by: "Anna").isTooSoon)
        let other = { try await byway.copyPage("vk.com/other", into: self.at("copy"), keys: self.keys(), by: "Anna") }
        #expect(await code(other) == "copy_of_other")
    }

    private static let link = "vk.com/byway_club"
}
