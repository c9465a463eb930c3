import Byway
import BywayFakes
import Foundation
import Testing

@Suite struct FakeTests {
    @Test func theFakeAnswersWithItsCommunity() async throws {
        let byway: any BywayClient = FakeByway()
        let opened = try await byway.open("vk.com/rabochie")
        #expect(opened.community.name == "Клуб рабочих 🌿")
        #expect(opened.posts.map(\.id) == Post.examples.map(\.id))
        #expect(opened.posts[1].repost?.text == "Hello.")
        #expect(try await byway.community("vk:-1000")?.id == "vk:-1000")
        #expect(try await byway.community("vk:-1") == nil)
    }

    @Test func pagesOfTheFakeFollowTheirCursor() async throws {
        let byway = FakeByway()
        let first = try await byway.posts(of: "vk:-1000", after: nil, limit: 3)
        #expect(first.items.count == 3)
        let second = try await byway.posts(of: "vk:-1000", after: try #require(first.next), limit: 3)
        #expect(second.items.map(\.id) == ["vk:0_1"])
        #expect(second.next == nil)
        await #expect(throws: BywayError.self) { try await byway.posts(of: "vk:-1000", after: "no cursor", limit: 3) }
        await #expect(throws: BywayError.self) { try await byway.posts(of: "vk:-1000", after: nil, limit: -1) }
    }

    @Test func aPictureOfTheFakeIsFetchedWithinItsLimit() async throws {
        let photo = Attachment.photo(url: "files/00", width: 4, height: 3, text: "The gate")
        let post = Post(id: "a", text: "", attachments: [photo])
        let byway = FakeByway(.init(posts: [post], files: ["files/00": Data("a picture".utf8)]))
        let listed = try #require(try await byway.attachments(of: "a", community: Community.example.id).first)
        #expect(try await byway.fetchAttachment(listed.id).bytes == Data("a picture".utf8))
        let error = try await failure { try await byway.fetchAttachment(listed.id, maxBytes: 3) }
        #expect(error.kind == .tooLarge && error.code == "too_large")
    }

    @Test func whatNobodyAskedForIsNeverReadDirectly() async throws {
        let direct = Strategy(redacted: "direct:", scheme: "direct", phrase: "directly", isDirect: true, allowedBy: [.open])
        let next = Community(id: "vk:-1001", name: "The new club", homes: ["https://vk.com/club_new"])
        let move = Move(kind: .asked, from: "vk:-1000", to: next.id, home: "https://vk.com/club_new")
        let photo = Post(id: "a", text: "", attachments: [.photo(url: "files/00", width: 4, height: 3, text: nil)])
        let club = Community(id: "vk:-1000", name: "The club", homes: ["https://vk.com/rabochie"])
        let byway = FakeByway(.init(community: club, posts: [photo], move: move, successor: next, strategies: [direct]))
        let (link, id) = ("vk.com/rabochie", club.id)
        func fault(_ opened: Opened) -> String? { opened.fault?.code }

        #expect(fault(try await byway.open(link)) == nil)
        #expect(try await failure { try await byway.successor(of: id) }.kind == .notPermitted, "a look at it is no yes")
        #expect(try await byway.follow(move).community.id == next.id)
        try await byway.stay(despite: move)

        try await byway.forget(id)
        let listed = ListedFeed(link: link, title: "", isUnasked: true)
        #expect(try await failure { try await byway.openListed(listed, options: .init(allowDirect: true)) }.kind == .notPermitted)
        _ = try await byway.takeBundle(FakeByway.bundle, exposure: .open)
        #expect(fault(try await byway.openKept(id, options: .init(allowDirect: true))) == "unreached")
        #expect(fault(try await byway.refresh(id)) == "unreached")
        let file = AttachmentID(community: id, post: "a", index: 0)
        let directly = AccessOptions(allowDirect: true)
        #expect(try await failure { try await byway.fetchAttachment(file, maxBytes: 100, options: directly) }.code == "no_way")
        #expect(fault(try await byway.open(link)) == nil, "the user asks for it")
        #expect(fault(try await byway.openListed(listed, options: .init())) == nil, "and has asked for it")
        #expect(try await byway.fetchAttachment(file).bytes.isEmpty)
    }

    @Test func adviceKeepsDirectStrategiesOutOfTheFake() async throws {
        let direct = Strategy(redacted: "direct:", scheme: "direct", phrase: "directly", isDirect: true, allowedBy: [.open])
        let advice = AccessAdvice(kind: .tor, text: "only through the Tor browser", field: .status)
        let careful = Community(
            id: "vk:-1002", name: "Careful", homes: ["https://vk.com/careful"], accessAdvice: [advice])
        let byway = FakeByway(.init(community: careful, strategies: [direct]))
        #expect(try await byway.open("vk.com/careful").fault?.code == "unreached")
        #expect(try await byway.preview("vk.com/careful").refusal == "no_way")
        #expect(try await byway.open("vk.com/careful", allowDirect: true).fault == nil)
        try await byway.allowDirect(true, for: careful.id)
        #expect(try await byway.refresh(careful.id).fault == nil)
    }

    @Test func aFailureOfTheFakeIsThrown() async throws {
        let byway = FakeByway(failure: .unreached)
        let error = try await failure { try await byway.open("vk.com/rabochie") }
        #expect(error.kind == .unreached)
        #expect(error.reachability?.verdict.code == .unknown)
    }

    @Test func theFakeTellsOfItsChangesUntilItIsClosed() async throws {
        let byway = FakeByway()
        let changes = try byway.changes()
        let heard = Task {
            var heard: [StoreChange] = []
            for await change in changes { heard.append(change) }
            return heard
        }
        _ = try await byway.open("vk.com/rabochie")
        try await byway.forget("vk:-1000")
        await byway.close()
        #expect(await heard.value.last == .forgotten("vk:-1000"))
        let error = try await failure { try await byway.communities() }
        #expect(error.kind == .closed)
    }

    @Test func aFakeThatTakesTimeIsCancelled() async throws {
        let byway = FakeByway(.init(delay: .seconds(600)))
        let opening = Task { try await byway.open("vk.com/rabochie") }
        opening.cancel()
        await #expect(throws: CancellationError.self) { try await opening.value }
    }
}
