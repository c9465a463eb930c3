import Byway

/// The client and the exposure with which requests are sent.
struct Route: Sendable {
    let client: any BywayClient
    var exposure: Exposure
    var allowDirect: Bool
    /// `nil` for sessions that were configured by hand.
    var session: SessionConditions?
}

/// The routes of all sessions.
///
/// The system makes a protocol's objects by itself and does not say which session they belong to, but it knows a
/// session's protocol by its class. So each configuration gets its own class, and no session can take another one's
/// exposure.
struct Routes: Sendable {
    static let known = Locked(Routes())

    private var ofSessions: [ObjectIdentifier: Route] = [:]
    private var made = 0
    private var ofOthers: Route?

    /// A new class, whose requests use this route.
    mutating func add(_ route: Route) -> BywayURLProtocol.Type {
        made += 1
        let session = Self.session(Self.number(made))
        ofSessions[ObjectIdentifier(session)] = route
        return session
    }

    mutating func set(_ route: Route) { ofOthers = route }

    /// All requests fail from now on. A class is never given out twice.
    mutating func forget() {
        ofSessions = [:]
        ofOthers = nil
    }

    /// The route of a class. A session that was configured by hand has the strictest exposure that any session has. A
    /// lower one would let requests evade it.
    func route(of asked: BywayURLProtocol.Type) -> Route? {
        guard asked == BywayURLProtocol.self else { return ofSessions[ObjectIdentifier(asked)] }
        guard var route = ofOthers else { return nil }
        for other in ofSessions.values {
            route.exposure = max(route.exposure, other.exposure)
            route.allowDirect = route.allowDirect && other.allowDirect
        }
        return route
    }

    // MARK: - As many classes as there are numbers

    private static func number(_ number: Int) -> any Digits.Type {
        number == 0 ? End.self : digit(number & 1 == 1, before: Self.number(number >> 1))
    }

    private static func digit<Rest: Digits>(_ isOne: Bool, before rest: Rest.Type) -> any Digits.Type {
        isOne ? One<Rest>.self : Zero<Rest>.self
    }

    private static func session<Number: Digits>(_ number: Number.Type) -> BywayURLProtocol.Type {
        SessionProtocol<Number>.self
    }
}

/// A number in binary, as a type.
private protocol Digits {}
private enum End: Digits {}
private enum Zero<Rest: Digits>: Digits {}
private enum One<Rest: Digits>: Digits {}

/// The protocol of one session.
private final class SessionProtocol<Number: Digits>: BywayURLProtocol {}
