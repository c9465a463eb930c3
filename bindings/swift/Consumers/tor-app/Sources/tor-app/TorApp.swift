import Byway
import DebugNetwork
import Foundation

/// An app that reads by the Tor inside the library.
struct TorApp {
    let byway: LiveByway

    /// A start of Tor, in percent, and the page that was read by it.
    struct Reading: Sendable {
        let percents: [Int]
        let page: String
    }

    /// Takes the lab's private network. It has to be given before the library is opened.
    static func use(network: String) {
        for byte in network.utf8 { ffi_byway_ffi_debug_tor_network(byte) }
        ffi_byway_ffi_debug_tor_network(0)
    }

    /// Reads a page, lets the app sleep, and reads it again.
    func readTwice(_ url: String) async throws -> [Reading] {
        var events = try byway.engineEvents().makeAsyncIterator()
        var readings: [Reading] = []
        for _ in 0..<2 {
            let read = Task {
                do { return try await page(url) } catch {
                    // The events end with the library, and so does the wait for them.
                    await byway.close()
                    throw error
                }
            }
            var percents: [Int] = []
            start: while let event = await events.next() {
                switch event.kind {
                case .torStarts(_, let percent, _): percents.append(percent)
                case .won: break start
                default: break
                }
            }
            readings.append(Reading(percents: percents, page: try await read.value))
            try await byway.suspend()
            try await byway.resume()
        }
        await byway.close()
        return readings
    }

    /// On a busy machine a start may take longer than one reading waits for it.
    private func page(_ url: String) async throws -> String {
        let latest = ContinuousClock.now + .seconds(180)
        while true {
            do {
                let call = try await byway.http(HTTPRequest(url: url))
                _ = try await call.response()
                var body = Data()
                while let piece = try await call.read() { body += piece }
                return String(decoding: body, as: UTF8.self)
            } catch let error as BywayError where error.kind == .unreached && ContinuousClock.now < latest {}
        }
    }
}
