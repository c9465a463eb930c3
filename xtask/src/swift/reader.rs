//! Makes the reader in uniffi's generated Swift fast.
//!
//! uniffi reads an answer through Foundation's `Data`: each integer is a slice and a copy, and each text is an array
//! before it becomes a `String`. A thousand posts have some forty thousand of those. Here the reader becomes a pointer,
//! a length and an offset. What is read, and in which order, stays as generated. Every text that is replaced must occur
//! as often as stated: if uniffi generates other code, the task fails instead of silently using the slow reader again.

/// What replaces the tuple of `Data` and an offset.
const READER: &str = r#"// Reads an answer of Rust's where it lies. It is valid until that buffer is freed, which `lift` does last.
public struct UniffiReader {
    fileprivate let bytes: UnsafeRawBufferPointer
    fileprivate var offset: Int = 0

    fileprivate init(_ buffer: RustBuffer) {
        bytes = UnsafeRawBufferPointer(start: buffer.data, count: Int(buffer.len))
    }

    // The next `count` bytes. A length that is negative or reaches past the end is an error.
    @inline(__always)
    fileprivate mutating func next(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - offset else {
            throw UniffiInternalError.bufferOverflow
        }
        let slice = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
        offset += count
        return slice
    }
}

"#;

const INT: &str = r#"@inline(__always)
fileprivate func readInt<T: FixedWidthInteger>(_ reader: inout UniffiReader) throws -> T {
    T(bigEndian: try reader.next(MemoryLayout<T>.size).loadUnaligned(as: T.self))
}
"#;

/// The generated Swift with the fast reader.
pub(crate) fn with_fast_reader(generated: &str) -> Result<String, String> {
    let mut text = generated.to_owned();
    between(&mut text, "fileprivate func createReader(", "\n}\n", READER)?;
    between(&mut text, "fileprivate func readInt<T: FixedWidthInteger>(", "\n}\n", INT)?;
    between(&mut text, "// Reads an arbitrary number of bytes, to be used to read\n", "\n}\n", "")?;
    between(&mut text, "fileprivate extension Data {\n    init(rustBuffer: RustBuffer)", "\n}\n", "")?;
    once(&mut text, "createReader(data: Data(rustBuffer: buf))", "UniffiReader(buf)")?;
    once(&mut text, "return reader.offset < reader.data.count", "return reader.offset < reader.bytes.count")?;
    once(
        &mut text,
        "String(decoding: try readBytes(&buf, count: Int(len)), as: UTF8.self)",
        "String(decoding: try buf.next(Int(len)), as: UTF8.self)",
    )?;
    if text.contains("struct FfiConverterData:") {
        once(&mut text, "Data(try readBytes(&buf, count: Int(len)))", "Data(try buf.next(Int(len)))")?;
    }
    // The `@inline` stands before the basic functions; every `read` takes the new reader.
    let reader = "(data: Data, offset: Data.Index)";
    if !text.contains(reader) {
        return Err(unexpected(reader));
    }
    text = text.replace(reader, "UniffiReader");
    for gone in ["readBytes(", "reader.data", "rustBuffer: buf"] {
        if text.contains(gone) {
            return Err(format!("the generated Swift uses `{gone}` in a place that the fast reader does not know"));
        }
    }
    Ok(text)
}

/// Replaces the one place that begins with `begin`, up to and with the next `end`.
pub(super) fn between(text: &mut String, begin: &str, end: &str, replacement: &str) -> Result<(), String> {
    let from = only(text, begin)?;
    let length = text[from..].find(end).ok_or_else(|| unexpected(end))?;
    text.replace_range(from..from + length + end.len(), replacement);
    Ok(())
}

/// Replaces the one place that reads `old`.
pub(super) fn once(text: &mut String, old: &str, new: &str) -> Result<(), String> {
    let from = only(text, old)?;
    text.replace_range(from..from + old.len(), new);
    Ok(())
}

fn only(text: &str, wanted: &str) -> Result<usize, String> {
    let mut places = text.match_indices(wanted);
    match (places.next(), places.next()) {
        (Some((at, _)), None) => Ok(at),
        _ => Err(unexpected(wanted)),
    }
}

fn unexpected(text: &str) -> String {
    format!(
        "the generated Swift has not exactly one `{}`: this uniffi generates other code, see reader.rs and writer.rs in xtask/src/swift",
        text.lines().next().unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENERATED: &str = r#"
fileprivate extension Data {
    init(rustBuffer: RustBuffer) {
        self.init(bytesNoCopy: rustBuffer.data!, count: Int(rustBuffer.len), deallocator: .none)
    }
}
fileprivate func createReader(data: Data) -> (data: Data, offset: Data.Index) {
    (data: data, offset: 0)
}
fileprivate func readInt<T: FixedWidthInteger>(_ reader: inout (data: Data, offset: Data.Index)) throws -> T {
    return value.bigEndian
}
// Reads an arbitrary number of bytes, to be used to read
fileprivate func readBytes(_ reader: inout (data: Data, offset: Data.Index), count: Int) throws -> Array<UInt8> {
    return value
}
fileprivate func hasRemaining(_ reader: (data: Data, offset: Data.Index)) -> Bool {
    return reader.offset < reader.data.count
}
        var reader = createReader(data: Data(rustBuffer: buf))
    static func read(from buf: inout (data: Data, offset: Data.Index)) throws -> String {
        return String(decoding: try readBytes(&buf, count: Int(len)), as: UTF8.self)
    }
"#;

    #[test]
    fn the_slow_reader_is_replaced_everywhere() {
        let text = with_fast_reader(GENERATED).unwrap_or_default();
        assert!(text.contains("public struct UniffiReader"), "{text}");
        assert!(text.contains("static func read(from buf: inout UniffiReader) throws -> String"), "{text}");
        assert!(text.contains("var reader = UniffiReader(buf)"), "{text}");
        assert!(!text.contains("Data.Index") && !text.contains("readBytes"), "{text}");
    }

    #[test]
    fn an_unknown_reader_is_an_error() {
        for (old, new) in [
            ("createReader(data: Data(rustBuffer: buf))", "makeReader(buf)"),
            ("fileprivate func readInt<T", "fileprivate func readInteger<T"),
            ("String(decoding: try readBytes(", "String(bytes: try readBytes("),
            ("return reader.offset < reader.data.count", "return reader.data.count > reader.offset"),
        ] {
            let error = with_fast_reader(&GENERATED.replace(old, new)).err().unwrap_or_default();
            assert!(error.contains("reader.rs"), "{old}: {error:?}");
        }
        let twice = GENERATED.to_owned() + "let a = readBytes(&buf, count: 1)";
        assert!(with_fast_reader(&twice).is_err(), "a use that is not known");
    }
}
