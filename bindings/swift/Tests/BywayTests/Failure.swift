import Byway
import Testing

/// The error that `work` ends with. Throws where it ends with another one, or with none.
func failure<Result>(_ work: () async throws -> Result) async throws -> BywayError {
    do {
        _ = try await work()
    } catch let error as BywayError {
        return error
    }
    throw Lab.Failure(description: "nothing was thrown")
}

/// The code of the error that `work` ends with, or `done`. Every error says in words what is wrong.
func code<Result>(_ work: () async throws -> Result) async -> String {
    do {
        _ = try await work()
        return "done"
    } catch let error as BywayError {
        #expect(!error.text.isEmpty)
        return error.code
    } catch {
        return "\(error)"
    }
}
