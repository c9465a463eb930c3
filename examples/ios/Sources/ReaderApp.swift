import BackgroundTasks
import Byway
import SwiftUI

@main
struct ReaderApp: App {
    @Environment(\.scenePhase) private var phase
    @State private var byway: (any BywayClient)?
    @State private var failure: String?
    @State private var asksForWipe = false
    @State private var isKeyLost = false
    @State private var cover = Cover()

    nonisolated private static let refresh = "org.example.refresh"
    private static let link = "vk.com/NAME"

    /// One for the process, whether iOS starts it for the screen or for background work alone. It also follows the network.
    nonisolated private static let life = AppLifecycle {
        try await LiveByway.open(
            Configuration(
                strategies: ["direct:", "tor+socks5://127.0.0.1:9050"],
                language: Locale.current.language.languageCode == .russian ? .russian : .english,
                vkToken: ProcessInfo.processInfo.environment["BYWAY_VK_TOKEN"].map(VKToken.service),
                storage: try StoreFolder.storage()))
    }

    var body: some Scene {
        WindowGroup {
            Group {
                if let byway {
                    CommunityView(reader: ObservedReader(Reader(byway: byway, link: Self.link)))
                } else if let failure {
                    VStack(spacing: 16) {
                        Text(failure)
                        // A backup that came to another phone, for example. It is never wiped without a yes.
                        if isKeyLost { Button("Start anew", role: .destructive) { asksForWipe = true } }
                    }
                    .padding()
                } else {
                    ProgressView()
                }
            }
            .confirmationDialog("Everything that is stored is removed.", isPresented: $asksForWipe, titleVisibility: .visible) {
                Button("Remove it", role: .destructive) { Task { await startAnew() } }
            }
            .task(id: phase) { if phase == .active { await appear() } }
        }
        .onChange(of: phase) { phase in
            if phase == .active { cover.hide() } else { cover.show() }
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
            isKeyLost = (error as? BywayError)?.code == "store_wrong_key"
        }
    }

    private func startAnew() async {
        do {
            try await StoreFolder.wipe()
            await appear()
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
