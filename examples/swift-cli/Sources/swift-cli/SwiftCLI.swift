import Byway
import Foundation

/// Reads a community and prints it: posts, events, how it was reached, where it says it moved.
@main
struct SwiftCLI {
    static func main() async {
        do {
            let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
            // The lab must outlive the client.
            let lab = arguments.lab ? try Lab(censor: ["sni=api.vk.ru:reset", "sni=api.vk.com:reset"]) : nil
            try await run(arguments, configuration(arguments, lab))
        } catch let error as Arguments.Misused {
            complain("\(error.text)\n\(Arguments.usage)", code: 2)
        } catch let error as BywayError {
            complain(error.text, code: error.kind == .input ? 2 : 1)
        } catch {
            complain("\(error)", code: 1)
        }
    }

    private static func configuration(_ arguments: Arguments, _ lab: Lab?) throws -> Configuration {
        if let lab { return try lab.configuration(strategies: arguments.strategies, language: arguments.language) }
        return Configuration(
            strategies: arguments.strategies,
            language: arguments.language,
            vkToken: ProcessInfo.processInfo.environment["BYWAY_VK_TOKEN"].map(VKToken.service)
        )
    }

    private static func run(_ arguments: Arguments, _ configuration: Configuration) async throws {
        let byway = try await LiveByway.open(configuration)
        let listening = arguments.events ? try listen(to: byway) : nil
        do {
            show(try await byway.open(arguments.link, exposure: arguments.exposure))
        } catch {
            await byway.close()
            throw error
        }
        await byway.close()
        await listening?.value
    }

    /// Prints what the engine does until the client is closed.
    private static func listen(to byway: LiveByway) throws -> Task<Void, Never> {
        let events = try byway.engineEvents()
        return Task {
            for await event in events { complain("\(Int(event.at / .milliseconds(1))) ms: \(event.sentence)") }
        }
    }

    private static func show(_ opened: Opened) {
        print("\(opened.community.name)  (\(opened.community.state.rawValue))")
        for post in opened.posts {
            let date = post.created?.formatted(date: .abbreviated, time: .shortened) ?? "-"
            print("\n\(date)\n\(post.text)")
        }
        for event in opened.events {
            print("\n\(event.name): \(event.start?.date.formatted(date: .abbreviated, time: .shortened) ?? "-")")
        }
        for note in opened.notes where note.move != nil {
            print("\n\(note.sentence)")
        }
        if let successor = opened.community.successor {
            print("\nIt says that it moved to \(successor.home): “\(successor.text)”. Nothing has checked that.")
        }
        if opened.trust.state != .unsigned { print("\n\(opened.trust.sentence)") }
        print("\n\(opened.reachability.sentence)")
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }

    private static func complain(_ text: String, code: Int32) -> Never {
        complain(text)
        exit(code)
    }
}
