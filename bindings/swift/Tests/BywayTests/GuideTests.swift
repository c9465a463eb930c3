import Byway
import BywayFakes
import Foundation
import Testing

/// What the listings of docs/ios.md do, where more can go wrong than that they do not compile.
@Suite struct GuideTests {
    @Test func aWipeDeletesTheKeyAndTheStore() async throws {
        let (byway, keychain) = (FakeByway(), Keys())
        try await wipe(byway, keychain: keychain)
        #expect(keychain.deleted.withLock { $0 } == 1)
        try await byway.unlock(.bytes(Data(repeating: 8, count: 32)))
        #expect(try await byway.communities().isEmpty)
    }

    @Test func aWipeGoesOnIfTheKeychainFails() async throws {
        let byway = FakeByway()
        await #expect(throws: Keys.Failure.self) { try await wipe(byway, keychain: Keys(fails: true)) }
        try await byway.unlock(.bytes(Data(repeating: 8, count: 32)))
        #expect(try await byway.communities().isEmpty)
    }

    @Test func backgroundWorkOfTheGuideClosesTheStore() async throws {
        let byway = FakeByway()
        let app = AppLifecycle { byway }
        try await readInBackground(app) { Issue.record("nothing was new") }
        #expect(try await failure { try await byway.communities() }.code == "store_suspended")
    }

    private final class Keys: Keychain {
        struct Failure: Error {}

        let deleted = Locked(0)
        private let fails: Bool

        init(fails: Bool = false) { self.fails = fails }

        func storeKey() throws -> Data { Data(repeating: 7, count: 32) }

        func deleteStoreKey() throws {
            if fails { throw Failure() }
            deleted.withLock { $0 += 1 }
        }
    }
}
