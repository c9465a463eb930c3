import Byway
import Foundation

/// A version of a post or a gathering, or its deletion.
struct FakeItem: Hashable, Sendable {
    let version = UUID()
    let name: String
    var signed: Date
    /// When the first version was published.
    var published: Date
    var text = ""
    var pictures: [Picture] = []
    var gathering: Gathering?
    var isDeletion = false
    /// Which of the keys, counted by rotations, signed it.
    let keys: Int
    var isPost: Bool

    static let mostPictures = 10
    static let longestTag = 2048
    static let longest = 64 * 1024
    /// What stands around the text of an item, in bytes.
    static let around = 600

    /// A name that no other item has, and that says nothing.
    static func newName() -> String {
        (0..<5).map { _ in
            let byte = UInt8.random(in: 0...255)
            return String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }

    static func absent() -> BywayError { .ofTheFake(.notFound, "no_such_item") }

    static func unfit() -> BywayError { .ofTheFake(.input, "unfit") }

    /// What cannot cross to the core: it knows the years -9999 to 9999.
    static func checkTimes(of gathering: Gathering) throws {
        // Written so that a date that is no number fails too.
        let isTime = { (date: Date) in abs(date.timeIntervalSince1970) < 2.5e11 }
        let days = [gathering.days?.first, gathering.days?.last].compactMap { $0 }
        guard [gathering.start, gathering.end].compactMap({ $0 }).allSatisfy(isTime), days.allSatisfy({ $0.day(in: .utc) != nil })
        else { throw BywayError.ofTheFake(.input, "time") }
    }

    /// A line of a charter or an item.
    static func checkLine(_ text: String, most: Int) throws {
        let isControl = { (scalar: Unicode.Scalar) in scalar.properties.generalCategory == .control }
        guard !text.isBlank, text.utf8.count <= most, !text.unicodeScalars.contains(where: isControl) else { throw unfit() }
    }

    static func checked(_ text: String) throws -> String {
        let written = text.replacingOccurrences(of: "\r\n", with: "\n")
        let isControl = { (byte: UInt8) in byte < 32 && byte != 10 && byte != 9 }
        let escaped = written.utf8.count { [34, 92, 10, 9].contains($0) }
        guard !written.utf8.contains(where: isControl), written.utf8.count + escaped + around <= longest else { throw unfit() }
        return written
    }
}

/// What is published: it is checked and dated as the core does it.
extension FakePublisher.State {
    /// The latest version of an item that is not deleted.
    func latest(_ name: String) -> FakeItem? {
        let newest = items.filter { $0.name == name }.max { $0.signed < $1.signed }
        return newest?.isDeletion == false ? newest : nil
    }

    /// The same, if these keys can replace it.
    func latestOfOurs(_ name: String) -> FakeItem? { latest(name).flatMap { $0.keys == charter.rotations ? $0 : nil } }

    func article(
        _ name: String, _ text: String, _ pictures: [Picture], replacing known: FakeItem?, at now: Date
    ) throws -> FakeItem {
        guard pictures.count <= FakeItem.mostPictures, !text.isBlank || !pictures.isEmpty else { throw FakeItem.unfit() }
        let signed = time(after: known, now)
        return FakeItem(
            name: name, signed: signed, published: known?.published ?? signed,
            text: try FakeItem.checked(text.trimmingCharacters(in: .whitespacesAndNewlines)), pictures: pictures,
            keys: charter.rotations, isPost: true)
    }

    func gathering(_ name: String, _ gathering: Gathering, replacing known: FakeItem?, at now: Date) throws -> FakeItem {
        try FakeItem.checkLine(gathering.name.trimmingCharacters(in: .whitespacesAndNewlines), most: FakeItem.longestTag)
        if let place = gathering.place { try FakeItem.checkLine(place, most: FakeItem.longestTag) }
        let endsEarly: Bool
        switch (gathering.days, gathering.start) {
        case (let days?, _):
            endsEarly = (days.last.day(in: .utc) ?? .distantPast) < (days.first.day(in: .utc) ?? .distantFuture)
        case (nil, let start?): endsEarly = gathering.end.map { $0 <= start } ?? false
        case (nil, nil): throw FakeItem.unfit()
        }
        let isOtherKind = known.map { ($0.gathering?.days == nil) != (gathering.days == nil) } ?? false
        guard !endsEarly, !isOtherKind else { throw FakeItem.unfit() }
        // The format names the day after the last one.
        if let last = gathering.days?.last, last.year == 9999, last.month == 12, last.day == 31 {
            throw BywayError.ofTheFake(.input, "refused")
        }
        // Names of the database alone, as it spells them.
        if let zone = gathering.zone, !TimeZone.knownTimeZoneIdentifiers.contains(zone), zone != "UTC" {
            throw FakeItem.unfit()
        }
        let signed = time(after: known, now)
        return FakeItem(
            name: name, signed: signed, published: signed, text: try FakeItem.checked(gathering.text ?? ""),
            gathering: gathering, keys: charter.rotations, isPost: false)
    }

    func deletion(of known: FakeItem, at now: Date) -> FakeItem {
        FakeItem(
            name: known.name, signed: time(after: known, now), published: known.published, isDeletion: true,
            keys: charter.rotations, isPost: known.isPost)
    }

    mutating func add(_ item: FakeItem) throws -> String {
        if let freeze, freeze < item.signed { throw BywayError.ofTheFake(.input, "community_frozen") }
        items.insert(item)
        return item.name
    }

    /// Makes the next charter. It is dated after what was published by now.
    mutating func enact(at now: Date, _ change: (inout FakeCharter) throws -> Void) throws {
        if let freeze, freeze < now { throw BywayError.ofTheFake(.input, "community_frozen") }
        try change(&charter)
        let published = items.map(\.signed).filter { $0 <= now + 3600 }.max()
        issued = max(now.minute, issued, published.map { $0.minute + 60 } ?? .distantPast)
        recovery = nil
    }

    /// Dates what is ahead of this clock with its time.
    mutating func redate(to now: Date) {
        let ahead = items.filter { $0.signed > now }.sorted { $0.signed < $1.signed }
        items.subtract(ahead)
        issued = min(issued, now.minute)
        for var item in ahead {
            item.signed = time(after: nil, now)
            item.published = min(item.published, item.signed)
            items.insert(item)
        }
    }

    /// The minute of a new version, which is after the one that it replaces. The seconds count what was published in it.
    private func time(after known: FakeItem?, _ now: Date) -> Date {
        let minute = max(now.minute, issued)
        let at = max(minute, known.map { $0.signed + 60 } ?? minute)
        return items.map(\.signed).filter { (at..<at + 3600).contains($0) }.max().map { $0 + 1 } ?? at
    }

    func content() -> Published {
        let community = charter.community
        let author = Author(id: community.id.rawValue, name: community.name, kind: .community)
        let shown = Set(items.map(\.name)).compactMap(latest)
        let posts = shown.filter(\.isPost).map { $0.post(by: author) }
        let events = shown.compactMap { item in item.gathering.map { item.event($0, by: author) } }
        return Published(
            community: community,
            posts: posts.sorted { ($1.created ?? .distantPast, $0.id) < ($0.created ?? .distantPast, $1.id) },
            events: events.sorted { ($0.start?.date ?? .distantPast) < ($1.start?.date ?? .distantPast) })
    }
}

extension FakeItem {
    fileprivate static let key = String(repeating: "0", count: 64)

    fileprivate func post(by author: Author) -> Post {
        Post(
            id: "nostr:30023:\(Self.key):\(name)", text: text, author: author, created: published,
            edited: signed == published ? nil : signed,
            attachments: pictures.map {
                .photo(url: "files/\(name)", width: $0.width, height: $0.height, text: $0.text.isEmpty ? nil : $0.text)
            })
    }

    fileprivate func event(_ gathering: Gathering, by author: Author) -> Event {
        let days = gathering.days
        let zone = days == nil ? gathering.zone.flatMap { TimeZone(identifier: $0) } : nil
        let moment = { (date: Date) in
            let offset = zone.flatMap { TimeZone(secondsFromGMT: $0.secondsFromGMT(for: date)) }
            return Moment(date: date, timeZone: offset ?? .gmt)
        }
        return Event(
            id: CommunityID(rawValue: "nostr:\(days == nil ? 31_923 : 31_922):\(Self.key):\(name)"),
            name: gathering.name.trimmingCharacters(in: .whitespacesAndNewlines),
            text: text.isEmpty ? nil : text,
            start: (days.flatMap { $0.first.day(in: .utc) } ?? gathering.start).map(moment),
            end: days == nil ? gathering.end.map(moment) : nil,
            zone: zone?.identifier,
            place: gathering.place.map { Place(name: $0) },
            status: gathering.isCancelled ? .cancelled : .scheduled,
            organiser: author,
            days: days,
            edited: signed
        )
    }
}

extension Calendar {
    fileprivate static let utc = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()
}

extension DateComponents {
    /// The beginning of this day; `nil` if there is no such day.
    fileprivate func day(in calendar: Calendar) -> Date? {
        guard let year, let month, let day, (-9999...9999).contains(year) else { return nil }
        let given = DateComponents(calendar: calendar, year: year, month: month, day: day)
        return given.isValidDate ? given.date : nil
    }
}

extension Date {
    /// Rounded down.
    var minute: Date { Date(timeIntervalSince1970: (timeIntervalSince1970 / 60).rounded(.down) * 60) }
}

extension String {
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
