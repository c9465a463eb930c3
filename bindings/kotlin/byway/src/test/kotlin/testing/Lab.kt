package org.byway.testing

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.io.path.createTempDirectory
import kotlin.io.path.readText
import kotlin.io.path.writeText
import org.byway.Configuration
import org.byway.Exposure
import org.byway.Language
import org.byway.Storage
import org.byway.StoreKey
import org.byway.VkToken

/** `byway-lab serve` as a process: a small internet with a platform, proxies and a censor, on loopback. */
class Lab(
    state: JsonNode? = null,
    censor: List<String> = emptyList(),
    hosts: Map<String, String> = emptyMap(),
    folders: Map<String, Path> = emptyMap(),
    webdav: Map<String, Path> = emptyMap(),
) : AutoCloseable {
    val folder: Path = createTempDirectory("byway-lab")
    private val process: Process
    private val log = LinkedBlockingQueue<String>()
    private val document: JsonNode

    init {
        val command = mutableListOf(program(), "serve", "--ca-file", folder.resolve("ca.pem").toString())
        if (state != null) {
            val file = folder.resolve("state.json")
            file.writeText(state.toString())
            command += listOf("--state", file.toString())
        }
        censor.forEach { command += listOf("--censor", it) }
        hosts.forEach { (name, text) -> command += listOf("--host", "$name=$text") }
        folders.forEach { (name, files) -> command += listOf("--folder", "$name=$files") }
        webdav.forEach { (name, files) -> command += listOf("--webdav", "$name=$files") }
        process = ProcessBuilder(command).start()
        thread(isDaemon = true, name = "lab log") { process.errorStream.bufferedReader().forEachLine(log::add) }
        document = json.readTree(json.factory.createParser(process.inputStream))
            ?: error("the lab said nothing: ${log.joinToString("\n")}")
    }

    val roots: String = folder.resolve("ca.pem").readText()
    val resolve: List<String> = document["resolve"].map(JsonNode::asText)
    val vkApi: String = document["vk_api"]["https"].asText()

    /** The strategy URL of a proxy, for example `proxy.nl` or `tor`. */
    fun proxy(name: String): String = document["proxies"].first { it["name"].asText() == name }["strategy"].asText()

    /** The origin of a host, for example `https://news.example:36161`. */
    fun origin(host: String, scheme: String = "https"): String =
        document["hosts"].first { it["name"].asText() == host }["urls"].map(JsonNode::asText)
            .first { it.startsWith("$scheme://") }.trimEnd('/')

    /** What a client in this lab is configured with. */
    fun configuration(
        strategies: List<String> = listOf("direct:"),
        exposure: Exposure = Exposure.OPEN,
        language: Language = Language.ENGLISH,
        vkToken: VkToken? = VkToken.Service("token"),
        storage: Storage? = null,
        resolve: List<String> = emptyList(),
    ) = Configuration(
        strategies = strategies.map { if (it in NAMES) proxy(it) else it },
        exposure = exposure,
        language = language,
        vkToken = vkToken,
        storage = storage,
        roots = roots,
        resolve = this.resolve + resolve,
        vkApi = vkApi,
    )

    /** A folder and a key for a store of a test. */
    fun storage(name: String = "store"): Storage =
        Storage(folder.resolve(name), StoreKey.Bytes(ByteArray(32) { 7 }))

    /** Waits for a line of the lab's log that contains [text]. */
    fun awaitLog(text: String): String {
        while (true) {
            val line = log.poll(10, TimeUnit.SECONDS) ?: error("the lab does not say `$text`")
            if (text in line) return line
        }
    }

    override fun close() {
        process.outputStream.close()
        if (!process.waitFor(5, TimeUnit.SECONDS)) process.destroyForcibly()
        folder.toFile().deleteRecursively()
    }

    companion object {
        val json = ObjectMapper()
        private val NAMES = setOf("proxy.nl", "proxy.fi", "login.de", "tor")

        private fun program(): String {
            val program = System.getProperty("byway.lab").orEmpty()
            check(program.isNotEmpty() && Files.isExecutable(Path.of(program))) {
                "no program byway-lab; `cargo xtask kotlin` builds it and passes it on as -Dbyway.lab"
            }
            return program
        }
    }
}
