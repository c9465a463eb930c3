import Byway
import Foundation

/// What the screen shows, and what the user does. It knows no view, so that it can be tested without one.
@MainActor
final class Reader {
    enum Content: Equatable {
        case loading
        case shown(Opened)
        /// Nothing is there, and this is why.
        case failed(BywayError)
    }

    private(set) var content = Content.loading {
        didSet { changed() }
    }

    /// A successor, about which the user decides. Nothing of it is contacted before.
    private(set) var offer: Offer? {
        didSet { changed() }
    }

    /// The link that is shared, with its exposure, and its code where it fits.
    private(set) var shared: (link: String, code: QRCode?)? {
        didSet { changed() }
    }

    /// Why what the user asked for was not done. What was read stays on the screen.
    private(set) var message: String? {
        didSet { changed() }
    }

    private let byway: any BywayClient
    private var link: String
    /// A community that came from a file. The user opened no link to it, so its addresses are not asked for.
    private var bundled: CommunityID?
    private var changed: () -> Void = {}

    init(byway: any BywayClient, link: String) {
        self.byway = byway
        self.link = link
    }

    /// Calls `changed` whenever the content is another one.
    func observe(_ changed: @escaping () -> Void) { self.changed = changed }

    /// Shows what is stored at once, then what is read.
    func load() async {
        if let stored = try? await read(offline: true) { await put(stored) }
        await show { try await read(offline: false) }
    }

    private func read(offline: Bool) async throws -> Opened {
        guard let bundled else { return try await byway.open(link, offline: offline) }
        return try await byway.openKept(bundled, offline: offline)
    }

    /// Reads again, because the user asks for it.
    func refresh() async {
        guard case .shown(let opened) = content else { return await load() }
        await show { try await byway.refresh(opened.community.id) }
    }

    /// Reads what is signed of the successor, over strategies that are not direct.
    func look() async {
        guard case .shown(let opened) = content else { return }
        await attempt {
            let successor = try await byway.successor(of: opened.community.id)
            guard let note = successor.notes.last(where: { $0.move != nil }), let move = note.move else { return }
            // The sentence speaks of the successor, and the screen still shows the community that it left.
            offer = Offer(text: "“\(successor.community.name)”: \(note.sentence)", move: move, isSigned: true)
        }
    }

    /// The user's yes to the offer that was on the screen. There may be another one by now, which nobody has seen.
    func follow(_ shown: Offer) async {
        await show { try await byway.follow(shown.move) }
    }

    /// The user's no to it.
    func stay(_ shown: Offer) async {
        await attempt {
            try await byway.stay(despite: shown.move)
            if offer?.move == shown.move { offer = nil }
        }
    }

    /// Takes in a community from a file. Nothing is sent.
    func takeBundle(at file: URL) async {
        #if canImport(Darwin)
            // Another app handed it over.
            let isForeign = file.startAccessingSecurityScopedResource()
            defer { if isForeign { file.stopAccessingSecurityScopedResource() } }
        #endif
        await show {
            let taken = try await byway.takeBundle(at: file)
            bundled = taken.community.id
            return try await read(offline: true)
        }
    }

    private func put(_ opened: Opened) async {
        content = .shown(opened)
        offer = Offer(of: opened)
        // Whoever receives the link learns which community is read.
        let link = try? await byway.link(to: opened.community.id)?.text
        shared = link.map { ($0, try? QRCode($0)) }
    }

    /// The banner's sentence, and whether it must be seen: where not everything is as it was asked for.
    var banner: (sentence: String, isUrgent: Bool)? {
        switch content {
        case .loading: nil
        case .failed(let error): (error.text, true)
        case .shown(let opened):
            if let fault = opened.fault {
                (fault.sentence, true)
            } else {
                (opened.reachability.sentence, opened.reachability.blames)
            }
        }
    }

    private func show(_ read: () async throws -> Opened) async {
        await attempt { await put(try await read()) }
    }

    private func attempt(_ work: () async throws -> Void) async {
        message = nil
        do {
            try await work()
        } catch let error as BywayError {
            await tell(error)
        } catch {
            // The screen is gone: its task was cancelled.
        }
    }

    private func tell(_ error: BywayError) async {
        guard case .shown(let opened) = content else {
            content = .failed(error)
            return
        }
        // What is on the screen stays there: old posts are better than none.
        message = error.text
        // Another successor is named by now. Nothing is sent: the user sees that one, and is asked again.
        if error.code == "successor_changed",
            let stored = try? await byway.openKept(opened.community.id, offline: true)
        {
            await put(stored)
        }
    }
}

/// A successor, about which the user decides.
struct Offer: Equatable {
    /// The move that is shown. The answer is for it, whatever is named by then.
    let move: Move
    /// What is claimed or signed of it.
    let text: String
    /// The fingerprints that people compare: of this community's keys, and of the successor's once it was looked at.
    var fromKeys: String? { move.fromKeys }
    var toKeys: String? { move.toKeys }
    /// It is signed, so it can be looked at before the user decides.
    let isSigned: Bool

    init(text: String, move: Move, isSigned: Bool) {
        self.text = text
        self.move = move
        self.isSigned = isSigned
    }

    /// A signed move that waits for the user, else what the page claims. Where a move was decided, nothing is asked again.
    init?(of opened: Opened) {
        if let note = opened.notes.last(where: { $0.move?.asks == true }), let move = note.move {
            self.init(text: note.sentence, move: move, isSigned: true)
        } else if opened.moves.allSatisfy({ $0.kind == .claimed }), let claim = opened.community.successor {
            self.init(
                text: "This community names a successor: \(claim.home)\n“\(claim.text)”\nNobody signed that.",
                move: Move(kind: .claimed, from: opened.community.id, home: claim.home), isSigned: false)
        } else {
            return nil
        }
    }
}
