import Foundation

/// A folder on a server, for ``CommunityPublisher/upload(to:credentials:over:options:)``: a WebDAV folder, or a bucket of an
/// S3-compatible store if the library was built with the feature `s3`. Without it a bucket is refused (`upload_no_s3`), and
/// nothing is sent. Its description does not show the address, which names the community.
public struct UploadTarget: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The `https://` address of a WebDAV folder, or `s3://BUCKET/PREFIX`. Over `http://` only an onion service and a server in the
    /// user's own network are uploaded to.
    public var address: String
    /// For a bucket. Most servers other than Amazon's accept the default, `us-east-1`.
    public var region: String?
    /// For a bucket: the address of its server, if it is not Amazon's.
    public var endpoint: String?
    /// Raises who may learn of it. It never lowers what the configuration demands.
    public var exposure: Exposure
    /// Tries direct strategies even if something recorded speaks against them. Ask the user first.
    public var allowDirect: Bool

    public init(
        _ address: String, region: String? = nil, endpoint: String? = nil, exposure: Exposure = .open,
        allowDirect: Bool = false
    ) {
        self.address = address
        self.region = region
        self.endpoint = endpoint
        self.exposure = exposure
        self.allowDirect = allowDirect
    }

    public var description: String { "UploadTarget" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What a server knows an admin by. One call takes the secrets and overwrites them, whether it succeeds or not; see
/// ``Passphrase``.
public enum UploadCredentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// An access key for a bucket. The token is that of a session, if the key is one for a session.
    case key(id: String, secret: Passphrase, token: Passphrase? = nil)
    /// A login for a WebDAV folder.
    case login(user: String, password: Passphrase)

    public var description: String { "UploadCredentials" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// How to upload.
public struct UploadOptions: Hashable, Sendable {
    /// Takes in first what the server has and the folder does not, as ``CommunityPublisher/takeIn(from:)`` does.
    public var takeIn: Bool
    /// Writes over what the server has and the folder does not, which is lost.
    public var replacing: Bool
    /// Compares every file with the server's, and not only what changed.
    public var checkAll: Bool

    public init(takeIn: Bool = false, replacing: Bool = false, checkAll: Bool = false) {
        self.takeIn = takeIn
        self.replacing = replacing
        self.checkAll = checkAll
    }
}
