import Byway
import BywayFakes
import Foundation
import Testing

/// What any `BywayClient` holds to. The real one and the fake get the same calls and must answer alike, so that an app which
/// works over the fake works.
@Suite(.serialized) struct ContractTests {
    private static let link = "vk.com/rabochie"
    private static let id: CommunityID = "vk:-1000"

    private struct Call: Sendable {
        let name: String
        let make: @Sendable (any BywayClient) async throws -> any Sendable

        init(_ name: String, _ make: @escaping @Sendable (any BywayClient) async throws -> any Sendable) {
            self.name = name
            self.make = make
        }
    }

    @Test func theFakeAnswersAsTheRealClientDoes() async throws {
        let lab = try Lab(state: Self.state())
        // No strategy satisfies the exposure `tor`.
        let configuration = try lab.configuration(strategies: ["direct:", "proxy.nl"], storage: lab.storage())
        let real = try await LiveByway.open(configuration)
        let opened = try await real.open(Self.link)
        let fake = try FakeByway(
            .init(
                community: opened.community, posts: opened.posts, events: opened.events.reversed(),
                strategies: real.strategies()))
        _ = try await fake.open(Self.link)
        for call in Self.calls {
            let (expected, answer) = (await Self.said(call, by: real), await Self.said(call, by: fake))
            #expect(answer == expected, "\(call.name)")
        }
        await real.close()
        await fake.close()
        for call in Self.calls {
            let (expected, answer) = (await Self.said(call, by: real), await Self.said(call, by: fake))
            #expect(expected == "closed/closed", "\(call.name) of a closed client")
            #expect(answer == expected, "\(call.name) of a closed fake")
        }
    }

    /// The state of the cases, with two more events: an earlier one, and one without a start.
    private static func state() throws -> Data {
        var state = try #require(try Cases.read().states["default"]?.plain as? [String: Any])
        var communities = try #require(state["communities"] as? [[String: Any]])
        communities[0]["events"] = [2000, 2001, 2002]
        var posts = try #require(communities[0]["posts"] as? [[String: Any]])
        let file: [String: Any] = ["id": 1, "owner_id": -1000, "title": "a", "ext": "txt", "url": "https://http.example/hello"]
        for place in posts.indices where posts[place]["id"] as? Int == 1 {
            posts[place]["attachments"] = [["type": "doc", "doc": file]]
        }
        communities[0]["posts"] = posts
        for (id, start) in [(2001, 1_798_000_000), (2002, nil)] {
            var group: [String: Any] = ["id": id, "name": "Event \(id)", "screen_name": "event\(id)", "type": "event"]
            group["is_closed"] = 0
            group["start_date"] = start
            communities.append(["group": group])
        }
        state["communities"] = communities
        return try JSONSerialization.data(withJSONObject: state)
    }

    /// What a call answers, or the kind and the code of its error.
    private static func said(_ call: Call, by client: any BywayClient) async -> String {
        do {
            return "\(try await call.make(client))"
        } catch let error as BywayError {
            return "\(error.kind.rawValue)/\(error.code)"
        } catch {
            return "\(error)"
        }
    }

    /// In this order: later ones meet what earlier ones did.
    private static func said(of opened: Opened) -> [String] {
        ["\(opened.source)", "\(opened.exposure)", opened.fault.map { "\($0.kind.rawValue)/\($0.code)" } ?? "no fault"]
    }

    private static func said(of changes: Changes) -> [String] {
        ["\(changes.community)", "\(changes.posts)", "\(changes.events.added.sorted { $0.rawValue < $1.rawValue })"]
    }

    private static func said(of synced: Synced) -> [String] {
        synced.communities.map { one in
            switch one.outcome {
            case .done: "\(one.id) done"
            case .left: "\(one.id) left"
            case .notYet: "\(one.id) not yet"
            case .failed(let fault, _): "\(one.id) \(fault.kind.rawValue)/\(fault.code)"
            }
        }
    }

    private static func said(of change: StoreChange) -> String {
        switch change {
        case .events(let id, let events): "events of \(id): \(events.added.map(\.rawValue).sorted()), \(events.isFirst)"
        case let other: "\(other)"
        }
    }

    private static let other = Move(kind: .claimed, from: id, home: "https://vk.com/other")

    /// The move that is shown of the community.
    private static func claim(_ client: any BywayClient) async throws -> Move {
        try #require(try await client.successor(of: id).moves.last)
    }

    private static let calls: [Call] = [
        Call("open") {
            let opened = try await $0.open(link)
            return [opened.community.id.rawValue] + opened.posts.map(\.id)
        },
        Call("open a text that is not a link") { try await $0.open("not a link").source },
        Call("open offline") { try await $0.open(link, offline: true).source },
        Call("open offline what is not stored") { try await $0.open("vk.com/other", offline: true).source },
        Call("open with an exposure that no strategy satisfies") { said(of: try await $0.open(link, exposure: .tor)) },
        Call("the exposure after what was not permitted") { try await $0.exposure(of: id) },
        Call("open a link with an exposure that does not exist") { said(of: try await $0.open("\(link)#exposure=perhaps")) },
        Call("the changes of a reading that brings nothing new") { try await $0.open(link).changes },
        Call("the changes that are told of such readings") { client in
            let changes = try client.changes()
            _ = try await client.open(link)
            _ = try await client.open(link, offline: true)
            try await client.forget(id)
            return await changes.first { _ in true }.map { "\($0)" } ?? "nil"
        },
        Call("the changes of the first reading") { said(of: try await $0.open(link).changes) },
        Call("the changes that are told of the first reading") { client in
            try await client.forget(id)
            let changes = try client.changes()
            _ = try await client.open(link)
            try await client.forget(id)
            var said: [String] = []
            for await change in changes {
                said.append(ContractTests.said(of: change))
                if case .forgotten = change { break }
            }
            _ = try await client.open(link)
            return said
        },
        Call("refresh") { try await $0.refresh(id).community.name },
        Call("refresh what is not stored") { try await $0.refresh("vk:-5").community.name },
        Call("refresh what is not an id") { try await $0.refresh("nonsense").community.name },
        Call("the successor that is claimed") { client in
            let opened = try await client.successor(of: id)
            return [opened.community.id.rawValue, "\(opened.source)"] + opened.moves.map { "\($0.kind) \($0.home ?? "nil")" }
        },
        Call("the successor of what is not stored") { try await $0.successor(of: "vk:-5").community.name },
        Call("the successor of what is not an id") { try await $0.successor(of: "nonsense").community.name },
        Call("follow to what is not there") { try await $0.follow(try await claim($0)).community.name },
        Call("follow what is not stored") { try await $0.follow(Move(kind: .claimed, from: "vk:-5")).community.name },
        Call("follow to what was not shown") { try await $0.follow(other).community.name },
        Call("stay") { try await $0.stay(despite: try await claim($0)) },
        Call("stay in spite of what was not shown") { try await $0.stay(despite: other) },
        Call("stay at what is not stored") { try await $0.stay(despite: Move(kind: .claimed, from: "vk:-5")) },
        Call("open by the id") { try await $0.openKept(id).community.name },
        Call("open by the id, offline") { try await $0.openKept(id, offline: true).source },
        Call("open by the id of what is not stored") { try await $0.openKept("vk:-5").community.name },
        Call("open what nobody followed") { try await $0.open(link).moves.count },
        Call("a bundle that is none") { try await $0.takeBundle(Data("x".utf8)).community.name },
        Call("a bundle that is not there") {
            try await $0.takeBundle(at: URL(fileURLWithPath: "/nowhere/bundle")).community.name
        },
        Call("a site of what is not stored") {
            try await $0.writeSite(of: "vk:-5", into: URL(fileURLWithPath: "/nowhere/site")).changed
        },
        Call("communities") { try await $0.communities().map(\.id) },
        Call("a community") { try await $0.community(id)?.community.name ?? "nil" },
        Call("an unknown community") { try await $0.community("vk:-5")?.community.name ?? "nil" },
        Call("a community by what is not an id") { try await $0.community("nonsense")?.community.name ?? "nil" },
        Call("posts, one at a time") { client in
            var (ids, after) = ([String](), Cursor?.none)
            repeat {
                let page = try await client.posts(of: id, after: after, limit: 1)
                ids += page.items.map(\.id)
                after = page.next
            } while after != nil
            return ids
        },
        Call("posts of an unknown community") { try await $0.posts(of: "vk:-5").items.count },
        Call("posts of what is not an id") { try await $0.posts(of: "nonsense").items.count },
        Call("no posts at all") { try await $0.posts(of: id, after: nil, limit: 0).items.count },
        Call("fewer than no posts") { try await $0.posts(of: id, after: nil, limit: -1).items.count },
        Call("more posts than there are") { try await $0.posts(of: id, after: nil, limit: .max).items.count },
        Call("posts after no cursor") { try await $0.posts(of: id, after: "no cursor", limit: 5).items.count },
        Call("posts after an empty cursor") { try await $0.posts(of: id, after: "", limit: 5).items.count },
        Call("events") { try await $0.events(of: id).items.map(\.id) },
        Call("a post") { try await $0.post("vk:0_1", of: id)?.text ?? "nil" },
        Call("an unknown post") { try await $0.post("vk:0_99", of: id)?.text ?? "nil" },
        Call("an event") { try await $0.event("vk:-2000", of: id)?.name ?? "nil" },
        Call("an unknown event") { try await $0.event("vk:-99", of: id)?.name ?? "nil" },
        Call("the events of a reading") { try await $0.open(link).events.map(\.id) },
        Call("events to come") { try await $0.upcomingEvents(from: .distantPast).items.map(\.event.id) },
        Call("events of a time without any") {
            try await $0.upcomingEvents(from: Date(timeIntervalSince1970: 0), until: Date(timeIntervalSince1970: 1)).items.count
        },
        Call("search") { try await $0.search("суббот").items.map(\.communityID) },
        Call("search for nothing") { try await $0.search("").items.count },
        Call("search for what is not there") { try await $0.search("zzz").items.count },
        Call("search in another community") { try await $0.search("суббот", in: "vk:-5").items.count },
        Call("attachments") { try await $0.attachments(of: "vk:0_2", community: id).map(\.id.index) },
        Call("attachments of an unknown post") { try await $0.attachments(of: "vk:0_99", community: id).count },
        Call("fetch an attachment of an unknown post") {
            try await $0.fetchAttachment(AttachmentID(community: id, post: "vk:0_99", index: 0)).bytes.count
        },
        Call("fetch an attachment without a file") {
            try await $0.fetchAttachment(AttachmentID(community: id, post: "vk:0_2", index: 0)).bytes.count
        },
        Call("fetch an attachment that is not there") {
            try await $0.fetchAttachment(AttachmentID(community: id, post: "vk:0_2", index: 9)).bytes.count
        },
        Call("fetch an attachment below zero") {
            try await $0.fetchAttachment(AttachmentID(community: id, post: "vk:0_2", index: -1)).bytes.count
        },
        Call("fetch an attachment with an exposure that no strategy satisfies") {
            let file = AttachmentID(community: id, post: "vk:0_1", index: 0)
            return try await $0.fetchAttachment(file, maxBytes: 100, options: AccessOptions(exposure: .tor)).bytes.count
        },
        Call("a request of a session whose exposure no strategy satisfies") {
            let session = try await $0.httpSession(HTTPSessionOptions(exposure: .tor))
            return try await session.http(HTTPRequest(url: "https://news.example/")).response().status
        },
        Call("the calendar") { try await $0.icalendar(of: id).hasPrefix("BEGIN:VCALENDAR\r\n") },
        Call("the calendar of an unknown community") { try await $0.icalendar(of: "vk:-5").hasSuffix("END:VCALENDAR\r\n") },
        Call("the link") { try await $0.link(to: id)?.text ?? "nil" },
        Call("the link of an unknown community") { try await $0.link(to: "vk:-5")?.text ?? "nil" },
        Call("the exposure") { try await $0.exposure(of: id) },
        Call("allow direct strategies") { try await $0.allowDirect(true, for: id) },
        Call("allow direct strategies of an unknown community") { try await $0.allowDirect(true, for: "vk:-5") },
        Call("raise the exposure") { try await $0.raiseExposure(of: link, to: .proxied) },
        Call("the exposure that was raised") { try await $0.exposure(of: id) },
        Call("the exposure of an unknown community") { try await $0.exposure(of: "vk:-5") },
        Call("raise the exposure of another community") { try await $0.raiseExposure(of: "vk.com/other", to: .tor) },
        Call("the exposure that is not that of another community") { try await $0.exposure(of: id) },
        Call("raise the exposure to less") { try await $0.raiseExposure(of: link, to: .open) },
        Call("the exposure that was not lowered") { try await $0.exposure(of: id) },
        Call("the link with its exposure") { try await $0.link(to: id)?.text ?? "nil" },
        Call("the list of feeds") {
            let list = try await $0.importFeeds(Data(try await $0.exportFeeds().utf8))
            return list.entries.map(\.link) + ["\(list.odd)", "\(list.isCut)"]
        },
        Call("open a link whose exposure no strategy satisfies") { said(of: try await $0.open("\(link)#exposure=tor")) },
        Call("the exposure that the link has raised") { try await $0.exposure(of: id) },
        Call("a list of feeds that names an exposure") { client in
            let opml = "<opml version=\"2.0\"><body><outline xmlUrl=\"https://\(link)#exposure=tor\"/></body></opml>"
            return try await client.importFeeds(Data(opml.utf8)).entries.map(\.link)
        },
        Call("the exposure that the list has raised") { try await $0.exposure(of: id) },
        Call("fetch an attachment of what the list has raised") {
            try await $0.fetchAttachment(AttachmentID(community: id, post: "vk:0_1", index: 0)).bytes.count
        },
        Call("open what the list has raised") { said(of: try await $0.open(link)) },
        Call("refresh what the list has raised") { said(of: try await $0.refresh(id)) },
        Call("sync what the list has raised") { said(of: try await $0.sync([id, id, "vk:-5"])) },
        Call("get with an exposure that no strategy satisfies") {
            try await $0.get("https://news.example/", exposure: .tor).status
        },
        Call("probe with an exposure that no strategy satisfies") {
            _ = try await $0.probe("https://news.example/", exposure: .tor)
        },
        Call("a request with an exposure that no strategy satisfies") {
            try await $0.http(HTTPRequest(url: "https://news.example/", exposure: .tor)).response().status
        },
        Call("preview with an exposure that no strategy satisfies") { client in
            let preview = try await client.preview(link, exposure: .tor)
            return [preview.refusal ?? "nil", "\(preview.routes.count)", "\(preview.exposure)"]
        },
        Call("a list of feeds that is none") { try await $0.importFeeds(Data("x".utf8)).odd },
        Call("preview") { try await $0.preview(link).exposure },
        Call("preview with more") { try await $0.preview(link, exposure: .tor).exposure },
        Call("preview of no link") { try await $0.preview("not a link").exposure },
        Call("the retention") { try await $0.retention() ?? -1 },
        Call("a retention") { try await $0.setRetention(days: 36_500) },
        Call("the retention that was set") { try await $0.retention() ?? -1 },
        Call("a retention below zero") { try await $0.setRetention(days: -1) },
        Call("the limit") { try await $0.storageLimit() ?? -1 },
        Call("a limit") { try await $0.setStorageLimit(bytes: 50_000_000) },
        Call("the limit that was set") { try await $0.storageLimit() ?? -1 },
        Call("a limit below zero") { try await $0.setStorageLimit(bytes: -1) },
        Call("what is used") { try await $0.storageUsed() > 0 },
        Call("the integrity") { try await $0.checkIntegrity() },
        Call("the network") {
            try $0.setNetwork(Network(id: "a", kind: .wifi))
            return try $0.network().kind
        },
        Call("what the engine says of the device") { client in
            let events = try client.engineEvents()
            try client.setNetwork(Network(id: "b", kind: .wifi))
            try client.setNetwork(Network(id: "b", kind: .cell, isMetered: true))
            try client.setNetwork(Network(id: "b", kind: .vpn))
            try client.networkChanged()
            try await client.suspend()
            try await client.resume()
            var codes: [String] = []
            for await event in events {
                codes.append(event.code)
                if event.kind == .resumed { break }
            }
            return codes
        },
        Call("the network that changed") { try $0.networkChanged() },
        Call("a new identity") { try $0.newIdentity() },
        Call("the language") {
            try $0.setLanguage(.russian)
            return try $0.language()
        },
        Call("the strategies") { try $0.strategies().count },
        Call("the report") { try $0.report().hasPrefix("[") },
        Call("the accesses") { _ = try $0.accesses() },
        Call("the paths") { _ = try $0.paths() },
        Call("the engine's events") { _ = try $0.engineEvents() },
        Call("the changes") { _ = try $0.changes() },
        Call("the answer of a call that was cancelled") {
            let call = try await $0.http(HTTPRequest(url: "https://news.example/"))
            call.cancel()
            return try await call.response().status
        },
        Call("a piece of a call that was cancelled") {
            let call = try await $0.http(HTTPRequest(url: "https://news.example/"))
            call.cancel()
            return try await call.read(max: 1)?.count ?? -1
        },
        Call("lock") { try await $0.lock() },
        Call("communities of a locked store") { try await $0.communities().count },
        Call("posts of a locked store") { try await $0.posts(of: id).items.count },
        Call("retention of a locked store") { try await $0.retention() ?? -1 },
        Call("link of a locked store") { try await $0.link(to: id)?.text ?? "nil" },
        Call("search in a locked store") { try await $0.search("суббот").items.count },
        Call("exposure of a locked store") { try await $0.exposure(of: id) },
        Call("open with a locked store") { try await $0.open(link, offline: true).source },
        Call("get with a locked store") { try await $0.get("https://news.example/").status },
        Call("get without a host, with a locked store") { try await $0.get("nonsense").status },
        Call("probe with a locked store") { _ = try await $0.probe("https://news.example/") },
        Call("a request with a locked store") { _ = try await $0.http(HTTPRequest(url: "https://news.example/")) },
        Call("the answer to a request with a locked store") {
            try await $0.http(HTTPRequest(url: "https://news.example/")).response().status
        },
        Call("open with a locked store, over the network") { try await $0.open(link).source },
        Call("open no link with a locked store") { try await $0.open("not a link").source },
        Call("preview with a locked store") { try await $0.preview(link).exposure },
        Call("refresh with a locked store") { try await $0.refresh(id).source },
        Call("sync with a locked store") { said(of: try await $0.sync([id])) },
        Call("raise the exposure with a locked store") { try await $0.raiseExposure(of: link, to: .open) },
        Call("import a list with a locked store") { try await $0.importFeeds(Data("<opml><body/></opml>".utf8)).odd },
        Call("unlock with a short key") { try await $0.unlock(.bytes(Data([1]))) },
        Call("unlock") { try await $0.unlock(.bytes(Data(repeating: 7, count: 32))) },
        Call("communities of the unlocked store") { try await $0.communities().map(\.id) },
        Call("suspend") { try await $0.suspend() },
        Call("communities of a suspended store") { try await $0.communities().count },
        Call("get with a suspended store") { try await $0.get("https://news.example/").status },
        Call("get without a host, with a suspended store") { try await $0.get("nonsense").status },
        Call("probe with a suspended store") { _ = try await $0.probe("https://news.example/") },
        Call("a request with a suspended store") { _ = try await $0.http(HTTPRequest(url: "https://news.example/")) },
        Call("the answer to a request with a suspended store") {
            try await $0.http(HTTPRequest(url: "https://news.example/")).response().status
        },
        Call("open with a suspended store, over the network") { try await $0.open(link).source },
        Call("open no link with a suspended store") { try await $0.open("not a link").source },
        Call("preview with a suspended store") { try await $0.preview(link).exposure },
        Call("refresh with a suspended store") { try await $0.refresh(id).source },
        Call("sync with a suspended store") { said(of: try await $0.sync([id])) },
        Call("raise the exposure with a suspended store") { try await $0.raiseExposure(of: link, to: .open) },
        Call("import a list with a suspended store") { try await $0.importFeeds(Data("<opml><body/></opml>".utf8)).odd },
        Call("unlock a suspended store") { try await $0.unlock(.bytes(Data(repeating: 7, count: 32))) },
        Call("communities of the store that is still suspended") { try await $0.communities().count },
        Call("unlock a suspended store with a short key") { try await $0.unlock(.bytes(Data([1]))) },
        Call("resume") { try await $0.resume() },
        Call("communities of the resumed store") { try await $0.communities().map(\.id) },
        Call("forget an unknown community") { try await $0.forget("vk:-5") },
        Call("forget") { try await $0.forget(id) },
        Call("communities without the forgotten one") { try await $0.communities().count },
        Call("posts of the forgotten one") { try await $0.posts(of: id).items.count },
        Call("events of the forgotten one") { try await $0.events(of: id).items.count },
        Call("a post of the forgotten one") { try await $0.post("vk:0_1", of: id)?.text ?? "nil" },
        Call("search for the forgotten one") { try await $0.search("суббот").items.count },
        Call("events to come without the forgotten one") { try await $0.upcomingEvents(from: .distantPast).items.count },
        Call("the link of the forgotten one") { try await $0.link(to: id)?.text ?? "nil" },
        Call("refresh the forgotten one") { try await $0.refresh(id).community.name },
        Call("the exposure of the forgotten one") { try await $0.exposure(of: id) },
        Call("lock again") { try await $0.lock() },
        Call("lock what is locked") { try await $0.lock() },
        Call("suspend a locked store") { try await $0.suspend() },
        Call("resume a locked store") { try await $0.resume() },
        Call("communities of the store that is still locked") { try await $0.communities().count },
        Call("unlock again") { try await $0.unlock(.bytes(Data(repeating: 7, count: 32))) },
        Call("wipe") { try await $0.wipe() },
        Call("communities of the wiped store") { try await $0.communities().count },
        Call("the exposure after the wipe") { try await $0.exposure(of: id) },
        Call("a request") { _ = try await $0.http(HTTPRequest(url: "https://news.example/")) },
        Call("a request with no method") { _ = try await $0.http(HTTPRequest(url: "https://news.example/", method: "")) },
        Call("a request with a torn header") {
            _ = try await $0.http(HTTPRequest(url: "https://news.example/", headers: [Header(name: "a", value: "b\r\nc: d")]))
        },
        Call("a piece for a body that is whole") {
            try await $0.http(HTTPRequest(url: "https://news.example/", method: "POST", body: .whole(Data([1])))).write(Data([2]))
        },
        Call("the end of a body that is whole") {
            try await $0.http(HTTPRequest(url: "https://news.example/", method: "POST", body: .whole(Data([1])))).finish()
        },
        Call("a piece behind the end of a body") {
            let request = HTTPRequest(url: "https://news.example/", method: "POST", body: .streamed(length: nil))
            let call = try await $0.http(request)
            try await call.finish()
            return try await call.write(Data([2]))
        },
        Call("a request to no URL") { _ = try await $0.http(HTTPRequest(url: "nonsense")) },
    ]
}
