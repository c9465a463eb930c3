import UIKit

/// Some seconds more before iOS puts the app to sleep.
@MainActor
final class BackgroundTime {
    private var id = UIBackgroundTaskIdentifier.invalid

    /// Does this work, and then lets the app sleep. If iOS gives no more time, the app sleeps without waiting for its end.
    func spend(on work: @escaping @Sendable () async -> Void) {
        id = UIApplication.shared.beginBackgroundTask { self.end() }
        Task {
            await work()
            end()
        }
    }

    private func end() {
        guard id != .invalid else { return }
        UIApplication.shared.endBackgroundTask(id)
        id = .invalid
    }
}
