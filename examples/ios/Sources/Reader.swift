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

    private let byway: any BywayClient
    private let link: String
    private var changed: () -> Void = {}

    init(byway: any BywayClient, link: String) {
        self.byway = byway
        self.link = link
    }

    /// Calls `changed` whenever the content is another one.
    func observe(_ changed: @escaping () -> Void) { self.changed = changed }

    /// Shows what is stored at once, then what is read.
    func load() async {
        if let stored = try? await byway.open(link, offline: true) { content = .shown(stored) }
        await show { try await byway.open(link) }
    }

    /// Reads again, because the user asks for it.
    func refresh() async {
        guard case .shown(let opened) = content else { return await load() }
        await show { try await byway.refresh(opened.community.id) }
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
        do {
            content = .shown(try await read())
        } catch let error as BywayError {
            // What is on the screen stays there: old posts are better than none.
            if case .shown = content {} else { content = .failed(error) }
        } catch {
            // The screen is gone: its task was cancelled.
        }
    }
}
