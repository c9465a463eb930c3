import Byway
import BywayURLSession
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

// The short listings of docs/ios.md. `tests/readme.rs` compares them.

func storage(in folder: URL, keychain: some Keychain) -> Storage {
    Storage(folder: folder, key: .hook { try keychain.storeKey() })
}

protocol Keychain: Sendable {
    func storeKey() throws -> Data
}

func page(at url: URL, through byway: LiveByway) async throws -> Data {
    let session = URLSession(configuration: .through(byway, exposure: .proxied))
    let (data, response) = try await session.data(from: url)
    return response.expectedContentLength > 0 ? data : Data()
}

func progress(of byway: LiveByway, show: (String) -> Void) async throws {
    for await event in try byway.engineEvents() {
        if case .torStarts(_, let percent, let stall) = event.kind {
            show("\(percent) %" + (stall.map { ", \($0.rawValue)" } ?? ""))
        }
    }
}

func configuration(through bridge: String) -> Configuration {
    let configuration = Configuration(
        strategies: [bridge],
        torTransports: [.running(["obfs4", "snowflake"], address: "127.0.0.1:52000")])
    return configuration
}
