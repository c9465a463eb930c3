internal import BywayGenerated
import Foundation

/// Makes a call into Rust. What it throws becomes a ``BywayError``, or a `CancellationError` where this task was cancelled.
func crossing<Result>(_ call: () throws -> Result) throws -> Result {
    do { return try call() } catch { throw named(error) }
}

/// The same for a call that waits.
func crossing<Result: Sendable>(_ call: @Sendable () async throws -> Result) async throws -> Result {
    do { return try await call() } catch { throw named(error) }
}

/// Makes a call that a cancelled task ends. The work in Rust ends too, and the call throws `CancellationError`.
func cancellable<Result: Sendable>(_ call: @Sendable (CancelHandle) async throws -> Result) async throws -> Result {
    let handle = try crossing { try CancelHandle() }
    return try await withTaskCancellationHandler {
        try await crossing { try await call(handle) }
    } onCancel: {
        // It can fail only where there is nothing left to cancel.
        try? handle.cancel()
    }
}

private func named(_ error: any Error) -> any Error {
    switch error {
    case let error as BywayGenerated.BywayError:
        let error = BywayError(error)
        return error.kind == .cancelled && Task.isCancelled ? CancellationError() : error
    case is BywayError, is CancellationError:
        return error
    default:
        // The generated code's own errors: a panic outside a task, or a library of another version.
        return BywayError(kind: .internal, code: "binding", text: "A part of this app failed. Please report it.")
    }
}

extension BywayError {
    init(_ crossed: BywayGenerated.BywayError) {
        switch crossed {
        case .Input(let code, let text, let access): self.init(.input, code, text, access)
        case .NotPermitted(let code, let text, let access): self.init(.notPermitted, code, text, access)
        case .Credentials(let code, let text, let access): self.init(.credentials, code, text, access)
        case .Unreached(let code, let text, let access): self.init(.unreached, code, text, access)
        case .Refused(let code, let text, let access): self.init(.refused, code, text, access)
        case .Withheld(let code, let text, let access): self.init(.withheld, code, text, access)
        case .NotFound(let code, let text, let access): self.init(.notFound, code, text, access)
        case .NotStored(let code, let text, let access): self.init(.notStored, code, text, access)
        case .StoreClosed(let code, let text, let access): self.init(.storeClosed, code, text, access)
        case .StoreDamaged(let code, let text, let access): self.init(.storeDamaged, code, text, access)
        case .StoreFull(let code, let text, let access): self.init(.storeFull, code, text, access)
        case .TooLarge(let code, let text, let access): self.init(.tooLarge, code, text, access)
        case .BrokenOff(let code, let text, let access): self.init(.brokenOff, code, text, access)
        case .Internal(let code, let text, let access): self.init(.internal, code, text, access)
        case .Cancelled(let code, let text, let access): self.init(.cancelled, code, text, access)
        case .Closed(let code, let text, let access): self.init(.closed, code, text, access)
        }
    }

    private init(_ kind: Kind, _ code: String, _ text: String, _ access: BywayGenerated.Reachability?) {
        self.init(kind: kind, code: code, text: text, reachability: access.map(Reachability.init))
    }
}

extension BywayError.Kind {
    init(_ crossed: BywayGenerated.ErrorKind) {
        switch crossed {
        case .input: self = .input
        case .notPermitted: self = .notPermitted
        case .credentials: self = .credentials
        case .unreached: self = .unreached
        case .refused: self = .refused
        case .withheld: self = .withheld
        case .notFound: self = .notFound
        case .notStored: self = .notStored
        case .storeClosed: self = .storeClosed
        case .storeDamaged: self = .storeDamaged
        case .storeFull: self = .storeFull
        case .tooLarge: self = .tooLarge
        case .brokenOff: self = .brokenOff
        case .internal: self = .internal
        }
    }
}

extension Fault {
    init(_ crossed: BywayGenerated.Fault) {
        self.init(kind: BywayError.Kind(crossed.kind), code: crossed.code, sentence: crossed.text)
    }
}
