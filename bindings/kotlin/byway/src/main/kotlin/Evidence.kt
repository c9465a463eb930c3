package org.byway

import java.time.Duration
import java.time.Instant

/**
 * How something was reached, or why it was not: the verdict, and the attempts that it relies on. Texts are in the
 * client's language.
 *
 * [full] names hosts and proxies and is for the screen. [shareable] names nobody.
 */
public data class Reachability(
    /** The verdict in one or two sentences. Show it as it is. */
    val sentence: String,
    /** It was reached without a proxy. */
    val isDirect: Boolean,
    /** The verdict says that the content is blocked on purpose. */
    val blames: Boolean,
    val full: Account,
    /** The same without names and addresses, for others' eyes. */
    val shareable: Account,
    /** [shareable] as a JSON document, to be sent when asking for help. */
    val shareableJson: String,
) {
    val url: String? get() = full.url
    val verdict: Verdict get() = full.verdict
    val attempts: List<Attempt> get() = full.attempts
    val restrictions: List<Restriction> get() = full.restrictions

    /** The strategy that led there, without its login; `null` if none did. */
    val reachedBy: String? get() = full.reachedBy
}

/** What one access did. [attempts] contains the evidence for the verdict. */
public data class Account(
    val verdict: Verdict,
    val attempts: List<Attempt> = emptyList(),
    /** The strategy that led there, without its login. */
    val reachedBy: String? = null,
    /** What was asked for. Only in the full account. */
    val url: String? = null,
    /** When it began, if that is known. */
    val at: Instant? = null,
    val action: Action? = null,
    /** The blocks that somebody states, and who states each. Only in the full account. */
    val restrictions: List<Restriction> = emptyList(),
)

/** One of the latest accesses. See [Byway.report]. */
public data class Access(
    val at: Instant,
    val action: Action,
    /** For the screen. */
    val full: Account,
    /** For others' eyes. */
    val shareable: Account,
)

/** What an access is for. */
public enum class Action(override val code: String) : Coded {
    OPEN("open"),
    SYNC("sync"),
    GET("get"),
    PROBE("probe"),
    ATTACHMENT("attachment"),
}

/** What was concluded, and by which rule. */
public data class Verdict(
    val code: VerdictCode,
    val layer: Layer?,
    /** The rule's stable id, for example `tls.reset.other_vantage`. */
    val rule: String,
    val weights: Weights,
    /** The verdict in one or two sentences. */
    val sentence: String,
    /** What the blocker says of itself. It is a claim, and not a finding. */
    val statement: Statement? = null,
    /** The ids of the attempts that the verdict relies on. */
    val evidence: List<Long> = emptyList(),
    /** What can be said of each of the host's addresses by itself, if several were tried. */
    val addresses: List<AddressVerdict> = emptyList(),
)

/** What can be said of one of the host's addresses. */
public data class AddressVerdict(
    val address: String,
    val code: VerdictCode,
    val layer: Layer?,
    val rule: String,
    val weights: Weights,
)

/** The words of a block page or of a platform. */
public data class Statement(val authority: String?, val text: String?, val link: String?)

/** How likely each explanation is, from 0 to 1. Together they are 1. */
public data class Weights(val blocked: Double, val down: Double, val ok: Double)

/** What the evidence says. */
public enum class VerdictCode(override val code: String) : Coded {
    /** It was reached and read. */
    REACHABLE("reachable"),

    /** The resolver gives false answers for the name. */
    DNS_TAMPERED("dns_tampered"),

    /** Connections to the address are cut here and not elsewhere. */
    TCP_BLOCKED("tcp_blocked"),

    /** The connection is cut in TLS here and not elsewhere. */
    TLS_INTERFERED("tls_interfered"),

    /** A request in cleartext is cut here and not elsewhere. */
    HTTP_INTERFERED("http_interfered"),

    /** The certificate is forged here. Never offer to go on. */
    TLS_MITM("tls_mitm"),

    /** A page of the provider comes instead of the host's. */
    BLOCK_PAGE("block_page"),

    /** HTTP 451 (RFC 7725). */
    LEGAL_451("legal_451"),

    /** The platform itself hides the content. */
    PLATFORM_BLOCKED("platform_blocked"),

    /** Answers stop after their first part, here and not elsewhere. */
    FROZEN("frozen"),

    /** Answers come much more slowly than elsewhere. */
    THROTTLED("throttled"),

    /** The network wants a login. */
    CAPTIVE_PORTAL("captive_portal"),

    /** There is no network. */
    OFFLINE("offline"),

    /** The network lets only a few addresses through. */
    WHITELIST_ONLY("whitelist_only"),

    /** No strategy gets an answer from the host. */
    ORIGIN_DOWN("origin_down"),

    /** The host answers with an error of its own. */
    ORIGIN_FAULT("origin_fault"),

    /** The platform states that the community no longer exists. */
    GONE("gone"),

    /** The proxy or Tor failed. */
    ROUTE_FAILED("route_failed"),

    /** Blocked or down: we can't tell. */
    UNKNOWN("unknown"),
}

/** The layer at which the cause of a verdict is. */
public enum class Layer(override val code: String) : Coded {
    NETWORK("network"),
    DNS("dns"),
    TCP("tcp"),
    TLS("tls"),
    HTTP("http"),
    PLATFORM("platform"),
    ROUTE("route"),
}

/** One attempt with one strategy. */
public data class Attempt(
    val id: Long,
    /** The strategy, without its login. */
    val strategy: String,
    /** How far it came. */
    val stage: Stage,
    /** How it ended: `ok`, or the code of the cause. */
    val outcome: String,
    /** The address that was connected to. */
    val address: String?,
    /** When it began, counted from the start of the access. */
    val started: Duration,
    val took: Duration,
    /** When the first byte of an answer came. */
    val firstByte: Duration?,
    val bytes: Long,
    /** How many redirects came before it. */
    val hop: Int,
    /** It used a connection that was already open. */
    val isReused: Boolean,
    /** The host proved its name by a certificate. */
    val provedName: Boolean,
    /** Whether the name in the ClientHello was encrypted. */
    val ech: EchOutcome,
    val lookups: List<Lookup>,
    /** The attempt in one sentence. */
    val sentence: String,
)

/** The stages of an attempt, in the order in which they are passed. */
public enum class Stage(override val code: String) : Coded {
    DNS("dns"),
    TCP("tcp"),
    PROXY("proxy"),
    TLS("tls"),
    FIRST_BYTE("first_byte"),
    PROGRESS("progress"),
}

/** Whether the name in the ClientHello was encrypted (RFC 9849). */
public enum class EchOutcome(override val code: String) : Coded {
    OFF("off"),
    OFFERED("offered"),
    ACCEPTED("accepted"),
    REJECTED("rejected"),
}

/** What one resolver said. */
public data class Lookup(val resolver: String, val answers: List<LookupAnswer>)

/** One answer of a resolver. */
public data class LookupAnswer(
    val asked: String,
    val outcome: String,
    /** How many addresses the answer contains. */
    val count: Long,
    /** The addresses. Only in the full account. */
    val addresses: List<String>,
    val took: Duration,
)

/** Whom opening a link would contact. See [Byway.preview]. */
public data class Preview(
    /** The link, with the exposure with which it would be opened. */
    val link: CommunityLink,
    /** Some of it is on this device. */
    val isStored: Boolean,
    /** A restriction or the community's advice speaks against direct strategies: they are not tried. */
    val avoidsDirect: Boolean,
    /** The hosts that are asked. Each host after the first is asked only if those before it are not reached. */
    val hosts: List<String>,
    /** The strategies in the order in which they are tried. */
    val routes: List<PreviewRoute>,
    /**
     * The other homes that would be asked: further mirrors of a signed community, then those of the successors to which
     * opening leads, as far as the moves are known on this device. Show their hosts as well.
     */
    val others: List<PreviewHome> = emptyList(),
    /** Why nothing at all would be sent: a code. */
    val refusal: String?,
    /** [refusal] as a sentence. */
    val refusalSentence: String?,
    /** All of it as a JSON document, with names. */
    val json: String,
)

/** Another home that opening a link would ask. */
public data class PreviewHome(
    val home: String,
    /** The hosts that would be asked there, each only if those before it are not reached. */
    val hosts: List<String>,
    /** It is a home of a successor, to which opening leads; else another home of the community itself. */
    val isSuccessor: Boolean,
    /** The strategies in the order in which they are tried. Empty: nothing that is permitted leads there. */
    val routes: List<PreviewRoute>,
)

/** One strategy of a [Preview], and who sees something when it is used. */
public data class PreviewRoute(val strategy: Strategy, val contacts: List<PreviewContact>)

/** Who sees something, and what, in one sentence. */
public data class PreviewContact(
    val observer: Observer,
    val sentence: String,
    /** The resolvers that are asked for the host. */
    val resolversOfHost: List<String> = emptyList(),
    /** The names of proxies for which the system's resolver is asked. */
    val namesOfServers: List<String> = emptyList(),
)

/** Who may see something of an access. */
public enum class Observer(override val code: String) : Coded {
    RESOLVER("resolver"),
    PROVIDER("provider"),
    PROXY("proxy"),
    EXIT("exit"),
    PLATFORM("platform"),
}
