import Byway
import Foundation
import Testing

/// Odd strings, and ends at odd moments.
@Suite(.serialized) struct HostileTests {
    private static let link = "vk.com/byway_club"
    private static let id: CommunityID = "vk:-1000"

    /// NUL, marks of writing direction, a lone surrogate as Foundation makes it of UTF-16, a combining storm, 64 KB, nothing.
    private static let odd: [String] = [
        "", " ", "\u{0}", "vk.com/\u{0}byway_club", "\u{202E}bulc_yawyb/moc.kv", "\u{2066}\u{2069}\u{FEFF}",
        NSString(characters: [0xD800, 0x41, 0xDC00], length: 3) as String, "e" + String(repeating: "\u{301}", count: 1_000),
        String(repeating: "🌿", count: 16_384), "../../../etc/passwd", "%00%n%s", "'; DROP TABLE posts; --", "\r\n\r\n",
    ]

    @Test func oddStringsAreErrorsOrAnswersAndNoMore() async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        _ = try await byway.open(Self.link)
        for text in Self.odd {
            let (id, cursor) = (CommunityID(rawValue: text), Cursor(rawValue: text))
            let calls: [@Sendable () async throws -> Void] = [
                { _ = try await byway.open(text, offline: true) }, { _ = try await byway.refresh(id) },
                { _ = try await byway.preview(text) }, { _ = try await byway.sync([id]) },
                { _ = try await byway.get("https://http.example/" + text) }, { _ = try await byway.probe(text) },
                { _ = try await byway.http(HTTPRequest(url: text, method: text, headers: [Header(name: text, value: text)])) },
                { _ = try await byway.http(HTTPRequest(url: lab.url("http.example", "hello"), isolation: text)).response() },
                { _ = try await byway.community(id) }, { _ = try await byway.posts(of: id) },
                { _ = try await byway.posts(of: Self.id, after: cursor) },
                { _ = try await byway.events(of: Self.id, after: cursor) },
                { _ = try await byway.post(text, of: Self.id) }, { _ = try await byway.event(id, of: Self.id) },
                { _ = try await byway.search(text) }, { _ = try await byway.search("x", in: Self.id, after: cursor, limit: 1) },
                { _ = try await byway.attachments(of: text, community: id) }, { _ = try await byway.icalendar(of: id) },
                { _ = try await byway.link(to: id) }, { _ = try await byway.exposure(of: id) },
                { try await byway.raiseExposure(of: text, to: .open) }, { try await byway.allowDirect(true, for: id) },
                { try await byway.forget(id) }, { try byway.setNetwork(Network(id: text)) },
                { _ = try Strategy(text) }, { _ = try Strategy.lines(of: text) }, { _ = try CommunityLink(text) },
                { _ = try Fingerprints(csv: text) },
            ]
            for (number, call) in calls.enumerated() {
                do {
                    try await call()
                } catch let error as BywayError {
                    #expect(error.kind != .internal, "call \(number) of \(text.debugDescription.prefix(40)): \(error)")
                    #expect(error.text.utf8.count < 8_192, "call \(number): an error of \(error.text.utf8.count) bytes")
                }
            }
            var configuration = try lab.configuration(token: text)
            configuration.country = text
            configuration.strategies = [text]
            let odd = configuration
            _ = try? await LiveByway.open(odd)
        }
        #expect(try await byway.communities().count == 1, "and the client lives on")
        await byway.close()
    }

    @Test func aHundredOpeningsAtOnceAreOneReading() async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await byway.open(Self.link).posts.count } }
            for try await count in group { #expect(count == 2) }
        }
        await byway.close()
    }

    @Test func aHundredClientsOfOneFolderAreOneAndNinetyNineErrors() async throws {
        let lab = try Lab()
        let configuration = try lab.configuration(storage: lab.storage())
        let opened = await withTaskGroup(of: LiveByway?.self) { group in
            for _ in 0..<100 { group.addTask { try? await LiveByway.open(configuration) } }
            return await group.reduce(into: [LiveByway]()) { all, one in if let one { all.append(one) } }
        }
        #expect(opened.count == 1)
        for byway in opened { await byway.close() }
    }

    @Test func aClientThatIsDroppedFreesItsFolder() async throws {
        let lab = try Lab()
        let configuration = try lab.configuration(storage: lab.storage())
        for _ in 0..<3 {
            var byway: LiveByway? = try await LiveByway.open(configuration)
            let changes = try byway?.changes()
            _ = try await byway?.open(Self.link)
            byway = nil
            // The subscription does not keep it alive, and ends with it.
            if let changes { for await _ in changes {} }
            try await idle("nothing runs of a client that was dropped")
        }
        var again: LiveByway?
        for _ in 0..<500 where again == nil {
            again = try? await LiveByway.open(configuration)
            if again == nil { try await Task.sleep(for: .milliseconds(10)) }
        }
        #expect(try await again?.communities().count == 1)
        await again?.close()
    }

    @Test func twoTasksThatCloseAndCallsUnderWayAllEnd() async throws {
        for _ in 0..<20 {
            let lab = try Lab()
            let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
            let calls = (0..<10).map { number in
                Task { () -> String in
                    do {
                        switch number % 5 {
                        case 0: _ = try await byway.open(Self.link)
                        case 1: _ = try await byway.get(lab.url("http.example", "silent"))
                        case 2: _ = try await byway.communities()
                        case 3: try await byway.wipe()
                        default: for await _ in try byway.changes() {}
                        }
                        return "done"
                    } catch let error as BywayError {
                        return error.kind.rawValue
                    }
                }
            }
            async let first: Void = byway.close()
            async let second: Void = byway.close()
            _ = await (first, second)
            for call in calls {
                let end = try await call.value
                #expect(["done", "closed", "store_closed"].contains(end), "\(end)")
            }
            try await idle("nothing runs of a closed client")
        }
    }

    @Test func everyEndOfAnIterationEndsItsSubscription() async throws {
        struct Enough: Error {}
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        // Left by `break`, by a throw, by cancellation, by dropping the sequence and its iterator: the same sequence gives no more.
        let broken = try byway.engineEvents()
        let thrown = try byway.engineEvents()
        _ = try await byway.open(Self.link)
        for await _ in broken { break }
        do { for await _ in thrown { throw Enough() } } catch is Enough {}
        let cancelled = try byway.changes()
        let listening = Task { for await _ in cancelled {} }
        listening.cancel()
        await listening.value
        _ = try await byway.refresh(Self.id)
        for ended in [broken, thrown] {
            for await event in ended { Issue.record("an iteration that was left goes on: \(event.code)") }
        }
        for await change in cancelled { Issue.record("a cancelled iteration goes on: \(change)") }
        await byway.close()
    }

    @Test func aListenerThatNeverReadsTakesBoundedMemory() async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        let (events, changes) = (try byway.engineEvents(), try byway.changes())
        let before = try resident()
        for number in 0..<3_000 { try byway.setNetwork(Network(id: "network \(number)", kind: .wifi)) }
        #expect(try resident() - before < 16 * 1024)
        await byway.close()
        var heard = 0
        for await _ in events { heard += 1 }
        for await _ in changes { heard += 1 }
        #expect(heard < 2_000, "\(heard) events were kept for a listener that never read")
    }

    @Test func aCallOfACancelledTaskDoesNothing() async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        let (id, url) = (try await byway.open(Self.link).community.id, lab.url("http.example", "hello"))
        let move = Move(kind: .asked, from: id)
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await byway.open(Self.link) }, { _ = try await byway.openKept(id) }, { _ = try await byway.refresh(id) },
            { _ = try await byway.openListed(ListedFeed(link: Self.link, title: "")) },
            { _ = try await byway.sync([id]) }, { _ = try await byway.probe(url) }, { _ = try await byway.get(url) },
            { _ = try await byway.http(HTTPRequest(url: url)).response() }, { _ = try await byway.successor(of: id) },
            { _ = try await byway.follow(move) }, { _ = try await byway.search("a") }, { try await byway.checkIntegrity() },
            {
                let keys = CommunityKeys(file: lab.storage().folder, passphrase: Passphrase("a passphrase"))
                _ = try await byway.copyPage(Self.link, into: lab.storage().folder, keys: keys, by: "Anna")
            },
            { _ = try await byway.exportFeeds() }, { _ = try await byway.writeSite(of: id, into: lab.storage().folder) },
            { _ = try await byway.fetchAttachment(AttachmentID(community: id, post: "vk:0_1", index: 0)) },
            { _ = try await byway.openFolder(at: lab.storage().folder) },
        ]
        for (number, call) in calls.enumerated() {
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await call()
            }
            await #expect(throws: CancellationError.self, "call \(number)") { try await task.value }
        }
        try await idle("nothing runs of calls that never began")
        await byway.close()
    }

    @Test func everyCallThatMayWaitIsCancelled() async throws {
        let lab = try Lab(censor: ["sni=api.vk.ru:swallow", "sni=api.vk.com:swallow"])
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await byway.open(Self.link) }, { _ = try await byway.probe(lab.url("http.example", "silent")) },
            { _ = try await byway.get(lab.url("http.example", "silent")) },
            { _ = try await byway.http(HTTPRequest(url: lab.url("http.example", "silent"))).response() },
        ]
        for (number, call) in calls.enumerated() {
            let (started, start) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                start.yield()
                try await call()
            }
            for await _ in started { break }
            task.cancel()
            await #expect(throws: CancellationError.self, "call \(number)") { try await task.value }
        }
        try await idle("nothing runs of cancelled calls")
        await byway.close()
    }
}
