import BywayGenerated
import Foundation
import Testing

/// Waits until nothing runs in the library.
func idle(_ what: String) async throws {
    for _ in 0..<1_000 {
        if try diagnostics().runningTasks == 0 { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw Lab.Failure(description: "it did not come about that \(what): \(try diagnostics().runningTasks) tasks run")
}

/// The memory of this process that lies in RAM, in kB.
func resident() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
    return try #require(line.split(separator: " ").compactMap { Int($0) }.first)
}
