import Byway
import BywayFakes
import Foundation
import Testing

/// What an admin's screen may rely on, of the fake as of the real publisher: `publishers` of the shared cases.
@Suite(.serialized) final class PublisherContractTests {
    private let folder: URL
    private static let zavod = CommunityStatement(name: "zavod", mirrors: ["https://zavod.example/"])

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("byway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    @Test(arguments: try! Cases.publishers().map(\.name))
    func thePublisherDoesAsTheTableSays(name: String) async throws {
        try await run(name, Real(folder, Self.zavod))
    }

    @Test(arguments: try! Cases.publishers().map(\.name))
    func theFakePublisherDoesAsTheTableSays(name: String) async throws {
        try await run(name, Fake(folder, Self.zavod))
    }

    @Test func aFakeIsToldWhatOnlyOthersCanCause() async throws {
        let fake = try FakePublisher(Self.zavod, decidesAlone: false)
        #expect(await code { try await fake.restate(Self.zavod) } == "too_few_signed")
        #expect(await code { try await fake.move(to: nil) } == "too_few_signed")
        let keys = CommunityKeys(file: folder.appendingPathComponent("next.keys"), passphrase: Passphrase("next"))
        #expect(await code { try await fake.rotate(to: keys) } == "too_few_signed")
        #expect(await code { try await fake.rotate(to: keys) } == "passphrase_used")
        fake.waitingRecovery = WaitingRecovery(until: Date(), signers: ["a"], root: ["b"])
        #expect(try await fake.recovery() == fake.waitingRecovery)
        fake.failure = BywayError(kind: .storeClosed, code: "community_busy", text: "Another program has it.")
        #expect(await code { _ = try await fake.post("Now.") } == "community_busy")
        fake.failure = nil
        _ = try await fake.post("Now.")
        #expect(await code { _ = try FakePublisher(CommunityStatement(name: "")) } == "unfit")
        let line = "byway-keys:" + String(repeating: "a", count: 134)
        let two = CommunityStatement(name: "zavod", keys: KeyChanges(root: [line], threshold: 2))
        #expect(await code { _ = try FakePublisher(two) } == "too_few_signed")
    }

    @Test func whatAWrongClockDatedAheadIsDatedAgain() async throws {
        let noon = try Date("2030-05-09T12:00:30Z", strategy: .iso8601)
        let clock = Shift(noon)
        let fake = try FakePublisher(Self.zavod) { clock.now }
        clock.ahead = 3 * 86_400
        let name = try await fake.post("From tomorrow.")
        clock.ahead = 0
        #expect(try await fake.datedAhead() == noon + 3 * 86_400 - 30)
        #expect(try await fake.redate() == 0)
        #expect(try await fake.datedAhead() == nil)
        #expect(try await fake.content().posts.map(\.created) == [noon - 30])
        try await fake.edit(name, text: "From today.")
        #expect(try await fake.content().posts.map(\.edited) == [noon + 30])
    }

    // MARK: -

    private func run(_ name: String, _ subject: some Subject) async throws {
        let found = try #require(try Cases.publishers().first { $0.name == name })
        var names: [String: String] = [:]
        for step in found.steps {
            let ended = await code { try await self.call(step, subject, &names) }
            #expect(ended == step.text("code") ?? "done", "\(name): \(step.fields)")
        }
        await subject.publisher.close()
    }

    private func call(_ step: Step, _ subject: some Subject, _ names: inout [String: String]) async throws {
        let publisher = subject.publisher
        let known = names
        let item = { (field: String) in step.text(field).map { known[$0] ?? $0 } }
        var pictures: [Picture]?
        if let count = step.number("pictures") {
            let picture = try await subject.picture()
            pictures = Array(repeating: picture, count: count)
        }
        let place = { (field: String) in self.folder.appendingPathComponent(step.text(field) ?? "") }
        switch step.text("call") {
        case "post":
            names[step.text("as") ?? "-"] = try await publisher.post(step.text("text") ?? "", pictures: pictures ?? [])
        case "edit": try await publisher.edit(item("item") ?? "", text: step.text("text") ?? "", pictures: pictures)
        case "announce":
            let gathering = try step.step("gathering").gathering()
            names[step.text("as") ?? "-"] = try await publisher.announce(gathering, replacing: item("replaces"))
        case "delete": try await publisher.delete(item("item") ?? "")
        case "content": try compare(step, try await publisher.content())
        case "restate":
            var statement = try step.step("statement").statement()
            if statement.keys.removed == ["own"] { statement.keys.removed = [try #require(try await publisher.link().key)] }
            try await publisher.restate(statement)
        case "statement": #expect(try await publisher.statement() == step.statement())
        case "link":
            let exposure = step.text("exposure").flatMap(Exposure.init(rawValue:)) ?? .open
            let link = try await publisher.link(exposure: exposure)
            #expect(link.mirrors == step.texts("mirrors") && link.exposure == exposure)
            #expect((link.webForm != nil) == step.flag("isWeb") && link.key != nil)
            #expect(link.text.hasPrefix("byway:\(link.id)"))
        case "moveTo":
            let link = step.text("link")
            try await publisher.move(to: link == "own" ? publisher.link().text : link)
        case "publish":
            let written = try await publisher.publish(into: place("into"), replacing: step.flag("replace") ?? false)
            #expect(written.changed > 0)
        case "takeIn": try await publisher.takeIn(from: place("from"))
        case "postElsewhere": try await subject.postElsewhere(step.text("text") ?? "", into: place("into"))
        case "freeze": try await subject.freeze(after: Date(timeIntervalSinceNow: -3600 * Double(step.number("hoursAgo") ?? 0)))
        case "frozen": #expect((try await publisher.frozen() != nil) == step.flag("isFrozen"))
        case "rotate": try await publisher.rotate(to: subject.keys(step.text("keys") ?? ""))
        case "quiet":
            let (recovery, ahead) = (try await publisher.recovery(), try await publisher.datedAhead())
            #expect(recovery == nil && ahead == nil)
            #expect(try await publisher.redate() == 0)
        case "close": await publisher.close()
        default: throw Lab.Failure(description: "\(step.fields)")
        }
    }

    private func compare(_ step: Step, _ content: Published) throws {
        #expect(content.posts.map(\.text) == step.texts("posts"))
        #expect(content.posts.map { $0.edited != nil } == step.flags("edited") ?? [])
        if let pictures = step.numbers("pictures") { #expect(content.posts.map(\.attachments.count) == pictures) }
        let author = Author(id: content.community.id.rawValue, name: content.community.name, kind: .community)
        #expect(content.posts.allSatisfy { $0.author == author && $0.id.hasPrefix("nostr:30023:") })
        guard let events = step.steps("events") else { return }
        let said = content.events.map { event in
            [
                event.name, event.status.rawValue, event.start.map { "\($0.date)" }, event.end.map { "\($0.date)" }, event.zone,
                event.place?.name, event.days.map { "\($0.first.day ?? 0) \($0.last.day ?? 0)" },
            ]
        }
        let stated = try events.map { step in
            let gathering = try step.gathering()
            let start = gathering.start.map { "\($0)" }
            return [
                gathering.name, step.text("status"), start, gathering.end.map { "\($0)" }, gathering.zone, gathering.place,
                gathering.days.map { "\($0.first.day ?? 0) \($0.last.day ?? 0)" },
            ]
        }
        #expect(said == stated)
    }
}

/// A publisher, and what a test does to it from outside.
private protocol Subject: AnyObject {
    var publisher: any CommunityPublisher { get }
    func picture() async throws -> Picture
    func postElsewhere(_ text: String, into folder: URL) async throws
    func freeze(after time: Date) async throws
    func keys(_ name: String) -> CommunityKeys
}

private final class Real: Subject {
    private let folder: URL
    private var opened: LivePublisher
    var publisher: any CommunityPublisher { opened }

    init(_ folder: URL, _ statement: CommunityStatement) async throws {
        self.folder = folder
        opened = try await LivePublisher.found(
            folder.appendingPathComponent("zavod"), keys: Self.keys("zavod", in: folder), statement: statement)
    }

    private static func keys(_ name: String, in folder: URL) -> CommunityKeys {
        CommunityKeys(file: folder.appendingPathComponent("\(name).keys"), passphrase: Passphrase(name))
    }

    func keys(_ name: String) -> CommunityKeys { Self.keys(name, in: folder) }

    func picture() async throws -> Picture {
        let rows = try Cases.rows("pictures")
        let base64 = try #require(rows.first?.json["base64"] as? String)
        return try await Picture(cleaning: #require(Data(base64Encoded: base64)), text: "The gate")
    }

    func postElsewhere(_ text: String, into web: URL) async throws {
        await opened.close()
        let copy = folder.appendingPathComponent("copy")
        try? FileManager.default.removeItem(at: copy)
        try FileManager.default.copyItem(at: web, to: copy)
        let other = try await LivePublisher.open(copy, keys: keys("zavod"))
        _ = try await other.post(text)
        _ = try await other.publish(into: web)
        await other.close()
        opened = try await LivePublisher.open(folder.appendingPathComponent("zavod"), keys: keys("zavod"))
    }

    func freeze(after time: Date) async throws {
        let zavod = folder.appendingPathComponent("zavod")
        await opened.close()
        try await CommunityProposal.make(.freeze(after: time), of: zavod, keys: keys("zavod")).placeFreeze(into: zavod)
        opened = try await LivePublisher.open(zavod, keys: keys("zavod"))
    }
}

private final class Fake: Subject {
    private let folder: URL
    private let fake: FakePublisher
    var publisher: any CommunityPublisher { fake }

    init(_ folder: URL, _ statement: CommunityStatement) throws {
        (self.folder, fake) = (folder, try FakePublisher(statement))
    }

    func keys(_ name: String) -> CommunityKeys {
        CommunityKeys(file: folder.appendingPathComponent("\(name).keys"), passphrase: Passphrase(name))
    }

    func picture() async throws -> Picture { FakePublisher.picture("The gate") }

    func postElsewhere(_ text: String, into folder: URL) async throws { try fake.postElsewhere(text, into: folder) }

    func freeze(after time: Date) async throws { fake.freeze(after: time) }
}

/// A clock that a test sets.
private final class Shift: @unchecked Sendable {
    private let lock = NSLock()
    private let start: Date
    private var by = 0.0

    init(_ start: Date) { self.start = start }

    var ahead: Double {
        get { lock.withLock { by } }
        set { lock.withLock { by = newValue } }
    }

    var now: Date { start + ahead }
}

/// A step of a case, or a part of one.
private struct Step {
    let fields: [String: Any]

    func text(_ field: String) -> String? {
        guard let value = fields[field], case .text(let text) = Tree(json: value) else { return nil }
        return text
    }

    func texts(_ field: String) -> [String]? { fields[field] as? [String] }
    func number(_ field: String) -> Int? { fields[field] as? Int }
    func numbers(_ field: String) -> [Int]? { fields[field] as? [Int] }
    func flag(_ field: String) -> Bool? { fields[field] as? Bool }
    func flags(_ field: String) -> [Bool]? { fields[field] as? [Bool] }
    func step(_ field: String) throws -> Step { Step(fields: try #require(fields[field] as? [String: Any])) }
    func steps(_ field: String) -> [Step]? { (fields[field] as? [[String: Any]])?.map(Step.init(fields:)) }

    func gathering() throws -> Gathering {
        let date = { (field: String) in try text(field).map { try Date($0, strategy: .iso8601) } }
        let days = texts("days")?.map { day in
            let parts = day.split(separator: "-").compactMap { Int($0) }
            return DateComponents(year: parts[0], month: parts[1], day: parts[2])
        }
        return Gathering(
            name: text("name") ?? "", text: text("text"), start: try date("start"), end: try date("end"),
            days: days.map { EventDays(first: $0[0], last: $0[1]) }, zone: text("zone"), place: text("place"),
            isCancelled: flag("cancelled") ?? false)
    }

    func statement() -> CommunityStatement {
        let keys = (fields["keys"] as? [String: Any]).map(Step.init(fields:)).map {
            KeyChanges(
                root: $0.texts("root") ?? [], threshold: $0.number("threshold"), publishers: $0.texts("publishers") ?? [],
                moderators: $0.texts("moderators") ?? [], recovery: $0.texts("recovery") ?? [],
                recoveryDays: $0.number("recoveryDays"), removed: $0.texts("removed") ?? [])
        }
        return CommunityStatement(
            name: text("name") ?? "", description: text("description") ?? "", mirrors: texts("mirrors") ?? [],
            pages: texts("pages") ?? [], continues: text("continues"), keys: keys ?? KeyChanges())
    }
}

extension Cases {
    /// The cases of publishers.
    fileprivate static func publishers() throws -> [(name: String, steps: [Step])] {
        try rows("publishers").map { row in
            let steps = try #require(row.json["steps"] as? [[String: Any]])
            return (try #require(row.json["name"] as? String), steps.map(Step.init(fields:)))
        }
    }
}
