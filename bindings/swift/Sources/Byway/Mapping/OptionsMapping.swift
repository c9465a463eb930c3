internal import BywayGenerated
import Foundation

// What an app gives, as it crosses to Rust. uniffi ends the process on a time or a duration that it cannot write, so these are
// checked here.

extension Exposure {
    init(_ crossed: BywayGenerated.Exposure) {
        switch crossed {
        case .open: self = .open
        case .proxied: self = .proxied
        case .tor: self = .tor
        }
    }

    var crossing: BywayGenerated.Exposure {
        switch self {
        case .open: .open
        case .proxied: .proxied
        case .tor: .tor
        }
    }
}

extension Language {
    init(_ crossed: BywayGenerated.Language) {
        switch crossed {
        case .en: self = .english
        case .ru: self = .russian
        }
    }

    var crossing: BywayGenerated.Language {
        switch self {
        case .english: .en
        case .russian: .ru
        }
    }
}

extension Network {
    var crossing: BywayGenerated.Network {
        BywayGenerated.Network(id: id, kind: kind.crossing, metered: isMetered, validated: isValidated)
    }
}

extension Network {
    init(_ crossed: BywayGenerated.Network) {
        self.init(
            id: crossed.id, kind: NetworkKind(crossed.kind), isMetered: crossed.metered, isValidated: crossed.validated)
    }
}

extension NetworkKind {
    fileprivate init(_ crossed: BywayGenerated.NetworkKind) {
        switch crossed {
        case .wifi: self = .wifi
        case .cell: self = .cell
        case .vpn: self = .vpn
        case .other: self = .other
        }
    }

    fileprivate var crossing: BywayGenerated.NetworkKind {
        switch self {
        case .wifi: .wifi
        case .cell: .cell
        case .vpn: .vpn
        case .other: .other
        }
    }
}

extension AccessOptions {
    var opening: BywayGenerated.OpenOptions {
        BywayGenerated.OpenOptions(
            exposure: exposure.crossing, allowDirect: allowDirect, offline: offline, ignorePause: ignorePause)
    }

    func getting(settle: Duration? = nil) throws -> BywayGenerated.GetOptions {
        BywayGenerated.GetOptions(
            exposure: exposure.crossing, allowDirect: allowDirect, ignorePause: ignorePause,
            settle: try settle?.crossing())
    }

    var probing: BywayGenerated.ProbeOptions {
        BywayGenerated.ProbeOptions(exposure: exposure.crossing, allowDirect: allowDirect)
    }
}

extension SyncLimits {
    func crossing() throws -> BywayGenerated.SyncLimits {
        BywayGenerated.SyncLimits(deadline: try deadline.crossing(), bytes: Int64(bytes))
    }
}

extension Duration {
    /// Longer than any wait, and far from what overflows.
    private static let longest: TimeInterval = 1e9

    func crossing() throws -> TimeInterval {
        guard self >= .zero else {
            throw BywayError(kind: .input, code: "number", text: "A duration is not negative.")
        }
        let (seconds, attoseconds) = components
        return min(TimeInterval(seconds) + TimeInterval(attoseconds) / 1e18, Self.longest)
    }
}

extension Date {
    /// The years that Byway knows, -9999 to 9999, end before this many seconds from 1970.
    private static let farthest: TimeInterval = 2.5e11

    func crossing() throws -> Date {
        // Written so that a date that is no number fails too.
        guard abs(timeIntervalSince1970) < Self.farthest else {
            throw BywayError(kind: .input, code: "time", text: "This time is out of range.")
        }
        return self
    }
}

extension Int {
    /// A limit. One that is too large for the other side is as good as the largest.
    var limit: Int32 { Int32(clamping: self) }
}

extension Configuration {
    func crossing() throws -> BywayGenerated.Configuration {
        BywayGenerated.Configuration(
            strategies: strategies,
            exposure: exposure.crossing,
            language: language.crossing,
            vkToken: vkToken?.crossing,
            vkApi: vkAPI,
            dataDirectory: try storage.map {
                BywayGenerated.DataDirectory(path: $0.folder.path, key: try $0.key.crossing())
            },
            rootsPem: roots,
            resolve: resolve,
            timeout: try timeout?.crossing(),
            network: network?.crossing,
            country: country,
            fingerprintsCsv: fingerprints,
            torTransports: torTransports.map(\.crossing),
            onionKeys: onionKeys,
            torDirectory: torDirectory?.path
        )
    }
}

extension TorTransport {
    fileprivate var crossing: BywayGenerated.TorTransport {
        switch self {
        case .program(let names, let path): .program(names: names, path: path.path)
        case .running(let names, let address): .running(names: names, address: address)
        }
    }
}

extension HTTPRequest {
    func crossing() throws -> BywayGenerated.HttpRequest {
        BywayGenerated.HttpRequest(
            method: method,
            url: url,
            headers: headers.map { BywayGenerated.Header(name: $0.name, value: $0.value) },
            body: body.crossing,
            exposure: exposure.crossing,
            allowDirect: allowDirect,
            ignorePause: ignorePause,
            replaySafe: isReplaySafe,
            timeout: try timeout?.crossing()
        )
    }
}

extension HTTPSessionOptions {
    func crossing() throws -> BywayGenerated.HttpSessionOptions {
        BywayGenerated.HttpSessionOptions(
            exposure: exposure.crossing,
            allowDirect: allowDirect,
            isolation: isolation,
            cookies: cookies,
            limits: try limits.crossing()
        )
    }
}

extension HTTPLimits {
    fileprivate func crossing() throws -> BywayGenerated.HttpLimits {
        BywayGenerated.HttpLimits(
            redirects: redirects?.limit,
            headerBytes: headerBytes.map { Int64($0) },
            headers: headers.map { Int64($0) },
            bodyBytes: bodyBytes.map { Int64($0) },
            decodedBytes: decodedBytes.map { Int64($0) },
            total: try total?.crossing(),
            streamed: try streamed?.crossing(),
            progress: try progress?.crossing()
        )
    }
}

extension HTTPRequest.Body {
    fileprivate var crossing: BywayGenerated.HttpBody {
        switch self {
        case .none: .empty
        case .whole(let data): .whole(bytes: data)
        case .streamed(let length): .streamed(length: length.map { Int64($0) })
        }
    }
}

extension VKToken {
    fileprivate var crossing: BywayGenerated.VkToken {
        switch self {
        case .service(let token): .service(token: token)
        case .user(let token): .user(token: token)
        }
    }
}

extension StoreKey {
    /// 32 random bytes for ``bytes(_:)``, or to be kept in the keychain for ``hook(_:)``.
    public static func random(language: Language = .english) throws -> Data {
        try Byway.crossing { try BywayGenerated.randomStoreKey(language: language.crossing) }
    }

    /// Makes a file with a new random key. A file that is there is an error, and so is one in the folder of a community
    /// (`key_served`), which a web server hands out.
    public static func makeFile(at file: URL, language: Language = .english) async throws -> StoreKey {
        try await Byway.crossing { try await createKeyFile(path: file.path, language: language.crossing) }
        return .file(file)
    }

    /// Makes a file with a new random key, sealed under a passphrase. A file that is there is an error, and so is one in the
    /// folder of a community. The answer has a copy of the passphrase for the call that opens the store.
    ///
    /// `workFactor` is how hard guessing is made, 15 to 18. 17, the default, takes 128 MB of memory and about half a second: more
    /// than an app's extension has.
    public static func makeFile(
        at file: URL, passphrase: Passphrase, workFactor: Int? = nil, language: Language = .english
    ) async throws -> StoreKey {
        let kept = passphrase.copy()
        let taken = try passphrase.taken()
        try await Byway.crossing {
            try await createSealedKeyFile(
                path: file.path, passphrase: taken, workFactor: workFactor?.limit, language: language.crossing)
        }
        return .passphrase(kept, file: file)
    }

    /// A passphrase in it is overwritten.
    func crossing() throws -> BywayGenerated.StoreKeySource {
        switch self {
        case .bytes(let bytes): .bytes(bytes: bytes)
        case .hook(let hook): .provider(provider: KeyHook(hook))
        case .file(let url): .file(path: url.path)
        case .passphrase(let passphrase, let file): .sealedFile(path: file.path, passphrase: try passphrase.taken())
        }
    }
}

/// An app's function as Rust calls it.
private final class KeyHook: BywayGenerated.KeyProvider, Sendable {
    private let hook: @Sendable () throws -> Data

    init(_ hook: @escaping @Sendable () throws -> Data) { self.hook = hook }

    func key() throws -> Data {
        do {
            return try hook()
        } catch {
            throw KeyFault.Unavailable(reason: error.localizedDescription)
        }
    }
}
