internal import BywayGenerated
import Foundation

extension Opened {
    init(_ crossed: BywayGenerated.Opened) {
        self.init(
            community: Community(crossed.community),
            posts: crossed.posts.map(Post.init),
            events: crossed.events.map(Event.init),
            changes: Changes(crossed.changes),
            reachability: Reachability(crossed.reachability),
            source: ReadFrom(crossed.source),
            syncedAt: crossed.syncedAt,
            age: crossed.age.map { .seconds($0) },
            exposure: Exposure(crossed.exposure),
            trust: Trust(crossed.trust),
            homes: crossed.homes.map(HomeAccess.init),
            notes: crossed.notes.map(Note.init),
            isTruncated: crossed.truncated,
            fault: crossed.fault.map(Fault.init)
        )
    }
}

extension ReadFrom {
    init(_ crossed: BywayGenerated.ReadFrom) {
        switch crossed {
        case .network: self = .network
        case .store: self = .store
        }
    }
}

extension Changes {
    init(_ crossed: BywayGenerated.Changes) {
        self.init(
            community: crossed.community,
            posts: Changed(crossed.posts) { $0 },
            events: Changed(crossed.events) { CommunityID(rawValue: $0) }
        )
    }
}

extension Changed {
    init(_ crossed: BywayGenerated.ChangedIds, _ id: (String) -> ID) {
        self.init(
            added: crossed.added.map(id),
            changed: crossed.changed.map(id),
            removed: crossed.removed.map(id),
            dropped: crossed.dropped.map(id),
            isFirst: crossed.first,
            moreAdded: crossed.moreAdded
        )
    }
}

extension StoredCommunity {
    init(_ crossed: BywayGenerated.StoredCommunity) {
        self.init(community: Community(crossed.community), syncedAt: crossed.syncedAt)
    }
}

extension Page {
    init<Crossed>(_ items: [Crossed], next: String?, unreadable: Int64, _ item: (Crossed) -> Item) {
        self.init(items: items.map(item), next: next.map(Cursor.init(rawValue:)), unreadable: Int(unreadable))
    }
}

extension UpcomingEvent {
    init(_ crossed: BywayGenerated.UpcomingEvent) {
        self.init(community: CommunityID(rawValue: crossed.community), event: Event(crossed.event))
    }
}

extension SearchHit {
    init(_ crossed: BywayGenerated.SearchHit) {
        switch crossed {
        case .foundCommunity(let stored): self = .community(StoredCommunity(stored))
        case .foundPost(let community, let post): self = .post(Post(post), community: CommunityID(rawValue: community))
        case .foundEvent(let community, let event): self = .event(Event(event), community: CommunityID(rawValue: community))
        }
    }
}

extension Synced {
    init(_ crossed: BywayGenerated.Synced) {
        self.init(
            communities: crossed.communities.map {
                SyncedCommunity(
                    id: CommunityID(rawValue: $0.id), outcome: SyncOutcome($0.outcome), changes: Changes($0.changes),
                    notes: $0.notes.map(Note.init))
            },
            bytes: Int(crossed.bytes),
            took: .seconds(crossed.took)
        )
    }
}

extension SyncOutcome {
    init(_ crossed: BywayGenerated.SyncOutcome) {
        switch crossed {
        case .done(let reachability): self = .done(Reachability(reachability))
        case .failed(let fault, let reachability):
            self = .failed(Fault(fault), reachability: reachability.map(Reachability.init))
        case .left: self = .left
        case .notYet(let until): self = .notYet(until: until)
        }
    }
}

extension Preview {
    init(_ crossed: BywayGenerated.Preview) {
        self.init(
            link: crossed.link.text,
            exposure: Exposure(crossed.link.exposure),
            isStored: crossed.kept,
            avoidsDirect: crossed.avoidsDirect,
            hosts: crossed.hosts,
            routes: crossed.routes.map(PreviewRoute.init),
            others: crossed.others.map {
                PreviewHome(
                    home: $0.home.url, hosts: $0.hosts, isSuccessor: $0.isSuccessor,
                    routes: $0.routes.map(PreviewRoute.init))
            },
            refusal: crossed.refusal,
            refusalSentence: crossed.refusalText,
            json: crossed.json
        )
    }
}

extension PreviewRoute {
    fileprivate init(_ crossed: BywayGenerated.PreviewRoute) {
        self.init(
            strategy: Strategy(crossed.strategy),
            contacts: crossed.contacts.map {
                PreviewContact(
                    observer: Observer($0.observer), sentence: $0.sentence, resolversOfHost: $0.resolversOfHost,
                    namesOfServers: $0.namesOfServers)
            })
    }
}

extension Header {
    init(_ crossed: BywayGenerated.Header) { self.init(name: crossed.name, value: crossed.value) }
}

extension Fetched {
    init(_ crossed: BywayGenerated.GetResponse) {
        self.init(
            status: Int(crossed.status),
            url: crossed.url,
            headers: crossed.headers.map(Header.init),
            body: crossed.body,
            reachability: Reachability(crossed.reachability)
        )
    }
}

extension FetchedFile {
    init(_ crossed: BywayGenerated.FetchedFile) {
        self.init(
            bytes: crossed.bytes,
            contentType: crossed.contentType,
            reachability: Reachability(crossed.reachability)
        )
    }
}

extension AttachedFile {
    init(_ crossed: BywayGenerated.ListedAttachment) {
        self.init(id: AttachmentID(crossed.id), attachment: Attachment(crossed.attachment))
    }
}

extension AttachmentID {
    init(_ crossed: BywayGenerated.AttachmentId) {
        self.init(community: CommunityID(rawValue: crossed.community), post: crossed.post, index: Int(crossed.index))
    }

    var crossing: BywayGenerated.AttachmentId {
        BywayGenerated.AttachmentId(community: community.rawValue, post: post, index: Int64(index))
    }
}

extension StoreChange {
    init(_ crossed: BywayGenerated.StoreChange) {
        switch crossed {
        case .communityChanged(let id): self = .community(CommunityID(rawValue: id))
        case .postsChanged(let id, let posts): self = .posts(CommunityID(rawValue: id), Changed(posts) { $0 })
        case .eventsChanged(let id, let events):
            self = .events(CommunityID(rawValue: id), Changed(events) { CommunityID(rawValue: $0) })
        case .forgotten(let id): self = .forgotten(CommunityID(rawValue: id))
        case .emptied: self = .emptied
        case .missed(let changes): self = .missed(Int(changes))
        }
    }
}
