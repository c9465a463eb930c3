internal import BywayGenerated
import Foundation

extension Reachability {
    init(_ crossed: BywayGenerated.Reachability) {
        let account = crossed.full
        self.init(
            url: account.url,
            sentence: crossed.sentence,
            blames: crossed.blames,
            isDirect: crossed.isDirect,
            verdict: Verdict(account.verdict),
            attempts: account.attempts.map(Attempt.init),
            reachedBy: account.reachedBy,
            restrictions: account.restrictions.map(Restriction.init),
            shareable: crossed.shareableJson
        )
    }
}

extension Access {
    init(_ crossed: BywayGenerated.Access) {
        self.init(
            at: crossed.at,
            action: Action(crossed.action),
            url: crossed.full.url,
            verdict: Verdict(crossed.full.verdict),
            attempts: crossed.full.attempts.map(Attempt.init),
            reachedBy: crossed.full.reachedBy,
            restrictions: crossed.full.restrictions.map(Restriction.init)
        )
    }
}

extension Action {
    init(_ crossed: BywayGenerated.Action) {
        switch crossed {
        case .open: self = .open
        case .sync: self = .sync
        case .get: self = .get
        case .probe: self = .probe
        case .attachment: self = .attachment
        }
    }
}

extension ECHOutcome {
    init(_ crossed: BywayGenerated.EchOutcome) {
        switch crossed {
        case .off: self = .off
        case .offered: self = .offered
        case .accepted: self = .accepted
        case .rejected: self = .rejected
        }
    }
}

extension Verdict {
    init(_ crossed: BywayGenerated.AccountVerdict) {
        self.init(
            code: VerdictCode(crossed.code),
            layer: crossed.layer.map(Layer.init),
            rule: crossed.rule,
            weights: Weights(crossed.weights),
            statement: crossed.statement.map { Statement(authority: $0.authority, text: $0.text, link: $0.link) },
            evidence: crossed.evidence.map { Int($0) },
            addresses: crossed.addresses.map {
                AddressVerdict(
                    address: $0.address, code: VerdictCode($0.code), layer: $0.layer.map(Layer.init), rule: $0.rule,
                    weights: Weights($0.weights))
            }
        )
    }
}

extension Weights {
    init(_ crossed: BywayGenerated.Weights) {
        self.init(blocked: crossed.blocked, down: crossed.down, ok: crossed.ok)
    }
}

extension VerdictCode {
    init(_ crossed: BywayGenerated.VerdictCode) {
        switch crossed {
        case .reachable: self = .reachable
        case .dnsTampered: self = .dnsTampered
        case .tcpBlocked: self = .tcpBlocked
        case .tlsInterfered: self = .tlsInterfered
        case .httpInterfered: self = .httpInterfered
        case .tlsMitm: self = .tlsMitm
        case .blockPage: self = .blockPage
        case .legal451: self = .legal451
        case .platformBlocked: self = .platformBlocked
        case .frozen: self = .frozen
        case .throttled: self = .throttled
        case .captivePortal: self = .captivePortal
        case .offline: self = .offline
        case .whitelistOnly: self = .whitelistOnly
        case .originDown: self = .originDown
        case .originFault: self = .originFault
        case .gone: self = .gone
        case .routeFailed: self = .routeFailed
        case .unknown: self = .unknown
        }
    }
}

extension Layer {
    init(_ crossed: BywayGenerated.Layer) {
        switch crossed {
        case .network: self = .network
        case .dns: self = .dns
        case .tcp: self = .tcp
        case .tls: self = .tls
        case .http: self = .http
        case .platform: self = .platform
        case .route: self = .route
        }
    }
}

extension Observer {
    init(_ crossed: BywayGenerated.Observer) {
        switch crossed {
        case .resolver: self = .resolver
        case .provider: self = .provider
        case .proxy: self = .proxy
        case .exit: self = .exit
        case .platform: self = .platform
        }
    }
}

extension Stage {
    init(_ crossed: BywayGenerated.Stage) {
        switch crossed {
        case .dns: self = .dns
        case .tcp: self = .tcp
        case .proxy: self = .proxy
        case .tls: self = .tls
        case .firstByte: self = .firstByte
        case .progress: self = .progress
        }
    }
}

extension Attempt {
    init(_ crossed: BywayGenerated.AccountAttempt) {
        self.init(
            id: Int(crossed.id),
            strategy: crossed.strategy,
            stage: Stage(crossed.stage),
            outcome: crossed.outcome,
            address: crossed.address,
            started: .milliseconds(crossed.startedMs),
            took: .milliseconds(crossed.ms),
            firstByte: crossed.firstByteMs.map { .milliseconds($0) },
            bytes: Int(crossed.bytes),
            hop: Int(crossed.hop),
            isReused: crossed.reused,
            provedName: crossed.provedName,
            ech: ECHOutcome(crossed.ech),
            lookups: crossed.lookups.map { lookup in
                Lookup(
                    resolver: lookup.resolver,
                    answers: lookup.answers.map {
                        LookupAnswer(
                            asked: $0.asked, outcome: $0.outcome, addresses: $0.addresses, took: .milliseconds($0.ms))
                    })
            },
            sentence: crossed.sentence
        )
    }
}
