import Byway
import Foundation

// What the fake has on its device.

extension FakeByway {
    public func communities() async throws -> [StoredCommunity] {
        try unlocked()
        return isStored ? [StoredCommunity(community: fixture.community, syncedAt: Date())] : []
    }

    public func community(_ id: CommunityID) async throws -> StoredCommunity? {
        try await communities().first { $0.id == id }
    }

    public func posts(of community: CommunityID, after: Cursor?, limit: Int) async throws -> Page<Post> {
        try page(isStored && community == fixture.community.id ? fixture.posts : [], after, limit)
    }

    public func events(of community: CommunityID, after: Cursor?, limit: Int) async throws -> Page<Event> {
        let latestFirst = fixture.events.sorted { left, right in
            (left.start?.date ?? Date.distantPast) > (right.start?.date ?? Date.distantPast)
        }
        return try page(isStored && community == fixture.community.id ? latestFirst : [], after, limit)
    }

    public func post(_ id: String, of community: CommunityID) async throws -> Post? {
        try unlocked()
        guard isStored, community == fixture.community.id else { return nil }
        return fixture.posts.first { $0.id == id }
    }

    public func event(_ id: CommunityID, of community: CommunityID) async throws -> Event? {
        try unlocked()
        guard isStored, community == fixture.community.id else { return nil }
        return fixture.events.first { $0.id == id }
    }

    public func upcomingEvents(from: Date, until: Date?, after: Cursor?, limit: Int) async throws -> Page<UpcomingEvent> {
        let ahead = fixture.events.filter { event in
            guard isStored, let start = event.start?.date else { return false }
            return start >= from && until.map { start < $0 } ?? true
        }
        let byStart = ahead.sorted { ($0.start?.date ?? .distantPast) < ($1.start?.date ?? .distantPast) }
        return try page(byStart.map { UpcomingEvent(community: fixture.community.id, event: $0) }, after, limit)
    }

    public func search(
        _ query: String, in community: CommunityID?, after: Cursor?, limit: Int
    ) async throws -> Page<SearchHit> {
        let isHere = isStored && community.map { $0 == fixture.community.id } ?? true
        let hits = fixture.posts.filter { isHere && $0.text.localizedCaseInsensitiveContains(query) }
        return try page(hits.map { SearchHit.post($0, community: fixture.community.id) }, after, limit)
    }

    public func attachments(of post: String, community: CommunityID) async throws -> [AttachedFile] {
        guard let found = try await self.post(post, of: community) else { throw BywayError.ofTheFake(.notStored, "no_post") }
        return found.attachments.enumerated().map { index, attachment in
            AttachedFile(id: AttachmentID(community: community, post: post, index: index), attachment: attachment)
        }
    }

    public func icalendar(of events: [EventReference]) async throws -> String {
        try unlocked()
        return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Byway//Fake//EN\r\nEND:VCALENDAR\r\n"
    }

    public func link(to id: CommunityID) async throws -> CommunityLink? {
        try unlocked()
        guard isStored, id == fixture.community.id, let home = fixture.community.homes.first else { return nil }
        let exposure = state.withLock(\.exposure)
        let text = exposure == .open ? home : "\(home)#exposure=\(exposure.rawValue)"
        return CommunityLink(home: home, exposure: exposure, text: text)
    }

    /// Reads the addresses of each `xmlUrl`, as ``exportFeeds()`` writes them, and raises the exposure of its community.
    public func importFeeds(_ opml: Data) async throws -> FeedList {
        try alive()
        let text = String(decoding: opml, as: UTF8.self)
        guard text.contains("<opml") else {
            throw BywayError(kind: .input, code: "not_opml", text: "This file is not a list of feeds.")
        }
        let links = text.components(separatedBy: "xmlUrl=\"").dropFirst().compactMap { $0.split(separator: "\"").first }
        let entries = links.map { ListedFeed(link: $0.replacingOccurrences(of: "&amp;", with: "&"), title: "") }
        for entry in entries {
            let exposure = try self.exposure(in: entry.link)
            if exposure > .open { try await raiseExposure(of: entry.link, to: exposure) }
        }
        return FeedList(entries: entries)
    }

    public func exportFeeds() async throws -> String {
        let link = try await link(to: fixture.community.id)?.text.replacingOccurrences(of: "&", with: "&amp;")
        let outline = link.map { "<outline xmlUrl=\"\($0)\"/>\n" } ?? ""
        return "<opml version=\"2.0\">\n<head/>\n<body>\n\(outline)</body>\n</opml>\n"
    }
}
