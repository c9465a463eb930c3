package org.byway.okhttp

import java.io.InputStream
import java.io.OutputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicLong
import kotlin.concurrent.thread

/** A host on a port of loopback that answers as [answer] says. It counts what it takes and gives. */
internal class RawHost(private val answer: Exchange.() -> Unit) : AutoCloseable {
    private val listener = ServerSocket(0, 16, InetAddress.getLoopbackAddress())
    private val connections = CopyOnWriteArrayList<Socket>()

    /** The heads of the requests. */
    val asked: MutableList<String> = CopyOnWriteArrayList()

    /** Bytes of bodies that came. */
    val taken: AtomicLong = AtomicLong()

    /** Bytes that left, into the buffers of the sockets or to the client. */
    val given: AtomicLong = AtomicLong()

    val url: String = "http://raw.example:${listener.localPort}"

    /** The entry of a configuration's `resolve` that leads to it. */
    val resolve: String = "raw.example:${listener.localPort}:127.0.0.1"

    init {
        thread(isDaemon = true, name = "raw host") {
            while (true) {
                val socket = runCatching { listener.accept() }.getOrNull() ?: return@thread
                connections += socket
                thread(isDaemon = true, name = "raw connection") { runCatching { socket.use { serve(it) } } }
            }
        }
    }

    private fun serve(socket: Socket) {
        val input = socket.getInputStream().buffered()
        while (true) {
            val head = head(input) ?: return
            asked += head
            Exchange(head, input, socket.getOutputStream()).answer()
        }
    }

    private fun head(input: InputStream): String? {
        val head = StringBuilder()
        while (!head.endsWith("\r\n\r\n")) {
            val byte = input.read()
            if (byte < 0) return null
            head.append(byte.toChar())
        }
        return head.toString()
    }

    override fun close() {
        listener.close()
        connections.forEach { it.close() }
    }

    /** One request, and what can be done with it. */
    inner class Exchange(val head: String, private val input: InputStream, private val output: OutputStream) {
        /** How long the body of the request is. */
        val length: Long = Regex("(?i)content-length: (\\d+)").find(head)?.groupValues?.get(1)?.toLong() ?: 0

        fun say(text: String) {
            val bytes = text.toByteArray()
            output.write(bytes)
            output.flush()
            given.addAndGet(bytes.size.toLong())
        }

        fun say(bytes: ByteArray) {
            output.write(bytes)
            output.flush()
            given.addAndGet(bytes.size.toLong())
        }

        /** Reads so much of the body. */
        fun take(bytes: Long) {
            val buffer = ByteArray(64 * 1024)
            var left = bytes
            while (left > 0) {
                val count = input.read(buffer, 0, minOf(left, buffer.size.toLong()).toInt())
                if (count < 0) return
                left -= count
                taken.addAndGet(count.toLong())
            }
        }

        /** Says and reads nothing more, until the client leaves or the host ends. */
        fun stall() {
            while (input.read() >= 0) Unit
        }
    }
}
