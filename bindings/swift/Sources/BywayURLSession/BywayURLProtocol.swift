import Byway
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Sends the requests of a `URLSession` through Byway: no listening socket, no proxy setting.
///
/// ```swift
/// let session = URLSession(configuration: .through(byway))
/// let (data, response) = try await session.data(from: url)
/// ```
///
/// Bodies are streamed both ways. The engine follows redirects (the response has the final URL). Cancelling a task ends
/// its work. A request's `timeoutInterval` is the longest silence between two pieces of the answer; until its head has
/// come, the engine's own limits hold. An error is a `URLError` with the ``BywayError`` as its underlying error. Nothing is cached, and no
/// cookies are kept. A request that Byway cannot send fails; it is never sent in another way.
///
/// Each configuration that `through(_:exposure:allowDirect:)` makes keeps its own client and exposure. A session that
/// was configured by hand has the client of ``use(_:exposure:allowDirect:)``, and the strictest exposure that any
/// session of this process has.
///
/// The system does not ask an app's protocols everywhere. docs/ios.md lists what bypasses them.
public class BywayURLProtocol: URLProtocol {
    private let loading = Loading()

    /// Says which client sends the requests of sessions that were configured by hand. `nil`: all requests of all sessions fail
    /// from now on.
    public static func use(_ client: (any BywayClient)?, exposure: Exposure = .open, allowDirect: Bool = false) {
        guard let client else { return Routes.known.withLock { $0.forget() } }
        Routes.known.withLock { $0.set(Route(client: client, exposure: exposure, allowDirect: allowDirect)) }
    }

    /// Everything that contacts somebody, even while no client is set and for schemes that Byway does not speak: it
    /// must fail and not go directly.
    public override class func canInit(with request: URLRequest) -> Bool {
        !["data", "file"].contains(request.url?.scheme?.lowercased() ?? "")
    }

    public override class func canonicalRequest(for request: URLRequest) -> URLRequest { request }

    public override func startLoading() {
        let answers = Answers(of: self)
        guard ["http", "https"].contains(self.request.url?.scheme?.lowercased() ?? "") else {
            let text = "Byway sends requests over HTTP and HTTPS only."
            return answers.fail(URLError.of(BywayError(kind: .input, code: "url", text: text), self.request.url))
        }
        let asked = Self.self
        guard let route = Routes.known.withLock({ $0.route(of: asked) }) else {
            let text = "No Byway client is set for this session."
            return answers.fail(URLError.of(BywayError(kind: .closed, code: "no_client", text: text), self.request.url))
        }
        if let refusal = Conditions.refusal(of: self.request, by: route) { return answers.fail(refusal) }
        #if canImport(FoundationNetworking)
            // On Linux an upload task keeps its body to itself.
            if task is URLSessionUploadTask, request.httpBody == nil, request.httpBodyStream == nil {
                let text = "The body of an upload task cannot be read on this system. Use a data task."
                let error = BywayError(kind: .input, code: "body_unreadable", text: text)
                return answers.fail(URLError.of(error, self.request.url))
            }
        #endif
        let request = Outgoing(request)
        loading.begin { call in
            do {
                try await Self.exchange(request, by: route, call: call, answers: answers)
                answers.finish()
            } catch {
                answers.fail(URLError.of(error, request.url))
            }
        }
    }

    public override func stopLoading() {
        loading.stop()
    }

    private static func exchange(
        _ request: Outgoing, by route: Route, call set: @Sendable (any HTTPCall) -> Void, answers: Answers
    ) async throws {
        let call = try await route.client.http(request.described(by: route))
        set(call)
        // At the same time as the answer: a host may answer before it has the whole body, and then the rest is not
        // sent.
        let sending = Sending(request.stream, to: call)
        defer { sending.stop() }
        try await withTaskCancellationHandler {
            do {
                try await answers.receive(call.response(), for: request)
                let silence = Silence(of: call, longest: request.timeout)
                defer { silence.stop() }
                do {
                    while let piece = try await call.read() {
                        silence.isBroken()
                        answers.receive(piece)
                    }
                } catch {
                    throw silence.isTooLong ? URLError(.timedOut, userInfo: [NSUnderlyingErrorKey: error]) : error
                }
            } catch {
                throw sending.fault ?? error
            }
        } onCancel: {
            call.cancel()
        }
    }
}

extension URLSessionConfiguration {
    /// A configuration whose requests go through `client`, and nowhere else. It keeps nothing on the disk.
    ///
    /// What the system sends without asking the protocol (`webSocketTask`, `streamTask`) gets a proxy that does not
    /// exist, so that it fails and does not go directly. Do not make a background session of it: the system sends the
    /// requests of those from another process.
    ///
    /// **The session knows no community.** Its requests have the exposure of this function, whatever the community whose post
    /// names the address demands. Files of posts are fetched with ``BywayClient/fetchAttachment(_:maxBytes:options:)``.
    ///
    /// A request that may be answered by a cache only fails (`resourceUnavailable`), because there is no cache. One that must
    /// not be sent over a mobile, expensive or constrained network fails (`dataNotAllowed`) unless the client knows that its
    /// network is another. Such a condition is seen on the request, and on this configuration; not on a copy of it.
    public static func through(
        _ client: any BywayClient, exposure: Exposure = .open, allowDirect: Bool = false
    ) -> URLSessionConfiguration {
        let configuration = URLSessionConfiguration.ephemeral
        let session = SessionConditions(configuration)
        let route = Route(client: client, exposure: exposure, allowDirect: allowDirect, session: session)
        configuration.protocolClasses = [Routes.known.withLock { $0.add(route) }]
        configuration.connectionProxyDictionary = nowhere
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.urlCredentialStorage = nil
        return configuration
    }

    /// A proxy at the discard port of this device, for every scheme. The keys are those of CFNetwork, which has no names for those of
    /// HTTPS and SOCKS on iOS.
    private static var nowhere: [AnyHashable: Any] {
        var settings: [AnyHashable: Any] = [:]
        for scheme in ["HTTP", "HTTPS", "SOCKS"] {
            settings["\(scheme)Enable"] = 1
            settings["\(scheme)Proxy"] = "127.0.0.1"
            settings["\(scheme)Port"] = 9
        }
        return settings
    }
}

/// A request as it goes to the engine.
private struct Outgoing: Sendable {
    let url: URL?
    /// A body that is given as a stream.
    let stream: Body?
    private let data: Data?
    private let method: String
    private let headers: [Header]
    private let length: Int?
    /// The longest silence between two pieces of the answer.
    let timeout: Duration

    /// As long as the system's own limit for a whole resource.
    private static let noTimeout: TimeInterval = 7 * 24 * 60 * 60

    init(_ request: URLRequest) {
        url = request.url
        let limit = request.timeoutInterval
        timeout = .seconds(limit > 0 ? min(limit, Self.noTimeout) : Self.noTimeout)
        method = request.httpMethod ?? "GET"
        headers = (request.allHTTPHeaderFields ?? [:]).sorted { $0.key < $1.key }.map { Header(name: $0.key, value: $0.value) }
        // URLSession hands a body to a protocol as a stream on Apple's systems, and as it was given on Linux.
        data = request.httpBody
        stream = request.httpBody == nil ? request.httpBodyStream.map(Body.init(stream:)) : nil
        length = request.value(forHTTPHeaderField: "content-length").flatMap(Int.init)
    }

    func described(by route: Route) -> HTTPRequest {
        // A length or an encoding that is stated twice must not differ. The engine states them itself.
        let stated = ["host", "content-length", "connection", "transfer-encoding", "accept-encoding"]
        return HTTPRequest(
            url: url?.absoluteString ?? "",
            method: method,
            headers: headers.filter { !stated.contains($0.name.lowercased()) },
            body: stream == nil ? data.map(HTTPRequest.Body.whole) ?? .none : .streamed(length: length),
            exposure: route.exposure,
            allowDirect: route.allowDirect
        )
    }
}

/// Ends a call whose answer has not moved for longer than the request allows.
private final class Silence: Sendable {
    private struct State {
        var since = SuspendingClock.now
        var isTooLong = false
    }

    private let state: Locked<State>
    private let watch: Task<Void, Never>

    /// It is silent from now on.
    init(of call: any HTTPCall, longest: Duration) {
        let state = Locked(State())
        self.state = state
        watch = Task {
            while true {
                let end = state.withLock { $0.since } + longest
                // The time in which the device sleeps does not count. A stopped watch wakes at once.
                guard (try? await Task.sleep(until: end, clock: .suspending)) != nil else { return }
                let isOver = state.withLock { state in
                    state.isTooLong = state.since + longest <= .now
                    return state.isTooLong
                }
                if isOver { return call.cancel() }
            }
        }
    }

    func isBroken() { state.withLock { $0.since = .now } }

    /// Whether it ended the call.
    var isTooLong: Bool { state.withLock { $0.isTooLong } }

    func stop() { watch.cancel() }
}

/// A body on its way.
private final class Sending: Sendable {
    private let task: Task<Void, Never>
    private let unreadable = Locked<(any Error)?>(nil)

    init(_ body: Body?, to call: any HTTPCall) {
        task = Task { [unreadable] in
            do {
                try await body?.send(to: call)
            } catch let error as Body.Unreadable {
                unreadable.withLock { $0 = error.reason }
                call.cancel()
            } catch {
                // The call could not take it. Its answer, or its own error, says why.
            }
        }
    }

    /// Why the app's own body could not be read, if that ended the exchange.
    var fault: (any Error)? { unreadable.withLock { $0 } }

    func stop() { task.cancel() }
}

/// The body of a request, read once.
private final class Body: @unchecked Sendable {
    /// `InputStream` is read by one task at a time. Only that task has this object.
    private let stream: InputStream
    private let pieces = DispatchQueue(label: "org.byway.body")

    /// The stream of the app gave an error.
    struct Unreadable: Error { let reason: any Error }

    /// How much is read at once: as much as one of the engine's own pieces.
    private static let piece = 32 << 10

    init(stream: InputStream) { self.stream = stream }

    func send(to call: any HTTPCall) async throws {
        stream.open()
        defer { stream.close() }
        while let piece = try await next() {
            try Task.checkCancellation()
            guard try await call.write(piece) else { return }
        }
        try await call.finish()
    }

    /// Reading may block on a file or on the app's own stream, so it has its own queue.
    private func next() async throws -> Data? {
        try await withCheckedThrowingContinuation { continuation in
            pieces.async { [self] in
                var piece = [UInt8](repeating: 0, count: Self.piece)
                let count = stream.read(&piece, maxLength: piece.count)
                switch count {
                case 0 where stream.streamStatus != .error: continuation.resume(returning: nil)
                case let count where count > 0: continuation.resume(returning: Data(piece[..<count]))
                default:
                    let text = "The body of the request could not be read."
                    let error = BywayError(kind: .internal, code: "body_unreadable", text: text)
                    continuation.resume(throwing: Unreadable(reason: stream.streamError ?? error))
                }
            }
        }
    }
}

/// The work of one protocol object: begun once, stopped once, in any order.
private final class Loading: Sendable {
    private enum State {
        case idle
        case working(Task<Void, Never>)
        case stopped
    }

    private let state = Locked(State.idle)
    private let call = Locked<(any HTTPCall)?>(nil)

    func begin(_ work: @escaping @Sendable (@Sendable (any HTTPCall) -> Void) async -> Void) {
        state.withLock { state in
            guard case .idle = state else { return }
            state = .working(Task { [call] in await work { made in call.withLock { $0 = made } } })
        }
    }

    func stop() {
        let before = state.withLock { state in
            defer { state = .stopped }
            return state
        }
        if case .working(let task) = before {
            task.cancel()
        }
        call.withLock { $0?.cancel() }
    }
}

/// Gives the loading system what came, on the thread on which it asked.
private final class Answers: @unchecked Sendable {
    /// The loading system keeps the protocol object until it has stopped it. Touched on its own thread.
    private weak var asked: URLProtocol?
    #if canImport(Darwin)
        private let loop = RunLoop.current
    #endif

    init(of asked: URLProtocol) { self.asked = asked }

    func receive(_ head: HTTPHead, for request: Outgoing) throws {
        var fields: [String: String] = [:]
        for header in head.headers {
            // RFC 9110 section 5.3: several fields of one name are one list.
            fields[header.name] = fields[header.name].map { "\($0), \(header.value)" } ?? header.value
        }
        guard let url = URL(string: head.url) ?? request.url,
            let response = HTTPURLResponse(
                url: url, statusCode: head.status, httpVersion: head.version, headerFields: fields)
        else {
            throw BywayError(kind: .internal, code: "bad_head", text: "The head of the answer could not be understood.")
        }
        tell { $0.client?.urlProtocol($0, didReceive: response, cacheStoragePolicy: .notAllowed) }
    }

    func receive(_ piece: Data) {
        tell { $0.client?.urlProtocol($0, didLoad: piece) }
    }

    func finish() {
        tell { $0.client?.urlProtocolDidFinishLoading($0) }
    }

    func fail(_ error: URLError) {
        tell { $0.client?.urlProtocol($0, didFailWithError: error) }
    }

    private func tell(_ what: @escaping @Sendable (URLProtocol) -> Void) {
        #if canImport(Darwin)
            loop.perform { [weak self] in if let asked = self?.asked { what(asked) } }
            CFRunLoopWakeUp(loop.getCFRunLoop())
        #else
            if let asked { what(asked) }
        #endif
    }
}

extension URLError {
    /// The nearest error of the loading system, with ours underneath.
    fileprivate static func of(_ error: any Error, _ url: URL?) -> URLError {
        if let error = error as? URLError { return error }
        var information: [String: Any] = [NSUnderlyingErrorKey: error, NSLocalizedDescriptionKey: error.localizedDescription]
        information[NSURLErrorFailingURLErrorKey] = url
        return URLError(code(of: error), userInfo: information)
    }

    private static func code(of error: any Error) -> URLError.Code {
        guard let error = error as? BywayError else {
            return error is CancellationError ? .cancelled : .unknown
        }
        switch error.kind {
        case .input: return .badURL
        case .credentials: return .userAuthenticationRequired
        case .unreached:
            switch error.reachability?.verdict.code {
            case .offline: return .notConnectedToInternet
            case .tlsMitm: return .serverCertificateUntrusted
            default: return .cannotConnectToHost
            }
        case .refused: return .badServerResponse
        case .tooLarge: return .dataLengthExceedsMaximum
        case .brokenOff: return .networkConnectionLost
        case .cancelled: return .cancelled
        case .notPermitted, .withheld, .notFound, .notStored: return .resourceUnavailable
        case .storeClosed, .storeDamaged, .storeFull, .internal, .closed: return .unknown
        }
    }
}
