import Foundation
import Testing

@testable import Byway

/// Requests of an app's own: bodies in every form, and peers that do not behave.
@Suite(.serialized) struct HTTPTests {
    @Test(arguments: [0, 1, 65_536, 900_000])
    func aBodyComesBackWhateverItsForm(bytes: Int) async throws {
        let body = Data((0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try await over { byway, url in
            for (name, form) in [
                ("whole", HTTPRequest.Body.whole(body)), ("with a length", .streamed(length: bytes)),
                ("without a length", .streamed(length: nil)),
            ] {
                let call = try await byway.http(HTTPRequest(url: url("echo"), method: "POST", body: form))
                async let head = call.response()
                if case .streamed = form {
                    for piece in stride(from: 0, to: bytes, by: 50_000) {
                        try await call.write(body[piece..<min(piece + 50_000, bytes)])
                    }
                    try await call.finish()
                }
                #expect(try await head.status == 200)
                #expect(try await Self.all(of: call) == body, "\(name), \(bytes) bytes")
            }
        }
    }

    @Test func aHeadSaysHowTheHostWasReached() async throws {
        try await over { byway, url in
            let call = try await byway.http(HTTPRequest(url: url("redirect")))
            let head = try await call.response()
            #expect(head.url.hasSuffix("/hello") && head.reachability?.verdict.code == .reachable)
            #expect(try await failure { try await call.response() }.code == "response_taken")
            #expect(try await Self.all(of: call) == Data("Hello.".utf8))
            #expect(try await call.read() == nil, "the end stays the end")
        }
    }

    @Test func aBodyOfAnotherLengthThanStatedIsNotTakenForWhole() async throws {
        try await over { byway, url in
            for stated in [5, 50_000] {
                let call = try await byway.http(
                    HTTPRequest(url: url("echo"), method: "POST", body: .streamed(length: stated)))
                _ = try? await call.write(Data(repeating: 65, count: 100))
                try? await call.finish()
                let echoed = try? await {
                    _ = try await call.response()
                    return try await Self.all(of: call)
                }()
                #expect(echoed?.count != 100, "100 bytes passed for \(stated)")
            }
        }
    }

    @Test func whatDoesNotFitACallIsAnError() async throws {
        try await over { byway, url in
            let whole = try await byway.http(HTTPRequest(url: url("echo"), method: "POST", body: .whole(Data([1]))))
            #expect(try await failure { try await whole.write(Data([2])) }.code == "no_body")
            let streamed = try await byway.http(HTTPRequest(url: url("echo"), method: "POST", body: .streamed(length: nil)))
            try await streamed.finish()
            #expect(try await failure { try await streamed.write(Data([2])) }.code == "body_ended")
            #expect(
                try await failure { try await byway.http(HTTPRequest(url: url("echo"), body: .streamed(length: -1))) }.kind
                    == .input)
            for header in [
                Header(name: "a\r\nb", value: "c"), Header(name: "", value: "c"), Header(name: "a", value: "b\r\nc: d"),
                Header(name: "a", value: "b\u{0}c"), Header(name: "a b", value: "c"), Header(name: "a", value: "\u{7F}"),
            ] {
                let error = try await failure { try await byway.http(HTTPRequest(url: url("echo"), headers: [header])) }
                #expect(error.code == "header", "\(header): \(error)")
            }
            for method in ["", "GET /", "G\r\nT", "G\u{0}T", "ГЕТ"] {
                let error = try await failure { try await byway.http(HTTPRequest(url: url("echo"), method: method)) }
                #expect(error.code == "method", "\(method): \(error)")
            }
            for target in ["", "nonsense", "ftp://http.example/", "file:///etc/passwd", "javascript:1", "http://", "data:,x"] {
                let error = try await failure {
                    try await byway.http(HTTPRequest(url: target)).response()
                }
                #expect(error.kind == .input, "\(target): \(error)")
            }
        }
    }

    @Test func aBodyThatIsGivenUpIsNotTakenForWhole() async throws {
        try await over { byway, url in
            let call = try await byway.http(HTTPRequest(url: url("echo"), method: "POST", body: .streamed(length: nil)))
            try await call.write(Data(repeating: 65, count: 1000))
            call.cancel()
            #expect(try await failure { try await call.response() }.kind == .cancelled)
            #expect(try await failure { try await call.read() }.kind == .cancelled)
            try await idle("nothing runs of a call that was cancelled")
        }
    }

    @Test func aCallThatIsDroppedEnds() async throws {
        try await over { byway, url in
            for path in ["slow", "silent", "echo"] {
                _ = try await byway.http(HTTPRequest(url: url(path), method: "POST", body: .streamed(length: nil)))
            }
            try await idle("nothing runs of calls that were dropped")
        }
    }

    @Test func everyWaitOfACallIsCancelled() async throws {
        try await over { byway, url in
            let silent = try await byway.http(HTTPRequest(url: url("silent")))
            try await cancelled { _ = try await silent.response() }
            let stalled = try await byway.http(HTTPRequest(url: url("stall")))
            _ = try await stalled.response()
            try await cancelled { while try await stalled.read() != nil {} }
            // Nobody takes this body: the queue is short, so that a write waits.
            let full = try await byway.http(HTTPRequest(url: url("silent"), method: "POST", body: .streamed(length: nil)))
            try await cancelled { while true { try await full.write(Data(repeating: 0, count: 1 << 20)) } }
            try await idle("nothing runs of calls whose tasks were cancelled")
        }
    }

    @Test func anAnswerWithoutEndWaitsForItsReaderAndEndsAtItsLimit() async throws {
        let endless = try RawHost()
        defer { endless.stop() }
        let lab = try Lab()
        var configuration = try lab.configuration()
        configuration.resolve.append(endless.resolve)
        let byway = try await LiveByway.open(configuration)
        let call = try await byway.http(HTTPRequest(url: endless.url))
        _ = try await call.response()
        // Nobody reads: what the host can send ends where the buffers are full.
        var sent = -1
        while sent != endless.sent {
            sent = endless.sent
            try await Task.sleep(for: .milliseconds(300))
        }
        #expect(sent < 16 << 20, "\(sent) bytes were taken that nobody read")
        var read = 0
        let error = try await failure { while let piece = try await call.read() { read += piece.count } }
        #expect(error.kind == .brokenOff && error.code == "limit", "\(error)")
        #expect(read > 1 << 20 && read <= 64 << 20, "\(read) bytes")
        try await idle("nothing runs of an answer that was too large")
        let got = try await failure { try await byway.get(endless.url) }
        #expect(got.kind == .unreached, "\(got)")
        await byway.close()
    }

    @Test func anAnswerThatStallsEndsWithItsTime() async throws {
        try await over { byway, url in
            let call = try await byway.http(HTTPRequest(url: url("stall"), timeout: .seconds(2)))
            let error = try await failure {
                _ = try await call.response()
                while try await call.read() != nil {}
            }
            #expect(error.kind == .unreached || error.kind == .brokenOff, "\(error)")
            try await idle("nothing runs of a call whose time is over")
        }
    }

    @Test func noRedirectGoesAroundTheExposure() async throws {
        try await over { byway, url in
            let error = try await failure { try await byway.http(HTTPRequest(url: url("redirect"), exposure: .tor)).response() }
            #expect(error.kind == .notPermitted, "\(error)")
            #expect(error.reachability?.attempts.isEmpty ?? true, "something was dialled")
        }
        try await over(strategies: ["direct:", "tor"]) { byway, url in
            let head = try await byway.http(HTTPRequest(url: url("redirect"), exposure: .tor)).response()
            let attempts = try #require(head.reachability?.attempts)
            #expect(head.url.hasSuffix("/hello") && !attempts.isEmpty)
            #expect(attempts.allSatisfy { $0.strategy.hasPrefix("tor") }, "\(attempts.map(\.strategy))")
        }
    }

    // MARK: -

    private static func all(of call: any HTTPCall) async throws -> Data {
        var body = Data()
        while let piece = try await call.read() { body.append(piece) }
        return body
    }

    /// The work waits; its task is cancelled; it ends with `CancellationError`.
    private func cancelled(_ work: @escaping @Sendable () async throws -> Void) async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            start.yield()
            try await work()
        }
        for await _ in started { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    private func over(
        strategies: [String] = ["direct:"], _ test: (LiveByway, (String) -> String) async throws -> Void
    ) async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration(strategies: strategies))
        try await test(byway) { lab.url("http.example", $0) }
        await byway.close()
    }
}
