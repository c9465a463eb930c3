internal import BywayGenerated

extension Strategy {
    init(_ crossed: BywayGenerated.StrategyInfo) {
        self.init(
            redacted: crossed.redacted,
            scheme: crossed.scheme,
            phrase: crossed.phrase,
            name: crossed.name,
            country: crossed.country,
            server: crossed.server,
            isDirect: crossed.isDirect,
            isTor: crossed.isTor,
            allowedBy: crossed.allowedBy.map(Exposure.init),
            torTransports: crossed.torTransports
        )
    }

    /// Checks a strategy URL, and says what it is.
    ///
    /// - Throws: A ``BywayError`` of kind ``BywayError/Kind/input``.
    public init(_ text: String, language: Language = .english) throws {
        self.init(try crossing { try describeStrategy(text: text, language: language.crossing) })
    }

    /// Reads a text that a person pasted, line by line: strategies, links of proxies, comments.
    public static func lines(of text: String, language: Language = .english) throws -> [ImportedLine] {
        try crossing { try importStrategies(text: text, language: language.crossing) }.map {
            ImportedLine(number: Int($0.number), outcome: Imported($0.outcome))
        }
    }
}

extension CommunityLink {
    /// Reads a link of a community, with or without an exposure in it, and raises its exposure if this one is stricter: the link
    /// that is shared. Sends nothing.
    ///
    /// - Throws: A ``BywayError`` of kind ``BywayError/Kind/input``.
    public init(_ text: String, exposure: Exposure = .open, language: Language = .english) throws {
        let crossed = try crossing {
            try parseLink(text: text, exposure: exposure.crossing, language: language.crossing)
        }
        self.init(crossed)
    }

    init(_ crossed: BywayGenerated.HomeLink) {
        self.init(
            home: crossed.home.url, exposure: Exposure(crossed.exposure), mirrors: crossed.mirrors.map(\.url),
            text: crossed.text)
    }
}

extension FeedList {
    init(_ crossed: BywayGenerated.FeedList) {
        self.init(
            entries: crossed.entries.map { ListedFeed(link: $0.link, title: $0.title, isUnasked: $0.unasked) },
            odd: Int(crossed.odd),
            isCut: crossed.cut)
    }
}

extension Fingerprints {
    /// Checks fingerprints of block pages before they go into a ``Configuration``.
    ///
    /// - Throws: A ``BywayError`` of kind ``BywayError/Kind/input`` where it is not such a list at all.
    public init(csv: String, language: Language = .english) throws {
        let crossed = try crossing { try checkFingerprints(csv: csv, language: language.crossing) }
        self.init(
            usable: Int(crossed.usable),
            skipped: crossed.skipped.map { SkippedRow(row: Int($0.row), fault: Fault($0.fault)) })
    }
}

extension Duration {
    /// How it is said in a sentence, for example "2.5 s".
    public func inWords(_ language: Language = .english) throws -> String {
        let seconds = try self.crossing()
        return try Byway.crossing { try durationText(duration: seconds, language: language.crossing) }
    }
}

extension Imported {
    fileprivate init(_ crossed: BywayGenerated.ImportOutcome) {
        switch crossed {
        case .strategy(let text, let info): self = .strategy(Strategy(info), text: text)
        case .duplicate(let info, let first): self = .duplicate(Strategy(info), first: Int(first))
        case .ignored: self = .ignored
        case .wrong(let shown, let fault): self = .wrong(shown: shown, fault: Fault(fault))
        }
    }
}
