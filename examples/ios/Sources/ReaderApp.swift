import BackgroundTasks
import Byway
import SwiftUI

@main
struct ReaderApp: App {
    @Environment(\.scenePhase) private var phase
    @State private var byway: (any BywayClient)?
    @State private var failure: String?

    private static let refresh = "org.example.refresh"
    private static let link = "vk.com/NAME"

    var body: some Scene {
        WindowGroup {
            ZStack {
                if let byway {
                    CommunityView(reader: ObservedReader(Reader(byway: byway, link: Self.link)))
                } else if let failure {
                    Text(failure).padding()
                } else {
                    ProgressView().task { await open() }
                }
                // The app switcher keeps a picture of the last screen: let it be this.
                if phase != .active { Color(.systemBackground).ignoresSafeArea() }
            }
        }
        .onChange(of: phase) { phase in
            guard let byway else { return }
            switch phase {
            case .background:
                Task { try? await byway.suspend() }
                let request = BGAppRefreshTaskRequest(identifier: Self.refresh)
                request.earliestBeginDate = Date(timeIntervalSinceNow: 4 * 3600)
                try? BGTaskScheduler.shared.submit(request)
            case .active: Task { try? await byway.resume() }
            default: break
            }
        }
        .backgroundTask(.appRefresh(Self.refresh)) { await readInBackground() }
    }

    private func open() async {
        let folder = URL.applicationSupportDirectory.appending(path: "byway")
        do {
            byway = try await LiveByway.open(
                Configuration(
                    strategies: ["direct:", "tor+socks5://127.0.0.1:9050"],
                    language: Locale.current.language.languageCode == .russian ? .russian : .english,
                    vkToken: ProcessInfo.processInfo.environment["BYWAY_VK_TOKEN"].map(VKToken.service),
                    storage: Storage(folder: folder, key: .hook { try StoreKeychain.key() })))
        } catch {
            failure = error.localizedDescription
        }
    }

    private func readInBackground() async {
        guard let byway else { return }
        try? await byway.resume()
        if let known = try? await byway.communities() { _ = try? await byway.sync(known.map(\.id)) }
        try? await byway.suspend()
    }
}
