package org.byway

import java.io.File
import java.nio.file.Path
import java.time.LocalDate
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlinx.coroutines.runBlocking
import org.byway.testing.Lab
import org.byway.testing.code
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** The admin's side, and what readers get of it: bundles, moves, codes. */
@Timeout(120)
class PublisherTest {
    @TempDir
    lateinit var folder: Path

    private fun keys(name: String = "zavod", passphrase: String = "a passphrase") =
        CommunityKeys(folder.resolve("$name.keys"), passphrase.toByteArray())

    private suspend fun found(name: String = "zavod", mirror: String = "https://zavod.example/", continues: String? = null) =
        CommunityPublisher.found(
            folder.resolve(name), keys(name), CommunityStatement(name, mirrors = listOf(mirror), continues = continues),
        )

    @Test
    fun `what is published is read from a bundle, and nothing is sent`() = runBlocking {
        val zavod = found()
        val first = zavod.post("We meet on Friday.")
        zavod.delete(zavod.post("Bring bread."))
        zavod.edit(first, "We meet on Saturday. 🎉")
        val days = EventDays(LocalDate.of(2030, 5, 9), LocalDate.of(2030, 5, 10))
        val evening = Gathering("Evening", "Bring tea.", days = days, place = "The hall")
        zavod.announce(evening.copy(isCancelled = true), replaces = zavod.announce(evening))
        assertEquals(listOf("We meet on Saturday. 🎉"), zavod.content().posts.map(Post::text))
        Lab().use { lab ->
            Byway.open(lab.configuration(storage = lab.storage())).use { byway ->
                val taken = byway.takeBundle(CommunityPublisher.bundleOf(folder.resolve("zavod")).bytes, Exposure.TOR)
                assertEquals("zavod" to Exposure.TOR, taken.community.name to taken.exposure)
                val id = taken.community.id
                assertEquals("We meet on Saturday. 🎉", byway.posts(id).items.first { it.state != PostState.REMOVED }.text)
                val event = byway.events(id).items.single()
                assertEquals(EventStatus.CANCELLED to days, event.status to event.days)
                assertTrue(event.edited != null)
                zavod.post("Again.")
                val made = CommunityPublisher.bundleOf(folder.resolve("zavod"))
                val file = folder.resolve("zavod.byway").apply { writeBytes(made.bytes) }
                val again = byway.takeBundle(file)
                assertEquals(1 to Exposure.TOR, again.changes.posts.added.size to again.exposure)
                assertEquals("bundle_form", code { byway.takeBundle("no bundle".toByteArray()) })
                assertEquals("file", code { byway.takeBundle(folder.resolve("absent")) })
                val calendar = byway.icalendar(id)
                assertTrue("SUMMARY:Evening" in calendar && "STATUS:CANCELLED" in calendar, calendar)
                val carried = byway.openFolder(folder.resolve("zavod"))
                assertEquals(id to Exposure.TOR, carried.community.id to carried.exposure)
                assertEquals("folder_absent", code { byway.openFolder(folder.resolve("nowhere")) })
                val offline = byway.open(zavod.link().text, offline = true)
                assertEquals(ReadFrom.STORE to TrustState.VERIFIED, offline.source to offline.trust.state)
                assertEquals(0, byway.report().count { it.full.attempts.isNotEmpty() }, "nothing was sent")
                val site = folder.resolve("site")
                assertTrue(byway.writeSite(id, site).changed >= 2)
                assertTrue("We meet on Saturday." in site.resolve("index.html").readText())
                assertEquals("not_stored", code { byway.writeSite(CommunityId("vk:-5"), site) })
            }
        }
        zavod.shutdown()
    }

    @Test
    fun `a post's pictures reach readers without what the camera wrote`() = runBlocking {
        val photo = Lab.json.readTree(File(System.getProperty("byway.cases")))["pictures"][0]["base64"].binaryValue()
        Lab(folders = mapOf("zavod.example" to folder.resolve("zavod").createDirectories())).use { lab ->
            val zavod = found("zavod", lab.origin("zavod.example"))
            val gate = Picture.clean(photo, "The gate")
            val name = zavod.post("", listOf(gate))
            zavod.edit(name, "They locked us out.")
            assertEquals("unfit", code { zavod.post("", List(11) { gate }) })
            assertEquals(null, zavod.recovery())
            val (whole, small) = BundlePictures.entries.map { CommunityPublisher.bundleOf(folder.resolve("zavod"), it) }
            assertEquals(1L to 0L, whole.pictures to whole.picturesLeftOut)
            assertEquals(0L to 1L, small.pictures to small.picturesLeftOut)
            assertTrue(small.bytes.size < whole.bytes.size)
            Byway.open(lab.configuration(listOf("proxy.nl"), storage = lab.storage())).use { byway ->
                val opened = byway.open(zavod.link().text)
                val post = opened.posts.single()
                val listed = byway.attachments(opened.community.id, post.id).single()
                val photoOfPost = listed.attachment as Attachment.Photo
                assertEquals(Triple(4, 3, "The gate"), photoOfPost.run { Triple(width, height, text) })
                assertArrayEquals(gate.bytes, byway.fetchAttachment(listed.id, maxBytes = 1000).bytes)
                folder.resolve("zavod/files").listDirectoryEntries().single().writeBytes(photo)
                assertEquals("unreached", code { byway.fetchAttachment(listed.id, maxBytes = 1000) }, "another picture")
                zavod.edit(name, "They locked us out.", emptyList())
                assertEquals(emptyList<Attachment>(), byway.refresh(opened.community.id).posts.single().attachments)
            }
            zavod.shutdown()
        }
    }

    @Test
    fun `a passphrase is overwritten, and each misuse has its code`() = runBlocking {
        val absent = CommunityStatement("Other")
        val mistyped = keys("mistyped")
        val odd = CommunityStatement("Zavod", mirrors = listOf("no address"))
        assertEquals("unfit", code { CommunityPublisher.found(folder.resolve("zavod"), mistyped, odd) })
        // The zeros that are left must seal nothing.
        val again = code { CommunityPublisher.found(folder.resolve("zavod"), mistyped, CommunityStatement("Zavod")) }
        assertEquals("passphrase_used" to false, again to folder.resolve("mistyped.keys").exists())
        val zeros = CommunityKeys(folder.resolve("zeros.keys"), ByteArray(8))
        assertEquals("secret_no_text", code { zeros.create() })
        val first = keys()
        val zavod = CommunityPublisher.found(folder.resolve("zavod"), first, CommunityStatement("Zavod"))
        assertTrue(first.passphrase.bytes.all { it == 0.toByte() })
        assertEquals("CommunityKeys", "$first")
        assertEquals("community_busy", code { CommunityPublisher.open(folder.resolve("zavod"), keys()) })
        assertEquals("no_such_item", code { zavod.edit("nothing", "text") })
        assertEquals("unfit", code { zavod.post(" ") })
        assertEquals("unfit", code { zavod.announce(Gathering("")) })
        assertEquals("no_link", code { zavod.moveTo("vk.com/club") })
        val next = keys("next", "a new passphrase")
        zavod.rotate(next)
        assertTrue(next.passphrase.bytes.all { it == 0.toByte() })
        zavod.shutdown()
        zavod.close()
        assertEquals("closed", code { zavod.post("Late.") })
        val wrong = keys(passphrase = "another")
        assertEquals("wrong_passphrase", code { CommunityPublisher.open(folder.resolve("zavod"), wrong) })
        assertTrue(wrong.passphrase.bytes.all { it == 0.toByte() }, "also where it fails")
        assertEquals("other_keys", code { CommunityPublisher.open(folder.resolve("zavod"), keys()) })
        assertEquals("community_exists", code { CommunityPublisher.found(folder.resolve("zavod"), keys("more"), absent) })
        assertTrue(!folder.resolve("more.keys").exists(), "keys of a community that was not founded")
        assertEquals("community_absent", code { CommunityPublisher.bundleOf(folder.resolve("nowhere")) })
        CommunityPublisher.open(folder.resolve("zavod"), keys("next", "a new passphrase")).use {
            val statement = it.statement()
            it.restate(statement.copy(description = "We read together."))
            assertEquals("We read together.", it.statement().description)
            it.setPageLanguage(Language.RUSSIAN)
            assertTrue("lang=\"ru\"" in folder.resolve("zavod/index.html").readText())
            assertEquals(null to 0L, it.datedAhead() to it.redate())
        }
    }

    @Test
    fun `another phone's posts are taken in before they are replaced`() = runBlocking {
        val (zavod, web) = found() to folder.resolve("web")
        assertTrue(zavod.publish(web).changed > 3)
        zavod.shutdown()
        folder.resolve("zavod").toFile().copyRecursively(folder.resolve("copy").toFile())
        CommunityPublisher.open(folder.resolve("copy"), keys()).let {
            it.post("From the other phone.")
            it.publish(web)
            it.shutdown()
        }
        CommunityPublisher.open(folder.resolve("zavod"), keys()).use {
            assertEquals("target_newer", code { it.publish(web) })
            it.takeIn(web)
            it.publish(web)
            assertEquals(listOf("From the other phone."), it.content().posts.map(Post::text))
        }
    }

    @Test
    fun `a signed move is asked, declined, and followed on a yes`() = runBlocking {
        val hosts = mapOf("old.example" to folder.resolve("old"), "new.example" to folder.resolve("new"))
        hosts.values.forEach { it.createDirectories() }
        Lab(folders = hosts).use { lab ->
            val before = found("old", lab.origin("old.example"))
            val old = before.link()
            val after = found("new", lab.origin("new.example"), continues = old.text)
            after.post("The new place.")
            val new = after.link()
            before.moveTo(new.text)
            Byway.open(lab.configuration(storage = lab.storage())).use { byway ->
                val asked = byway.open(old.text)
                val move = asked.moves.single()
                assertEquals(Triple("old", MoveKind.ASKED, true), Triple(asked.community.name, move.kind, move.asks))
                assertEquals(old.key to "byway:${new.id}", move.fromKeys to move.to?.value)
                assertEquals(null, asked.community.successor)
                assertEquals(listOf(MoveKind.ASKED), byway.refresh(asked.community.id).moves.map { it.kind })
                val other = move.copy(to = CommunityId("byway:" + "0".repeat(64)))
                assertEquals("successor_changed", code { byway.follow(other) })
                byway.stay(move)
                assertEquals(MoveKind.DECLINED, byway.open(old.text).moves.single().kind)
                val followed = byway.follow(move)
                assertEquals("new" to MoveKind.MOVED, followed.community.name to followed.moves.single().kind)
                assertEquals(old.key to new.key, followed.moves.single().let { it.fromKeys to it.toKeys })
                assertEquals("The new place.", byway.open(old.text).posts.single().text)
                assertEquals("not_stored", code { byway.follow(move.copy(from = CommunityId("vk:-5"))) })
            }
            before.shutdown()
            after.shutdown()
        }
    }

    @Test
    fun `a link becomes a code of dark and light modules`() = runBlocking {
        val link = found().use { it.link(Exposure.TOR) }
        assertEquals(link, CommunityPublisher.linkOf(folder.resolve("zavod"), Exposure.TOR))
        val code = QrCode.of(link.text)
        assertTrue(code.isDark(4, 4) && !code.isDark(3, 3) && !code.isDark(-1, code.size))
        assertTrue(code.svg.startsWith("<svg "))
        assertEquals("too_long_for_qr", assertThrows<BywayException.Input> { QrCode.of("a".repeat(332)) }.code)
    }
}
