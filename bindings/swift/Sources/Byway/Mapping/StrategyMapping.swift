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
            allowedBy: crossed.allowedBy.map(Exposure.init)
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
