import Foundation

/// An HTTP request for ``BywayClient/http(_:)`` or for an ``HTTPSession``.
public struct HTTPRequest: Sendable {
    public var url: String
    public var method: String
    public var headers: [Header]
    public var body: Body
    /// Raises who may learn of it.
    public var exposure: Exposure
    public var allowDirect: Bool
    /// Dials even if this network was just found to let only a few addresses through.
    public var ignorePause: Bool
    /// A second copy of this request does no harm, so it may be raced over several strategies like a `GET`.
    public var isReplaySafe: Bool
    /// Requests with different names share no connection and no Tor circuit. In a session, the session's name holds.
    public var isolation: String?
    /// How long the whole exchange may take.
    public var timeout: Duration?

    /// The body of a request.
    public enum Body: Sendable {
        case none
        /// All of it. It can be sent again if a route fails or a redirect asks for it.
        case whole(Data)
        /// The body is written with ``HTTPCall/write(_:)`` and ``HTTPCall/finish()``, and can be sent once.
        case streamed(length: Int?)
    }

    public init(
        url: String,
        method: String = "GET",
        headers: [Header] = [],
        body: Body = .none,
        exposure: Exposure = .open,
        allowDirect: Bool = false,
        ignorePause: Bool = false,
        isReplaySafe: Bool = false,
        isolation: String? = nil,
        timeout: Duration? = nil
    ) {
        self.url = url
        self.method = method
        self.headers = headers
        self.body = body
        self.exposure = exposure
        self.allowDirect = allowDirect
        self.ignorePause = ignorePause
        self.isReplaySafe = isReplaySafe
        self.isolation = isolation
        self.timeout = timeout
    }
}

/// What the requests of an ``HTTPSession`` have in common.
public struct HTTPSessionOptions: Hashable, Sendable {
    /// Who may learn of these requests. A request may demand more, and never less.
    public let exposure: Exposure
    /// Tries direct strategies although a restriction or the advice of a community speaks against them.
    public let allowDirect: Bool
    /// Sessions with different names share no connection, no Tor circuit and no cookie.
    public let isolation: String?
    /// Keeps cookies in memory, for this session alone. Without it none is sent and none is kept.
    public let cookies: Bool
    public let limits: HTTPLimits

    public init(
        exposure: Exposure = .open,
        allowDirect: Bool = false,
        isolation: String? = nil,
        cookies: Bool = false,
        limits: HTTPLimits = HTTPLimits()
    ) {
        self.exposure = exposure
        self.allowDirect = allowDirect
        self.isolation = isolation
        self.cookies = cookies
        self.limits = limits
    }
}

/// What is taken from a host at most. Where a value is `nil`, the limit of the engine holds.
public struct HTTPLimits: Hashable, Sendable {
    /// Redirects that are followed.
    public let redirects: Int?
    /// Bytes of one answer's head.
    public let headerBytes: Int?
    /// Header fields of one answer.
    public let headers: Int?
    /// Bytes of the body as it comes over the wire.
    public let bodyBytes: Int?
    /// Bytes of the decoded body.
    public let decodedBytes: Int?
    /// From the start of a request to the head of its answer.
    public let total: Duration?
    /// From the start of a request to the last byte of its answer's body.
    public let streamed: Duration?
    /// From one piece of an answer to the next.
    public let progress: Duration?

    public init(
        redirects: Int? = nil,
        headerBytes: Int? = nil,
        headers: Int? = nil,
        bodyBytes: Int? = nil,
        decodedBytes: Int? = nil,
        total: Duration? = nil,
        streamed: Duration? = nil,
        progress: Duration? = nil
    ) {
        self.redirects = redirects
        self.headerBytes = headerBytes
        self.headers = headers
        self.bodyBytes = bodyBytes
        self.decodedBytes = decodedBytes
        self.total = total
        self.streamed = streamed
        self.progress = progress
    }
}

/// Requests with common limits and, where asked for, cookies. It ends with its client, or when nothing holds it any more: its
/// cookies are forgotten then. Exchanges that have begun go on.
public protocol HTTPSession: Sendable {
    /// Begins an HTTP request whose bodies are streamed. A request whose ``HTTPRequest/isolation`` is another than the session's is
    /// refused.
    func http(_ request: HTTPRequest) async throws -> any HTTPCall
}

/// The head of an answer.
public struct HTTPHead: Hashable, Sendable {
    public let status: Int
    /// The address of the answer, after redirects.
    public let url: String
    public let headers: [Header]
    /// For example `HTTP/1.1` or `HTTP/2.0`.
    public let version: String
    /// How many bytes the decoded body has, if that is known.
    public let length: Int?
    /// How the host was reached.
    public let reachability: Reachability?

    public init(
        status: Int,
        url: String,
        headers: [Header],
        version: String,
        length: Int? = nil,
        reachability: Reachability? = nil
    ) {
        self.status = status
        self.url = url
        self.headers = headers
        self.version = version
        self.length = length
        self.reachability = reachability
    }
}

/// An HTTP exchange that is under way. Its answer is read once, in order, by one task.
public protocol HTTPCall: Sendable {
    /// Sends a piece of the body. Waits until there is room for it. `false`: the rest of the body is not wanted.
    @discardableResult
    func write(_ bytes: Data) async throws -> Bool
    /// Ends the body.
    func finish() async throws
    /// Waits for the head of the answer.
    func response() async throws -> HTTPHead
    /// The next piece of the answer's body, at most `max` bytes; `nil` at its end.
    func read(max: Int) async throws -> Data?
    /// Ends the exchange at once. Whatever waits for it throws.
    func cancel()
}

extension HTTPCall {
    /// The next piece of the answer's body, 64 KB at most; `nil` at its end.
    public func read() async throws -> Data? { try await read(max: 64 << 10) }
}

/// Without the address, the values of the header and the body: they say who reads what, and may be a password.
extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "HTTPRequest(\(method), \(headers.count) fields, exposure \(exposure.rawValue))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Without the address and the values of the header.
extension HTTPHead: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "HTTPHead(\(status), \(headers.count) fields, \(version))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
