import Foundation

/// What ``LiveByway/open(_:)`` needs to know. Only ``strategies`` must be given. Without a ``storage`` nothing stays on
/// the device.
///
/// A configuration contains secrets (the token, logins in strategies, keys). Its description shows none of them.
public struct Configuration: Sendable {
    /// What may be tried, in this order, for example `direct:` or `tor+socks5://127.0.0.1:9050`.
    public var strategies: [String]
    /// Who may learn what is read.
    public var exposure: Exposure
    /// The language of sentences.
    public var language: Language
    /// The token for VKontakte's API.
    public var vkToken: VKToken?
    /// Where to keep what is read.
    public var storage: Storage?
    /// How long one access may take.
    public var timeout: Duration?
    /// The network that the device is on.
    public var network: Network?
    /// The country that the device is in: two letters.
    public var country: String?
    /// Certificate authorities in PEM that are trusted besides the built-in ones. Somebody with their keys can read and
    /// change what is read.
    public var roots: String?
    /// Fixed addresses, `HOST:PORT:ADDRESS`, as in curl.
    public var resolve: [String]
    /// Another address of VKontakte's API.
    public var vkAPI: String?
    /// More fingerprints of block pages, as CSV.
    public var fingerprints: String?

    public init(
        strategies: [String],
        exposure: Exposure = .open,
        language: Language = .english,
        vkToken: VKToken? = nil,
        storage: Storage? = nil,
        timeout: Duration? = nil,
        network: Network? = nil,
        country: String? = nil,
        roots: String? = nil,
        resolve: [String] = [],
        vkAPI: String? = nil,
        fingerprints: String? = nil
    ) {
        self.strategies = strategies
        self.exposure = exposure
        self.language = language
        self.vkToken = vkToken
        self.storage = storage
        self.timeout = timeout
        self.network = network
        self.country = country
        self.roots = roots
        self.resolve = resolve
        self.vkAPI = vkAPI
        self.fingerprints = fingerprints
    }
}

extension Configuration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        "Configuration(\(strategies.count) strategies, exposure \(exposure.rawValue), language \(language.rawValue))"
    }
    public var debugDescription: String { description }
    /// `dump` shows no secret either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// A token of VKontakte. Its description does not show it.
public enum VKToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A token of the app. It names no reader.
    case service(String)
    /// A token of the reader. The platform knows who reads.
    case user(String)

    public var description: String { "VKToken" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// A folder for the sealed store, and the key to it.
public struct Storage: Sendable {
    public var folder: URL
    public var key: StoreKey

    public init(folder: URL, key: StoreKey) {
        self.folder = folder
        self.key = key
    }
}

/// Where the key of the store comes from. Its description does not show it.
public enum StoreKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The app's own 32 bytes, for example from its keychain.
    case bytes(Data)
    /// The app is asked when the key is needed, off the main actor. If the function throws, the call fails.
    case hook(@Sendable () throws -> Data)
    /// A file that ``makeFile(at:language:)`` has made. It is an error if the file is missing or if others may read it.
    case file(URL)
    /// A file that ``makeFile(at:passphrase:workFactor:language:)`` has made, and its passphrase. It is an error if the
    /// file is missing.
    case passphrase(String, file: URL)

    public var description: String { "StoreKey" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
