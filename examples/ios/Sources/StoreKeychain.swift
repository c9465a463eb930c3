import Byway
import Foundation
import Security

/// The store's key in the keychain: of this device only, and readable after the first unlock, so that background work has it.
enum StoreKeychain {
    private static let item: [CFString: Any] = [
        kSecClass: kSecClassGenericPassword,
        kSecAttrService: "org.example.byway",
        kSecAttrAccount: "store-key",
    ]

    struct Failure: LocalizedError {
        let status: OSStatus
        var errorDescription: String? { "The keychain answers with the error \(status)." }
    }

    static func key() throws -> Data {
        var found: CFTypeRef?
        let status = SecItemCopyMatching(item.merging([kSecReturnData: true]) { $1 } as CFDictionary, &found)
        if status == errSecSuccess, let key = found as? Data { return key }
        guard status == errSecItemNotFound else { throw Failure(status: status) }
        let key = try StoreKey.random()
        let new: [CFString: Any] = [
            kSecValueData: key, kSecAttrAccessible: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
        ]
        let added = SecItemAdd(item.merging(new) { $1 } as CFDictionary, nil)
        guard added == errSecSuccess else { throw Failure(status: added) }
        return key
    }

    /// Deletes the key, for a wipe. What was stored under it cannot be read any more.
    static func delete() throws {
        let deleted = SecItemDelete(item as CFDictionary)
        guard deleted == errSecSuccess || deleted == errSecItemNotFound else { throw Failure(status: deleted) }
    }
}
