internal import BywayGenerated
import Foundation

extension Post {
    init(_ crossed: BywayGenerated.Post) {
        self.init(
            id: crossed.id,
            text: crossed.text,
            author: crossed.author.map(Author.init),
            created: crossed.created,
            edited: crossed.edited,
            readAt: crossed.readAt,
            url: crossed.url,
            isPinned: crossed.pinned,
            state: PostState(crossed.state),
            stateSeen: crossed.stateSeen,
            withheld: crossed.withheld,
            hasOwnText: crossed.hasOwnText,
            isHollow: crossed.isHollow,
            isRemovedAndHollow: crossed.isRemovedAndHollow,
            counts: PostCounts(crossed.counts),
            links: crossed.links.map(Link.init),
            attachments: crossed.attachments.map(Attachment.init),
            repost: crossed.repost.first.map(Post.init)
        )
    }
}

extension PostState {
    init(_ crossed: BywayGenerated.PostState) {
        switch crossed {
        case .published: self = .published
        case .removed: self = .removed
        case .withheld: self = .withheld
        }
    }
}

extension PostCounts {
    init(_ crossed: BywayGenerated.PostCounts) {
        self.init(
            likes: crossed.likes.map { Int($0) },
            reposts: crossed.reposts.map { Int($0) },
            comments: crossed.comments.map { Int($0) },
            views: crossed.views.map { Int($0) }
        )
    }
}

extension Attachment {
    init(_ crossed: BywayGenerated.Attachment) {
        switch crossed {
        case .photo(let url, let width, let height, let text):
            self = .photo(url: url, width: width.map { Int($0) }, height: height.map { Int($0) }, text: text)
        case .video(let title, let url, let seconds, let preview):
            self = .video(title: title, url: url, preview: preview, duration: seconds.map { .seconds($0) })
        case .document(let title, let url, let bytes, let ending):
            self = .document(title: title, url: url, extension: ending, bytes: bytes.map { Int($0) })
        case .link(let url, let title, let text):
            self = .link(url: url, title: title, text: text)
        case .audio(let artist, let title, let seconds, let url):
            self = .audio(title: title, artist: artist, url: url, duration: seconds.map { .seconds($0) })
        case .poll(let question, let options, let votes):
            let options = options.map { PollOption(text: $0.text, votes: $0.votes.map { Int($0) }) }
            self = .poll(question: question, options: options, votes: votes.map { Int($0) })
        case .event(let home):
            self = .event(home: home.url)
        case .unknown(let kind):
            self = .unknown(kind: kind)
        }
    }
}
