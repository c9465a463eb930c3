import Foundation

/// The network that the device is on, as its system describes it.
///
/// In a file that imports Apple's framework `Network` as well, name that framework's types alone (`NWPathMonitor`): after
/// `Network.` the compiler looks into this struct.
public struct Network: Hashable, Sendable {
    /// Any text that is the same whenever the device is on this network. Only a keyed hash of it is stored.
    public let id: String
    public let kind: NetworkKind
    /// Each byte costs money: background work reads only the newest posts.
    public let isMetered: Bool
    /// The system has found that the network leads to the internet.
    public let isValidated: Bool

    public init(id: String, kind: NetworkKind = .other, isMetered: Bool = false, isValidated: Bool = true) {
        self.id = id
        self.kind = kind
        self.isMetered = isMetered
        self.isValidated = isValidated
    }
}

/// The kind of a network.
public enum NetworkKind: String, Hashable, Sendable, Codable, CaseIterable {
    case wifi
    case cell
    case vpn
    case other
}
