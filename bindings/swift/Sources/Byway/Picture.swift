import Foundation

/// A picture for a post, without what a camera or a program wrote into it: the place, the time, the device, the uncropped
/// thumbnail. What the pixels show stays: cover faces and number plates before.
///
/// ```swift
/// let gate = try await Picture(cleaning: photo, text: "The closed gate")
/// _ = try await publisher.post("They locked us out.", pictures: [gate])
/// ```
public struct Picture: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The file, as it is published.
    public let bytes: Data
    /// `image/jpeg`, `image/png` or `image/webp`.
    public let mediaType: String
    /// Its width in pixels, as it is shown.
    public let width: Int
    /// Its height in pixels, as it is shown.
    public let height: Int
    /// What it shows, for people who can't see it; may be empty.
    public let text: String

    package init(bytes: Data, mediaType: String, width: Int, height: Int, text: String) {
        self.bytes = bytes
        self.mediaType = mediaType
        self.width = width
        self.height = height
        self.text = text
    }

    /// Without the text: it says what a person is about to publish.
    public var description: String { "Picture(\(mediaType), \(width)x\(height))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
