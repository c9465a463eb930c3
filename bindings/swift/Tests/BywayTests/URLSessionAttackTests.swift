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

    @Test func anUploadOfAHundredMegabytesTakesLittleMemory() async throws {
        let size = 100 << 20
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("byway-upload-\(UUID())")
        #expect(FileManager.default.createFile(atPath: file.path, contents: nil))
        defer { try? FileManager.default.removeItem(at: file) }
        // The file has a length, and nothing of it lies on the disk.
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: UInt64(size))
        try handle.close()
        let done = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone"
        try await over(RawHost(answering: done)) { host, configuration in
            var request = URLRequest(url: URL(string: host.url)!)
            request.httpMethod = "PUT"
            request.httpBodyStream = InputStream(url: file)
            request.setValue("\(size)", forHTTPHeaderField: "content-length")
            let before = try resident()
            let watching = Task {
                var highest = 0
                while !Task.isCancelled {
                    highest = max(highest, try resident())
                    try? await Task.sleep(for: .milliseconds(5))
                }
                return highest
            }
            let answer = await Recorder.record(request, configuration: configuration)
            watching.cancel()
            #expect(answer.data == Data("done".utf8), "\(answer)")
            #expect(host.received >= size - 4_096, "\(host.received) bytes came")
            let grown = try await watching.value - before
            #expect(grown < 24 * 1024, "memory grew by \(grown) kB")
        }
    }

    @Test func aSilentAnswerTimesOut() async throws {
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
        try await over(RawHost(answering: half, stalling: true)) { host, configuration in
            var request = URLRequest(url: URL(string: host.url)!)
            request.timeoutInterval = 0.3
            let answer = await Recorder.record(request, configuration: configuration)
            #expect(answer.error?.code == .timedOut && answer.status == 200, "\(answer)")
        }
    }

    @Test func anAnswerThatMovesDoesNotTimeOut() async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration())
        // It takes four seconds in all, and is never silent for as long as its limit.
        var request = URLRequest(url: URL(string: lab.url("http.example", "slow"))!)
        request.timeoutInterval = 2
        let answer = await Recorder.record(request, configuration: .through(byway))
        #expect(answer.error == nil && answer.data.count == 20 * 8192, "\(answer)")
        try await idle("nothing runs of a task that has ended")
        await byway.close()
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
