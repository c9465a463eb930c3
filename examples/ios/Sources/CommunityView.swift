import Byway
import BywayFakes
import SwiftUI

/// Tells SwiftUI of a reader's changes.
@MainActor
final class ObservedReader: ObservableObject {
    let reader: Reader

    init(_ reader: Reader) {
        self.reader = reader
        reader.observe { [weak self] in self?.objectWillChange.send() }
    }
}

struct CommunityView: View {
    @StateObject var reader: ObservedReader
    @State private var successor: Claim?

    init(reader: @autoclosure @escaping () -> ObservedReader) {
        _reader = StateObject(wrappedValue: reader())
    }

    var body: some View {
        NavigationStack {
            List {
                if let banner = reader.reader.banner {
                    Label(banner.sentence, systemImage: banner.isUrgent ? "exclamationmark.triangle" : "checkmark.circle")
                        .foregroundStyle(banner.isUrgent ? .orange : .secondary)
                }
                switch reader.reader.content {
                case .loading: ProgressView()
                case .failed: EmptyView()
                case .shown(let opened): content(opened)
                }
            }
            .refreshable { await reader.reader.refresh() }
            .task { await reader.reader.load() }
            .confirmationDialog("It says that it moved", isPresented: .constant(successor != nil), presenting: successor) {
                claim in
                Button("Copy \(claim.home)") { UIPasteboard.general.string = claim.home }
                Button("Not now", role: .cancel) { successor = nil }
            } message: { claim in
                Text("“\(claim.text)” Nothing has checked that.")
            }
        }
    }

    @ViewBuilder private func content(_ opened: Opened) -> some View {
        // Whose words these are: signed, copied by somebody, or marked by the platform.
        if opened.trust.state != .unsigned { Label(opened.trust.sentence, systemImage: "signature") }
        if let platform = opened.community.verifiedBy {
            Label("\(platform) shows a mark of verification beside its name.", systemImage: "checkmark.seal")
        }
        if let claim = opened.community.successor {
            Button("It says that it moved") { successor = claim }
        }
        if !opened.events.isEmpty {
            Section("Events") { ForEach(opened.events) { EventRow(event: $0) } }
        }
        Section("Posts") { ForEach(opened.posts) { PostRow(post: $0) } }
            .navigationTitle(opened.community.name)
    }
}

private struct PostRow: View {
    let post: Post

    var body: some View {
        VStack(alignment: .leading, spacing: 6) {
            if let created = post.created { Text(created, style: .date).font(.caption).foregroundStyle(.secondary) }
            Text(post.withheld ?? post.text)
            if let shared = post.repost { Text(shared.text).padding(.leading).foregroundStyle(.secondary) }
        }
    }
}

private struct EventRow: View {
    let event: Event

    var body: some View {
        VStack(alignment: .leading, spacing: 6) {
            Text(event.name).strikethrough(event.status == .cancelled)
            if let start = event.start { Text(start.date, style: .date).font(.caption) }
            if event.mentionsCancellation { Text("Its text speaks of a cancellation.").font(.caption) }
        }
    }
}

struct CommunityView_Previews: PreviewProvider {
    static var previews: some View {
        CommunityView(reader: ObservedReader(Reader(byway: FakeByway(), link: "vk.com/rabochie")))
        CommunityView(reader: ObservedReader(Reader(byway: FakeByway(failure: .unreached), link: "vk.com/rabochie")))
            .previewDisplayName("Unreached")
    }
}
