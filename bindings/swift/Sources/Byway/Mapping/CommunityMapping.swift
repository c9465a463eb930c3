internal import BywayGenerated
import Foundation

// What crosses from Rust, as the types that an app meets.

extension Community {
    init(_ crossed: BywayGenerated.Community) {
        self.init(
            id: CommunityID(rawValue: crossed.id),
            name: crossed.name,
            screenName: crossed.screenName,
            state: CommunityState(crossed.state),
            stateSeen: crossed.stateSeen,
            description: crossed.description,
            status: crossed.status,
            members: crossed.members.map { Members(count: Int($0.count), readAt: $0.readAt) },
            homes: crossed.homes.map(\.url),
            links: crossed.links.map(Link.init),
            restrictions: crossed.restrictions.map(Restriction.init),
            accessAdvice: crossed.accessAdvice.map {
                AccessAdvice(kind: AdviceKind($0.kind), text: $0.text, field: Field($0.field))
            },
            predecessor: crossed.predecessor.map(Claim.init),
            successor: crossed.successor.map(Claim.init),
            verifiedBy: crossed.verifiedBy
        )
    }
}

extension CommunityState {
    init(_ crossed: BywayGenerated.CommunityState) {
        switch crossed {
        case .active: self = .active
        case .restricted: self = .restricted
        case .gone: self = .gone
        case .moved: self = .moved
        }
    }
}

extension AdviceKind {
    init(_ crossed: BywayGenerated.AdviceKind) {
        switch crossed {
        case .tor: self = .tor
        case .proxy: self = .proxy
        case .vpn: self = .vpn
        }
    }
}

extension Field {
    init(_ crossed: BywayGenerated.Field) {
        switch crossed {
        case .name: self = .name
        case .status: self = .status
        case .description: self = .description
        case .links: self = .links
        case .pinnedPost: self = .pinnedPost
        case .elsewhere: self = .elsewhere
        }
    }
}

extension Link {
    init(_ crossed: BywayGenerated.Link) { self.init(url: crossed.url, text: crossed.text) }
}

extension Claim {
    init(_ crossed: BywayGenerated.Claim) {
        self.init(home: crossed.home.url, field: Field(crossed.field), text: crossed.text)
    }
}

extension Restriction {
    init(_ crossed: BywayGenerated.Restriction) {
        self.init(
            statedBy: crossed.statedBy,
            text: crossed.text,
            authority: crossed.authority,
            authorityEnglish: crossed.authorityEn,
            basis: crossed.basis,
            number: crossed.number,
            date: crossed.date.map { DateComponents($0) },
            jurisdiction: crossed.jurisdiction,
            observedIn: crossed.observedIn,
            link: crossed.link,
            isOwnWord: crossed.isOwnWord
        )
    }
}

extension Author {
    init(_ crossed: BywayGenerated.Author) {
        self.init(id: crossed.id, name: crossed.name, kind: AuthorKind(crossed.kind), url: crossed.url)
    }
}

extension AuthorKind {
    init(_ crossed: BywayGenerated.AuthorKind) {
        switch crossed {
        case .community: self = .community
        case .person: self = .person
        case .unknown: self = .unknown
        }
    }
}
