//! Makes the writer in uniffi's generated Swift overwrite what it has written.
//!
//! uniffi collects the arguments of a call in an array of bytes, from which Rust makes a copy of its own. Passphrases, keys of the
//! store and tokens are among them. An array leaves what it held in freed memory, also each time it grows. Here the writer grows by
//! hand, and is overwritten when Rust has its copy. As in [`reader`](super::reader), generated text that is not the known one is an
//! error.

use super::reader::{between, once};

const BYTES: &str = r#"fileprivate func writeBytes<S>(_ writer: inout [UInt8], _ byteArr: S) where S: Collection, S.Element == UInt8 {
    makeRoom(&writer, byteArr.count)
    writer.append(contentsOf: byteArr)
}

// An array that grows by itself leaves a copy of its bytes in freed memory. They may be a passphrase.
fileprivate func makeRoom(_ writer: inout [UInt8], _ count: Int) {
    guard writer.capacity - writer.count < count else { return }
    var roomier: [UInt8] = []
    roomier.reserveCapacity(max(2 * writer.capacity, writer.count + count, 64))
    roomier.append(contentsOf: writer)
    overwrite(&writer)
    writer = roomier
}

// By functions of the system that no compiler leaves out.
fileprivate func overwrite(_ writer: inout [UInt8]) {
    writer.withUnsafeMutableBytes { bytes in
        guard let start = bytes.baseAddress else { return }
        #if canImport(Darwin)
        _ = memset_s(start, bytes.count, 0, bytes.count)
        #else
        explicit_bzero(start, bytes.count)
        #endif
    }
}
"#;

const INT: &str = r#"fileprivate func writeInt<T: FixedWidthInteger>(_ writer: inout [UInt8], _ value: T) {
    var value = value.bigEndian
    makeRoom(&writer, MemoryLayout<T>.size)
    withUnsafeBytes(of: &value) { writer.append(contentsOf: $0) }
}
"#;

/// The generated Swift with the writer that overwrites itself.
pub(crate) fn with_overwriting_writer(generated: &str) -> Result<String, String> {
    let mut text = generated.to_owned();
    between(&mut text, "fileprivate func writeBytes<S>(", "\n}\n", BYTES)?;
    between(&mut text, "fileprivate func writeInt<T: FixedWidthInteger>(", "\n}\n", INT)?;
    once(
        &mut text,
        "          write(value, into: &writer)\n          return RustBuffer(bytes: writer)\n",
        "          defer { overwrite(&writer) }\n          write(value, into: &writer)\n          return RustBuffer(bytes: writer)\n",
    )?;
    if text.matches("createWriter()").count() != 2 {
        return Err("the generated Swift makes a writer in a place that is not known".to_owned());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENERATED: &str = r#"
fileprivate func createWriter() -> [UInt8] {
    return []
}
fileprivate func writeBytes<S>(_ writer: inout [UInt8], _ byteArr: S) where S: Sequence, S.Element == UInt8 {
    writer.append(contentsOf: byteArr)
}
fileprivate func writeInt<T: FixedWidthInteger>(_ writer: inout [UInt8], _ value: T) {
    withUnsafeBytes(of: &value) { writer.append(contentsOf: $0) }
}
          var writer = createWriter()
          write(value, into: &writer)
          return RustBuffer(bytes: writer)
"#;

    #[test]
    fn every_writer_is_overwritten() {
        let text = with_overwriting_writer(GENERATED).unwrap_or_default();
        assert!(text.contains("defer { overwrite(&writer) }"), "{text}");
        assert_eq!(text.matches("makeRoom(&writer, ").count(), 2, "{text}");
    }

    #[test]
    fn an_unknown_writer_is_an_error() {
        for (old, new) in [
            ("fileprivate func writeBytes<S>(", "fileprivate func writeAll<S>("),
            ("return RustBuffer(bytes: writer)", "return RustBuffer(of: writer)"),
            ("          var writer", "          var other = createWriter()\n          var writer"),
        ] {
            assert!(with_overwriting_writer(&GENERATED.replace(old, new)).is_err(), "{old}");
        }
    }
}
