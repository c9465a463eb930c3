import Byway
import BywayFakes
import BywayURLSession
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The protocol over the fake, which repeats a body. What needs a network is in `URLSessionTests`.
@Suite(.serialized) struct FakeSessionTests {
    @Test func aBodyGoesThroughTheClientOfTheSession() async throws {
        var request = URLRequest(url: URL(string: "https://news.example/")!)
        request.httpMethod = "POST"
        request.httpBody = Data(repeating: 65, count: 100_000)
        let answer = await Recorder.record(request, configuration: .through(FakeByway()))
        #expect(answer.status == 200)
        #expect(answer.data == request.httpBody)
    }

    @Test func withoutAClientARequestFailsAndGoesNowhere() async throws {
        let session = URLSession(configuration: .through(FakeByway()))
        BywayURLProtocol.use(nil)
        do {
            _ = try await session.data(from: URL(string: "https://127.0.0.1:1/")!)
            Issue.record("something answered")
        } catch let error as URLError {
            #expect((error.userInfo[NSUnderlyingErrorKey] as? BywayError)?.code == "no_client")
        }
    }

    @Test func anErrorOfTheClientLiesUnderTheURLError() async throws {
        let session = URLSession(configuration: .through(FakeByway(failure: .unreached)))
        do {
            _ = try await session.data(from: URL(string: "https://news.example/")!)
            Issue.record("something answered")
        } catch let error as URLError {
            #expect(error.code == .cannotConnectToHost)
            #expect((error.userInfo[NSUnderlyingErrorKey] as? BywayError)?.kind == .unreached)
        }
    }
}
