/// A queue for one listener of the fake.
final class Listener<Element: Sendable>: Sendable {
    /// Like the library's own queues: bounded, and the oldest item is lost first.
    private static var longest: Int { 256 }

    private let stream: AsyncStream<Element>
    private let continuation: AsyncStream<Element>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.longest))
    }

    func add(_ element: Element) { continuation.yield(element) }
    func end() { continuation.finish() }

    func next() async -> [Element] {
        for await element in stream { return [element] }
        return []
    }
}
