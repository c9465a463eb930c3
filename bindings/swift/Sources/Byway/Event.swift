import Foundation

/// An event that a community announces.
public struct Event: Hashable, Sendable, Identifiable {
    public let id: CommunityID
    public let name: String
    public let text: String?
    public let start: Moment?
    public let end: Moment?
    /// The name of the zone that the platform states, for example `Europe/Moscow`.
    public let zone: String?
    public let place: Place?
    public let status: EventStatus
    /// When ``status`` was last seen.
    public let statusSeen: Date?
    /// The event's text mentions a cancellation. Show it; Byway does not decide whether it is one.
    public let mentionsCancellation: Bool
    public let organiser: Author?
    public let home: String?
    public let counts: EventCounts
    public let readAt: Date?
    /// The event can be put into a calendar: its start is known.
    public let isInICalendar: Bool
    /// The days of an event without a time of day. Show them instead of ``start`` and ``end``.
    public let days: EventDays?
    /// When the version that is shown was signed, if the source signs versions.
    public let edited: Date?

    public init(
        id: CommunityID,
        name: String,
        text: String? = nil,
        start: Moment? = nil,
        end: Moment? = nil,
        zone: String? = nil,
        place: Place? = nil,
        status: EventStatus = .unknown,
        statusSeen: Date? = nil,
        mentionsCancellation: Bool = false,
        organiser: Author? = nil,
        home: String? = nil,
        counts: EventCounts = EventCounts(),
        readAt: Date? = nil,
        isInICalendar: Bool = true,
        days: EventDays? = nil,
        edited: Date? = nil
    ) {
        self.id = id
        self.name = name
        self.text = text
        self.start = start
        self.end = end
        self.zone = zone
        self.place = place
        self.status = status
        self.statusSeen = statusSeen
        self.mentionsCancellation = mentionsCancellation
        self.organiser = organiser
        self.home = home
        self.counts = counts
        self.readAt = readAt
        self.isInICalendar = isInICalendar
        self.days = days
        self.edited = edited
    }
}

/// The days of an event without a time of day. They are the same days wherever the reader is.
public struct EventDays: Hashable, Sendable {
    public let first: DateComponents
    /// The last day, which belongs to the event.
    public let last: DateComponents

    public init(first: DateComponents, last: DateComponents) {
        self.first = first
        self.last = last
    }
}

/// The state of an event.
public enum EventStatus: String, Hashable, Sendable, Codable, CaseIterable {
    /// It is announced and not over.
    case scheduled
    /// Its source has a field for this, and it says so. This is never concluded from words.
    case cancelled
    /// It is over.
    case ended
    /// It was taken out where it was announced, or cannot be read there any more: its page was deleted or banned, or its calendar
    /// no longer has it. It may still be held.
    case removed
    /// The source does not say, or says that it is not certain.
    case unknown
}

/// What the platform counts on an event; `nil` if it does not say.
public struct EventCounts: Hashable, Sendable {
    public let going: Int?
    public let maybe: Int?

    public init(going: Int? = nil, maybe: Int? = nil) {
        self.going = going
        self.maybe = maybe
    }
}

/// Where an event takes place.
public struct Place: Hashable, Sendable {
    public let name: String?
    public let address: String?
    public let coordinates: Coordinates?

    public init(name: String? = nil, address: String? = nil, coordinates: Coordinates? = nil) {
        self.name = name
        self.address = address
        self.coordinates = coordinates
    }
}

/// A point on the earth, in degrees.
public struct Coordinates: Hashable, Sendable {
    public let latitude: Double
    public let longitude: Double

    public init(latitude: Double, longitude: Double) {
        self.latitude = latitude
        self.longitude = longitude
    }
}

/// An event on the device, with the community that announces it.
public struct UpcomingEvent: Hashable, Sendable {
    public let community: CommunityID
    public let event: Event

    public init(community: CommunityID, event: Event) {
        self.community = community
        self.event = event
    }
}

/// Names one event of one stored community.
public struct EventReference: Hashable, Sendable {
    public let community: CommunityID
    public let event: CommunityID

    public init(community: CommunityID, event: CommunityID) {
        self.community = community
        self.event = event
    }
}

/// An instant as a platform states it: with the offset of the local clock there.
public struct Moment: Hashable, Sendable {
    public let date: Date
    /// The offset in which it was stated. The event's ``Event/zone`` is a name, if the platform states one.
    public let timeZone: TimeZone

    public init(date: Date, timeZone: TimeZone = .gmt) {
        self.date = date
        self.timeZone = timeZone
    }
}
