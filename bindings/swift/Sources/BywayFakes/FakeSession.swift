import Byway

/// A session of the fake: its requests are the fake's own.
struct FakeSession: HTTPSession {
    let client: FakeByway
    let options: HTTPSessionOptions

    func http(_ request: HTTPRequest) async throws -> any HTTPCall {
        try request.refuseOtherThan(options.isolation)
        var request = request
        request.exposure = max(request.exposure, options.exposure)
        request.allowDirect = request.allowDirect || options.allowDirect
        return try await client.http(request)
    }
}
