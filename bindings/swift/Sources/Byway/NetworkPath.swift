/// What the system says of the device's network: `NWPath` as plain data, so that its meaning is tested on Linux, too.
package struct NetworkPath: Hashable, Sendable {
    /// An interface that the path can use.
    package struct Interface: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable {
            case wifi
            case cell
            case wired
            case loopback
            case other
        }

        package let name: String
        package let kind: Kind

        package init(name: String, kind: Kind) {
            self.name = name
            self.kind = kind
        }

        /// Apple gives a VPN no kind of its own. Its interface is of the kind `other`, and has one of these names.
        var isTunnel: Bool { kind == .other && Self.tunnels.contains { name.hasPrefix($0) } }
        private static let tunnels = ["utun", "ipsec", "ppp", "tun", "tap"]
    }

    /// There is a network.
    package let isSatisfied: Bool
    /// The preferred one first.
    package let interfaces: [Interface]
    /// The addresses of the gateways.
    package let gateways: [String]
    /// Each byte may cost money: a mobile carrier, or a hotspot of another phone.
    package let isExpensive: Bool
    /// The user has turned on Low Data Mode.
    package let isConstrained: Bool

    package init(
        isSatisfied: Bool = true,
        interfaces: [Interface] = [],
        gateways: [String] = [],
        isExpensive: Bool = false,
        isConstrained: Bool = false
    ) {
        self.isSatisfied = isSatisfied
        self.interfaces = interfaces
        self.gateways = gateways
        self.isExpensive = isExpensive
        self.isConstrained = isConstrained
    }
}

extension Network {
    /// The network behind a path; `nil` if there is none.
    ///
    /// An app may know the name of a Wi-Fi only with an entitlement and the permission for the location. What it knows without
    /// these is the gateways, which are the same when the device comes back. Two networks with the same gateways are one to it.
    /// The engine stores a keyed hash of the id.
    package init?(_ path: NetworkPath) {
        guard path.isSatisfied else { return nil }
        let below = path.interfaces.first { !$0.isTunnel }?.kind
        let kind: NetworkKind
        switch below {
        // A VPN anywhere on the path: what is learned behind it must not count for the network without it.
        case _ where path.interfaces.contains(where: \.isTunnel): kind = .vpn
        case .wifi: kind = .wifi
        case .cell: kind = .cell
        case .wired, .loopback, .other, nil: kind = .other
        }
        let id = [below?.rawValue ?? ""] + Set(path.gateways).sorted()
        self.init(
            id: id.joined(separator: "|"), kind: kind, isMetered: path.isExpensive || path.isConstrained, isValidated: true)
    }
}

/// Tells a client of each network once.
package final class NetworkReporter: Sendable {
    private let reported = Locked(Network?.none)
    private let setNetwork: @Sendable (Network) -> Void
    private let networkChanged: @Sendable () -> Void

    /// The client is not kept alive. One that is closed is told nothing.
    package init(_ byway: any BywayClient) {
        setNetwork = { [weak byway] in try? byway?.setNetwork($0) }
        networkChanged = { [weak byway] in try? byway?.networkChanged() }
    }

    /// The paths come one after the other. The loss of a network is told, too: what waits for an answer over it waits in vain.
    package func report(_ path: NetworkPath) {
        let network = Network(path)
        let isNews = reported.withLock { reported in
            defer { reported = network }
            return reported != network
        }
        guard isNews else { return }
        if let network { setNetwork(network) } else { networkChanged() }
    }
}
