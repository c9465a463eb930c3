import Byway
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What a request or its session forbids. The system keeps such conditions in its own network, which is not used here. What
/// cannot be kept is refused: the engine knows none of these, and would send the request all the same.
enum Conditions {
    /// Why a request must not be sent; `nil` if it may be.
    static func refusal(of request: URLRequest, by route: Route) -> URLError? {
        if asksForCacheAlone(request, route) {
            return refused(
                request, .resourceUnavailable, "cache_only",
                "This request may be answered by a cache only, and this session has none.")
        }
        if !isPermittedNetwork(request, route) {
            return refused(
                request, .dataNotAllowed, "network_not_allowed", "This request must not be sent over a network of this kind.")
        }
        #if canImport(Darwin)
            if #available(iOS 16.1, macOS 13.0, *), request.requiresDNSSECValidation {
                return refused(
                    request, .resourceUnavailable, "dnssec", "Byway does not check DNSSEC, which this request requires.")
            }
        #endif
        return nil
    }

    /// A policy of the request overrides that of its session.
    private static func asksForCacheAlone(_ request: URLRequest, _ route: Route) -> Bool {
        let own = request.cachePolicy
        let policy = own == .useProtocolCachePolicy ? route.session?.configuration.requestCachePolicy ?? own : own
        // RFC 9111 section 5.2.1.7.
        let directives = request.value(forHTTPHeaderField: "Cache-Control")?.split(separator: ",") ?? []
        return policy == .returnCacheDataDontLoad
            || directives.contains { $0.trimmingCharacters(in: .whitespaces).lowercased() == "only-if-cached" }
    }

    /// What is not known of the network counts as the kind that is forbidden.
    private static func isPermittedNetwork(_ request: URLRequest, _ route: Route) -> Bool {
        let session = route.session?.configuration
        let isWifiOnly = !request.allowsCellularAccess || session?.allowsCellularAccess == false
        #if canImport(Darwin)
            let isCheapOnly =
                !request.allowsExpensiveNetworkAccess || session?.allowsExpensiveNetworkAccess == false
                || !request.allowsConstrainedNetworkAccess || session?.allowsConstrainedNetworkAccess == false
        #else
            let isCheapOnly = false
        #endif
        guard isWifiOnly || isCheapOnly else { return true }
        guard let network = try? route.client.network(), !network.id.isEmpty else { return false }
        return (!isWifiOnly || network.kind == .wifi) && (!isCheapOnly || !network.isMetered)
    }

    private static func refused(_ request: URLRequest, _ code: URLError.Code, _ own: String, _ text: String) -> URLError {
        var information: [String: Any] = [NSLocalizedDescriptionKey: text]
        information[NSUnderlyingErrorKey] = BywayError(kind: .notPermitted, code: own, text: text)
        information[NSURLErrorFailingURLErrorKey] = request.url
        return URLError(code, userInfo: information)
    }
}

/// The configuration that ``through`` has made, as the app has changed it. A session has a copy, which a protocol cannot see.
final class SessionConditions: @unchecked Sendable {
    /// Only read here.
    let configuration: URLSessionConfiguration

    init(_ configuration: URLSessionConfiguration) { self.configuration = configuration }
}
