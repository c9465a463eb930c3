/// A sequence whose elements are pulled in batches from a bounded queue of the library.
///
/// The queue is made together with the sequence, so nothing is lost before the iteration begins. A sequence can be
/// iterated once. The subscription ends with the iteration: by `break`, by the cancellation of its task, or when the
/// sequence is dropped.
public struct Batches<Element: Sendable>: AsyncSequence, Sendable {
    public typealias Failure = Never

    private let subscription: Subscription<Element>

    /// A sequence over `next`, which waits for the first element and returns all elements that are there, or none at
    /// the end. `end` wakes it.
    public init(next: @escaping @Sendable () async -> [Element], end: @escaping @Sendable () -> Void) {
        subscription = Subscription(next: next, end: end)
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(subscription: subscription)
    }

    /// Returns the elements of one batch after the other.
    public struct Iterator: AsyncIteratorProtocol {
        private let iteration: Iteration<Element>
        private var batch: ArraySlice<Element> = []

        fileprivate init(subscription: Subscription<Element>) {
            iteration = Iteration(subscription)
        }

        public mutating func next() async -> Element? {
            if batch.isEmpty {
                batch = await iteration.subscription.next()[...]
            }
            return batch.popFirst()
        }
    }
}

/// Ends the queue when its iterator is gone, even if the sequence is kept: a loop was left by `break` or by an error.
private final class Iteration<Element: Sendable>: Sendable {
    let subscription: Subscription<Element>

    init(_ subscription: Subscription<Element>) { self.subscription = subscription }

    deinit { subscription.finish() }
}

/// Ends the queue when nothing refers to it any more.
private final class Subscription<Element: Sendable>: Sendable {
    private let pull: @Sendable () async -> [Element]
    private let end: @Sendable () -> Void

    init(next: @escaping @Sendable () async -> [Element], end: @escaping @Sendable () -> Void) {
        pull = next
        self.end = end
    }

    func next() async -> [Element] {
        await withTaskCancellationHandler(operation: pull, onCancel: end)
    }

    func finish() { end() }

    deinit { end() }
}
