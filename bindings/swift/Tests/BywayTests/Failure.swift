import Byway

/// The error that `work` ends with. Throws where it ends with another one, or with none.
func failure<Result>(_ work: () async throws -> Result) async throws -> BywayError {
    do {
        _ = try await work()
    } catch let error as BywayError {
        return error
    }
    throw Lab.Failure(description: "nothing was thrown")
}
