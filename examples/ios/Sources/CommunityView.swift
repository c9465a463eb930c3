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
    @State private var showsCode = false
    @State private var choosesFile = false

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
                if let message = reader.reader.message { Label(message, systemImage: "exclamationmark.bubble") }
                switch reader.reader.content {
                case .loading: ProgressView()
                case .failed: EmptyView()
                case .shown(let opened): content(opened)
                }
            }
            .refreshable { await reader.reader.refresh() }
            .task { await reader.reader.load() }
            .toolbar {
                ToolbarItemGroup {
                    Button("File", systemImage: "doc") { choosesFile = true }
                    if let shared = reader.reader.shared {
                        Button("Code", systemImage: "qrcode") { showsCode = true }.disabled(shared.code == nil)
                        ShareLink(item: shared.link)
                    }
                }
            }
            .fileImporter(isPresented: $choosesFile, allowedContentTypes: [.data]) { chosen in
                guard case .success(let file) = chosen else { return }
                Task { await reader.reader.takeBundle(at: file) }
            }
            .sheet(isPresented: $showsCode) {
                if let code = reader.reader.shared?.code { CodeView(code: code).padding() }
            }
        }
    }

    @ViewBuilder private func content(_ opened: Opened) -> some View {
        // Whose words these are: signed, copied by somebody, or marked by the platform.
        if opened.trust.state != .unsigned { Label(opened.trust.sentence, systemImage: "signature") }
        if let platform = opened.community.verifiedBy {
            Label("\(platform) shows a mark of verification beside its name.", systemImage: "checkmark.seal")
        }
        if let offer = reader.reader.offer { decision(offer) }
        if !opened.events.isEmpty {
            Section("Events") { ForEach(opened.events) { EventRow(event: $0) } }
        }
        Section("Posts") { ForEach(opened.posts) { PostRow(post: $0) } }
            .navigationTitle(opened.community.name)
    }

    /// The user decides by the fingerprints. What nobody signed has none.
    private func decision(_ offer: Offer) -> some View {
        VStack(alignment: .leading, spacing: 8) {
            Text(offer.text)
            if let keys = offer.fromKeys { LabeledContent("Keys of this community") { Text(keys).monospaced() } }
            if let keys = offer.toKeys { LabeledContent("Keys of the new one") { Text(keys).monospaced() } }
            HStack {
                Button("Stay here") { Task { await reader.reader.stay(offer) } }
                if offer.isSigned && offer.toKeys == nil {
                    Button("Look at it") { Task { await reader.reader.look() } }
                } else {
                    Button("Follow") { Task { await reader.reader.follow(offer) } }
                }
            }
            .buttonStyle(.bordered)
        }
    }
}

/// Dark on light in every theme: phones read no other.
private struct CodeView: View {
    let code: QRCode

    var body: some View {
        Canvas { context, size in
            let module = min(size.width, size.height) / CGFloat(code.size)
            for row in 0..<code.size {
                for column in 0..<code.size where code.isDark(column: column, row: row) {
                    let place = CGRect(
                        x: CGFloat(column) * module, y: CGFloat(row) * module, width: module, height: module)
                    context.fill(Path(place), with: .color(.black))
                }
            }
        }
        .aspectRatio(1, contentMode: .fit)
        .background(.white)
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

    /// Days without a time of day are the same wherever the reader is.
    @ViewBuilder private var time: some View {
        if let days = event.days, let first = Calendar.current.date(from: days.first),
            let last = Calendar.current.date(from: days.last)
        {
            Text(first == last ? "\(first, style: .date)" : "\(first, style: .date) – \(last, style: .date)")
        } else if let start = event.start {
            Text(start.date, format: .dateTime.day().month().year().hour().minute())
        }
    }

    var body: some View {
        VStack(alignment: .leading, spacing: 6) {
            Text(event.name).strikethrough(event.status == .cancelled)
            if event.status == .cancelled { Text("Cancelled").font(.caption.bold()) }
            if event.status == .removed { Text("No longer announced").font(.caption.bold()) }
            time.font(.caption)
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
