import Byway
import Foundation

/// Where the store lies: in no backup, and readable after the first unlock, so that background work has it.
enum StoreFolder {
    /// Its files inherit what is set here.
    private static let outer = URL.applicationSupportDirectory.appending(path: "byway")
    private static let store = outer.appending(path: "store")

    static func storage() throws -> Storage {
        try FileManager.default.createDirectory(
            at: outer, withIntermediateDirectories: true,
            attributes: [.protectionKey: FileProtectionType.completeUntilFirstUserAuthentication, .posixPermissions: 0o700])
        // Attributes are only set where the folder is made.
        try FileManager.default.setAttributes(
            [.protectionKey: FileProtectionType.completeUntilFirstUserAuthentication], ofItemAtPath: outer.path)
        var folder = outer
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        try folder.setResourceValues(values)
        return Storage(folder: store, key: .hook { try StoreKeychain.key() })
    }

    /// Removes the key, and what was stored under it. For a store whose key is lost, and only when the user says so.
    static func wipe() async throws {
        // The key first: without it nothing can be read, even if the files cannot be removed.
        let deleted = Result { try StoreKeychain.delete() }
        try await LiveByway.wipe(store)
        try deleted.get()
    }
}
