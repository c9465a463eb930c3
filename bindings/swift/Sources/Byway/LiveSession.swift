internal import BywayGenerated

/// A session of HTTP requests in Rust.
final class LiveSession: HTTPSession {
    private let session: BywayGenerated.HttpSession
    private let isolation: String?

    init(_ session: BywayGenerated.HttpSession, isolation: String?) {
        self.session = session
        self.isolation = isolation
    }

    func http(_ request: HTTPRequest) async throws -> any HTTPCall {
        try request.refuseOtherThan(isolation)
        let crossed = try request.crossing()
        return try LiveCall(crossing { try session.call(request: crossed) })
    }
}

extension HTTPRequest {
    /// A name that is dropped without a word would leave an app with less isolation than it asked for.
    package func refuseOtherThan(_ session: String?) throws {
        guard isolation == nil || isolation == session else {
            let text = "The isolation of a request is that of its session."
            throw BywayError(kind: .input, code: "isolation", text: text)
        }
    }
}
