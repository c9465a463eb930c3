import Byway
import BywayFakes
import Testing

/// Who needs the store, and what that means for it. No test waits for a time: each change is waited for.
@Suite struct AppLifecycleTests {
    @Test func leavingTheScreenSuspendsAndComingBackResumes() async throws {
        let (app, engine) = try await onTheScreen()
        #expect(try await app.client().communities().count == 1)
        app.setOnScreen(false)
        await app.settled()
        #expect(try await failure { try await engine.fake.communities() }.code == "store_suspended")
        app.setOnScreen(true)
        #expect(try await app.client().communities().count == 1)
        #expect(await engine.events() == ["suspended", "resumed"])
    }

    @Test func backgroundWorkLeavesTheStoreOpenForTheScreen() async throws {
        let (app, engine) = try await onTheScreen()
        app.setOnScreen(false)
        await app.settled()
        try await app.inBackground { byway in
            app.setOnScreen(true)
            _ = try await byway.communities()
        }
        // The work has ended after the app came to the screen.
        #expect(try await engine.fake.communities().count == 1)
        #expect(await engine.events() == ["suspended", "resumed"])
    }

    @Test func theScreenLeavesTheStoreOpenForBackgroundWork() async throws {
        let (app, engine) = try await onTheScreen()
        try await app.inBackground { byway in
            app.setOnScreen(false)
            await app.settled()
            _ = try await byway.communities()
        }
        #expect(await engine.events() == ["suspended"])
    }

    @Test func theLastOfTwoBackgroundTasksSuspends() async throws {
        let (app, engine) = try await onTheScreen()
        app.setOnScreen(false)
        await app.settled()
        try await app.inBackground { byway in
            try await app.inBackground { _ in }
            _ = try await byway.communities()
        }
        #expect(await engine.events() == ["suspended", "resumed", "suspended"])
    }

    @Test func aLaunchInTheBackgroundOpensAndSuspends() async throws {
        let engine = Engine()
        let app = AppLifecycle { try engine.open() }
        #expect(try await app.inBackground { try await $0.communities().count } == 1)
        #expect(try await failure { try await engine.fake.communities() }.code == "store_suspended")
        #expect(engine.openings == 1)
    }

    @Test func workThatFailsOrIsCancelledSuspendsAsWell() async throws {
        let (app, engine) = try await onTheScreen()
        app.setOnScreen(false)
        await #expect(throws: BywayError.self) { try await app.inBackground { try await $0.open("not a link") } }
        #expect(try await failure { try await engine.fake.communities() }.code == "store_suspended")
        let work = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await app.inBackground { _ in try Task.checkCancellation() }
        }
        await #expect(throws: CancellationError.self) { try await work.value }
        #expect(try await failure { try await engine.fake.communities() }.code == "store_suspended")
    }

    @Test func callersAtTheSameTimeShareOneOpening() async throws {
        let engine = Engine()
        let app = AppLifecycle {
            await Task.yield()
            return try engine.open()
        }
        app.setOnScreen(true)
        async let one = app.client()
        async let two = app.client()
        let clients = try await [one, two]
        #expect(clients[0] === clients[1])
        #expect(engine.openings == 1)
    }

    @Test func anOpeningThatFailsIsTriedAgain() async throws {
        let engine = Engine(failures: 1)
        let app = AppLifecycle { try engine.open() }
        app.setOnScreen(true)
        #expect(try await failure { try await app.client() }.code == "no_key")
        #expect(try await app.client().communities().count == 1)
        #expect(engine.openings == 2)
    }

    @Test func aClientOpenedAfterTheScreenWasLeftIsSuspended() async throws {
        let engine = Engine()
        let (gate, opened) = AsyncStream.makeStream(of: Never.self)
        let app = AppLifecycle {
            for await _ in gate {}
            return try engine.open()
        }
        app.setOnScreen(true)
        async let client = app.client()
        app.setOnScreen(false)
        async let settled: Void = app.settled()
        opened.finish()
        _ = try await client
        await settled
        #expect(try await failure { try await engine.fake.communities() }.code == "store_suspended")
    }

    @Test func aLockedStoreIsOpenOnceItIsUnlocked() async throws {
        let (app, engine) = try await onTheScreen()
        try await engine.fake.lock()
        app.setOnScreen(false)
        app.setOnScreen(true)
        #expect(try await failure { try await app.client().communities() }.code == "store_locked")
        try await engine.fake.unlock(.hook { .init() })
        #expect(try await app.client().communities().count == 1)
        app.setOnScreen(false)
        await app.settled()
        #expect(try await failure { try await engine.fake.communities() }.code == "store_suspended")
    }

    @Test func manyQuickChangesEndInTheLastOne() async throws {
        let (app, engine) = try await onTheScreen()
        for round in 1...100 { app.setOnScreen(round.isMultiple(of: 2)) }
        #expect(try await app.client().communities().count == 1)
        for round in 1...101 { app.setOnScreen(round.isMultiple(of: 2)) }
        await app.settled()
        #expect(try await failure { try await engine.fake.communities() }.code == "store_suspended")
        let events = await engine.events()
        #expect(events.last == "suspended")
        #expect(zip(events, events.dropFirst()).allSatisfy { $0 != $1 }, "\(events)")
    }

    private func onTheScreen() async throws -> (AppLifecycle, Engine) {
        let engine = Engine()
        let app = AppLifecycle { try engine.open() }
        app.setOnScreen(true)
        _ = try await app.client()
        return (app, engine)
    }
}

/// A fake, how often it was opened, and what it did.
private final class Engine: Sendable {
    let fake = FakeByway()
    private let opened: Locked<(count: Int, failures: Int)>
    private let heard: Batches<EngineEvent>?

    init(failures: Int = 0) {
        opened = Locked((0, failures))
        heard = try? fake.engineEvents()
    }

    var openings: Int { opened.withLock(\.count) }

    func open() throws -> FakeByway {
        let isFailure = opened.withLock { opened in
            opened.count += 1
            return opened.count <= opened.failures
        }
        if isFailure { throw BywayError(kind: .storeClosed, code: "no_key", text: "There is no key.") }
        return fake
    }

    /// The codes of all that happened. It ends the fake.
    func events() async -> [String] {
        await fake.close()
        var codes: [String] = []
        if let heard { for await event in heard { codes.append(event.code) } }
        return codes
    }
}
