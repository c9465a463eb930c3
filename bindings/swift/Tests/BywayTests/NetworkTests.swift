import Byway
import BywayFakes
import Testing

/// What `NWPath` means for the engine. The framework itself is not on Linux.
@Suite struct NetworkTests {
    private static let wifi = NetworkPath.Interface(name: "en0", kind: .wifi)
    private static let cell = NetworkPath.Interface(name: "pdp_ip0", kind: .cell)
    private static let tunnel = NetworkPath.Interface(name: "utun4", kind: .other)

    @Test(arguments: [
        ([wifi, cell], NetworkKind.wifi), ([cell], .cell), ([tunnel, wifi], .vpn), ([wifi, tunnel], .vpn),
        ([.init(name: "ipsec0", kind: .other), cell], .vpn), ([.init(name: "en3", kind: .wired)], .other),
        ([.init(name: "bridge0", kind: .other)], .other), ([.init(name: "lo0", kind: .loopback)], .other), ([], .other),
    ])
    func aPathIsOfAKind(interfaces: [NetworkPath.Interface], kind: NetworkKind) {
        #expect(Network(NetworkPath(interfaces: interfaces))?.kind == kind)
    }

    @Test(arguments: [(false, false, false), (true, false, true), (false, true, true), (true, true, true)])
    func anExpensiveOrConstrainedPathIsMetered(isExpensive: Bool, isConstrained: Bool, metered: Bool) {
        let path = NetworkPath(interfaces: [Self.wifi], isExpensive: isExpensive, isConstrained: isConstrained)
        #expect(Network(path)?.isMetered == metered)
    }

    @Test func aPathThatIsNotSatisfiedIsNoNetwork() {
        #expect(Network(NetworkPath(isSatisfied: false, interfaces: [Self.wifi])) == nil)
    }

    @Test func theIdIsThatOfTheNetworkAndNotOfTheVisit() {
        let id = { (interfaces: [NetworkPath.Interface], gateways: [String]) in
            Network(NetworkPath(interfaces: interfaces, gateways: gateways))?.id
        }
        #expect(id([Self.wifi], ["192.0.2.1", "fe80::1"]) == id([Self.wifi, Self.cell], ["fe80::1", "192.0.2.1"]))
        #expect(id([Self.wifi], ["192.0.2.1"]) != id([Self.wifi], ["192.0.2.9"]))
        #expect(id([Self.wifi], []) != id([Self.cell], []))
        // The network behind a VPN keeps its id; the engine tells the two apart by their kind.
        #expect(id([Self.tunnel, Self.wifi], ["192.0.2.1"]) == id([Self.wifi], ["192.0.2.1"]))
    }

    @Test func aNetworkIsReportedOnceAndItsLossToo() async throws {
        let byway = FakeByway()
        let events = try byway.engineEvents()
        let reporter = NetworkReporter(byway)
        let home = NetworkPath(interfaces: [Self.wifi], gateways: ["192.0.2.1"])
        reporter.report(home)
        #expect(try byway.network().kind == .wifi)
        // Another path of the same network.
        reporter.report(NetworkPath(interfaces: [Self.wifi, Self.cell], gateways: ["192.0.2.1"]))
        reporter.report(NetworkPath(isSatisfied: false))
        reporter.report(NetworkPath(isSatisfied: false))
        reporter.report(home)
        reporter.report(NetworkPath(interfaces: [Self.cell], isExpensive: true))
        #expect(try byway.network() == Network(id: "cell", kind: .cell, isMetered: true))
        await byway.close()
        reporter.report(home)
        var codes: [String] = []
        for await event in events { codes.append(event.code) }
        #expect(codes == ["network_changed", "network_changed", "network_changed"])
    }

    @Test func aReporterKeepsNoClientAlive() {
        weak var gone: FakeByway?
        let reporter: NetworkReporter
        do {
            let byway = FakeByway()
            gone = byway
            reporter = NetworkReporter(byway)
        }
        reporter.report(NetworkPath(interfaces: [Self.wifi]))
        #expect(gone == nil)
    }
}
