import Byway
import Foundation

extension FakeByway {
    /// What the fake knows and answers.
    public struct Fixture: Sendable {
        public var community: Community
        public var posts: [Post]
        public var events: [Event]
        /// How every access ends.
        public var reachability: Reachability
        /// What may be believed of it.
        public var trust: Trust
        /// How each of its homes behaves, if it is signed.
        public var homes: [HomeAccess]
        /// A signed move of the community. It is followed at once if its kind is ``MoveKind/moved``, and else when the user
        /// says yes. A move that nobody signed is in ``Community/successor``.
        public var move: Move?
        /// The community to which a move leads.
        public var successor: Community?
        /// The posts of the successor.
        public var successorPosts: [Post]
        /// The files of attachments, by their addresses. Any other file is empty.
        public var files: [String: Data]
        /// The strategies of its configuration.
        public var strategies: [Strategy]
        /// What every access throws, instead of an answer.
        public var failure: BywayError?
        /// How long every access takes.
        public var delay: Duration

        public init(
            community: Community = .example,
            posts: [Post] = Post.examples,
            events: [Event] = Event.examples,
            reachability: Reachability = .example,
            trust: Trust = .example,
            homes: [HomeAccess] = [],
            move: Move? = nil,
            successor: Community? = nil,
            successorPosts: [Post] = [],
            files: [String: Data] = [:],
            strategies: [Strategy] = [.example],
            failure: BywayError? = nil,
            delay: Duration = .zero
        ) {
            self.community = community
            self.posts = posts
            self.events = events
            self.reachability = reachability
            self.trust = trust
            self.homes = homes
            self.move = move
            self.successor = successor
            self.successorPosts = successorPosts
            self.files = files
            self.strategies = strategies
            self.failure = failure
            self.delay = delay
        }
    }
}
