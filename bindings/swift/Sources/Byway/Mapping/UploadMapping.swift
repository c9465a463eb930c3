internal import BywayGenerated

extension BywayClient {
    /// The client in Rust, whose routes an upload takes.
    func ofUpload() throws -> Client {
        guard let live = self as? LiveByway else {
            throw BywayError(kind: .input, code: "fake", text: "An upload takes the routes of a client that is no fake.")
        }
        return live.client
    }
}

extension UploadTarget {
    var crossing: BywayGenerated.UploadTarget {
        BywayGenerated.UploadTarget(
            address: address, region: region, endpoint: endpoint, exposure: exposure.crossing, allowDirect: allowDirect)
    }
}

extension UploadCredentials {
    func taken() throws -> BywayGenerated.UploadCredentials {
        switch self {
        case .key(let id, let secret, let token):
            .key(id: id, secret: try secret.taken(), token: try token?.taken())
        case .login(let user, let password):
            .login(user: user, password: try password.taken())
        }
    }
}

extension UploadOptions {
    var crossing: BywayGenerated.UploadOptions {
        BywayGenerated.UploadOptions(takeIn: takeIn, replace: replacing, checkAll: checkAll)
    }
}
