import Byway
import Foundation

/// Repeats the body that it was sent.
final class FakeCall: HTTPCall {
    private struct State {
        var body = Data()
        var isStreamed = false
        var hasEnded = false
        var isTaken = false
        var isCancelled = false
        /// Why there is no answer.
        var failure: (any Error)?
    }

    private let request: HTTPRequest
    private let access: @Sendable () async throws -> Void
    private let state: Locked<State>
    private let (whole, ending) = AsyncStream.makeStream(of: Never.self)

    /// `access` throws why there is no answer.
    init(request: HTTPRequest, access: @escaping @Sendable () async throws -> Void) {
        self.request = request
        self.access = access
        var state = State()
        switch request.body {
        case .none: ending.finish()
        case .whole(let data):
            state.body = data
            ending.finish()
        case .streamed: state.isStreamed = true
        }
        self.state = Locked(state)
    }

    func write(_ bytes: Data) async throws -> Bool {
        try state.withLock { state in
            guard state.isStreamed else { throw BywayError.ofTheFake(.input, "no_body") }
            guard !state.hasEnded else { throw BywayError.ofTheFake(.input, "body_ended") }
            guard !state.isCancelled else { return false }
            state.body.append(bytes)
            return true
        }
    }

    func finish() async throws {
        try state.withLock { state in
            guard state.isStreamed else { throw BywayError.ofTheFake(.input, "no_body") }
            state.hasEnded = true
        }
        ending.finish()
    }

    func response() async throws -> HTTPHead {
        for await _ in whole {}
        try Task.checkCancellation()
        try state.withLock { state in
            guard !state.isCancelled else { throw BywayError.ofTheFake(.cancelled, "cancelled") }
            guard !state.isTaken else { throw BywayError.ofTheFake(.input, "response_taken") }
            state.isTaken = true
        }
        try await answered()
        return HTTPHead(status: 200, url: request.url, headers: [], version: "HTTP/1.1")
    }

    func read(max: Int) async throws -> Data? {
        if state.withLock({ !$0.isTaken && !$0.isCancelled }) { try await answered() }
        return try state.withLock { state in
            guard !state.isCancelled else { throw BywayError.ofTheFake(.cancelled, "cancelled") }
            if let failure = state.failure { throw failure }
            let piece = state.body.prefix(Swift.max(1, max))
            state.body = Data(state.body.dropFirst(piece.count))
            return piece.isEmpty ? nil : Data(piece)
        }
    }

    private func answered() async throws {
        do {
            try await access()
        } catch {
            state.withLock { $0.failure = error }
            throw error
        }
        guard !state.withLock(\.isCancelled) else { throw BywayError.ofTheFake(.cancelled, "cancelled") }
    }

    func cancel() {
        state.withLock { $0.isCancelled = true }
        ending.finish()
    }
}
