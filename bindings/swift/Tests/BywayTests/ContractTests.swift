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
        let state = try #require(Cases.read().states["default"])
        let lab = try Lab(state: try JSONSerialization.data(withJSONObject: state.plain))
        let real = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        let opened = try await real.open(Self.link)
        let fake = FakeByway(.init(community: opened.community, posts: opened.posts, events: opened.events))
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
    private static let calls: [Call] = [
        Call("open") {
            let opened = try await $0.open(link)
            return [opened.community.id.rawValue] + opened.posts.map(\.id)
        },
        Call("open a text that is not a link") { try await $0.open("not a link").source },
        Call("open offline") { try await $0.open(link, offline: true).source },
        Call("open offline what is not stored") { try await $0.open("vk.com/other", offline: true).source },
        Call("refresh") { try await $0.refresh(id).community.name },
        Call("refresh what is not stored") { try await $0.refresh("vk:-5").community.name },
        Call("refresh what is not an id") { try await $0.refresh("nonsense").community.name },
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
        Call("the calendar") { try await $0.icalendar(of: id).hasPrefix("BEGIN:VCALENDAR\r\n") },
        Call("the calendar of an unknown community") { try await $0.icalendar(of: "vk:-5").hasSuffix("END:VCALENDAR\r\n") },
        Call("the link") { try await $0.link(to: id) ?? "nil" },
        Call("the link of an unknown community") { try await $0.link(to: "vk:-5") ?? "nil" },
        Call("the exposure") { try await $0.exposure(of: id) },
        Call("allow direct strategies") { try await $0.allowDirect(true, for: id) },
        Call("allow direct strategies of an unknown community") { try await $0.allowDirect(true, for: "vk:-5") },
        Call("raise the exposure") { try await $0.raiseExposure(of: link, to: .proxied) },
        Call("the exposure that was raised") { try await $0.exposure(of: id) },
        Call("raise the exposure to less") { try await $0.raiseExposure(of: link, to: .open) },
        Call("the exposure that was not lowered") { try await $0.exposure(of: id) },
        Call("the link with its exposure") { try await $0.link(to: id) ?? "nil" },
        Call("the list of feeds") {
            let list = try await $0.importFeeds(Data(try await $0.exportFeeds().utf8))
            return list.entries.map(\.link) + ["\(list.odd)", "\(list.isCut)"]
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
        Call("lock") { try await $0.lock() },
        Call("communities of a locked store") { try await $0.communities().count },
        Call("posts of a locked store") { try await $0.posts(of: id).items.count },
        Call("retention of a locked store") { try await $0.retention() ?? -1 },
        Call("link of a locked store") { try await $0.link(to: id) ?? "nil" },
        Call("search in a locked store") { try await $0.search("суббот").items.count },
        Call("exposure of a locked store") { try await $0.exposure(of: id) },
        Call("open with a locked store") { try await $0.open(link, offline: true).source },
        Call("unlock with a short key") { try await $0.unlock(.bytes(Data([1]))) },
        Call("unlock") { try await $0.unlock(.bytes(Data(repeating: 7, count: 32))) },
        Call("communities of the unlocked store") { try await $0.communities().map(\.id) },
        Call("suspend") { try await $0.suspend() },
        Call("communities of a suspended store") { try await $0.communities().count },
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
        Call("the link of the forgotten one") { try await $0.link(to: id) ?? "nil" },
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
        Call("a request to no URL") { _ = try await $0.http(HTTPRequest(url: "nonsense")) },
    ]
}
