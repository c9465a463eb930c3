import Byway
import Foundation

// Signed communities of the fake: where its community moved, and bundles.

extension FakeByway {
    public func successor(of id: CommunityID) async throws -> Opened {
        try known(id)
        if let move = fixture.move {
            let isYes = state.withLock(\.follows) == true
            return try await readSuccessor(isYes ? move.with(.moved) : move, isAsked: isYes)
        }
        guard let claim = fixture.community.successor else { throw Self.notStored() }
        let move = Move(kind: .claimed, from: id, home: claim.home)
        return opened(source: .store, exposure: state.withLock(\.exposure), moves: [move])
    }

    public func follow(_ shown: Move) async throws -> Opened {
        let id = shown.from
        try known(id)
        let claim = fixture.community.successor.map { Move(kind: .onYourWord, from: id, home: $0.home) }
        guard let move = fixture.move?.with(.moved) ?? claim else { throw Self.notStored() }
        try Self.refuseChanged(shown, move)
        let opened = try await readSuccessor(move, isAsked: true)
        state.withLock { $0.follows = true }
        return opened
    }

    @discardableResult
    public func stay(despite shown: Move) async throws -> Bool {
        try unlocked()
        guard isStored, shown.from == fixture.community.id else { return false }
        let claim = fixture.community.successor.map { Move(kind: .claimed, from: shown.from, home: $0.home) }
        guard let named = fixture.move ?? claim else { return false }
        try Self.refuseChanged(shown, named)
        state.withLock { $0.follows = fixture.move == nil ? nil : false }
        return true
    }

    /// Takes what ``bundle`` is, and nothing else.
    public func takeBundle(_ bytes: Data, exposure: Exposure) async throws -> TakenBundle {
        try unlocked()
        guard bytes == Self.bundle else { throw BywayError.ofTheFake(.input, "bundle_form") }
        let (isFirst, level) = state.withLock { state in
            defer { state.forgotten = false }
            state.exposure = max(state.exposure, exposure)
            return (state.forgotten, state.exposure)
        }
        let added = Changed(added: isFirst ? fixture.posts.map(\.id) : [], isFirst: isFirst)
        return TakenBundle(
            community: fixture.community, changes: Changes(community: isFirst, posts: added), exposure: level)
    }

    public func takeBundle(at file: URL, exposure: Exposure) async throws -> TakenBundle {
        try unlocked()
        guard let bytes = try? Data(contentsOf: file) else { throw BywayError.ofTheFake(.input, "file") }
        return try await takeBundle(bytes, exposure: exposure)
    }

    /// What ``takeBundle(_:exposure:)`` takes for the bundle of the community.
    public static var bundle: Data { Data("the bundle of the fake".utf8) }

    public func standing(of id: CommunityID) async throws -> Standing {
        try unlocked()
        guard isStored, id == fixture.community.id else {
            return Standing(trust: Trust(state: .unsigned, sentence: "This is how a state of trust reads."))
        }
        let decided = state.withLock(\.follows)
        let move = fixture.move.map { decided == false ? $0.with(.declined) : decided == true ? $0.with(.movedOn) : $0 }
        return Standing(
            trust: fixture.trust, notes: [move].compactMap { $0 }.map(Note.init(of:)), homes: fixture.homes.map(\.standing))
    }

    /// Takes ``routePack``, with the passphrase `circle`, and nothing else.
    public func importRoutePack(_ pack: Data, passphrase: Passphrase) async throws -> RoutePack {
        try unlocked()
        let word = try passphrase.taken()
        guard pack == Self.routePack else { throw BywayError.ofTheFake(.input, "routes_form") }
        guard word == Data("circle".utf8) else { throw BywayError.ofTheFake(.input, "routes_passphrase") }
        guard isStored else { throw BywayError.ofTheFake(.notFound, "routes_other_community") }
        let route = PackedRoute(strategy: .example, text: Strategy.example.redacted)
        return RoutePack(community: fixture.community.id, routes: [route], expires: .distantFuture)
    }

    /// What ``importRoutePack(_:passphrase:)`` takes for a pack of the community.
    public static var routePack: Data { Data("the routes of the fake".utf8) }

    /// Writes nothing.
    public func writeSite(of id: CommunityID, into folder: URL) async throws -> FilesWritten {
        try known(id)
        return FilesWritten(changed: 0, unchanged: 0)
    }

    /// An answer is for the move that was shown.
    private static func refuseChanged(_ shown: Move, _ named: Move) throws {
        let homes = (named.home.map { [$0] } ?? []) + named.homes
        let areShown = homes.allSatisfy { $0 == shown.home || shown.homes.contains($0) }
        guard areShown, named.to == nil || named.to == shown.to else {
            throw BywayError.ofTheFake(.input, "successor_changed")
        }
    }

    /// What was read, with what is known of its move.
    func told(_ here: Opened) -> Opened {
        guard let move = fixture.move else { return here }
        switch state.withLock(\.follows) {
        case false?: return here.with([move.with(.declined)])
        case nil where move.kind != .moved: return here.with([move])
        default: return here.with([move.with(.movedOn)])
        }
    }

    /// What was read, or the successor, as the user decided.
    func followed(_ here: Opened) async throws -> Opened {
        let decision = state.withLock(\.follows)
        let claim = fixture.community.successor.map { Move(kind: .onYourWord, from: here.community.id, home: $0.home) }
        switch (decision, fixture.move) {
        case (true, let move):
            guard let move = move?.with(.moved) ?? claim else { return here }
            return try await readSuccessor(move, source: here.source, isAsked: true)
        case (false, let move?): return here.with([move.with(.declined)])
        case (nil, let move?) where move.kind == .moved: return try await readSuccessor(move, source: here.source, isAsked: false)
        case (nil, let move?): return here.with([move])
        default: return here
        }
    }

    /// What only a move names is read through a proxy or Tor alone, until the user says yes to it.
    private func readSuccessor(_ move: Move, source: ReadFrom = .network, isAsked: Bool) async throws -> Opened {
        if source == .network {
            guard isPermitted(state.withLock(\.exposure), directly: isAsked) else {
                throw BywayError.ofTheFake(.notPermitted, "unreached")
            }
            try await access()
        }
        guard let next = fixture.successor else { throw BywayError.ofTheFake(.notFound, "absent") }
        let here = opened(source: source, exposure: state.withLock(\.exposure), moves: [move])
        return here.with(next, fixture.successorPosts)
    }
}

extension Move {
    fileprivate func with(_ kind: MoveKind) -> Move {
        Move(
            kind: kind, from: from, to: to, home: home, homes: homes, fromKeys: fromKeys, toKeys: toKeys, until: until,
            at: at, stayed: stayed, left: left, joined: joined, stayedKeys: stayedKeys, leftKeys: leftKeys,
            joinedKeys: joinedKeys, fromMembers: fromMembers, toMembers: toMembers)
    }
}

extension Opened {
    fileprivate func with(_ moves: [Move]) -> Opened { with(community, posts, events: events, moves: moves) }

    fileprivate func with(
        _ community: Community, _ posts: [Post], events: [Event] = [], moves: [Move] = []
    ) -> Opened {
        Opened(
            community: community, posts: posts, events: events, changes: changes, reachability: reachability, source: source,
            syncedAt: syncedAt, age: age, exposure: exposure, trust: trust, homes: homes,
            notes: notes + moves.map(Note.init(of:)),
            isTruncated: isTruncated, fault: fault)
    }
}

extension Note {
    /// A note about a move, as the fake words all of them.
    init(of move: Move) {
        self.init(code: move.kind.rawValue, sentence: "This is how a note about a move reads.", move: move)
    }
}
