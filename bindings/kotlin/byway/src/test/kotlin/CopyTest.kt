package org.byway

import com.fasterxml.jackson.databind.JsonNode
import java.nio.file.Path
import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.time.ZoneOffset
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlinx.coroutines.runBlocking
import org.byway.testing.Lab
import org.byway.testing.code
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir

/** What a copy of a page takes over, who learns of it, and what it refuses. */
@Timeout(120)
class CopyTest {
    @TempDir
    lateinit var device: Path

    private val folder: Path get() = device.resolve("copy")

    private val state: JsonNode = Lab.json.readTree(
        """{"calls_per_second": 1000, "communities": [{
            "group": {"id": 1000, "name": "Workers", "screen_name": "rabochie", "type": "group", "is_closed": 0},
            "posts": [
                {"id": 2, "date": 1793534400, "text": "Bring bread.", "type": "post"},
                {"id": 1, "date": 1793527200, "text": "We meet on Friday.", "type": "post"}
            ]}]}""",
    )

    private fun keys(file: String = "copy.keys", passphrase: String = "a passphrase") =
        CommunityKeys(device.resolve(file), passphrase.toByteArray())

    @Test
    fun `a page is copied, uploaded, and its copy is read`() = runBlocking {
        val server = device.resolve("server").createDirectories()
        Lab(state, webdav = mapOf("dav.example" to server)).use { lab ->
            val mirror = lab.origin("dav.example")
            Byway.open(lab.configuration(storage = lab.storage())).use { byway ->
                val copied = byway.copyPage(LINK, folder, keys(), by = "Anna", mirrors = listOf(mirror))
                assertEquals(listOf(2L, 0L, 0L), listOf(copied.changed, copied.removed, copied.leftOut))
                assertFalse(copied.isTooSoon)
                assertTrue(byway.communities().isEmpty(), "nothing is kept of the page")
                val again = byway.copyPage(LINK, folder, keys(), by = "Anna")
                assertEquals(CopiedPage(copied.link, isTooSoon = true), again)
                CommunityPublisher.open(folder, keys()).use {
                    it.upload(UploadTarget(mirror), UploadCredentials.Login("anna", "word".toByteArray()), byway)
                    assertEquals("community_busy", code { byway.copyPage(LINK, folder, keys(), by = "Anna") })
                    it.shutdown()
                }
                val opened = byway.open(copied.link.text)
                assertEquals(setOf("We meet on Friday.", "Bring bread."), opened.posts.map(Post::text).toSet())
                assertEquals(TrustState.COPIED to "Anna", opened.trust.state to opened.trust.copiedBy)
            }
        }
    }

    @Test
    fun `a copy obeys the exposure and says what is wrong`() = runBlocking {
        Lab(state).use { lab ->
            Byway.open(lab.configuration()).use { byway ->
                refuses(byway)
                assertFalse(folder.exists() || device.resolve("copy.keys").exists(), "nothing is founded")
            }
            Byway.open(lab.configuration()).use { byway ->
                val passphrase = "a passphrase".toByteArray()
                byway.copyPage(LINK, folder, CommunityKeys(device.resolve("copy.keys"), passphrase), by = "Anna")
                assertArrayEquals(ByteArray(passphrase.size), passphrase)
                assertEquals("wrong_passphrase", code { byway.copyPage(LINK, folder, keys(passphrase = "another"), by = "Anna") })
                assertEquals("copy_of_other", code { byway.copyPage("vk.com/other", folder, keys(), by = "Anna") })
            }
        }
        FakeByway().use { refuses(it, "vk.com/club") }
    }

    /** What the real one and the fake refuse alike. */
    private suspend fun refuses(byway: Byway, link: String = LINK) {
        assertEquals("link", code { byway.copyPage("", folder, keys(), by = "Anna") })
        assertEquals("key_served", code { byway.copyPage(link, folder, keys("copy/keys"), by = "Anna") })
        assertEquals("secret_empty", code { byway.copyPage(link, folder, keys(passphrase = ""), by = "Anna") })
        assertEquals("refused", code { byway.copyPage(link, folder, keys(), by = "") })
        val used = keys().also { code { byway.copyPage("", folder, it, by = "Anna") } }
        assertEquals("passphrase_used", code { byway.copyPage(link, folder, used, by = "Anna") })
        for (exposure in listOf(Exposure.TOR, Exposure.OPEN)) {
            // From then on it is the least one, as after any reading.
            val refused = runCatching { byway.copyPage(link, folder, keys(), by = "Anna", exposure = exposure) }.exceptionOrNull()
            assertTrue(refused is BywayException.NotPermitted, "$refused")
        }
    }

    @Test
    fun `a fake copies its page as the real one does`() = runBlocking {
        val clock = object : Clock() {
            var now: Instant = Instant.parse("2026-11-30T12:00:00Z")
            override fun instant() = now
            override fun getZone() = ZoneOffset.UTC
            override fun withZone(zone: java.time.ZoneId?) = this
        }
        val page = FakeByway.SAMPLE.first()
        val (id, link) = page.community.id to page.community.homes.first()
        FakeByway(clock = clock).use { byway ->
            val copy = suspend { byway.copyPage(link, folder, keys(), by = "Anna", mirrors = listOf("https://copy.example/")) }
            val first = copy()
            assertEquals((page.posts.size + page.events.size).toLong(), first.changed)
            assertEquals(listOf("https://copy.example/"), first.link.mirrors)
            assertTrue(byway.communities().isEmpty())
            byway.publish(id, Post(id = "${id.value}_new", text = "Bring bread."))
            assertTrue(copy().isTooSoon)
            clock.now += Duration.ofMinutes(11)
            assertEquals(1L, copy().changed)
            assertEquals("copy_of_other", code { byway.copyPage("vk.com/other", folder, keys(), by = "Anna") })
            byway.isOffline = true
            clock.now += Duration.ofMinutes(11)
            assertTrue(runCatching { copy() }.exceptionOrNull() is BywayException.Unreached)
        }
    }

    private companion object {
        const val LINK = "vk.com/rabochie"
    }
}
