internal import BywayGenerated
import Foundation

/// An HTTP exchange in Rust. A cancelled task ends all of the exchange.
final class LiveCall: HTTPCall {
    private let call: HttpCall

    init(_ call: HttpCall) { self.call = call }

    deinit { cancel() }

    func write(_ bytes: Data) async throws -> Bool {
        let isWanted = try await ending { try await $0.write(bytes: bytes) }
        // If a cancelled task continues to write a body, it would otherwise seem that the host refused it.
        if !isWanted { try Task.checkCancellation() }
        return isWanted
    }

    func finish() async throws {
        try await ending { try await $0.finish() }
    }

    func response() async throws -> HTTPHead {
        let head = try await ending { try await $0.response() }
        return HTTPHead(
            status: Int(head.status), url: head.url, headers: head.headers.map(Header.init), version: head.version,
            length: head.length.map { Int($0) }, reachability: head.reachability.map(Reachability.init))
    }

    func read(max: Int) async throws -> Data? {
        let piece = try await ending { try await $0.read(max: Int32(clamping: max)) }
        return piece.isEmpty ? nil : piece
    }

    func cancel() {
        // It can fail only if there is nothing left to cancel.
        try? call.cancel()
    }

    private func ending<Result: Sendable>(
        _ part: @Sendable (HttpCall) async throws -> Result
    ) async throws -> Result {
        try await withTaskCancellationHandler {
            try await crossing { [call] in try await part(call) }
        } onCancel: {
            cancel()
        }
    }
}
