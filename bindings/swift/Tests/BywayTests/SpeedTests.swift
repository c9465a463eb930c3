import BywayGenerated
import Foundation
import Testing

@testable import Byway

/// What crossing the border costs. It is measured where BYWAY_BENCH is set, with a release build of both sides, and printed.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["BYWAY_BENCH"] != nil)) struct SpeedTests {
    @Test func pagesOfTheStoreAndAnEmptyCall() async throws {
        let lab = try Lab(state: Data(Self.wall(posts: 20).utf8))
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        _ = try await byway.open("vk.com/byway_club")
        try await measure("an async call that asks the store for a number", times: 2_000) { _ = try await byway.retention() }
        try await measure("a sync call", times: 2_000) { _ = try byway.strategies() }
        try await measure("a page of 20 posts from the store", times: 200) {
            let page = try await byway.posts(of: "vk:-1000", after: nil, limit: 50)
            #expect(page.items.count == 20)
        }
        await byway.close()
    }

    /// The part of a page that is Swift's: from the bytes that Rust wrote to the posts that an app meets.
    @Test func aThousandPostsAreReadFromTheirBytes() async throws {
        let text = String(repeating: "Сбор в субботу. ", count: 20)
        let counts = BywayGenerated.PostCounts(comments: 1, likes: 2, reposts: 3, views: 389)
        let author = BywayGenerated.Author(id: "vk:-1000", name: "The club", kind: .community, url: "https://vk.com/club1000")
        let posts = (0..<1_000).map { number in
            BywayGenerated.Post(
                id: "vk:0_\(number)", url: "https://vk.com/wall-1000_\(number)", author: author, text: text, created: Date(),
                edited: nil, pinned: false, attachments: [.link(url: "https://news.example/", title: "News", text: nil)],
                links: [BywayGenerated.Link(url: "https://news.example/", text: nil)], repost: [], counts: counts,
                state: .published, stateSeen: nil, readAt: Date(), withheld: nil, hasOwnText: true, isHollow: false,
                isRemovedAndHollow: false)
        }
        let page = BywayGenerated.PostPage(items: posts, next: nil, unreadable: 0)
        // `lift` frees the bytes.
        var written = (0..<100).map { _ in FfiConverterTypePostPage_lower(page) }
        try await measure("1,000 posts from their bytes to what an app meets", times: written.count) {
            let crossed = try FfiConverterTypePostPage_lift(written.removeLast())
            #expect(crossed.items.map(Post.init).count == 1_000)
        }
    }

    private func measure(_ what: String, times: Int, _ work: () async throws -> Void) async throws {
        var took: [Duration] = []
        for _ in 0..<times {
            let start = ContinuousClock.now
            try await work()
            took.append(start.duration(to: .now))
        }
        took.sort()
        print("bench: \(what): median \(took[times / 2] / .microseconds(1)) us, best \(took[0] / .microseconds(1)) us")
    }

    private static func wall(posts: Int) -> String {
        let text = String(repeating: "Сбор в субботу. ", count: 20)
        let all = (1...posts).reversed().map {
            #"{"id": \#($0), "date": \#(1_793_527_200 + $0), "text": "\#($0) \#(text)", "type": "post"}"#
        }
        return """
            {"calls_per_second": 1000, "communities": [{
              "group": {"id": 1000, "name": "The club", "screen_name": "byway_club", "type": "group", "is_closed": 0},
              "posts": [\(all.joined(separator: ","))]}]}
            """
    }
}
