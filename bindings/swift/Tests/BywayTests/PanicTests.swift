import Foundation
import Testing

@testable import Byway

/// Lets the work of the next call panic in Rust. Debug builds of the library have it.
@_silgen_name("ffi_byway_ffi_debug_panic_next")
private func panicNext()

/// A panic in Rust is an error in Swift: the process and the client live on.
@Suite(.serialized) struct PanicTests {
    private static let link = "vk.com/byway_club"

    @Test func aPanicIsAnErrorAndTheClientLivesOn() async throws {
        let lab = try Lab()
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await byway.open(Self.link) },
            { _ = try await byway.get(lab.url("http.example", "hello")) },
            { _ = try await byway.posts(of: "vk:-1000") },
            { _ = try await byway.setRetention(days: 3) },
            { try await byway.lock() },
            { _ = try byway.language() },
            { _ = try byway.changes() },
            { _ = try await byway.http(HTTPRequest(url: lab.url("http.example", "hello"))) },
            { _ = try Strategy("direct:") },
        ]
        for (number, call) in calls.enumerated() {
            panicNext()
            let error = try await failure(call)
            #expect(error.kind == .internal && error.code == "panic", "call \(number): \(error)")
            #expect(!error.text.isEmpty && !error.text.contains("provoked"), "the payload may quote what was read")
        }
        #expect(try await byway.open(Self.link).posts.count == 2)
        #expect(try await byway.communities().count == 1)
        await byway.close()
    }

    @Test func aPanicWhileAClientIsMadeLeavesNothingBehind() async throws {
        let lab = try Lab()
        panicNext()
        let error = try await failure { try await LiveByway.open(lab.configuration(storage: lab.storage())) }
        #expect(error.kind == .internal && error.code == "panic", "\(error)")
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        #expect(try await byway.communities().isEmpty)
        await byway.close()
    }
}
