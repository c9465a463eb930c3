import Byway

/// A session of the fake: its requests are the fake's own.
struct FakeSession: HTTPSession {
    let client: FakeByway
    let isolation: String?

    func http(_ request: HTTPRequest) async throws -> any HTTPCall {
        try request.refuseOtherThan(isolation)
        return try await client.http(request)
    }
}
