import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A host on a port of loopback that answers every request with the same bytes, or without end. It keeps what it was asked.
final class RawHost: @unchecked Sendable {
    let port: UInt16
    private let listener: Int32
    private let lock = NSLock()
    private var taken = 0
    private var swallowed = 0
    private var connections: Set<Int32> = []
    private var count = 0
    private var heads: [String] = []
    /// What it answers; `nil`: a body without end.
    private let answer: String?

    /// Whether it says nothing more after its answer, and does not leave.
    private let isStalling: Bool

    init(answering answer: String? = nil, stalling isStalling: Bool = false) throws {
        self.isStalling = isStalling
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, address, &length) == 0
            }
        }
        guard bound else { throw Lab.Failure(description: "no port of loopback is free") }
        port = UInt16(bigEndian: address.sin_port)
        self.listener = listener
        self.answer = answer
        Thread.detachNewThread { [self] in
            // This thread alone closes its socket. If `stop` did, the next host could get the same number, and this thread would
            // take that host's connections.
            defer { close(listener) }
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                lock.withLock {
                    connections.insert(connection)
                    count += 1
                }
                Thread.detachNewThread { [self] in
                    serve(connection)
                    // Under the lock: `stop` must not shut another socket that has got this number.
                    lock.withLock {
                        connections.remove(connection)
                        close(connection)
                    }
                }
            }
        }
    }

    /// How many bytes of its body left, into the buffers of the sockets or to the client.
    var sent: Int { lock.withLock { taken } }

    /// The heads of the requests, and what else came in their place.
    var asked: [String] { lock.withLock { heads } }

    /// How often somebody connected.
    var accepted: Int { lock.withLock { count } }

    /// The URL, and the entry of a configuration's `resolve` that leads to it.
    var url: String { "http://raw.example:\(port)/" }
    var resolve: String { "raw.example:\(port):127.0.0.1" }

    /// How many bytes of requests' bodies came.
    var received: Int { lock.withLock { swallowed } }

    /// Reads the body that the head announces.
    private func swallow(from connection: Int32, head: String, came: Int) {
        let parts = head.components(separatedBy: "\r\n\r\n")
        let lines = parts[0].lowercased().components(separatedBy: "\r\n")
        guard let line = lines.first(where: { $0.hasPrefix("content-length: ") }) else { return }
        var left = (Int(line.dropFirst("content-length: ".count)) ?? 0) - (came - parts[0].utf8.count - 4)
        var piece = [UInt8](repeating: 0, count: 65_536)
        while left > 0 {
            let count = recv(connection, &piece, min(piece.count, left), 0)
            guard count > 0 else { return }
            left -= count
            lock.withLock { swallowed += count }
        }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        lock.withLock { connections.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
    }

    private func serve(_ connection: Int32) {
        var head = [UInt8](repeating: 0, count: 4096)
        let count = recv(connection, &head, head.count, 0)
        guard count > 0 else { return }
        let text = String(decoding: head[..<count], as: UTF8.self)
        lock.withLock { heads.append(text) }
        let flags = Int32(MSG_NOSIGNAL)
        swallow(from: connection, head: text, came: count)
        if let answer {
            _ = send(connection, answer, answer.utf8.count, flags)
            // Until the client leaves, or the host is stopped.
            while isStalling, recv(connection, &head, head.count, 0) > 0 {}
            return
        }
        let start = Array("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        guard send(connection, start, start.count, flags) == start.count else { return }
        let piece = Array("10000\r\n".utf8) + [UInt8](repeating: 65, count: 65_536) + Array("\r\n".utf8)
        while true {
            var rest = piece[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, flags) }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
                lock.withLock { taken += count }
            }
        }
    }
}
