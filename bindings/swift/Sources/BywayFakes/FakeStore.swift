import Byway
import Foundation

// The fake's store: its settings, and how it is shut.

extension FakeByway {
    public func retention() async throws -> Int? {
        try unlocked()
        return state.withLock(\.retention)
    }

    public func setRetention(days: Int?) async throws -> Int {
        try unlocked()
        guard days ?? 0 >= 0 else { throw BywayError.ofTheFake(.input, "number") }
        state.withLock { $0.retention = days }
        return 0
    }

    public func storageLimit() async throws -> Int? {
        try unlocked()
        return state.withLock(\.limit)
    }

    public func setStorageLimit(bytes: Int?) async throws {
        try unlocked()
        guard bytes ?? 0 >= 0 else { throw BywayError.ofTheFake(.input, "number") }
        state.withLock { $0.limit = bytes }
    }

    public func storageUsed() async throws -> Int {
        try unlocked()
        return 120_000
    }

    public func checkIntegrity() async throws { try unlocked() }

    public func forget(_ id: CommunityID) async throws {
        try unlocked()
        guard isStored, id == fixture.community.id else { return }
        state.withLock { state in
            state.forgotten = true
            state.isAsked = false
            state.isDirectAllowed = false
        }
        tell(.forgotten(id))
    }

    public func lock() async throws {
        try alive()
        state.withLock { $0.shut = .locked }
    }

    public func unlock(_ key: StoreKey) async throws {
        try alive()
        if case .bytes(let bytes) = key, bytes.count != 32 { throw BywayError.ofTheFake(.input, "key_length") }
        // A suspended store stays suspended.
        state.withLock { $0.shut = $0.shut == .suspended ? .suspended : nil }
    }

    public func suspend() async throws {
        try alive()
        happened(.suspended, "suspended")
        state.withLock { $0.shut = $0.shut ?? .suspended }
    }

    public func resume() async throws {
        try alive()
        happened(.resumed, "resumed")
        guard state.withLock(\.shut) != .locked else { throw BywayError.ofTheFake(.storeClosed, Shut.locked.rawValue) }
        state.withLock { $0.shut = nil }
    }

    public func wipe() async throws {
        try alive()
        state.withLock { state in
            state.forgotten = true
            state.follows = nil
            state.isAsked = false
            state.isDirectAllowed = false
            state.exposure = .open
            state.shut = .locked
        }
        tell(.emptied)
    }

    public func paths() throws -> [URL] {
        try alive()
        return []
    }
}
