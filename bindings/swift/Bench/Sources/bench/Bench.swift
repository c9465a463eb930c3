import Byway
import Foundation

/// Measures what an app meets, over a lab, and prints one JSON object a line: `measure`, then `median_us` and `best_us`, or `kib`; and
/// `target`, above which it misses.
///
/// Each part runs in a process of its own, because the memory of a process and the time to its first post are those of a fresh one.
@main
struct Bench {
    static func main() async throws {
        switch CommandLine.arguments.dropFirst().first {
        case nil:
            for part in ["first", "memory", "calls"] { try run(part) }
        case "first": try await firstPost()
        case "memory": try await memory()
        case "calls": try await calls()
        case let part?: throw Lab.Failure(description: "There is no part \(part).")
        }
    }

    private static func run(_ part: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = [part]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Lab.Failure(description: "The part \(part) failed.") }
    }

    /// From a client's making to the first post, where the library has done nothing yet in this process.
    private static func firstPost() async throws {
        let lab = try Lab(state: state(communities: 1, posts: 1...pageOfThePlatform))
        let start = ContinuousClock.now
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        let opened = try await byway.open(link(1))
        let took = start.duration(to: .now)
        guard opened.posts.first != nil else { throw Lab.Failure(description: "there is no post") }
        report("first_post", [took], target: nil)
        await byway.close()
    }

    /// The highest memory of a process that opens fifty communities, and reads and holds their thousand posts.
    private static func memory() async throws {
        let lab = try Lab(state: state(communities: 50, posts: 1...pageOfThePlatform))
        let before = try kib("VmHWM")
        let byway = try await LiveByway.open(lab.configuration(storage: lab.storage()))
        var held: [Post] = []
        for number in 1...50 { held += try await byway.open(link(number)).posts }
        let peak = try kib("VmHWM")
        print(#"{"measure": "peak_memory", "posts": \#(held.count), "kib": \#(peak), "before_kib": \#(before), "target": 51200}"#)
        await byway.close()
    }

    private static func calls() async throws {
        let first = try Lab()
        let storage = first.storage()
        // The platform gives so many posts at once: the store gets a thousand of a community by fifty readings.
        for from in stride(from: 1, through: 1_000, by: pageOfThePlatform) {
            let lab = try Lab(state: state(communities: 1, posts: from...(from + pageOfThePlatform - 1)))
            let byway = try await LiveByway.open(lab.configuration(storage: storage))
            _ = try await byway.open(link(1))
            await byway.close()
        }
        let byway = try await LiveByway.open(first.configuration(storage: storage))
        try await measure("sync_call", times: 5_000, target: nil) { _ = try byway.language() }
        try await measure("async_call", times: 5_000, target: 100) { _ = try await byway.retention() }
        try await measure("page_50", times: 200, target: 1_500) {
            guard try await byway.posts(of: id(1), after: nil, limit: 50).items.count == 50 else {
                throw Lab.Failure(description: "the page is not full")
            }
        }
        try await measure("posts_1000", times: 50, target: 10_000) {
            guard try await byway.posts(of: id(1), after: nil, limit: 1_000).items.count == 1_000 else {
                throw Lab.Failure(description: "the page is not full")
            }
        }
        await byway.close()
    }

    /// How many posts one reading gets.
    private static let pageOfThePlatform = 20

    // MARK: -

    private static func measure(
        _ name: String, times: Int, target: Int?, _ work: () async throws -> Void
    ) async throws {
        for _ in 0..<(times / 10) { try await work() }
        var took: [Duration] = []
        for _ in 0..<times {
            let start = ContinuousClock.now
            try await work()
            took.append(start.duration(to: .now))
        }
        report(name, took, target: target)
    }

    private static func report(_ name: String, _ took: [Duration], target: Int?) {
        let sorted = took.sorted().map { ($0 / .microseconds(1) * 10).rounded() / 10 }
        let target = target.map { #", "target": \#($0)"# } ?? ""
        print(#"{"measure": "\#(name)", "median_us": \#(sorted[sorted.count / 2]), "best_us": \#(sorted[0])\#(target)}"#)
    }

    private static func kib(_ field: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("\(field):") }
        guard let kib = line.flatMap({ Int($0.filter(\.isNumber)) }) else { throw Lab.Failure(description: "no \(field)") }
        return kib
    }

    private static func link(_ number: Int) -> String { "vk.com/club_\(number)" }
    private static func id(_ number: Int) -> CommunityID { CommunityID(rawValue: "vk:-\(1_000 + number)") }

    /// Communities with posts of the usual length, as the lab's platform has them.
    private static func state(communities: Int, posts: ClosedRange<Int>) throws -> Data {
        let text = String(repeating: "Сбор в субботу. ", count: 20)
        let communities = (1...communities).map { number in
            [
                "group": [
                    "id": 1_000 + number, "name": "Club \(number)", "screen_name": "club_\(number)", "type": "group",
                    "is_closed": 0,
                ],
                "posts": posts.reversed().map { post in
                    ["id": post, "date": 1_793_527_200 + post, "text": "\(post) \(text)", "type": "post"] as [String: Any]
                },
            ] as [String: Any]
        }
        return try JSONSerialization.data(
            withJSONObject: ["calls_per_second": 1_000, "communities": communities] as [String: Any])
    }
}
