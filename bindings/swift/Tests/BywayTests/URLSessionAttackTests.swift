import Byway
import BywayURLSession
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// `URLSession` through the engine, over hosts that do what they should not.
@Suite(.serialized) struct URLSessionAttackTests {
    @Test func anAnswerWithoutEndStopsAtItsLimit() async throws {
        try await over(RawHost()) { host, configuration in
            let answer = await Recorder.record(URLRequest(url: URL(string: host.url)!), configuration: configuration)
            let error = try #require(answer.error?.userInfo[NSUnderlyingErrorKey] as? Byway.BywayError)
            #expect(error.code == "limit", "\(error)")
            #expect(answer.data.count <= 64 << 20, "\(answer.data.count) bytes")
        }
    }

    @Test func anAnswerThatIsCutShortIsNotTakenForWhole() async throws {
        try await over(RawHost(answering: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")) { host, configuration in
            let answer = await Recorder.record(URLRequest(url: URL(string: host.url)!), configuration: configuration)
            #expect(answer.error != nil, "\(answer)")
        }
    }

    @Test func aHeadThatIsTooLargeFailsTheTask() async throws {
        let head = "HTTP/1.1 200 OK\r\n" + String(repeating: "x-more: \(String(repeating: "a", count: 1_000))\r\n", count: 2_000)
        try await over(RawHost(answering: head + "\r\n")) { host, configuration in
            let answer = await Recorder.record(URLRequest(url: URL(string: host.url)!), configuration: configuration)
            #expect(answer.status == nil && answer.error != nil, "\(answer)")
        }
    }

    @Test func aTaskIsCancelledWhileItsAnswerComes() async throws {
        try await over(RawHost()) { host, configuration in
            let answer = await Recorder().record(URLRequest(url: URL(string: host.url)!), configuration: configuration) { task in
                Task {
                    while host.sent == 0 { try await Task.sleep(for: .milliseconds(5)) }
                    task.cancel()
                }
            }
            #expect(answer.error?.code == .cancelled, "\(answer.error as Any)")
        }
    }

    /// Every host is stopped, and nothing runs after its test.
    private func over(_ host: RawHost, _ test: (RawHost, URLSessionConfiguration) async throws -> Void) async throws {
        defer { host.stop() }
        let lab = try Lab()
        var configuration = try lab.configuration()
        configuration.resolve.append(host.resolve)
        let byway = try await LiveByway.open(configuration)
        try await test(host, .through(byway))
        try await idle("nothing runs of a task that has ended")
        await byway.close()
    }
}
