import Byway
import Foundation
import Testing

/// What is on the device: keys, attachments, the calendar, links, what was done.
@Suite(.serialized) struct DeviceTests {
    private static let link = "vk.com/club_of_files"
    private static let id: CommunityID = "vk:-1000"

    /// A post with a file at a site of the lab, and an event with a time. Through a proxy, since the lab's ports are its own.
    private static let state = """
        {"calls_per_second": 1000, "communities": [
          {"group": {"id": 1000, "name": "Files", "screen_name": "club_of_files", "type": "group", "is_closed": 0},
           "posts": [{"id": 1, "date": 1793527200, "text": "A picture.", "type": "post", "attachments": [
             {"type": "photo", "photo": {"id": 1, "owner_id": -1000, "date": 1793527200, "text": "The hall",
               "sizes": [{"type": "x", "url": "https://http.example/hello", "width": 800, "height": 600}]}},
             {"type": "doc", "doc": {"id": 2, "owner_id": -1000, "title": "Gone.pdf", "ext": "pdf", "size": 5,
               "url": "https://http.example/missing"}},
             {"type": "event", "event": {"id": 2000, "time": 1798797600, "text": "An evening"}}]}],
           "events": [2000]},
          {"group": {"id": 2000, "name": "Вечер; с чаем, и т. д.", "screen_name": "vecher", "type": "event", "is_closed": 0,
            "start_date": 1798797600, "finish_date": 1798804800}}]}
        """

    @Test func anAttachmentIsFetchedWithinItsLimit() async throws {
        try await over { _, byway in
            let attached = try await byway.attachments(of: "vk:0_1", community: Self.id)
            #expect(attached.map(\.id.index) == [0, 1, 2])
            let file = try await byway.fetchAttachment(attached[0].id)
            #expect(file.bytes == Data("Hello.".utf8))
            #expect(file.reachability.reachedBy != nil)
            #expect(try await failure { try await byway.fetchAttachment(attached[0].id, maxBytes: 3) }.kind == .tooLarge)
            #expect(try await failure { try await byway.fetchAttachment(attached[0].id, maxBytes: -1) }.kind == .input)
            #expect(try await failure { try await byway.fetchAttachment(attached[1].id) }.kind == .refused)
            let options = AccessOptions(exposure: .tor)
            let forbidden = try await failure { try await byway.fetchAttachment(attached[0].id, maxBytes: 99, options: options) }
            #expect(forbidden.kind == .notPermitted || forbidden.kind == .unreached, "\(forbidden)")
        }
    }

    @Test func aFetchOfAnAttachmentIsCancelled() async throws {
        try await over { _, byway in
            let id = try await byway.attachments(of: "vk:0_1", community: Self.id)[0].id
            let fetching = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await byway.fetchAttachment(id)
            }
            await #expect(throws: CancellationError.self) { try await fetching.value }
        }
    }

    @Test func theCalendarHasTheEventsThatHaveAStart() async throws {
        try await over { _, byway in
            let all = try await byway.icalendar(of: Self.id)
            #expect(all.hasPrefix("BEGIN:VCALENDAR\r\n") && all.hasSuffix("END:VCALENDAR\r\n"), "\(all)")
            #expect(all.contains("SUMMARY:Вечер\\; с чаем\\, и т. д."), "\(all)")
            let event = try #require(try await byway.events(of: Self.id).items.first)
            #expect(event.isInICalendar)
            let one = try await byway.icalendar(of: [EventReference(community: Self.id, event: event.id)])
            #expect(one.components(separatedBy: "BEGIN:VEVENT").count == 2)
            let none = try await byway.icalendar(of: [EventReference(community: Self.id, event: "vk:-9")])
            #expect(!none.contains("VEVENT"))
        }
    }

    @Test func aLinkCarriesTheExposureThatWasRaised() async throws {
        try await over { _, byway in
            #expect(try await byway.link(to: Self.id)?.text == "https://vk.com/club_of_files")
            try await byway.raiseExposure(of: Self.link, to: .tor)
            let link = try #require(try await byway.link(to: Self.id))
            #expect(try CommunityLink(link.text) == link)
            #expect(link.exposure == .tor && link.home == "https://vk.com/club_of_files", "\(link)")
            #expect(try CommunityLink(Self.link, exposure: .tor).text == "https://vk.com/club_of_files#exposure=tor")
            #expect(try await byway.link(to: "vk:-9") == nil)
            let error = try await failure { try CommunityLink("not a link") }
            #expect(error.kind == .input && error.code == "no_address", "\(error)")
        }
    }

    @Test func whatWasDoneIsListedAndTheReportNamesNobody() async throws {
        try await over { _, byway in
            _ = try? await byway.get("https://news.example/")
            let accesses = try byway.accesses()
            #expect(Set(accesses.map(\.action)) == [.open, .get])
            #expect(accesses.contains { $0.url?.contains("news.example") == true })
            let report = try byway.report()
            #expect(try JSONSerialization.jsonObject(with: Data(report.utf8)) is [Any])
            for name in ["news.example", "vk.ru", "vk.com", "club_of_files"] { #expect(!report.contains(name), "\(name)") }
        }
    }

    @Test func directStrategiesAreAllowedAndForbiddenPerCommunity() async throws {
        let state = Data(
            """
            {"calls_per_second": 1000, "communities": [{"group": {"id": 1002, "name": "Tor", "screen_name": "tor_only",
              "type": "group", "is_closed": 0, "status": "only through the Tor browser"}}]}
            """.utf8)
        let lab = try Lab(state: state)
        let byway = try await LiveByway.open(lab.configuration(strategies: ["direct:", "tor"], storage: lab.storage()))
        let first = try await byway.open("vk.com/tor_only")
        #expect(first.community.accessAdvice.map(\.kind) == [.tor])
        #expect(try await byway.preview("vk.com/tor_only").avoidsDirect)
        #expect(try await byway.open("vk.com/tor_only").reachability.reachedBy?.hasPrefix("tor") == true)
        try await byway.allowDirect(true, for: first.community.id)
        #expect(try await !byway.preview("vk.com/tor_only").avoidsDirect)
        #expect(try await byway.open("vk.com/tor_only").reachability.reachedBy == "direct:")
        try await byway.allowDirect(false, for: first.community.id)
        #expect(try await byway.preview("vk.com/tor_only").avoidsDirect)
        await byway.close()
    }

    @Test func aSealedKeyFileOpensItsStoreWithItsPassphraseOnly() async throws {
        let lab = try Lab()
        let file = lab.storage("sealed.age").folder
        let missing = StoreKey.passphrase(Passphrase("correct horse"), file: file)
        #expect(
            try await failure { try await LiveByway.open(lab.configuration(storage: lab.storage(key: missing))) }.code
                == "key_absent")
        let key = try await StoreKey.makeFile(at: file, passphrase: Passphrase("correct horse"), workFactor: 15)
        #expect(
            try await failure { try await StoreKey.makeFile(at: file, passphrase: Passphrase("other"), workFactor: 15) }.code
                == "key_exists")
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage(key: key)))
        _ = try await byway.open("vk.com/byway_club")
        await byway.close()
        func sealed(_ text: String) -> StoreKey { .passphrase(Passphrase(text), file: file) }
        let error = try await failure { try await LiveByway.open(lab.configuration(storage: lab.storage(key: sealed("wrong")))) }
        #expect(error.code == "wrong_passphrase", "\(error)")
        let used = try await failure { try await LiveByway.open(lab.configuration(storage: lab.storage(key: key))) }
        #expect(used.code == "passphrase_used")
        let again = try await LiveByway.open(lab.configuration(storage: lab.storage(key: sealed("correct horse"))))
        #expect(try await again.communities().count == 1)
        try await again.lock()
        #expect(try await failure { try await again.unlock(sealed("wrong")) }.code == "wrong_passphrase")
        try await again.unlock(sealed("correct horse"))
        #expect(try await again.communities().count == 1)
        await again.close()
    }

    @Test func aKeyFileIsMadeOnceAndOpensItsStore() async throws {
        let lab = try Lab()
        let file = lab.storage("key").folder
        let key = try await StoreKey.makeFile(at: file)
        #expect(try await failure { try await StoreKey.makeFile(at: file) }.kind != .internal)
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage(key: key)))
        #expect(try await byway.communities().isEmpty)
        await byway.close()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        _ = try await failure { try await LiveByway.open(lab.configuration(storage: lab.storage(key: key))) }
    }

    @Test func aPastedTextIsReadLineByLine() throws {
        let lines = try Strategy.lines(of: "# mine\ndirect:\nsocks5://user:hunter2@127.0.0.1:1080\ndirect:\nnonsense\n")
        #expect(lines.map(\.number) == [1, 2, 3, 4, 5])
        guard case .ignored = lines[0].outcome, case .strategy(let direct, "direct:") = lines[1].outcome,
            case .strategy(let proxy, let text) = lines[2].outcome, case .duplicate(_, first: 2) = lines[3].outcome,
            case .wrong(_, let fault) = lines[4].outcome
        else { throw Lab.Failure(description: "\(lines.map(\.outcome))") }
        #expect(direct.isDirect && direct.allowedBy == [.open])
        #expect(text.contains("hunter2") && !proxy.redacted.contains("hunter2"))
        #expect(fault.kind == .input && fault.code == "not_understood")
    }

    @Test func fingerprintsAreCheckedRowByRow() throws {
        let csv =
            "name,scope,location_found,pattern_type,pattern,expected_countries\none,nat,body,contains,blocked,RU\ntwo,x,y,z,,\n"
        let checked = try Fingerprints(csv: csv)
        #expect(checked.usable == 1 && checked.skipped.map(\.row) == [2], "\(checked)")
        #expect(throws: BywayError.self) { try Fingerprints(csv: "nonsense") }
    }

    @Test func aDurationIsSaidInWords() throws {
        let (english, russian) = (try Duration.seconds(180).inWords(), try Duration.seconds(180).inWords(.russian))
        #expect(english == "180.0 s" && russian == "180,0 с", "\(english), \(russian)")
        #expect(throws: BywayError.self) { try Duration.seconds(-1).inWords() }
    }

    private func over(_ test: (Lab, LiveByway) async throws -> Void) async throws {
        let lab = try Lab(state: Data(Self.state.utf8))
        let byway = try await LiveByway.open(lab.configuration(strategies: ["proxy.nl"], storage: lab.storage()))
        _ = try await byway.open(Self.link)
        try await test(lab, byway)
        await byway.close()
    }
}
