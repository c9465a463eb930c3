internal import BywayGenerated
import Foundation

extension Event {
    init(_ crossed: BywayGenerated.Event) {
        self.init(
            id: CommunityID(rawValue: crossed.id),
            name: crossed.name,
            text: crossed.text,
            start: crossed.start.map(Moment.init),
            end: crossed.end.map(Moment.init),
            zone: crossed.zone,
            place: crossed.place.map(Place.init),
            status: EventStatus(crossed.status),
            statusSeen: crossed.statusSeen,
            mentionsCancellation: crossed.mentionsCancellation,
            organiser: crossed.organiser.map(Author.init),
            home: crossed.home?.url,
            counts: EventCounts(going: crossed.counts.going.map { Int($0) }, maybe: crossed.counts.maybe.map { Int($0) }),
            readAt: crossed.readAt,
            isInICalendar: crossed.isInIcalendar,
            days: crossed.days.map { EventDays($0) },
            edited: crossed.edited
        )
    }
}

extension EventDays {
    init(_ crossed: BywayGenerated.EventDays) {
        self.init(first: DateComponents(crossed.first), last: DateComponents(crossed.last))
    }
}

extension DateComponents {
    init(_ crossed: BywayGenerated.CivilDate) {
        self.init(year: Int(crossed.year), month: Int(crossed.month), day: Int(crossed.day))
    }
}

extension EventStatus {
    init(_ crossed: BywayGenerated.EventStatus) {
        switch crossed {
        case .scheduled: self = .scheduled
        case .ended: self = .ended
        case .cancelled: self = .cancelled
        case .removed: self = .removed
        case .unknown: self = .unknown
        }
    }
}

extension Moment {
    init(_ crossed: BywayGenerated.Moment) {
        self.init(date: crossed.at, timeZone: TimeZone(secondsFromGMT: Int(crossed.offsetSeconds)) ?? .gmt)
    }
}

extension Place {
    init(_ crossed: BywayGenerated.Place) {
        self.init(
            name: crossed.name,
            address: crossed.address,
            coordinates: crossed.coordinates.map { Coordinates(latitude: $0.latitude, longitude: $0.longitude) }
        )
    }
}
