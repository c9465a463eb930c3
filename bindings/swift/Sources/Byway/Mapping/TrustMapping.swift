internal import BywayGenerated
import Foundation

extension Trust {
    init(_ crossed: BywayGenerated.Trust) {
        self.init(
            state: TrustState(crossed.state),
            reasons: crossed.reasons.map { TrustReason(code: $0.code, at: $0.at, number: $0.number.map(Int.init)) },
            copiedBy: crossed.copiedBy,
            sentence: crossed.text
        )
    }
}

extension TrustState {
    init(_ crossed: BywayGenerated.TrustState) {
        switch crossed {
        case .verified: self = .verified
        case .stale: self = .stale
        case .disputed: self = .disputed
        case .claimed: self = .claimed
        case .copied: self = .copied
        case .unsigned: self = .unsigned
        }
    }
}

extension SignedLink {
    /// Reads the link to a signed community, and raises its exposure if this one is stricter: the link that is shared.
    /// Sends nothing.
    ///
    /// - Throws: A ``BywayError`` of kind ``BywayError/Kind/input``.
    public init(_ text: String, exposure: Exposure = .open, language: Language = .english) throws {
        let crossed = try crossing {
            try parseSignedLink(text: text, exposure: exposure.crossing, language: language.crossing)
        }
        self.init(crossed)
    }

    init(_ crossed: BywayGenerated.SignedLink) {
        self.init(
            id: crossed.id,
            exposure: Exposure(crossed.exposure),
            key: crossed.key,
            mirrors: crossed.mirrors,
            text: crossed.text,
            webForm: crossed.webForm
        )
    }
}
