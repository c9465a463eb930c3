import Byway
import BywayFakes
import BywayGenerated
import Foundation
import Testing

/// Requests with common limits and cookies.
@Suite(.serialized) struct SessionTests {
    @Test func cookiesAreKeptInTheSessionThatAsksForThem() async throws {
        try await over { byway, url in
            for (cookies, expected) in [(false, ""), (true, "seen=yes")] {
                let session = try await byway.httpSession(HTTPSessionOptions(cookies: cookies))
                _ = try await session.http(HTTPRequest(url: url("cookie"))).response()
                #expect(try await Self.cookie(session, url) == expected)
            }
            let other = try await byway.httpSession(HTTPSessionOptions(cookies: true))
            #expect(try await Self.cookie(other, url) == "", "no session has another's cookies")
        }
    }

    @Test func theLimitsOfASessionHold() async throws {
        try await over { byway, url in
            for (path, limits) in [
                ("slow", HTTPLimits(bodyBytes: 10)), ("redirect", HTTPLimits(redirects: 0)),
                ("slow", HTTPLimits(streamed: .milliseconds(300))), ("hello", HTTPLimits(headers: 1)),
                ("hello", HTTPLimits(headerBytes: 8)),
            ] {
                let session = try await byway.httpSession(HTTPSessionOptions(limits: limits))
                _ = try await failure {
                    let call = try await session.http(HTTPRequest(url: url(path)))
                    _ = try await call.response()
                    while try await call.read() != nil {}
                }
            }
            let odd = HTTPSessionOptions(limits: HTTPLimits(bodyBytes: -1))
            #expect(try await failure { try await byway.httpSession(odd) }.kind == .input)
            try await idle("nothing runs of calls that met a limit")
        }
    }

    @Test func aSessionsExposureAndIsolationHold() async throws {
        try await over { byway, url in
            let strict = try await byway.httpSession(HTTPSessionOptions(exposure: .tor))
            let refused = try await failure { try await strict.http(HTTPRequest(url: url("hello"))).response() }
            #expect(refused.kind == .notPermitted, "\(refused)")
            for client: any BywayClient in [byway, FakeByway()] {
                let one = try await client.httpSession(HTTPSessionOptions(isolation: "one"))
                let other = HTTPRequest(url: url("hello"), isolation: "two")
                #expect(try await failure { try await one.http(other) }.code == "isolation")
                _ = try await one.http(HTTPRequest(url: url("hello"), isolation: "one")).response()
            }
        }
    }

    @Test func anExchangeOutlivesItsSession() async throws {
        try await over { byway, url in
            var session: (any HTTPSession)? = try await byway.httpSession()
            let call = try #require(try await session?.http(HTTPRequest(url: url("slow"))))
            session = nil
            _ = try await call.response()
            var length = 0
            while let piece = try await call.read() { length += piece.count }
            #expect(length == 20 * 8192)
        }
    }

    @Test func aSessionEndsWithItsClient() async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration())
        let session = try await byway.httpSession()
        await byway.close()
        let late = try await failure { try await session.http(HTTPRequest(url: lab.url("http.example", "hello"))).response() }
        #expect(late.kind == .closed, "\(late)")
    }

    @Test func aSessionThatIsStillHeldKeepsNoStoreOpen() async throws {
        let lab = try Lab()
        let configuration = try lab.configuration(storage: lab.storage())
        let byway = try await LiveByway.open(configuration)
        let session = try await byway.httpSession()
        let call = try await session.http(HTTPRequest(url: lab.url("http.example", "slow")))
        _ = try await call.response()
        await byway.close()
        await (try LiveByway.open(configuration)).close()
        try await LiveByway.wipe(lab.storage().folder)
        let late = try await failure { try await session.http(HTTPRequest(url: lab.url("http.example", "hello"))) }
        #expect(late.kind == .closed, "\(late)")
        withExtendedLifetime(call) {}
    }

    // MARK: -

    private static func cookie(_ session: any HTTPSession, _ url: (String) -> String) async throws -> String? {
        let head = try await session.http(HTTPRequest(url: url("echo"))).response()
        return head.headers.first { $0.name == "x-cookie" }?.value
    }

    private func over(_ test: (LiveByway, (String) -> String) async throws -> Void) async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration())
        try await test(byway) { lab.url("http.example", $0) }
        await byway.close()
    }
}
