internal import BywayGenerated
import Foundation

extension EngineEvent {
    init(_ crossed: BywayGenerated.EngineEvent) {
        self.init(
            access: crossed.access.map { Int($0) },
            at: .seconds(crossed.at),
            code: crossed.code,
            sentence: crossed.sentence,
            kind: EngineEventKind(crossed.kind)
        )
    }
}

extension EngineEventKind {
    init(_ crossed: BywayGenerated.EngineEventKind) {
        switch crossed {
        case .began(let action): self = .began(Action(action))
        case .started(let attempt, let strategy, let destination, let hop, let why):
            self = .started(
                attempt: Int(attempt), strategy: strategy, destination: destination, hop: Int(hop), why: StartReason(why))
        case .entered(let attempt, let stage): self = .entered(attempt: Int(attempt), stage: Stage(stage))
        case .dialled(let attempt, let address): self = .dialled(attempt: Int(attempt), address: address)
        case .firstByte(let attempt): self = .firstByte(attempt: Int(attempt))
        case .torStarts(let attempt, let percent, let stall):
            self = .torStarts(attempt: Int(attempt), percent: Int(percent), stall: stall.map(TorStall.init))
        case .continued(let attempt, let from): self = .continued(attempt: Int(attempt), from: Int(from))
        case .ended(let attempt, let outcome, let stage, let took):
            self = .ended(attempt: Int(attempt), outcome: outcome, stage: Stage(stage), took: .seconds(took))
        case .won(let attempt, let strategy, let took):
            self = .won(attempt: Int(attempt), strategy: strategy, took: .seconds(took))
        case .judged(let code, let layer, let rule, let again):
            self = .judged(code: VerdictCode(code), layer: layer.map(Layer.init), rule: rule, again: again)
        case .answeredFromStore(let age): self = .answeredFromStore(age: age.map { .seconds($0) })
        case .abandoned: self = .abandoned
        case .dialsPaused(let lasts): self = .dialsPaused(for: .seconds(lasts))
        case .networkChanged: self = .networkChanged
        case .suspended: self = .suspended
        case .resumed: self = .resumed
        case .missed(let events): self = .missed(Int(events))
        case .other: self = .other
        }
    }
}

extension StartReason {
    init(_ crossed: BywayGenerated.StartReason) {
        switch crossed {
        case .first: self = .first
        case .failure: self = .failure
        case .silence: self = .silence
        case .slow: self = .slow
        }
    }
}

extension TorStall {
    init(_ crossed: BywayGenerated.TorStall) {
        switch crossed {
        case .noConnection: self = .noConnection
        case .filtered: self = .filtered
        case .directory: self = .directory
        case .clock: self = .clock
        case .bridge: self = .bridge
        case .transport: self = .transport
        case .storage: self = .storage
        case .inUse: self = .inUse
        case .outdated: self = .outdated
        case .ended: self = .ended
        case .networkChanged: self = .networkChanged
        case .unknown: self = .unknown
        }
    }
}
