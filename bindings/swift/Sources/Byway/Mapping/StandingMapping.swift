internal import BywayGenerated

extension Standing {
    init(_ crossed: BywayGenerated.Standing) {
        self.init(
            trust: Trust(crossed.trust), notes: crossed.notes.map(Note.init), homes: crossed.homes.map(MirrorStanding.init))
    }
}

extension HomeAccess {
    init(_ crossed: BywayGenerated.HomeAccess) {
        self.init(
            standing: MirrorStanding(crossed.standing), reachability: crossed.reachability.map(Reachability.init))
    }
}

extension MirrorStanding {
    init(_ crossed: BywayGenerated.MirrorStanding) {
        self.init(
            home: crossed.home.url, state: MirrorState(crossed.state), sentence: crossed.text, at: crossed.at,
            isFault: crossed.isFault)
    }
}

extension MirrorState {
    init(_ crossed: BywayGenerated.MirrorState) {
        switch crossed {
        case .current: self = .current
        case .behind: self = .behind
        case .rolledBack: self = .rolledBack
        case .withholds: self = .withholds
        case .incomplete: self = .incomplete
        case .redirects: self = .redirects
        case .tampered: self = .tampered
        case .contradicts: self = .contradicts
        case .gone: self = .gone
        case .failing: self = .failing
        case .unvouched: self = .unvouched
        case .unreached: self = .unreached
        case .slow: self = .slow
        case .notAsked: self = .notAsked
        case .untried: self = .untried
        }
    }
}
