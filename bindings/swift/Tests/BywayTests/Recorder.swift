import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Records what a task of a session gives, piece by piece.
///
/// FoundationNetworking gives `data(for:)` only the last piece of a protocol's answer; a delegate gets all of them there too.
final class Recorder: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    struct Answer: Sendable {
        var status: Int?
        var url: URL?
        var headers: [String: String] = [:]
        var data = Data()
        var error: URLError?
        /// When each piece came, from the start.
        var pieces: [Duration] = []
    }

    private let lock = NSLock()
    private var answer = Answer()
    private var start = ContinuousClock.now
    private var waiting: CheckedContinuation<Answer, Never>?

    /// Sends the request, and waits for its end.
    static func record(_ request: URLRequest, configuration: URLSessionConfiguration) async -> Answer {
        await Recorder().record(request, configuration: configuration, task: { _ in })
    }

    /// Sends the request; `task` gets the task when it runs.
    func record(
        _ request: URLRequest, configuration: URLSessionConfiguration, task started: (URLSessionDataTask) -> Void
    ) async -> Answer {
        let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
        start = .now
        let task = session.dataTask(with: request)
        let answer = await withCheckedContinuation { continuation in
            lock.withLock { waiting = continuation }
            task.resume()
            started(task)
        }
        session.finishTasksAndInvalidate()
        return answer
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        lock.withLock {
            let head = response as? HTTPURLResponse
            answer.status = head?.statusCode
            answer.url = head?.url
            for (name, value) in head?.allHeaderFields ?? [:] {
                answer.headers["\(name)".lowercased()] = "\(value)"
            }
        }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        lock.withLock {
            answer.data.append(data)
            answer.pieces.append(start.duration(to: .now))
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        lock.withLock {
            answer.error = error.map { $0 as? URLError ?? URLError(.unknown, userInfo: [NSUnderlyingErrorKey: $0]) }
            waiting?.resume(returning: answer)
            waiting = nil
        }
    }
}
