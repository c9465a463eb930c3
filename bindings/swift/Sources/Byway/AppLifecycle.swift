/// The one client of an app. It is opened when it is first needed. It is suspended while the app neither is on the screen nor
/// works in the background.
///
/// ```swift
/// let app = AppLifecycle { try await LiveByway.open(configuration) }
/// app.setOnScreen(true)
/// let opened = try await app.client().open("vk.com/NAME")
/// ```
///
/// iOS ends an app that sleeps with a locked file (`0xdead10cc`), so the files must be closed before the app sleeps. They must stay
/// open while a background task and the screen overlap: what ends first must not close them for the other one. Leave
/// ``BywayClient/suspend()`` and ``BywayClient/resume()`` to this type.
///
/// Where there is Apple's Network framework, it also tells the client which network the device is on (``NetworkWatch``).
public final class AppLifecycle: Sendable {
    private struct State {
        var isOnScreen = false
        /// How many calls of `inBackground` are running.
        var working = 0
        /// The client, or its opening. A failed one is removed, so that the next caller tries again.
        var opening: Task<any BywayClient, any Error>?
        /// Only one change at a time reads and writes this.
        var isSuspended = false
        /// The latest of the changes, which are made one after the other.
        var latest: Task<(any Error)?, Never>?
        /// It lives as long as the client.
        var watch: NetworkWatch?

        var isNeeded: Bool { isOnScreen || working > 0 }
    }

    private let state = Locked(State())
    private let open: @Sendable () async throws -> any BywayClient

    /// A life cycle that begins off the screen, because iOS may start an app for background work alone.
    ///
    /// - Parameter open: Opens the client. It is called again if it has failed, and never twice at the same time.
    public init(open: @escaping @Sendable () async throws -> any BywayClient) { self.open = open }

    /// The client. It is opened, or resumed, if it has to be. Off the screen and outside of ``inBackground(_:)`` it is
    /// suspended: what needs the store fails then with `store_suspended`.
    ///
    /// Throws what opening or resuming it has thrown. The next call tries again.
    public func client() async throws -> any BywayClient {
        let opening = state.withLock { state in
            if let opening = state.opening { return opening }
            let opening = Task { try await self.opened() }
            state.opening = opening
            return opening
        }
        let byway: any BywayClient
        do {
            byway = try await opening.value
        } catch {
            state.withLock { if $0.opening == opening { $0.opening = nil } }
            throw error
        }
        if let error = await settle().value { throw error }
        return byway
    }

    /// Says whether the app is on the screen: `true` when its scene becomes active, `false` when the last scene goes to the
    /// background. It returns at once, and calls take effect in their order. ``settled()`` waits until the client follows.
    public func setOnScreen(_ isOnScreen: Bool) {
        state.withLock { $0.isOnScreen = isOnScreen }
        settle()
    }

    /// Returns when the client is suspended, or resumed, as was asked until now. Between this and leaving the screen iOS must not
    /// put the app to sleep: that is what `beginBackgroundTask` is for.
    public func settled() async {
        _ = await settle().value
    }

    /// Does background work. The client is open while `work` runs. When this returns, the client is suspended again, unless the
    /// app is on the screen or does other work. That is so, too, if `work` throws or its task is cancelled.
    ///
    /// Throws what `work` throws, or what ``client()`` throws.
    public func inBackground<Result: Sendable>(
        _ work: @Sendable (any BywayClient) async throws -> Result
    ) async throws -> Result {
        state.withLock { $0.working += 1 }
        do {
            let result = try await work(try await client())
            await endWork()
            return result
        } catch {
            await endWork()
            throw error
        }
    }

    private func opened() async throws -> any BywayClient {
        let byway = try await open()
        #if canImport(Network)
            let watch = NetworkWatch(byway)
            state.withLock { $0.watch = watch }
        #endif
        return byway
    }

    private func endWork() async {
        state.withLock { $0.working -= 1 }
        await settled()
    }

    /// Appends a change to those that are made one after the other. Its value is why the client could not be resumed.
    @discardableResult
    private func settle() -> Task<(any Error)?, Never> {
        state.withLock { state in
            let before = state.latest
            let change = Task {
                _ = await before?.value
                return await self.change()
            }
            state.latest = change
            return change
        }
    }

    /// Brings the client into the state that is wanted now. A client that is being opened is waited for: it holds files soon.
    private func change() async -> (any Error)? {
        guard let opening = state.withLock({ $0.opening }), let byway = try? await opening.value else { return nil }
        let (isNeeded, isSuspended) = state.withLock { ($0.isNeeded, $0.isSuspended) }
        guard isNeeded == isSuspended else { return nil }
        guard isNeeded else {
            // Whatever its error says, the files are closed.
            try? await byway.suspend()
            state.withLock { $0.isSuspended = true }
            return nil
        }
        do {
            try await byway.resume()
        } catch let error as BywayError where error.code == "store_locked" {
            // Unlocking opens it. Until then each call says that it is locked.
        } catch {
            return error
        }
        state.withLock { $0.isSuspended = false }
        return nil
    }
}
