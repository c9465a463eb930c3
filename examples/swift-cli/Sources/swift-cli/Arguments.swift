import Byway

/// What was asked on the command line.
struct Arguments {
    var link = "vk.com/byway_club"
    var strategies: [String] = []
    var exposure = Exposure.open
    var language = Language.english
    /// Say what the engine does.
    var events = false
    /// The demonstration's small internet, with a censor in it.
    var lab = false

    static let usage = """
        Usage: swift-cli [--lab] [--events] [--language en|ru] [--exposure open|proxied|tor] [--strategy URL]... [LINK]

          --lab   reads from a small internet of its own, where a censor cuts the direct connection
                  (BYWAY_LAB names the program byway-lab). Without it, BYWAY_VK_TOKEN is the token of an app.
        """

    struct Misused: Error { let text: String }

    init(_ words: [String]) throws {
        var words = words[...]
        func value(of option: String) throws -> String {
            guard let value = words.popFirst() else { throw Misused(text: "\(option) needs a value.") }
            return value
        }
        func choice<Choice: RawRepresentable<String> & CaseIterable>(of option: String) throws -> Choice {
            let word = try value(of: option)
            guard let choice = Choice(rawValue: word) else {
                let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                throw Misused(text: "\(option) takes one of \(all), and not “\(word)”.")
            }
            return choice
        }
        while let word = words.popFirst() {
            switch word {
            case "--lab": lab = true
            case "--events": events = true
            case "--strategy": strategies.append(try value(of: word))
            case "--exposure": exposure = try choice(of: word)
            case "--language": language = try choice(of: word)
            case _ where word.hasPrefix("-"): throw Misused(text: "There is no option \(word).")
            default: link = word
            }
        }
        if strategies.isEmpty { strategies = lab ? ["direct:", "proxy.nl"] : ["direct:"] }
    }
}
