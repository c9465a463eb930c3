import Byway
import Foundation

/// A `byway-lab serve` of its own for one test. It ends with this object.
final class Lab: @unchecked Sendable {
    private let process = Process()
    private let input = Pipe()
    private let folder: URL
    /// What the lab says of itself.
    let document: Document

    struct Document: Decodable, Sendable {
        struct Host: Decodable, Sendable {
            let name: String
            let urls: [String]
        }
        struct Proxy: Decodable, Sendable {
            let name: String
            let strategy: String
        }
        struct VK: Decodable, Sendable { let api: String? }
        struct Tor: Decodable, Sendable { let network: String }
        let hosts: [Host]
        let proxies: [Proxy]
        let resolve: [String]
        /// The private Tor network, if there is one.
        let tor: Tor?
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// - Parameter privateTor: Starts a Tor network on this machine beside it.
    init(
        censor: [String] = [], state: Data? = nil, folders: [String: URL] = [:], webdav: [String: URL] = [:],
        privateTor: Bool = false
    ) throws {
        guard let program = ProcessInfo.processInfo.environment["BYWAY_LAB"] else {
            throw Failure(description: "BYWAY_LAB names no byway-lab: run `cargo xtask swift`")
        }
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("byway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var arguments = ["serve", "--quiet", "--ca-file", folder.appendingPathComponent("ca.pem").path]
        for rule in censor { arguments += ["--censor", rule] }
        for (name, files) in folders { arguments += ["--folder", "\(name)=\(files.path)"] }
        for (name, files) in webdav { arguments += ["--webdav", "\(name)=\(files.path)"] }
        if privateTor { arguments.append("--private-tor") }
        if let state {
            let file = folder.appendingPathComponent("state.json")
            try state.write(to: file)
            arguments += ["--state", file.path]
        }
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // One JSON document; the lab goes on, so its end is the brace in the first column.
        var text = Data()
        while !text.elementsEqual(Data("}\n".utf8)), !text.hasSuffix("\n}\n") {
            let piece = output.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw Failure(description: "the lab ended: \(String(decoding: text, as: UTF8.self))") }
            text.append(piece)
        }
        document = try JSONDecoder().decode(Document.self, from: text)
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The URL of a host, by its name.
    func url(_ host: String, _ path: String = "", scheme: String = "https") -> String {
        let base = document.hosts.first { $0.name == host }?.urls.first { $0.hasPrefix("\(scheme):") }
        return (base ?? "\(host) is not in the lab") + path
    }

    /// A configuration for the lab's internet. A name of a proxy stands for its strategy.
    func configuration(
        strategies: [String] = ["direct:"],
        language: Language = .english,
        token: String? = "lab-token",
        storage: Storage? = nil
    ) throws -> Configuration {
        Configuration(
            strategies: strategies.map { name in document.proxies.first { $0.name == name }?.strategy ?? name },
            language: language,
            vkToken: token.map(VKToken.service),
            storage: storage,
            roots: try String(contentsOf: folder.appendingPathComponent("ca.pem"), encoding: .utf8),
            resolve: document.resolve,
            vkAPI: url("api.vk.ru", "method/")
        )
    }

    /// An empty folder that ends with the lab.
    func storage(_ name: String = "store", key: StoreKey = .bytes(Data(repeating: 7, count: 32))) -> Storage {
        Storage(folder: folder.appendingPathComponent(name), key: key)
    }
}

extension Data {
    fileprivate func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
