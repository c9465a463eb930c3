import BywayGenerated
import Foundation
import Testing

@testable import Byway

/// What the shared cases do not say: cancellation, streams, threads, ends.
@Suite(.serialized) struct LiveTests {
    private static let link = "vk.com/byway_club"

    @Test func cancellingATaskStopsItsWorkInRust() async throws {
        let lab = try Lab(censor: ["sni=api.vk.ru:swallow", "sni=api.vk.com:swallow"])
        let byway = try await LiveByway.open(lab.configuration())
        let before = try diagnostics().runningTasks
        let tasks = (0..<100).map { index in
            Task { try await byway.get(lab.url("http.example", "silent?\(index)")) }
        }
        try await until("100 calls run") { try diagnostics().runningTasks >= before + 100 }
        tasks.forEach { $0.cancel() }
        for task in tasks {
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        try await until("no call runs") { try diagnostics().runningTasks <= before }
        await byway.close()
    }

    @Test func aTaskThatIsCancelledBeforeItBeginsSendsNothing() async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration())
        let opening = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await byway.open(Self.link)
        }
        await #expect(throws: CancellationError.self) { try await opening.value }
        #expect(try byway.report() == "[]")
        let previewing = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await byway.preview(Self.link)
        }
        await #expect(throws: CancellationError.self) { try await previewing.value }
        await byway.close()
    }

    @Test func everyCallOfAClosedClientIsOneClearError() async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        _ = try await byway.open(Self.link)
        await byway.close()
        await byway.close()
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await byway.open(Self.link) }, { _ = try await byway.communities() },
            { _ = try await byway.posts(of: "vk:-1000") }, { _ = try byway.changes() }, { _ = try byway.paths() },
            { _ = try await byway.get("https://news.example/") }, { try byway.networkChanged() },
            { try byway.newIdentity() },
            { try await byway.wipe() }, { try await byway.lock() }, { _ = try byway.strategies() },
            { _ = try await byway.http(HTTPRequest(url: "https://news.example/")) },
        ]
        for (number, call) in calls.enumerated() {
            let error = try await failure(call)
            #expect(error.kind == .closed && error.code == "closed", "call \(number): \(error)")
        }
    }

    @Test func closingEndsWhatRunsAndWhatListens() async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        let before = try diagnostics().runningTasks
        let changes = try byway.changes()
        let listening = Task { for await _ in changes {} }
        let waiting = Task { try await byway.get(lab.url("http.example", "silent")) }
        try await until("the call runs") { try diagnostics().runningTasks > before }
        await byway.close()
        await listening.value
        #expect(try await failure { try await waiting.value }.kind == .closed)
    }

    @Test func changesAreHeardAndASubscriptionEndsWithItsIteration() async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        let changes = try byway.changes()
        let heard = Task {
            for await change in changes {
                if case .posts(let id, let posts) = change { return (id, posts) }
            }
            throw Lab.Failure(description: "the changes ended")
        }
        _ = try await byway.open(Self.link)
        let (id, posts) = try await heard.value
        #expect(id == "vk:-1000" && posts.isFirst && posts.added.count == 2)

        // A listener that is cancelled while it waits ends, and the client lives on.
        let waiting = Task { [changes = try byway.changes()] in for await _ in changes {} }
        waiting.cancel()
        await waiting.value
        _ = try await byway.refresh("vk:-1000")
        await byway.close()
    }

    @Test func engineEventsTellOfAnAccessFromBeginningToEnd() async throws {
        let lab = try Lab(censor: ["sni=api.vk.ru:reset", "sni=api.vk.com:reset"])
        let byway = try await LiveByway.open(lab.configuration(strategies: ["direct:", "proxy.nl"]))
        let events = try byway.engineEvents()
        let opening = Task { try await byway.open(Self.link) }
        var (codes, winners, failures): ([String], [String], [String]) = ([], [], [])
        for await event in events {
            codes.append(event.code)
            switch event.kind {
            case .won(_, let strategy, _): winners.append(strategy)
            case .ended(_, let outcome, .tls, _): failures.append(outcome)
            default: break
            }
            #expect(!event.sentence.isEmpty && !event.sentence.contains("vk.ru"))
            if event.code == "judged" { break }
        }
        _ = try await opening.value
        await byway.close()
        #expect(codes.first == "began")
        for code in ["started", "won", "judged"] { #expect(codes.contains(code), "\(codes)") }
        #expect(!winners.isEmpty && winners.allSatisfy { $0.hasPrefix("socks5://") }, "\(winners)")
        #expect(failures.contains("reset"), "\(failures)")
    }

    @Test func aHundredReadingsAtOnceAllAnswer() async throws {
        let lab = try Lab(state: Data(Self.fast.utf8))
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        _ = try await byway.open(Self.link)
        try await withThrowingTaskGroup(of: Opened.self) { group in
            for _ in 0..<100 { group.addTask { try await byway.refresh("vk:-1000") } }
            for try await opened in group { #expect(opened.posts.count == 1) }
        }
        await byway.close()
    }

    @Test func twoClientsWorkSideBySide() async throws {
        let (first, second) = (try Lab(), try Lab(state: Data(Self.fast.utf8)))
        let one = try await LiveByway.open(first.configuration(storage: first.storage("one")))
        let other = try await LiveByway.open(second.configuration(language: .russian, storage: second.storage("other")))
        async let ofOne = one.open(Self.link)
        async let ofOther = other.open(Self.link)
        #expect(try await ofOne.posts.count == 2)
        #expect(try await ofOther.posts.count == 1)
        await one.close()
        #expect(try await other.communities().count == 1)
        await other.close()
    }

    @Test func aKeyHookThatThrowsFailsTheOpeningWithItsReason() async throws {
        struct NoKey: LocalizedError { var errorDescription: String? { "The keychain is locked." } }
        let lab = try Lab()
        let error = try await failure {
            try await LiveByway.open(lab.configuration(storage: lab.storage(key: .hook { throw NoKey() })))
        }
        #expect(error.kind == .storeClosed || error.kind == .internal, "\(error)")
        #expect(error.text.contains("The keychain is locked."), "\(error.text)")
    }

    @Test func aKeyOfTheWrongLengthIsRefused() async throws {
        let lab = try Lab()
        for key in [StoreKey.bytes(Data(repeating: 1, count: 31)), .hook { Data() }] {
            _ = try await failure { try await LiveByway.open(lab.configuration(storage: lab.storage(key: key))) }
        }
    }

    @Test func aHookAndItsKeyOpenTheSameStore() async throws {
        let lab = try Lab()
        let key = try StoreKey.random()
        let first = try await LiveByway.open(lab.configuration(storage: lab.storage(key: .hook { key })))
        _ = try await first.open(Self.link)
        await first.close()
        let second = try await LiveByway.open(lab.configuration(storage: lab.storage(key: .bytes(key))))
        #expect(try await second.communities().map(\.id) == ["vk:-1000"])
        await second.close()
        try await LiveByway.wipe(lab.storage().folder)
        let third = try await LiveByway.open(lab.configuration(storage: lab.storage(key: .bytes(key))))
        #expect(try await third.communities().isEmpty)
        await third.close()
    }

    @Test func numbersAndTimesOutOfRangeAreErrors() async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        for date in [
            Date(timeIntervalSince1970: .nan), Date(timeIntervalSince1970: .infinity), Date(timeIntervalSince1970: 1e15),
        ] {
            #expect(try await failure { try await byway.upcomingEvents(from: date) }.kind == .input)
        }
        let limits = SyncLimits(deadline: .seconds(-1))
        #expect(try await failure { try await byway.sync([], limits: limits) }.kind == .input)
        #expect(try await byway.upcomingEvents(from: .distantPast, until: .distantFuture).items.isEmpty)
        #expect(try await byway.posts(of: "vk:-1", after: nil, limit: .max).items.isEmpty)
        #expect(try await failure { try await byway.posts(of: "vk:-1", after: nil, limit: .min) }.kind == .input)
        await byway.close()
        var configuration = try lab.configuration()
        configuration.timeout = .seconds(-1)
        let timeout = configuration
        #expect(try await failure { try await LiveByway.open(timeout) }.kind == .input)
    }

    @Test func whatMustFinishDoesSoInACancelledTask() async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        _ = try await byway.open(Self.link)
        let wiping = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await byway.wipe()
        }
        _ = await wiping.result
        await byway.close()
        let again = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        #expect(try await again.communities().isEmpty)
        await again.close()
    }

    @Test func tenThousandClientsLeaveNoMemoryBehind() async throws {
        let lab = try Lab()
        let configuration = try lab.configuration()
        func cycles(_ count: Int) async throws {
            for _ in 0..<count { try await LiveByway.open(configuration).close() }
        }
        try await cycles(1_000)
        let before = try resident()
        try await cycles(9_000)
        let grown = try resident() - before
        #expect(grown < 8 * 1024, "\(grown) kB more after 9,000 clients")
        #expect(try diagnostics().runningTasks == 0)
    }

    /// A platform that takes many calls a second, as no real one does.
    private static let fast = """
        {"calls_per_second": 1000, "communities": [{
          "group": {"id": 1000, "name": "The club", "screen_name": "byway_club", "type": "group", "is_closed": 0},
          "posts": [{"id": 1, "date": 1793527200, "text": "Hello.", "type": "post"}]}]}
        """

    private func until(_ what: String, _ holds: () throws -> Bool) async throws {
        for _ in 0..<1_000 {
            if try holds() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Lab.Failure(description: "it did not come about that \(what)")
    }
}
