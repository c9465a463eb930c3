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
    /// Where to keep what is read. With the strategy `tor:`, give one: without it, each start of Tor chooses its guards
    /// anew, and more and more relays see the reader's address.
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
    /// What speaks the transports of the bridges of `tor:`. The first that names a transport serves it.
    public var torTransports: [TorTransport]
    /// Keys for restricted onion services, as Tor writes them: `ADDRESS:descriptor:x25519:KEY`. For `tor:`.
    public var onionKeys: [String]
    /// Without a ``storage``, where `tor:` keeps its guards and its list of relays: in the folder `tor` of this directory, not
    /// sealed. ``BywayClient/wipe()`` removes them. The library without Tor refuses it (`tor_not_built_in`).
    public var torDirectory: URL?

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
        fingerprints: String? = nil,
        torTransports: [TorTransport] = [],
        onionKeys: [String] = [],
        torDirectory: URL? = nil
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
        self.torTransports = torTransports
        self.onionKeys = onionKeys
        self.torDirectory = torDirectory
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

/// Where a pluggable transport of Tor is found: obfs4, snowflake, webtunnel and the like. A bridge line names the transport
/// that its bridge expects; ``Strategy/torTransports`` says which a strategy needs. Only the app says what speaks it:
/// nothing is fetched.
///
/// Such a program opens connections of its own. The library without Tor checks it and does not use it.
public enum TorTransport: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A program that is started when a bridge needs it, and ends with Tor. iOS lets an app start none.
    case program([String], path: URL)
    /// One that runs already on this device, for example as a library of the app (IPtProxy), at this SOCKS5 port of
    /// loopback: `127.0.0.1:52000`.
    case running([String], address: String)

    /// The transports that it speaks, as bridge lines name them, for example `obfs4`.
    public var names: [String] {
        switch self {
        case .program(let names, _), .running(let names, _): names
        }
    }

    /// Without the path, which may name the person.
    public var description: String { "TorTransport(\(names.joined(separator: ", ")))" }
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
    /// file is missing. The call that takes the key overwrites the passphrase: such a key is used once.
    case passphrase(Passphrase, file: URL)

    public var description: String { "StoreKey" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
