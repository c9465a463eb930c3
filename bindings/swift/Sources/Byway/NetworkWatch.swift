#if canImport(Network)
    import Dispatch
    import Network
#endif

/// Tells a client which network the device is on, as long as this object exists. ``AppLifecycle`` has one.
///
/// Without it the client takes all networks for one: what it learns on one is tried on the next, and connections of a network
/// that was left are waited for in vain. It can be made where there is Apple's Network framework.
public final class NetworkWatch: @unchecked Sendable {
    #if canImport(Network)
        /// It is started once and cancelled once, and nothing else is done with it.
        private let monitor = NWPathMonitor()

        /// Begins to watch. The client is not kept alive.
        public init(_ byway: any BywayClient) {
            let reporter = NetworkReporter(byway)
            monitor.pathUpdateHandler = { reporter.report(NetworkPath($0)) }
            // A serial queue: the paths come in their order.
            monitor.start(queue: DispatchQueue(label: "org.byway.network"))
        }

        deinit { monitor.cancel() }
    #endif
}

#if canImport(Network)
    extension NetworkPath {
        init(_ path: NWPath) {
            self.init(
                isSatisfied: path.status == .satisfied,
                interfaces: path.availableInterfaces.map { Interface(name: $0.name, kind: Interface.Kind($0.type)) },
                gateways: path.gateways.map { "\($0)" },
                isExpensive: path.isExpensive,
                isConstrained: path.isConstrained)
        }
    }

    extension NetworkPath.Interface.Kind {
        init(_ type: NWInterface.InterfaceType) {
            switch type {
            case .wifi: self = .wifi
            case .cellular: self = .cell
            case .wiredEthernet: self = .wired
            case .loopback: self = .loopback
            case .other: self = .other
            @unknown default: self = .other
            }
        }
    }
#endif
