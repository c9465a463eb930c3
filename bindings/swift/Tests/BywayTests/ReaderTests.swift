import Byway
import BywayFakes
import Foundation
import Testing

/// The part of examples/ios that knows no view.
@Suite @MainActor struct ReaderTests {
    @Test func whatIsReadIsShownWithItsBanner() async {
        let reader = Reader(byway: FakeByway(), link: "vk.com/rabochie")
        var changes = 0
        reader.observe { changes += 1 }
        await reader.load()
        guard case .shown(let opened) = reader.content else {
            Issue.record("nothing is shown")
            return
        }
        #expect(opened.community.successor != nil && changes > 1)
        #expect(reader.banner?.sentence == opened.reachability.sentence)
    }

    @Test func whereNothingIsThereTheErrorIsShown() async {
        let reader = Reader(byway: FakeByway(failure: .unreached), link: "vk.com/rabochie")
        await reader.load()
        guard case .failed(let error) = reader.content else {
            Issue.record("no error is shown")
            return
        }
        #expect(error.kind == .unreached && reader.banner?.isUrgent == true)
    }

    @Test func aSignedSuccessorIsLookedAtThenFollowed() async {
        let id = Community.example.id
        let next = Community(id: "byway:new", name: "The new place", homes: ["https://new.example/"])
        let move = Move(kind: .asked, from: id, fromKeys: "0011", toKeys: nil)
        let fake = FakeByway(.init(move: move, successor: next, successorPosts: [Post(id: "a", text: "Here.")]))
        let reader = Reader(byway: fake, link: "vk.com/rabochie")
        await reader.load()
        #expect(reader.offer?.isSigned == true && reader.offer?.fromKeys == "0011")
        #expect(reader.shared?.link == "https://vk.com/rabochie" && reader.shared?.code != nil)
        await reader.look()
        #expect(reader.offer?.text.hasPrefix("“The new place”") == true)
        await reader.follow(reader.offer!)
        guard case .shown(let opened) = reader.content else {
            Issue.record("nothing is shown")
            return
        }
        #expect(opened.community == next && opened.posts.map(\.text) == ["Here."])
        let staying = Reader(byway: FakeByway(.init(move: move, successor: next)), link: "vk.com/rabochie")
        await staying.load()
        await staying.stay(staying.offer!)
        #expect(staying.offer == nil)
        await staying.refresh()
        #expect(staying.offer == nil)
    }

    @Test func anotherSuccessorThanTheShownOneIsSaidAndAsked() async {
        let id = Community.example.id
        let next = Community(id: "byway:new", name: "The new place")
        let fake = FakeByway(.init(move: Move(kind: .asked, from: id, to: "byway:new", fromKeys: "0011"), successor: next))
        let reader = Reader(byway: fake, link: "vk.com/rabochie")
        for answer in [Reader.follow, Reader.stay] {
            await reader.load()
            let shown = reader.offer?.move
            fake.fixture.move = Move(kind: .asked, from: id, to: CommunityID(rawValue: "byway:other-\(UUID())"), fromKeys: "0011")
            await answer(reader)(reader.offer!)
            #expect(reader.message == "This is how an error reads." && reader.offer != nil && reader.offer?.move != shown)
            guard case .shown(let opened) = reader.content else {
                Issue.record("nothing is shown")
                return
            }
            #expect(opened.community.id == id)
        }
        await reader.stay(reader.offer!)
        #expect(reader.offer == nil && reader.message == nil)
    }

    @Test func anAnswerIsForTheOfferThatWasOnTheScreen() async {
        let id = Community.example.id
        let next = Community(id: "byway:new", name: "The new place")
        let fake = FakeByway(.init(move: Move(kind: .asked, from: id, to: "byway:new"), successor: next))
        let reader = Reader(byway: fake, link: "vk.com/rabochie")
        for answer in [Reader.follow, Reader.stay] {
            await reader.load()
            let drawn = reader.offer!
            // The screen's model has the newer one already, and the button was drawn with the older one.
            fake.fixture.move = Move(kind: .asked, from: id, to: CommunityID(rawValue: "byway:other-\(UUID())"))
            await reader.refresh()
            #expect(reader.offer != nil && reader.offer != drawn)
            await answer(reader)(drawn)
            guard case .shown(let opened) = reader.content else {
                Issue.record("nothing is shown")
                return
            }
            #expect(opened.community.id == id && reader.message != nil && reader.offer != nil)
        }
    }

    @Test func aBundleIsOpenedFromAFile() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("bundle-\(UUID().uuidString)")
        try FakeByway.bundle.write(to: file)
        let reader = Reader(byway: FakeByway(failure: .unreached), link: "vk.com/rabochie")
        await reader.takeBundle(at: file)
        guard case .shown(let opened) = reader.content else {
            Issue.record("nothing is shown")
            return
        }
        #expect(opened.source == .store && opened.community == .example)
    }
}
