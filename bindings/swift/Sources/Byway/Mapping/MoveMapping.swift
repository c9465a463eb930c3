internal import BywayGenerated
import Foundation

extension Note {
    init(_ crossed: BywayGenerated.Note) {
        self.init(code: crossed.code, sentence: crossed.text, move: crossed.moved.map(Move.init))
    }
}

extension Move {
    init(_ crossed: BywayGenerated.Move) {
        self.init(
            kind: MoveKind(crossed.kind),
            from: CommunityID(rawValue: crossed.from),
            to: crossed.to.map(CommunityID.init(rawValue:)),
            home: crossed.home?.url,
            homes: crossed.homes,
            fromKeys: crossed.fromKeys,
            toKeys: crossed.toKeys,
            until: crossed.until,
            at: crossed.at,
            stayed: Int(crossed.stayed),
            left: Int(crossed.left),
            joined: Int(crossed.joined),
            stayedKeys: crossed.stayedKeys,
            leftKeys: crossed.leftKeys,
            joinedKeys: crossed.joinedKeys,
            fromMembers: crossed.fromMembers.map { Int($0) },
            toMembers: crossed.toMembers.map { Int($0) }
        )
    }
}

extension Move {
    /// What an answer to it crosses with.
    var crossing: ShownMove {
        let others = homes.filter { $0 != home }
        return ShownMove(
            from: from.rawValue, to: to?.rawValue, homes: (home.map { [$0] } ?? []) + others, fromKeys: fromKeys, toKeys: toKeys)
    }
}

extension MoveKind {
    init(_ crossed: BywayGenerated.MoveKind) {
        switch crossed {
        case .moved: self = .moved
        case .onYourWord: self = .onYourWord
        case .movedOn: self = .movedOn
        case .leftOnYourWord: self = .leftOnYourWord
        case .waits: self = .waits
        case .asked: self = .asked
        case .unread: self = .unread
        case .oneSided: self = .oneSided
        case .claimed: self = .claimed
        case .disputed: self = .disputed
        case .declined: self = .declined
        case .loop: self = .loop
        case .tooLong: self = .tooLong
        case .continues: self = .continues
        case .claimsToContinue: self = .claimsToContinue
        case .continuesUnknown: self = .continuesUnknown
        }
    }
}

extension TakenBundle {
    init(_ crossed: BywayGenerated.TakenBundle) {
        self.init(
            community: Community(crossed.community),
            changes: Changes(crossed.changes),
            notes: crossed.notes.map(Note.init),
            exposure: Exposure(crossed.exposure)
        )
    }
}
