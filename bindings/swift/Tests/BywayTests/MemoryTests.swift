#if os(Linux)
    import Byway
    import Foundation
    import Testing

    /// What stays in the memory of this process after a call. Linux shows it as a file.
    @Suite(.serialized) struct MemoryTests {
        /// Never whole in the memory but where a test puts it: each byte has its high bit set here.
        private let masked = (0..<64).map { _ in UInt8.random(in: 0x21...0x7e) | 0x80 }

        private var passphrase: Passphrase { Passphrase(utf8: masked.lazy.map { $0 & 0x7f }) }

        @Test func aCopyInTheMemoryIsFound() throws {
            var held = masked.map { $0 & 0x7f }
            #expect(try copies() > 0)
            for index in held.indices { held[index] = 0 }
            withExtendedLifetime(held) {}
            #expect(try copies() == 0)
        }

        @Test func aPassphraseLeavesNoCopyInTheMemory() async throws {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("byway-memory-\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let key = folder.appendingPathComponent("store.key")
            do {
                let made = try await StoreKey.makeFile(at: key, passphrase: passphrase, workFactor: 15)
                let lab = try Lab()
                // Inside of a configuration it is written behind much else.
                let storage = Storage(folder: folder.appendingPathComponent("store"), key: made)
                let byway = try await LiveByway.open(lab.configuration(strategies: ["direct:"], storage: storage))
                await byway.close()
            }
            #expect(try copies() == 0, "of a key file's passphrase")
            let keys = CommunityKeys(file: folder.appendingPathComponent("anna.keys"), passphrase: passphrase)
            _ = try await keys.create()
            #expect(try copies() == 0, "of an admin's passphrase")
            let wrong = CommunityKeys(file: keys.file, passphrase: passphrase)
            await #expect(throws: BywayError.self) { _ = try await wrong.create() }
            #expect(try copies() == 0, "of a call that failed")
        }

        /// How often the passphrase is in memory that can be written, freed memory included.
        private func copies() throws -> Int {
            // The end of it: what frees memory writes its lists over the beginning.
            let end = masked.suffix(24)
            let needle = UnsafeMutableRawBufferPointer.allocate(byteCount: end.count, alignment: 1)
            let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
            defer {
                for memory in [needle, chunk] {
                    memory.initializeMemory(as: UInt8.self, repeating: 0)
                    memory.deallocate()
                }
            }
            for (index, byte) in end.enumerated() { needle[index] = byte & 0x7f }
            let own = [needle, chunk].map { UInt(bitPattern: $0.baseAddress)..<UInt(bitPattern: $0.baseAddress) + UInt($0.count) }
            let maps = Self.whole("/proc/self/maps")
            let file = open("/proc/self/mem", O_RDONLY)
            defer { close(file) }
            var found: Set<UInt> = []
            for line in maps.split(separator: "\n") {
                let parts = line.split(separator: " ")
                let ends = parts[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
                guard ends.count == 2, parts[1].hasPrefix("rw"), ends[1] <= UInt(Int.max) else { continue }
                var from = ends[0]
                while from < ends[1] {
                    let count = pread(file, chunk.baseAddress, min(chunk.count, Int(ends[1] - from)), Int(from))
                    guard count > 0 else { break }
                    for offset in Self.places(of: needle, in: UnsafeRawBufferPointer(rebasing: chunk[..<count])) {
                        let place = from + UInt(offset)
                        if !own.contains(where: { $0.contains(place) }) { found.insert(place) }
                    }
                    // What lies across the end of a chunk is in the next one.
                    from += count < chunk.count ? UInt(count) : UInt(count - needle.count)
                }
            }
            return found.count
        }

        /// Foundation takes the first page of such a file for all of it.
        private static func whole(_ path: String) -> String {
            let file = open(path, O_RDONLY)
            defer { close(file) }
            var (all, page) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
            while case let count = read(file, &page, page.count), count > 0 { all += page[..<count] }
            return String(decoding: all, as: UTF8.self)
        }

        private static func places(of needle: UnsafeMutableRawBufferPointer, in bytes: UnsafeRawBufferPointer) -> [Int] {
            guard let start = bytes.baseAddress, let wanted = needle.baseAddress else { return [] }
            var (places, at) = ([Int](), 0)
            while bytes.count - at >= needle.count,
                let hit = memchr(start + at, Int32(needle[0]), bytes.count - at - needle.count + 1)
            {
                let offset = UnsafeRawPointer(hit) - start
                if memcmp(hit, wanted, needle.count) == 0 { places.append(offset) }
                at = offset + 1
            }
            return places
        }
    }
#endif
