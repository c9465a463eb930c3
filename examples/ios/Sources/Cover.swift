import UIKit

/// Hides what is on the screen while the app is not active, because the app switcher keeps a picture of it.
///
/// It is a window of its own for each scene, above all others: a view of SwiftUI lies below sheets, alerts and menus.
@MainActor
final class Cover {
    private var windows: [UIWindow] = []

    func show() {
        guard windows.isEmpty else { return }
        let scenes = UIApplication.shared.connectedScenes.compactMap { $0 as? UIWindowScene }
        windows = scenes.map { scene in
            let blank = UIViewController()
            blank.view.backgroundColor = .systemBackground
            let window = UIWindow(windowScene: scene)
            window.windowLevel = .alert + 1
            window.rootViewController = blank
            window.isHidden = false
            // A keyboard lies above all windows of an app, and shows what was typed.
            scene.windows.forEach { $0.endEditing(true) }
            return window
        }
    }

    func hide() {
        windows.forEach { $0.isHidden = true }
        windows = []
    }
}
