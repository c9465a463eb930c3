package org.byway

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.ArrayNode
import com.fasterxml.jackson.databind.node.ObjectNode
import java.io.File
import java.time.Instant
import java.time.ZonedDateTime
import kotlin.io.path.Path
import kotlinx.coroutines.runBlocking
import org.byway.testing.Lab
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.assertThrows

/** The cases that every binding must answer alike: `bindings/cases.json` says how they are read. */
class CasesTest {
    private val file = Lab.json.readTree(File(System.getProperty("byway.cases")))

    @TestFactory
    fun cases(): List<DynamicTest> = file["cases"].map { case ->
        DynamicTest.dynamicTest(case["name"].asText()) { runBlocking { run(case) } }
    }

    @TestFactory
    fun strategies(): List<DynamicTest> = texts("strategies") { text, case ->
        refusedOr(case, { Strategy.parse(text) }) { strategy ->
            assertEquals(case["scheme"].asText(), strategy.scheme)
            assertEquals(case["country"]?.asText(), strategy.country)
            case["redacted_lacks"]?.asText()?.let { assertTrue(it !in strategy.redacted, strategy.redacted) }
        }
    }

    @TestFactory
    fun signedLinks(): List<DynamicTest> = texts("signed_links") { text, case ->
        refusedOr(case, { SignedLink.parse(text) }) { link ->
            case["expect"].properties().forEach { (path, expected) -> check(path, expected, at(link, path)) }
        }
    }

    @TestFactory
    fun links(): List<DynamicTest> = texts("links") { text, case ->
        refusedOr(case, { CommunityLink.parse(text) }) { link ->
            case["expect"].properties().forEach { (path, expected) -> check(path, expected, at(link, path)) }
        }
    }

    @TestFactory
    fun imports(): List<DynamicTest> = texts("imports") { text, case ->
        val outcomes = Strategy.parseLines(text).map { it.outcome }
        case["outcomes"]?.let { expected ->
            assertEquals(expected.map(JsonNode::asText), outcomes.map { it.javaClass.simpleName.lowercase() })
        }
        case["error"]?.let { assertEquals(it.asText(), (outcomes.last() as Imported.Wrong).fault.code) }
        assertTrue("secret" !in outcomes.toString(), "$outcomes")
    }

    @TestFactory
    fun fingerprints(): List<DynamicTest> = texts("fingerprints") { text, case ->
        refusedOr(case, { Fingerprints.parse(text) }) { found ->
            assertEquals(case["usable"].asLong(), found.usable)
            assertEquals(case["skipped"].map(JsonNode::asText), found.skipped.map { it.fault.code })
        }
    }

    @TestFactory
    fun pictures(): List<DynamicTest> = file["pictures"].map { case ->
        DynamicTest.dynamicTest(case["name"].asText()) {
            refusedOr(case, { runBlocking { Picture.clean(case["base64"].binaryValue(), case["text"].asText()) } }) { picture ->
                case["expect"].properties().forEach { (path, expected) -> check(path, expected, at(picture, path)) }
                assertTrue("CANARY" !in picture.bytes.decodeToString())
                assertEquals("Picture(${picture.mediaType}, ${picture.width}x${picture.height})", "$picture")
            }
        }
    }

    @TestFactory
    fun configurations(): List<DynamicTest> = file["configurations"].map { case ->
        val given = case["configuration"]
        DynamicTest.dynamicTest("the configuration $given") {
            val configuration = Configuration(
                strategies = given["strategies"].map(JsonNode::asText),
                exposure = Exposure.entries.first { it.code == (given["exposure"]?.asText() ?: "open") },
                vkToken = given["vkToken"]?.asText()?.let(VkToken::Service),
                vkApi = given["vkApi"]?.asText(),
                roots = given["roots"]?.asText(),
                resolve = given["resolve"]?.map(JsonNode::asText).orEmpty(),
                country = given["country"]?.asText(),
                torTransports = given["torTransports"]?.map(::transport).orEmpty(),
                onionKeys = given["onionKeys"]?.map(JsonNode::asText).orEmpty(),
            )
            val failure = runBlocking { runCatching { Byway.open(configuration) } }.exceptionOrNull() as BywayException?
            assertEquals(case["error"]["code"].asText(), failure?.code)
            assertEquals(case["error"]["kind"].asText(), failure?.kind?.code)
        }
    }

    private fun transport(given: JsonNode): TorTransport {
        val names = given["names"].map(JsonNode::asText)
        return when (val path = given["path"]) {
            null -> TorTransport.Running(names, given["address"].asText())
            else -> TorTransport.Program(names, Path(path.asText()))
        }
    }

    /** One test for each text of a list. */
    private fun texts(list: String, run: (String, JsonNode) -> Unit): List<DynamicTest> = file[list].map { case ->
        val text = expand(case["text"]).asText()
        DynamicTest.dynamicTest("$list: `${text.take(60)}`") { run(text, case) }
    }

    private fun <T> refusedOr(case: JsonNode, call: () -> T, check: (T) -> Unit) {
        val code = case["error"]?.asText() ?: return check(call())
        val failure = assertThrows<BywayException.Input> { call() }
        assertEquals(code, failure.code)
    }

    private suspend fun run(case: JsonNode) {
        val state = expand(file["states"][case["state"]?.asText() ?: "default"])
        Lab(state, censor = case["censor"]?.map(JsonNode::asText).orEmpty()).use { lab ->
            val given = case["configuration"]
            val configuration = lab.configuration(
                strategies = given?.get("strategies")?.map(JsonNode::asText) ?: listOf("direct:"),
                language = Language.entries.first { it.code == (given?.get("language")?.asText() ?: "en") },
                vkToken = if (given?.has("vkToken") == true) {
                    given["vkToken"].takeUnless(JsonNode::isNull)?.let { VkToken.Service(it.asText()) }
                } else {
                    VkToken.Service("a-service-token")
                },
                storage = lab.storage().takeIf { case["store"]?.asBoolean() == true },
            )
            val byway = Byway.open(configuration)
            try {
                var last: Any? = null
                case["steps"].forEachIndexed { number, step -> last = step(byway, lab, step, last, "step $number") }
            } finally {
                byway.shutdown()
            }
        }
    }

    private suspend fun step(byway: Byway, lab: Lab, step: JsonNode, last: Any?, where: String): Any? {
        val arguments = Arguments(step["arguments"], lab, last)
        val name = step["call"].asText()
        val error = step["error"]
        if (error != null) {
            val failure = try {
                call(byway, lab, name, arguments)
                throw AssertionError("$where: $name must fail with $error")
            } catch (failure: BywayException) {
                failure
            }
            assertEquals(error["kind"].asText(), failure.kind.code, "$where: ${failure.code}, ${failure.message}")
            error["code"]?.let { assertEquals(it.asText(), failure.code, where) }
            assertTrue(!failure.message.isNullOrBlank(), where)
            error["text"]?.let { check("$where: text", it, failure.message) }
            return null
        }
        val answer = call(byway, lab, name, arguments)
        step["expect"].properties().forEach { (path, expected) -> check("$where: $path", expected, at(answer, path)) }
        return answer
    }

    private suspend fun call(byway: Byway, lab: Lab, name: String, given: Arguments): Any? = when (name) {
        "open" -> byway.open(given.text("link"), given.exposure(), given.flag("allowDirect"), given.flag("offline"))
        "preview" -> byway.preview(given.text("link"), given.exposure(), given.flag("allowDirect"))
        "openListed" -> byway.openListed(ListedFeed(given.text("link"), ""), given.exposure())
        "standing" -> byway.standing(given.id("id"))
        "importRoutePack" -> byway.importRoutePack(given.text("text").toByteArray(), given.text("passphrase").toByteArray())
        "refresh" -> byway.refresh(given.id("id"))
        "successor" -> byway.successor(given.id("id"))
        "openKept" -> byway.openKept(given.id("id"), offline = given.flag("offline"))
        "follow" -> byway.follow(Move(MoveKind.CLAIMED, given.id("id"), home = given.optional("home")))
        "stay" -> byway.stay(Move(MoveKind.CLAIMED, given.id("id"), home = given.optional("home")))
        "takeBundle" -> byway.takeBundle(given.text("text").toByteArray())
        "sync" -> byway.sync(given.texts("communities").map(::CommunityId))
        "probe" -> byway.probe(given.text("url"), given.exposure(), given.flag("allowDirect"))
        "get" -> byway.get(given.text("url"), given.exposure(), given.flag("allowDirect"))
        "communities" -> byway.communities()
        "community" -> byway.community(given.id("id"))
        "posts" -> byway.posts(given.id("community"), given.cursor(), given.number("limit")!!.toInt())
        "events" -> byway.events(given.id("community"), given.cursor(), given.number("limit")!!.toInt())
        "post" -> byway.post(given.id("community"), given.text("id"))
        "event" -> byway.event(given.id("community"), given.id("id"))
        "upcomingEvents" -> byway.upcomingEvents(Instant.parse(given.text("from")), limit = given.number("limit")!!.toInt())
        "search" -> byway.search(given.text("query"), limit = given.number("limit")!!.toInt())
        "exposureOf" -> byway.exposureOf(given.id("id"))
        "raiseExposure" -> byway.raiseExposure(given.text("link"), given.exposure())
        "retention" -> byway.retention()
        "setRetention" -> byway.setRetention(given.number("days")?.toInt())
        "storageLimit" -> byway.storageLimit()
        "setStorageLimit" -> byway.setStorageLimit(given.number("bytes"))
        "checkIntegrity" -> byway.checkIntegrity()
        "forget" -> byway.forget(given.id("id"))
        "wipe" -> byway.wipe()
        "allowDirect" -> byway.allowDirect(given.id("id"), given.flag("allowed"))
        "link" -> byway.link(given.id("id"))
        "storageUsed" -> byway.storageUsed()
        "attachments" -> byway.attachments(given.id("community"), given.text("post"))
        "fetchAttachment" -> {
            val id = AttachmentId(given.id("community"), given.text("post"), given.number("index") ?: 0)
            byway.fetchAttachment(id, given.number("maxBytes") ?: (1 shl 20), given.exposure(), given.flag("allowDirect"))
        }
        "icalendar" -> {
            val id = given.id("community")
            byway.icalendar(byway.events(id).items.map { UpcomingEvent(id, it) })
        }
        "lock" -> byway.lock()
        "unlock" -> byway.unlock(lab.storage().key)
        "suspend" -> byway.suspend()
        "resume" -> byway.resume()
        else -> error("the cases call `$name`, which this runner does not know")
    }

    /** What a step gives to its call. */
    private inner class Arguments(private val given: JsonNode, private val lab: Lab, private val last: Any?) {
        fun text(name: String): String {
            val value = given[name] ?: error("`$name` is missing in $given")
            value["origin"]?.let { return lab.origin(it.asText()) + "/" }
            return value.asText()
        }

        fun optional(name: String): String? = if (given.has(name)) text(name) else null

        fun texts(name: String): List<String> = given[name].map(JsonNode::asText)

        fun id(name: String) = CommunityId(text(name))

        fun flag(name: String): Boolean = given[name]?.asBoolean() ?: false

        fun number(name: String): Long? = given[name]?.takeUnless(JsonNode::isNull)?.asLong()

        fun exposure(): Exposure = Exposure.entries.first { it.code == (given["exposure"]?.asText() ?: "open") }

        fun cursor(): Cursor? {
            val value = given["after"] ?: return null
            return Cursor(value["from"]?.let { at(last, it.asText()) as String } ?: value.asText())
        }
    }

    private fun check(where: String, expected: JsonNode, actual: Any?) {
        val plain = plain(actual)
        when {
            expected.has("starts") -> assertTrue("$plain".startsWith(expected["starts"].asText()), "$where: $plain")
            expected.has("contains") -> assertTrue(expected["contains"].asText() in "$plain", "$where: $plain")
            expected.has("length") -> assertEquals(expected["length"].asInt(), "$plain".toByteArray().size, where)
            expected.has("present") -> assertEquals(expected["present"].asBoolean(), plain != null, where)
            expected.isNull -> assertEquals(null, plain, where)
            expected.isArray -> assertEquals(expected.map(JsonNode::asText), plain, where)
            expected.isNumber -> assertEquals(expected.asLong(), (plain as Number).toLong(), where)
            expected.isBoolean -> assertEquals(expected.asBoolean(), plain, where)
            else -> assertEquals(expected.asText(), plain, where)
        }
    }

    /** A value as the cases write it. */
    private fun plain(value: Any?): Any? = when (value) {
        is Coded -> value.code
        is SyncOutcome.Done -> "done"
        is SyncOutcome.Left -> "left"
        is SyncOutcome.NotYet -> "not_yet"
        is SyncOutcome.Failed -> "failed"
        is ZonedDateTime -> value.toInstant().toString()
        is Instant -> value.toString()
        is ByteArray -> value.decodeToString()
        is CommunityId -> value.value
        is Cursor -> value.value
        else -> value
    }

    /** The value at a path, such as `posts[0].text`. A value class is stored as its value. */
    private fun at(root: Any?, path: String): Any? {
        var here = root
        for (part in Regex("""[^.\[\]]+|\[\d+]""").findAll(path).map { it.value }) {
            here = when {
                part.startsWith("[") -> (here as List<*>)[part.trim('[', ']').toInt()]
                part == "length" && here is List<*> -> here.size
                else -> property(here ?: error("`$path` leads through null"), part)
            }
        }
        return here
    }

    private fun property(of: Any, name: String): Any? {
        val getters = setOf(name, "get" + name.replaceFirstChar(Char::uppercase))
        val getter = of.javaClass.methods.firstOrNull { it.parameterCount == 0 && it.name.substringBefore('-') in getters }
        return (getter ?: error("${of.javaClass.simpleName} has no `$name`")).invoke(of)
    }

    private fun expand(node: JsonNode): JsonNode = when (node) {
        is ObjectNode -> node["repeat"]?.let { Lab.json.nodeFactory.textNode(it[0].asText().repeat(it[1].asInt())) }
            ?: Lab.json.createObjectNode().also { made -> node.properties().forEach { (key, value) -> made.set<JsonNode>(key, expand(value)) } }
        is ArrayNode -> Lab.json.createArrayNode().also { made -> node.forEach { made.add(expand(it)) } }
        else -> node
    }
}
