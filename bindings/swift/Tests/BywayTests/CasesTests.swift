import Byway
import Foundation
import Testing

/// The table that all bindings share, `bindings/cases.json`: each case over a lab of its own.
@Suite(.serialized) struct CasesTests {
    @Test(arguments: try! Cases.read().cases.map(\.name))
    func theCaseHolds(name: String) async throws {
        let cases = try Cases.read()
        let found = try #require(cases.cases.first { $0.name == name })
        try await found.run(states: cases.states)
    }

    @Test func strategiesAreReadAsTheTableSays() async throws {
        for row in try Cases.rows("strategies") {
            let text = try row.text
            if try await row.isRefused({ _ = try Strategy(text) }) { continue }
            let strategy = try Strategy(text)
            #expect(strategy.scheme == row.json["scheme"] as? String, "\(row.name)")
            #expect(strategy.country == row.json["country"] as? String, "\(row.name)")
            if let secret = row.json["redacted_lacks"] as? String { #expect(!strategy.redacted.contains(secret)) }
        }
    }

    @Test func linksAreReadAsTheTableSays() async throws {
        for row in try Cases.rows("links") {
            let text = try row.text
            if try await row.isRefused({ _ = try CommunityLink(text) }) { continue }
            let expected = try #require(row.json["expect"] as? [String: String])
            let link = Tree(of: try CommunityLink(text))
            for (path, value) in expected { #expect(link.at(path) == .text(value), "\(row.name): \(path)") }
        }
    }

    @Test func signedLinksAreReadAsTheTableSays() async throws {
        for row in try Cases.rows("signed_links") {
            let text = try row.text
            if try await row.isRefused({ _ = try SignedLink(text) }) { continue }
            let expected = try #require(row.json["expect"] as? [String: String])
            let link = Tree(of: try SignedLink(text))
            for (path, value) in expected { #expect(link.at(path) == .text(value), "\(row.name): \(path)") }
        }
    }

    @Test func pastedTextsAreReadAsTheTableSays() throws {
        for row in try Cases.rows("imports") {
            let outcomes = try Strategy.lines(of: row.text).map(\.outcome)
            let names = outcomes.map { outcome in
                switch outcome {
                case .strategy: "found"
                case .duplicate: "duplicate"
                case .ignored: "ignored"
                case .wrong: "wrong"
                }
            }
            if let expected = row.json["outcomes"] as? [String] { #expect(names == expected, "\(row.name)") }
            if let code = row.json["error"] as? String {
                guard case .wrong(_, let fault)? = outcomes.last else { throw Lab.Failure(description: row.name) }
                #expect(fault.code == code, "\(row.name)")
            }
            #expect(!"\(outcomes)".contains("secret"), "\(row.name)")
        }
    }

    @Test func fingerprintsAreReadAsTheTableSays() async throws {
        for row in try Cases.rows("fingerprints") {
            let text = try row.text
            if try await row.isRefused({ _ = try Fingerprints(csv: text) }) { continue }
            let found = try Fingerprints(csv: text)
            #expect(found.usable == row.json["usable"] as? Int, "\(row.name)")
            #expect(found.skipped.map(\.fault.code) == row.json["skipped"] as? [String], "\(row.name)")
        }
    }

    @Test func picturesAreCleanedAsTheTableSays() async throws {
        for row in try Cases.rows("pictures") {
            let text = try row.text
            let data = try #require((row.json["base64"] as? String).flatMap { Data(base64Encoded: $0) })
            if try await row.isRefused({ _ = try await Picture(cleaning: data, text: text) }) { continue }
            let picture = try await Picture(cleaning: data, text: text)
            let expected = try #require(row.json["expect"] as? [String: Any])
            #expect(picture.mediaType == expected["mediaType"] as? String && picture.text == expected["text"] as? String)
            #expect(picture.width == expected["width"] as? Int && picture.height == expected["height"] as? Int)
            #expect(data.range(of: Data("CANARY".utf8)) != nil && picture.bytes.range(of: Data("CANARY".utf8)) == nil)
            #expect("\(picture)" == "Picture(\(picture.mediaType), \(picture.width)x\(picture.height))")
        }
    }

    @Test func configurationsAreRefusedAsTheTableSays() async throws {
        for row in try Cases.rows("configurations") {
            let given = try #require(row.json["configuration"] as? [String: Any])
            let expected = try #require(row.json["error"] as? [String: String])
            let known: Set = [
                "strategies", "exposure", "vkToken", "vkApi", "roots", "resolve", "country", "torTransports", "onionKeys",
            ]
            #expect(known.isSuperset(of: given.keys), "\(row.name): a part is not understood")
            let configuration = Configuration(
                strategies: given["strategies"] as? [String] ?? [],
                exposure: (given["exposure"] as? String).flatMap(Exposure.init) ?? .open,
                vkToken: (given["vkToken"] as? String).map(VKToken.service),
                country: given["country"] as? String,
                roots: given["roots"] as? String,
                resolve: given["resolve"] as? [String] ?? [],
                vkAPI: given["vkApi"] as? String,
                torTransports: try (given["torTransports"] as? [[String: Any]] ?? []).map(transport),
                onionKeys: given["onionKeys"] as? [String] ?? [])
            let error = try await failure { try await LiveByway.open(configuration) }
            #expect(error.kind.rawValue == expected["kind"] && error.code == expected["code"], "\(row.name): \(error)")
        }
    }
}

private func transport(_ given: [String: Any]) throws -> TorTransport {
    let names = try #require(given["names"] as? [String])
    if let path = given["path"] as? String {
        // A path that is not absolute must reach the library as it is.
        return .program(names, path: try #require(URL(string: path)))
    }
    return .running(names, address: try #require(given["address"] as? String))
}

/// The table, as it is read.
struct Cases {
    let states: [String: Tree]
    let cases: [Case]

    /// A row of a list that needs no lab: a text, and what becomes of it.
    struct Row {
        let json: [String: Any]
        let name: String

        /// The text; one that is repeated is written out.
        var text: String {
            get throws {
                guard let given = json["text"], case .text(let text) = Tree(json: given) else {
                    throw Lab.Failure(description: "\(name) has no text")
                }
                return text
            }
        }

        /// Whether the row states an error; then `work` must end with it.
        func isRefused(_ work: () async throws -> Void) async throws -> Bool {
            guard let code = json["error"] as? String else { return false }
            let error = try await failure(work)
            #expect(error.code == code && error.kind == .input, "\(name): \(error)")
            return true
        }
    }

    static func rows(_ list: String) throws -> [Row] {
        guard let rows = try json()[list] as? [[String: Any]], !rows.isEmpty else {
            throw Lab.Failure(description: "bindings/cases.json has no list \(list)")
        }
        return rows.enumerated().map { Row(json: $1, name: "\(list)[\($0)]") }
    }

    static func read() throws -> Cases {
        let json = try json()
        guard let states = json["states"] as? [String: Any], let cases = json["cases"] as? [[String: Any]], !cases.isEmpty else {
            throw Lab.Failure(description: "bindings/cases.json is not as described in it")
        }
        let known: Set = [
            "about", "states", "cases", "strategies", "links", "signed_links", "imports", "fingerprints", "pictures",
            "configurations", "publishers", "uploads",
        ]
        #expect(known.isSuperset(of: json.keys), "a list of bindings/cases.json is not run here")
        return Cases(states: states.mapValues(Tree.init(json:)), cases: cases.map(Case.init(json:)))
    }

    private static func json() throws -> [String: Any] {
        // This file is bindings/swift/Tests/BywayTests/CasesTests.swift.
        let bindings = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let data = try Data(contentsOf: bindings.appendingPathComponent("cases.json"))
        return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }
}

/// One case: a lab, a client, and calls with what they must answer.
struct Case {
    let name: String
    private let state: String
    private let censor: [String]
    private let store: Bool
    private let configuration: [String: Any]
    private let steps: [[String: Any]]

    init(json: [String: Any]) {
        name = json["name"] as? String ?? ""
        state = json["state"] as? String ?? "default"
        censor = json["censor"] as? [String] ?? []
        store = json["store"] as? Bool ?? false
        configuration = json["configuration"] as? [String: Any] ?? [:]
        steps = json["steps"] as? [[String: Any]] ?? []
    }

    func run(states: [String: Tree]) async throws {
        let state = try #require(states[self.state], "the state \(self.state)")
        let lab = try Lab(censor: censor, state: try JSONSerialization.data(withJSONObject: state.plain))
        let known: Set = ["strategies", "language", "vkToken"]
        #expect(known.isSuperset(of: configuration.keys), "a part of the configuration is not understood")
        let byway = try await LiveByway.open(
            lab.configuration(
                strategies: configuration["strategies"] as? [String] ?? ["direct:"],
                language: (configuration["language"] as? String).flatMap(Language.init) ?? .english,
                token: configuration.keys.contains("vkToken") ? configuration["vkToken"] as? String : "lab-token",
                storage: store ? lab.storage() : nil))
        #expect(!steps.isEmpty)
        var before = Tree.null
        for step in steps {
            let call = step["call"] as? String ?? ""
            let arguments = Arguments(step["arguments"] as? [String: Any] ?? [:], before: before, lab: lab)
            if let error = step["error"] as? [String: Any] {
                let thrown = try await failure { try await Self.answer(call, arguments, byway, lab) }
                let thrownTree = Tree.object([
                    "kind": .text(thrown.kind.rawValue), "code": .text(thrown.code), "text": .text(thrown.text),
                ])
                expect(thrownTree, error, call)
            } else {
                before = try await Self.answer(call, arguments, byway, lab)
                expect(before, step["expect"] as? [String: Any] ?? [:], call)
            }
        }
        await byway.close()
    }

    private func expect(_ answer: Tree, _ expected: [String: Any], _ call: String) {
        for (path, value) in expected {
            let found = answer.at(path)
            let matches = found?.matches(Tree(json: value)) ?? false
            #expect(matches, "\(name): \(call): \(path) is \(found?.description ?? "not there"), not \(value)")
        }
    }

    private struct Arguments {
        let values: [String: Any]
        let before: Tree
        let lab: Lab

        init(_ values: [String: Any], before: Tree, lab: Lab) {
            self.values = values
            self.before = before
            self.lab = lab
        }

        func text(_ name: String) throws -> String {
            guard let text = try optional(name) else { throw Lab.Failure(description: "\(name) is missing") }
            return text
        }

        func optional(_ name: String) throws -> String? {
            switch values[name] {
            case let text as String: return text
            case let object as [String: Any]:
                if let path = object["from"] as? String, case .text(let text)? = before.at(path) { return text }
                if let host = object["origin"] as? String { return lab.url(host, object["path"] as? String ?? "") }
                throw Lab.Failure(description: "\(name) is not understood: \(object)")
            default: return nil
            }
        }

        func number(_ name: String) -> Int? { values[name] as? Int }
        func flag(_ name: String) -> Bool { values[name] as? Bool ?? false }
        func id(_ name: String) throws -> CommunityID { CommunityID(rawValue: try text(name)) }
        func cursor() throws -> Cursor? { try optional("after").map(Cursor.init(rawValue:)) }
        func date(_ name: String) throws -> Date? { try optional(name).map { try Date($0, strategy: .iso8601) } }

        func move() throws -> Move { Move(kind: .claimed, from: try id("id"), home: try optional("home")) }

        func options() throws -> AccessOptions {
            AccessOptions(
                exposure: try optional("exposure").flatMap(Exposure.init) ?? .open, allowDirect: flag("allowDirect"),
                offline: flag("offline"), ignorePause: flag("ignorePause"))
        }
    }

    private static func answer(_ call: String, _ given: Arguments, _ byway: LiveByway, _ lab: Lab) async throws -> Tree {
        let limit = given.number("limit") ?? 50
        switch call {
        case "open": return Tree(of: try await byway.open(given.text("link"), options: given.options()))
        case "openListed":
            let feed = ListedFeed(link: try given.text("link"), title: "")
            return Tree(of: try await byway.openListed(feed, options: given.options()))
        case "standing": return Tree(of: try await byway.standing(of: given.id("id")))
        case "importRoutePack":
            let (pack, word) = (Data(try given.text("text").utf8), Passphrase(try given.text("passphrase")))
            return Tree(of: try await byway.importRoutePack(pack, passphrase: word))
        case "refresh": return Tree(of: try await byway.refresh(given.id("id")))
        case "preview": return Tree(of: try await byway.preview(given.text("link"), options: given.options()))
        case "get": return Tree(of: try await byway.get(given.text("url"), options: given.options(), settle: nil))
        case "probe": return Tree(of: try await byway.probe(given.text("url"), options: given.options()))
        case "sync":
            let ids = given.values["communities"] as? [String] ?? []
            let synced = try await byway.sync(ids.map(CommunityID.init(rawValue:)))
            return Tree(of: synced)
        case "communities": return Tree(of: try await byway.communities())
        case "community": return Tree(of: try await byway.community(given.id("id")) as Any)
        case "posts": return Tree(of: try await byway.posts(of: given.id("community"), after: given.cursor(), limit: limit))
        case "events": return Tree(of: try await byway.events(of: given.id("community"), after: given.cursor(), limit: limit))
        case "post": return Tree(of: try await byway.post(given.text("id"), of: given.id("community")) as Any)
        case "event": return Tree(of: try await byway.event(given.id("id"), of: given.id("community")) as Any)
        case "upcomingEvents":
            let (from, until) = (try given.date("from") ?? Date(), try given.date("until"))
            return Tree(of: try await byway.upcomingEvents(from: from, until: until, after: given.cursor(), limit: limit))
        case "search":
            let community = try given.optional("community").map(CommunityID.init(rawValue:))
            return Tree(of: try await byway.search(given.text("query"), in: community, after: given.cursor(), limit: limit))
        case "successor": return Tree(of: try await byway.successor(of: given.id("id")))
        case "openKept": return Tree(of: try await byway.openKept(given.id("id"), options: given.options()))
        case "follow": return Tree(of: try await byway.follow(given.move()))
        case "stay": return Tree(of: try await byway.stay(despite: given.move()))
        case "takeBundle": return Tree(of: try await byway.takeBundle(Data(given.text("text").utf8)))
        case "raiseExposure":
            let exposure = try #require(Exposure(rawValue: given.text("exposure")))
            try await byway.raiseExposure(of: given.text("link"), to: exposure)
        case "exposureOf": return Tree(of: try await byway.exposure(of: given.id("id")))
        case "allowDirect": try await byway.allowDirect(given.flag("allowed"), for: given.id("id"))
        case "link":
            return Tree(of: try await byway.link(to: given.id("id")) as Any)
        case "retention": return Tree(of: try await byway.retention() as Any)
        case "setRetention": return Tree(of: try await byway.setRetention(days: given.number("days")))
        case "storageLimit": return Tree(of: try await byway.storageLimit() as Any)
        case "setStorageLimit": try await byway.setStorageLimit(bytes: given.number("bytes"))
        case "storageUsed": return Tree(of: try await byway.storageUsed())
        case "checkIntegrity": try await byway.checkIntegrity()
        case "forget": try await byway.forget(given.id("id"))
        case "lock": try await byway.lock()
        case "unlock": try await byway.unlock(lab.storage().key)
        case "suspend": try await byway.suspend()
        case "resume": try await byway.resume()
        case "wipe": try await byway.wipe()
        case "attachments":
            return Tree(of: try await byway.attachments(of: given.text("post"), community: given.id("community")))
        case "fetchAttachment":
            let id = AttachmentID(
                community: try given.id("community"), post: try given.text("post"), index: given.number("index") ?? 0)
            let bytes = given.number("maxBytes") ?? 1 << 20
            return Tree(of: try await byway.fetchAttachment(id, maxBytes: bytes, options: given.options()))
        case "icalendar": return Tree(of: try await byway.icalendar(of: given.id("community")))
        default: throw Lab.Failure(description: "the call \(call) of the shared cases is not known here")
        }
        return .null
    }
}

extension Tree {
    /// For JSON.
    var plain: Any {
        switch self {
        case .null: NSNull()
        case .bool(let flag): flag
        case .number(let number): number == number.rounded() ? Int(number) : number
        case .text(let text): text
        case .list(let list): list.map(\.plain)
        case .object(let fields): fields.mapValues(\.plain)
        }
    }
}
