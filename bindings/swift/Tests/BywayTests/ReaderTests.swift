import Byway
import BywayFakes
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
        #expect(opened.community.successor != nil && changes == 2)
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
}
