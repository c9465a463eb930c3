import BackgroundTasks
import Byway
import SwiftUI

@main
struct ReaderApp: App {
    @Environment(\.scenePhase) private var phase
    @State private var byway: (any BywayClient)?
    @State private var failure: String?

    nonisolated private static let refresh = "org.example.refresh"
    private static let link = "vk.com/NAME"

    /// One for the process, whether iOS starts it for the screen or for background work alone. It also follows the network.
    nonisolated private static let life = AppLifecycle {
        try await LiveByway.open(
            Configuration(
                strategies: ["direct:", "tor+socks5://127.0.0.1:9050"],
                language: Locale.current.language.languageCode == .russian ? .russian : .english,
                vkToken: ProcessInfo.processInfo.environment["BYWAY_VK_TOKEN"].map(VKToken.service),
                storage: Storage(
                    folder: URL.applicationSupportDirectory.appending(path: "byway"), key: .hook { try StoreKeychain.key() })))
    }

    var body: some Scene {
        WindowGroup {
            ZStack {
                if let byway {
                    CommunityView(reader: ObservedReader(Reader(byway: byway, link: Self.link)))
                } else if let failure {
                    Text(failure).padding()
                } else {
                    ProgressView()
                }
                // The app switcher keeps a picture of the last screen: let it be this.
                if phase != .active { Color(.systemBackground).ignoresSafeArea() }
            }
            .task(id: phase) { if phase == .active { await appear() } }
        }
        .onChange(of: phase) { phase in
            if phase == .background { leave() }
        }
        .backgroundTask(.appRefresh(Self.refresh)) { await Self.readInBackground() }
    }

    private func appear() async {
        Self.life.setOnScreen(true)
        do {
            byway = try await Self.life.client()
            failure = nil
        } catch {
            failure = error.localizedDescription
        }
    }

    private func leave() {
        Self.life.setOnScreen(false)
        BackgroundTime().spend { await Self.life.settled() }
        Self.askForRefresh()
    }

    private static func readInBackground() async {
        askForRefresh()
        // Where it fails, or iOS ends it, the next round tries again.
        try? await life.inBackground { byway in
            _ = try await byway.sync(byway.communities().map(\.id))
        }
    }

    /// iOS forgets a request when its round begins, so each round asks for the next one.
    nonisolated private static func askForRefresh() {
        let request = BGAppRefreshTaskRequest(identifier: refresh)
        request.earliestBeginDate = Date(timeIntervalSinceNow: 4 * 3600)
        try? BGTaskScheduler.shared.submit(request)
    }
}
