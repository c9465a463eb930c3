import Foundation

/// How something was reached, or why it was not: the verdict, and the attempts that it relies on. Texts are in the
/// client's language.
///
/// It names hosts and proxies: it is for the screen. ``shareable`` is for others' eyes, and for a log.
public struct Reachability: Hashable, Sendable {
    public let url: String?
    /// The verdict in one or two sentences. Show it as it is.
    public let sentence: String
    /// The verdict says that the content is blocked on purpose.
    public let blames: Bool
    /// It was reached without a proxy.
    public let isDirect: Bool
    public let verdict: Verdict
    public let attempts: [Attempt]
    /// The strategy that led there; `nil` if none did.
    public let reachedBy: String?
    public let restrictions: [Restriction]
    /// The same without names and addresses, as a JSON document that may be sent when asking for help.
    public let shareable: String

    public init(
        url: String? = nil,
        sentence: String,
        blames: Bool = false,
        isDirect: Bool = false,
        verdict: Verdict,
        attempts: [Attempt] = [],
        reachedBy: String? = nil,
        restrictions: [Restriction] = [],
        shareable: String = "{}"
    ) {
        self.url = url
        self.sentence = sentence
        self.blames = blames
        self.isDirect = isDirect
        self.verdict = verdict
        self.attempts = attempts
        self.reachedBy = reachedBy
        self.restrictions = restrictions
        self.shareable = shareable
    }
}

/// One of the latest accesses. See ``BywayClient/accesses()``. It names hosts: it is for the screen.
public struct Access: Hashable, Sendable {
    /// When it began.
    public let at: Date
    public let action: Action
    public let url: String?
    public let verdict: Verdict
    public let attempts: [Attempt]
    /// The strategy that led there; `nil` if none did.
    public let reachedBy: String?
    public let restrictions: [Restriction]

    public init(
        at: Date,
        action: Action,
        url: String? = nil,
        verdict: Verdict,
        attempts: [Attempt] = [],
        reachedBy: String? = nil,
        restrictions: [Restriction] = []
    ) {
        self.at = at
        self.action = action
        self.url = url
        self.verdict = verdict
        self.attempts = attempts
        self.reachedBy = reachedBy
        self.restrictions = restrictions
    }
}

/// What an ``Access`` is for.
public enum Action: String, Hashable, Sendable, Codable, CaseIterable {
    /// Reading a community because the user asks for it.
    case open
    /// Reading one in the background.
    case sync
    /// Fetching a page, or an HTTP request.
    case get
    /// Comparing all strategies.
    case probe
    /// Fetching the file of an attachment.
    case attachment
}

/// What was concluded, and by which rule.
public struct Verdict: Hashable, Sendable {
    public let code: VerdictCode
    public let layer: Layer?
    /// The rule's stable id, for example `tls.reset.other_vantage`.
    public let rule: String
    public let weights: Weights
    /// What the blocker says of itself. It is a claim, and not a finding.
    public let statement: Statement?
    /// The ids of the attempts that the verdict relies on.
    public let evidence: [Int]
    /// What was concluded of single addresses, if they differ.
    public let addresses: [AddressVerdict]

    public init(
        code: VerdictCode,
        layer: Layer? = nil,
        rule: String,
        weights: Weights,
        statement: Statement? = nil,
        evidence: [Int] = [],
        addresses: [AddressVerdict] = []
    ) {
        self.code = code
        self.layer = layer
        self.rule = rule
        self.weights = weights
        self.statement = statement
        self.evidence = evidence
        self.addresses = addresses
    }
}

/// What was concluded of one address of a host.
public struct AddressVerdict: Hashable, Sendable {
    public let address: String
    public let code: VerdictCode
    public let layer: Layer?
    public let rule: String
    public let weights: Weights

    public init(address: String, code: VerdictCode, layer: Layer? = nil, rule: String, weights: Weights) {
        self.address = address
        self.code = code
        self.layer = layer
        self.rule = rule
        self.weights = weights
    }
}

/// The words of a block page or of a platform.
public struct Statement: Hashable, Sendable {
    public let authority: String?
    public let text: String?
    public let link: String?

    public init(authority: String? = nil, text: String? = nil, link: String? = nil) {
        self.authority = authority
        self.text = text
        self.link = link
    }
}

/// How likely each explanation is, from 0 to 1. Together they are 1.
public struct Weights: Hashable, Sendable {
    public let blocked: Double
    public let down: Double
    public let ok: Double

    public init(blocked: Double, down: Double, ok: Double) {
        self.blocked = blocked
        self.down = down
        self.ok = ok
    }
}

/// What the evidence says.
public enum VerdictCode: String, Hashable, Sendable, Codable, CaseIterable {
    /// It was reached and read.
    case reachable
    /// The resolver gives false answers for the name.
    case dnsTampered = "dns_tampered"
    /// Connections to the address are cut here and not elsewhere.
    case tcpBlocked = "tcp_blocked"
    /// The connection is cut in TLS here and not elsewhere.
    case tlsInterfered = "tls_interfered"
    /// A request in cleartext is cut here and not elsewhere.
    case httpInterfered = "http_interfered"
    /// The certificate is forged here. Never offer to go on.
    case tlsMitm = "tls_mitm"
    /// A page of the provider comes instead of the host's.
    case blockPage = "block_page"
    /// HTTP 451 (RFC 7725).
    case legal451 = "legal_451"
    /// The platform itself hides the content.
    case platformBlocked = "platform_blocked"
    /// Answers stop after their first part, here and not elsewhere.
    case frozen
    /// Answers come much more slowly than elsewhere.
    case throttled
    /// The network wants a login.
    case captivePortal = "captive_portal"
    /// There is no network.
    case offline
    /// The network lets only a few addresses through.
    case whitelistOnly = "whitelist_only"
    /// No strategy gets an answer from the host.
    case originDown = "origin_down"
    /// The host answers with an error of its own.
    case originFault = "origin_fault"
    /// The platform states that the community no longer exists.
    case gone
    /// The proxy or Tor failed.
    case routeFailed = "route_failed"
    /// Blocked or down: we can't tell.
    case unknown
}

/// The layer at which the cause of a verdict is.
public enum Layer: String, Hashable, Sendable, Codable, CaseIterable {
    case network
    case dns
    case tcp
    case tls
    case http
    case platform
    case route
}

/// One attempt with one strategy.
public struct Attempt: Hashable, Sendable, Identifiable {
    public let id: Int
    /// The strategy, without its login.
    public let strategy: String
    /// How far it came.
    public let stage: Stage
    /// How it ended: `ok`, or the code of the cause.
    public let outcome: String
    /// The address that was connected to.
    public let address: String?
    /// When it began, counted from the start of the access.
    public let started: Duration
    public let took: Duration
    /// When the first byte of an answer came.
    public let firstByte: Duration?
    public let bytes: Int
    /// How many redirects came before it.
    public let hop: Int
    /// It used a connection that was already open.
    public let isReused: Bool
    /// The host proved its name by a certificate.
    public let provedName: Bool
    /// Whether the host's name in the ClientHello was encrypted.
    public let ech: ECHOutcome
    public let lookups: [Lookup]
    /// The attempt in one sentence.
    public let sentence: String

    public init(
        id: Int,
        strategy: String,
        stage: Stage,
        outcome: String,
        address: String? = nil,
        started: Duration = .zero,
        took: Duration = .zero,
        firstByte: Duration? = nil,
        bytes: Int = 0,
        hop: Int = 0,
        isReused: Bool = false,
        provedName: Bool = false,
        ech: ECHOutcome = .off,
        lookups: [Lookup] = [],
        sentence: String
    ) {
        self.id = id
        self.strategy = strategy
        self.stage = stage
        self.outcome = outcome
        self.address = address
        self.started = started
        self.took = took
        self.firstByte = firstByte
        self.bytes = bytes
        self.hop = hop
        self.isReused = isReused
        self.provedName = provedName
        self.ech = ech
        self.lookups = lookups
        self.sentence = sentence
    }
}

/// Whether the name in the ClientHello was encrypted (RFC 9849).
public enum ECHOutcome: String, Hashable, Sendable, Codable, CaseIterable {
    /// It was not encrypted.
    case off
    /// It was encrypted, and the host has not answered, or somebody else has answered for it.
    case offered
    /// The host accepted it: the name was not visible on the network.
    case accepted
    /// The host answered for the outer name: it does not have the key.
    case rejected
}

/// A stage of an attempt, in order.
public enum Stage: String, Hashable, Sendable, Codable, CaseIterable {
    case dns
    case tcp
    case proxy
    case tls
    case firstByte = "first_byte"
    case progress
}

/// What one resolver said.
public struct Lookup: Hashable, Sendable {
    public let resolver: String
    public let answers: [LookupAnswer]

    public init(resolver: String, answers: [LookupAnswer]) {
        self.resolver = resolver
        self.answers = answers
    }
}

/// One answer of a resolver.
public struct LookupAnswer: Hashable, Sendable {
    public let asked: String
    public let outcome: String
    public let addresses: [String]
    public let took: Duration

    public init(asked: String, outcome: String, addresses: [String], took: Duration) {
        self.asked = asked
        self.outcome = outcome
        self.addresses = addresses
        self.took = took
    }
}

/// Whom opening a link would contact. See ``BywayClient/preview(_:options:)``.
public struct Preview: Hashable, Sendable {
    public let link: String
    /// The exposure with which it would be opened.
    public let exposure: Exposure
    /// Some of it is on this device.
    public let isStored: Bool
    /// A restriction or the community's advice speaks against direct strategies: they are not tried.
    public let avoidsDirect: Bool
    /// The hosts that are asked. Each host after the first is asked only if those before it are not reached.
    public let hosts: [String]
    /// The strategies in the order in which they are tried.
    public let routes: [PreviewRoute]
    /// The other homes that would be asked: further mirrors of a signed community, then those of the successors to which
    /// opening leads, as far as the moves are known on this device. Show their hosts as well.
    public let others: [PreviewHome]
    /// Why nothing at all would be sent: a code.
    public let refusal: String?
    /// ``refusal`` as a sentence.
    public let refusalSentence: String?
    /// All of it as a JSON document. It names hosts and proxies.
    public let json: String

    public init(
        link: String,
        exposure: Exposure = .open,
        isStored: Bool = false,
        avoidsDirect: Bool = false,
        hosts: [String] = [],
        routes: [PreviewRoute] = [],
        others: [PreviewHome] = [],
        refusal: String? = nil,
        refusalSentence: String? = nil,
        json: String = "{}"
    ) {
        self.link = link
        self.exposure = exposure
        self.isStored = isStored
        self.avoidsDirect = avoidsDirect
        self.hosts = hosts
        self.routes = routes
        self.others = others
        self.refusal = refusal
        self.refusalSentence = refusalSentence
        self.json = json
    }
}

/// Another home that opening a link would ask.
public struct PreviewHome: Hashable, Sendable {
    public let home: String
    /// The hosts that would be asked there, each only if those before it are not reached.
    public let hosts: [String]
    /// It is a home of a successor, to which opening leads; else another home of the community itself.
    public let isSuccessor: Bool
    /// The strategies in the order in which they are tried. Empty: nothing that is permitted leads there.
    public let routes: [PreviewRoute]

    public init(home: String, hosts: [String] = [], isSuccessor: Bool = false, routes: [PreviewRoute] = []) {
        self.home = home
        self.hosts = hosts
        self.isSuccessor = isSuccessor
        self.routes = routes
    }
}

/// One strategy of a ``Preview``, and who sees something when it is used.
public struct PreviewRoute: Hashable, Sendable {
    public let strategy: Strategy
    public let contacts: [PreviewContact]

    public init(strategy: Strategy, contacts: [PreviewContact]) {
        self.strategy = strategy
        self.contacts = contacts
    }
}

/// Who sees something, and what, in one sentence.
public struct PreviewContact: Hashable, Sendable {
    public let observer: Observer
    public let sentence: String
    /// For a resolver: the resolvers that are asked for the host.
    public let resolversOfHost: [String]
    /// For a resolver: the names for which the system's resolver is asked in addition.
    public let namesOfServers: [String]

    public init(
        observer: Observer,
        sentence: String,
        resolversOfHost: [String] = [],
        namesOfServers: [String] = []
    ) {
        self.observer = observer
        self.sentence = sentence
        self.resolversOfHost = resolversOfHost
        self.namesOfServers = namesOfServers
    }
}

/// Who may see something of an access.
public enum Observer: String, Hashable, Sendable, Codable, CaseIterable {
    case resolver
    case provider
    case proxy
    case exit
    case platform
}
