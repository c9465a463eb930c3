import Byway
import BywayGenerated
import BywayURLSession
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// `URLSession` through the engine, over the lab's site for HTTP clients.
@Suite(.serialized) struct URLSessionTests {
    @Test func aPageIsReadThroughTheEngine() async throws {
        try await over(Lab()) { lab, configuration in
            let answer = await Recorder.record(lab.request("hello"), configuration: configuration)
            #expect(answer.status == 200 && answer.data == Data("Hello.".utf8), "\(answer)")
        }
    }

    @Test func aSmallPageNeedsNoDelegate() async throws {
        try await over(Lab()) { lab, configuration in
            let (data, response) = try await URLSession(configuration: configuration).data(for: lab.request("hello"))
            #expect((response as? HTTPURLResponse)?.statusCode == 200 && data == Data("Hello.".utf8))
        }
    }

    @Test func aStatusIsAnAnswerAndNoError() async throws {
        try await over(Lab()) { lab, configuration in
            let answer = await Recorder.record(lab.request("missing"), configuration: configuration)
            #expect(answer.status == 404 && answer.error == nil, "\(answer)")
        }
    }

    @Test func aBodyAndItsHeadersArriveAndComeBack() async throws {
        try await over(Lab()) { lab, configuration in
            for stream in [false, true] {
                let body = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0) })
                var request = lab.request("echo")
                request.httpMethod = "PUT"
                request.setValue("Привет", forHTTPHeaderField: "x-other")
                request.setValue("as sent", forHTTPHeaderField: "x-repeat")
                if stream { request.httpBodyStream = InputStream(data: body) } else { request.httpBody = body }
                let answer = await Recorder.record(request, configuration: configuration)
                #expect(answer.data == body, "stream \(stream): \(answer.data.count) bytes, \(String(describing: answer.error))")
                #expect(answer.headers["x-method"] == "PUT")
                #expect(answer.headers["x-repeated"] == "as sent")
            }
        }
    }

    @Test func redirectsAreFollowedByTheEngine() async throws {
        try await over(Lab()) { lab, configuration in
            let answer = await Recorder.record(lab.request("redirect"), configuration: configuration)
            #expect(answer.status == 200 && answer.data == Data("Hello.".utf8))
            #expect(answer.url?.path == "/hello")
            let circle = await Recorder.record(lab.request("circle"), configuration: configuration)
            #expect((circle.error?.userInfo[NSUnderlyingErrorKey] as? Byway.BywayError) != nil, "\(circle)")
        }
    }

    @Test func aSlowBodyIsGivenPieceByPiece() async throws {
        try await over(Lab()) { lab, configuration in
            let answer = await Recorder.record(lab.request("slow"), configuration: configuration)
            #expect(answer.data.count == 20 * 8192)
            let first = try #require(answer.pieces.first)
            let last = try #require(answer.pieces.last)
            #expect(answer.pieces.count > 3 && last - first > .milliseconds(500), "\(answer.pieces)")
        }
    }

    @Test func cancellingATaskEndsItsWorkInRust() async throws {
        try await over(Lab()) { lab, configuration in
            let before = try diagnostics().runningTasks
            let answer = await Recorder().record(lab.request("silent"), configuration: configuration) { task in
                Task {
                    for _ in 0..<500 where try diagnostics().runningTasks <= before {
                        try await Task.sleep(for: .milliseconds(10))
                    }
                    task.cancel()
                }
            }
            #expect(answer.error?.code == .cancelled, "\(answer)")
            for _ in 0..<500 where try diagnostics().runningTasks > before { try await Task.sleep(for: .milliseconds(10)) }
            #expect(try diagnostics().runningTasks <= before)
        }
    }

    @Test func whatTheExposureForbidsIsNotSent() async throws {
        try await over(Lab(), exposure: .tor) { lab, configuration in
            let answer = await Recorder.record(lab.request("hello"), configuration: configuration)
            let error = try #require(answer.error?.userInfo[NSUnderlyingErrorKey] as? Byway.BywayError)
            #expect(error.kind == .notPermitted, "\(error)")
        }
    }

    @Test func aBlockedHostIsReachedByAnotherStrategy() async throws {
        try await over(Lab(censor: ["sni=http.example:reset"]), strategies: ["direct:", "proxy.nl"]) { lab, configuration in
            let answer = await Recorder.record(lab.request("hello"), configuration: configuration)
            #expect(answer.status == 200, "\(answer)")
        }
        try await over(Lab(censor: ["sni=http.example:reset"])) { lab, configuration in
            let answer = await Recorder.record(lab.request("hello"), configuration: configuration)
            let error = try #require(answer.error?.userInfo[NSUnderlyingErrorKey] as? Byway.BywayError)
            #expect(answer.error?.code == .cannotConnectToHost && error.kind == .unreached, "\(error)")
        }
    }

    private func over(
        _ lab: Lab, strategies: [String] = ["direct:"], exposure: Byway.Exposure = .open,
        _ test: (Lab, URLSessionConfiguration) async throws -> Void
    ) async throws {
        let byway = try await LiveByway.open(lab.configuration(strategies: strategies))
        try await test(lab, .through(byway, exposure: exposure))
        await byway.close()
    }
}

extension Lab {
    fileprivate func request(_ path: String) -> URLRequest {
        URLRequest(url: URL(string: url("http.example", path))!)
    }
}
