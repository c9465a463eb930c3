import Byway
import Foundation

extension Community {
    /// The community of the fake: a factory workers' group with a successor.
    public static let example = Community(
        id: "vk:-1000",
        name: "Клуб рабочих 🌿",
        screenName: "rabochie",
        state: .restricted,
        stateSeen: Date(timeIntervalSince1970: 1_793_541_600),
        description: "Мы читаем вместе по вторникам.\nНаша новая группа: vk.com/rabochie_new",
        status: "Открыто",
        members: Members(count: 389, readAt: Date(timeIntervalSince1970: 1_793_541_600)),
        homes: ["https://vk.com/rabochie"],
        links: [Link(url: "https://news.example/", text: "News")],
        restrictions: [
            Restriction(statedBy: "vk.com", text: "Материал заблокирован на территории РФ", jurisdiction: "RU")
        ],
        accessAdvice: [AccessAdvice(kind: .tor, text: "только через браузер Tor", field: .name)],
        successor: Claim(
            home: "https://vk.com/rabochie_new", field: .description, text: "Наша новая группа: vk.com/rabochie_new")
    )
}

extension Trust {
    /// The trust of the fake: its page signs nothing.
    public static let example = Trust(state: .unsigned, sentence: "Read from a page that signs nothing.")
}

extension Post {
    /// Posts of the fake: a short one, one with attachments, a long one, and one from right to left.
    public static let examples = [
        Post(
            id: "vk:0_4", text: "Сбор в субботу 🎉👩‍👩‍👧", created: Date(timeIntervalSince1970: 1_793_541_600), isPinned: true,
            counts: PostCounts(likes: 12, reposts: 3, comments: 0, views: 389)),
        Post(
            id: "vk:0_3", text: "Come to the evening.", created: Date(timeIntervalSince1970: 1_793_534_400),
            attachments: [
                .event(home: "https://vk.com/event2000"),
                .link(url: "https://news.example/", title: "News", text: "All is well."),
                .photo(url: nil, width: 800, height: 600, text: "The hall"),
            ],
            repost: Post(id: "vk:0_1", text: "Hello.")),
        Post(
            id: "vk:0_2", text: String(repeating: "Очень длинный текст. ", count: 80),
            created: Date(timeIntervalSince1970: 1_793_527_200)),
        Post(id: "vk:0_1", text: "مرحبا بالعالم", created: Date(timeIntervalSince1970: 1_793_520_000)),
    ]
}

extension Event {
    /// Events of the fake: one with a time, one that is cancelled.
    public static let examples = [
        Event(
            id: "vk:-2000", name: "Вечер", text: "An evening",
            start: Moment(date: Date(timeIntervalSince1970: 1_798_797_600)),
            end: Moment(date: Date(timeIntervalSince1970: 1_798_804_800)),
            place: Place(name: "Клуб", address: "ул. Мира, 1"), status: .scheduled, counts: EventCounts(going: 12)),
        Event(
            id: "vk:-2001", name: "A walk", start: Moment(date: Date(timeIntervalSince1970: 1_799_000_000)),
            status: .cancelled, mentionsCancellation: true),
    ]
}

extension Reachability {
    /// It was reached through a proxy. The direct strategy was cut in TLS.
    public static let example = Reachability(
        url: "https://api.vk.ru/",
        sentence: "The connection to api.vk.ru is cut here while it is being secured. A proxy reached it.",
        verdict: Verdict(
            code: .tlsInterfered, layer: .tls, rule: "tls.reset.other_vantage",
            weights: Weights(blocked: 0.97, down: 0.02, ok: 0.01)),
        attempts: [
            Attempt(
                id: 1, strategy: "direct:", stage: .tls, outcome: "reset", took: .milliseconds(80),
                sentence: "Directly: the connection was reset in TLS."),
            Attempt(
                id: 2, strategy: "socks5://proxy.example:1080", stage: .progress, outcome: "ok", started: .milliseconds(80),
                took: .milliseconds(240), bytes: 14_000, provedName: true, sentence: "Through the proxy: it answered."),
        ],
        reachedBy: "socks5://proxy.example:1080",
        shareable: #"{"verdict":{"code":"tls_interfered"}}"#
    )

    /// It was not reached by any strategy.
    public static let blockedExample = Reachability(
        url: "https://api.vk.ru/",
        sentence: "api.vk.ru was reached by no strategy. It is blocked or down: we can't tell.",
        verdict: Verdict(code: .unknown, rule: "unknown.no_vantage", weights: Weights(blocked: 0.5, down: 0.5, ok: 0)),
        attempts: [
            Attempt(
                id: 1, strategy: "direct:", stage: .tcp, outcome: "silence", took: .seconds(10),
                sentence: "Directly: no answer.")
        ]
    )
}

extension Strategy {
    /// A proxy.
    public static let example = Strategy(
        redacted: "socks5://proxy.example:1080", scheme: "socks5", phrase: "through the proxy proxy.example:1080",
        server: "proxy.example:1080", allowedBy: [.open, .proxied])
}
