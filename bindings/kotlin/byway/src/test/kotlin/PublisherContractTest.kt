package org.byway

import com.fasterxml.jackson.databind.JsonNode
import java.io.File
import java.nio.file.Path
import java.time.Clock
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneOffset
import kotlinx.coroutines.runBlocking
import org.byway.testing.Lab
import org.byway.testing.code
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir

/** What an admin's screen may rely on, of the fake as of the real publisher: `publishers` of the shared cases. */
@Timeout(300)
abstract class PublisherContractTest {
    @TempDir
    lateinit var folder: Path

    /** A publisher, and what a test does to it from outside. */
    protected abstract class Subject(val folder: Path) {
        abstract val publisher: CommunityPublisher
        abstract suspend fun picture(): Picture
        abstract suspend fun postElsewhere(into: Path, text: String)
        abstract suspend fun freeze(after: Instant)
        val names = HashMap<String, String>()

        fun keys(name: String) = CommunityKeys(folder.resolve("$name.keys"), name.toByteArray())
    }

    protected abstract suspend fun found(folder: Path): Subject

    @TestFactory
    fun `the cases of publishers`(): List<DynamicTest> = cases["publishers"].mapIndexed { index, case ->
        DynamicTest.dynamicTest(case["name"].asText()) {
            runBlocking {
                val subject = found(folder.resolve("$index").also { it.toFile().mkdirs() })
                case["steps"].forEach { step -> subject.make(step) }
                subject.publisher.shutdown()
            }
        }
    }

    private suspend fun Subject.make(step: JsonNode) {
        val code = try {
            call(step)
            "done"
        } catch (failure: BywayException) {
            assertTrue(!failure.message.isNullOrBlank())
            failure.code
        }
        assertEquals(step["code"]?.asText() ?: "done", code, "$step")
    }

    private suspend fun Subject.call(step: JsonNode) {
        val item = { name: String -> names[name] ?: name }
        val pictures = { step["pictures"]?.asInt() }
        when (val call = step["call"].asText()) {
            "post" -> named(step, publisher.post(step["text"].long(), List(pictures() ?: 0) { picture() }))
            "edit" -> {
                val given = pictures()?.let { count -> List(count) { picture() } }
                publisher.edit(item(step["item"].asText()), step["text"].long(), given)
            }
            "announce" -> {
                val replaces = step["replaces"]?.let { item(it.asText()) }
                named(step, publisher.announce(step["gathering"].gathering(), replaces))
            }
            "delete" -> publisher.delete(item(step["item"].asText()))
            "content" -> compare(step, publisher.content())
            "restate" -> {
                val statement = step["statement"].statement()
                val own = statement.keys.removed == listOf("own")
                val keys = if (own) statement.keys.copy(removed = listOf(checkNotNull(publisher.link().key))) else statement.keys
                publisher.restate(statement.copy(keys = keys))
            }
            "statement" -> assertEquals(step.statement(), publisher.statement())
            "link" -> {
                val exposure = step["exposure"]?.asText()?.let { code -> Exposure.entries.single { it.code == code } }
                val link = publisher.link(exposure ?: Exposure.OPEN)
                assertEquals(step["mirrors"].map { it.asText() }, link.mirrors)
                assertEquals(exposure ?: Exposure.OPEN, link.exposure)
                assertEquals(step["isWeb"].asBoolean(), link.webForm != null)
                assertTrue(link.text.startsWith("byway:${link.id}") && link.key != null, link.text)
            }
            "moveTo" -> {
                val link = step["link"].takeUnless { it.isNull }?.long()
                publisher.moveTo(if (link == "own") publisher.link().text else link)
            }
            "publish" -> {
                val replace = step["replace"]?.asBoolean() ?: false
                assertTrue(publisher.publish(folder.resolve(step["into"].asText()), replace).changed > 0)
            }
            "takeIn" -> publisher.takeIn(folder.resolve(step["from"].asText()))
            "postElsewhere" -> postElsewhere(folder.resolve(step["into"].asText()), step["text"].asText())
            "freeze" -> freeze(Instant.now().minusSeconds(3600 * step["hoursAgo"].asLong()))
            "frozen" -> assertEquals(step["isFrozen"].asBoolean(), publisher.frozen() != null)
            "rotate" -> publisher.rotate(keys(step["keys"].asText()))
            "quiet" -> {
                assertEquals(null to null, publisher.recovery() to publisher.datedAhead())
                assertEquals(0, publisher.redate())
            }
            "close" -> publisher.shutdown()
            else -> error(call)
        }
    }

    private fun Subject.named(step: JsonNode, name: String) {
        assertTrue(Regex("[0-9a-f]{10}").matches(name) || name in names.values, name)
        step["as"]?.let { names[it.asText()] = name }
    }

    private fun compare(step: JsonNode, content: Published) {
        val texts = { list: String -> step[list]?.map { it.asText() } }
        assertEquals(texts("posts"), content.posts.map { it.text })
        assertEquals(texts("edited") ?: emptyList<String>(), content.posts.map { "${it.edited != null}" })
        texts("pictures")?.let { assertEquals(it, content.posts.map { post -> "${post.attachments.size}" }) }
        val author = Author(content.community.id.value, content.community.name, AuthorKind.COMMUNITY)
        assertTrue(content.posts.all { it.author == author })
        assertTrue(content.posts.all { it.id.startsWith("nostr:30023:") })
        step["events"]?.let { events -> assertEquals(events.map { it.event() }, content.events.map { it.said() }) }
    }

    /** The fields of an event that the cases state. */
    private fun Event.said() = listOf(
        name, status.code, start?.toInstant(), end?.toInstant(), zone, place?.name,
        days?.let { listOf(it.first, it.last) },
    )

    private fun JsonNode.event() = gathering().run {
        val days = days?.let { listOf(it.first, it.last) }
        listOf(name, this@event["status"].asText(), start, end, zone, place, days)
    }

    private fun JsonNode.gathering() = Gathering(
        name = this["name"].long(),
        text = this["text"]?.asText(),
        start = this["start"]?.asText()?.let(Instant::parse),
        end = this["end"]?.asText()?.let(Instant::parse),
        days = this["days"]?.map { LocalDate.parse(it.asText()) }?.let { (first, last) -> EventDays(first, last) },
        zone = this["zone"]?.asText(),
        place = this["place"]?.asText(),
        isCancelled = this["cancelled"]?.asBoolean() ?: false,
    )

    private fun JsonNode.statement(): CommunityStatement {
        val texts = { name: String -> this[name]?.map { it.asText() }.orEmpty() }
        val keys = this["keys"]?.let { keys ->
            val number = { name: String -> keys[name]?.asInt() }
            val lines = { name: String -> keys[name]?.map { it.asText() }.orEmpty() }
            KeyChanges(
                root = lines("root"),
                threshold = number("threshold"),
                publishers = lines("publishers"),
                moderators = lines("moderators"),
                recovery = lines("recovery"),
                recoveryDays = number("recoveryDays"),
                removed = lines("removed"),
            )
        }
        val description = this["description"]?.long().orEmpty()
        val continues = this["continues"]?.asText()
        return CommunityStatement(
            this["name"].long(), description, texts("mirrors"), texts("pages"), continues, keys ?: KeyChanges(),
        )
    }

    /** A text, or one that is repeated. */
    private fun JsonNode.long(): String = this["repeat"]?.let { it[0].asText().repeat(it[1].asInt()) } ?: asText()

    protected companion object {
        val cases: JsonNode = Lab.json.readTree(File(System.getProperty("byway.cases")))
        val ZAVOD = CommunityStatement("zavod", mirrors = listOf("https://zavod.example/"))
    }
}

/** The real publisher. */
class EnginePublisherContractTest : PublisherContractTest() {
    override suspend fun found(folder: Path): Subject {
        val keys = CommunityKeys(folder.resolve("zavod.keys"), "zavod".toByteArray())
        return Engine(folder, CommunityPublisher.found(folder.resolve("zavod"), keys, ZAVOD))
    }

    private class Engine(folder: Path, override var publisher: CommunityPublisher) : Subject(folder) {
        private val zavod = folder.resolve("zavod")

        override suspend fun picture(): Picture =
            Picture.clean(cases["pictures"][0]["base64"].binaryValue(), "The gate")

        override suspend fun postElsewhere(into: Path, text: String) {
            publisher.shutdown()
            val copy = folder.resolve("copy").also { it.toFile().deleteRecursively() }
            into.toFile().copyRecursively(copy.toFile())
            val other = CommunityPublisher.open(copy, keys("zavod"))
            other.post(text)
            other.publish(into)
            other.shutdown()
            publisher = CommunityPublisher.open(zavod, keys("zavod"))
        }

        override suspend fun freeze(after: Instant) {
            publisher.shutdown()
            CommunityProposal.make(zavod, keys("zavod"), ProposedChange.Freeze(after)).placeFreeze(zavod)
            publisher = CommunityPublisher.open(zavod, keys("zavod"))
        }
    }
}

/** The fake. */
class FakePublisherContractTest : PublisherContractTest() {
    override suspend fun found(folder: Path): Subject = object : Subject(folder) {
        override val publisher = FakePublisher(ZAVOD)

        override suspend fun picture(): Picture = FakePublisher.picture("The gate")

        override suspend fun postElsewhere(into: Path, text: String) = publisher.postElsewhere(into, text)

        override suspend fun freeze(after: Instant) = publisher.freeze(after)
    }

    @Test
    fun `a fake is told what only others can cause`() = runBlocking {
        val fake = FakePublisher(ZAVOD, decidesAlone = false)
        assertEquals("too_few_signed", code { fake.restate(ZAVOD) })
        assertEquals("too_few_signed", code { fake.moveTo(null) })
        val keys = CommunityKeys(folder.resolve("next.keys"), "next".toByteArray())
        assertEquals("too_few_signed", code { fake.rotate(keys) })
        assertTrue(keys.passphrase.bytes.all { it == 0.toByte() } && !folder.resolve("next.keys").toFile().exists())
        fake.waitingRecovery = WaitingRecovery(Instant.now(), listOf("a"), listOf("b"))
        assertEquals(fake.waitingRecovery, fake.recovery())
        fake.fault = BywayException.Store("Another program has it.", ErrorKind.STORE_CLOSED, "community_busy")
        assertEquals("community_busy", code { fake.post("Now.") })
        fake.fault = null
        fake.post("Now.")
        assertEquals("unfit", code { FakePublisher(CommunityStatement("")) })
        assertEquals("too_few_signed", code { FakePublisher(ZAVOD.copy(keys = two)) })
    }

    @Test
    fun `what a wrong clock dated ahead is dated again`() = runBlocking {
        val clock = object : Clock() {
            var ahead = 0L
            override fun getZone() = ZoneOffset.UTC
            override fun withZone(zone: java.time.ZoneId) = this
            override fun instant(): Instant = Instant.parse("2030-05-09T10:00:30Z").plusSeconds(ahead)
        }
        val fake = FakePublisher(ZAVOD, clock)
        clock.ahead = 3 * 86_400
        val name = fake.post("From tomorrow.")
        clock.ahead = 0
        assertEquals(Instant.parse("2030-05-12T10:00:00Z"), fake.datedAhead())
        assertEquals(0, fake.redate())
        assertEquals(null, fake.datedAhead())
        assertEquals(Instant.parse("2030-05-09T10:00:00Z"), fake.content().posts.single().created)
        fake.edit(name, "From today.")
        assertEquals(Instant.parse("2030-05-09T10:01:00Z"), fake.content().posts.single().edited)
    }

    private val two = KeyChanges(root = listOf("byway-keys:" + "a".repeat(134)), threshold = 2)
}
