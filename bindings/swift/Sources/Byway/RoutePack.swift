import Foundation

/// Proxies and bridges for a circle of people, which an admin of a community signed and sealed with a passphrase. It is handed
/// on in person or in a chat. See ``BywayClient/importRoutePack(_:passphrase:)``.
public struct RoutePack: Hashable, Sendable {
    /// The community whose admin signed it.
    public let community: CommunityID
    /// Their texts are for ``Configuration/strategies``. As any strategy they are used within the exposure alone.
    public let routes: [PackedRoute]
    /// They are not to be used after this time: keep it beside them, and leave them out from then on.
    public let expires: Date

    public init(community: CommunityID, routes: [PackedRoute], expires: Date) {
        self.community = community
        self.routes = routes
        self.expires = expires
    }
}

/// One route of a ``RoutePack``. Its description does not show a login.
public struct PackedRoute: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public let strategy: Strategy
    /// The strategy URL with its login: treat it as a secret.
    public let text: String

    public init(strategy: Strategy, text: String) {
        self.strategy = strategy
        self.text = text
    }

    public var description: String { "PackedRoute(\(strategy))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
