package org.byway

import java.io.File
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
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

/** What an admin uploads to a server, and who learns of it. */
@Timeout(120)
class UploadTest {
    @TempDir
    lateinit var folder: Path

    private val server: Path by lazy { folder.resolve("server").createDirectories() }

    private fun keys() = CommunityKeys(folder.resolve("zavod.keys"), "a passphrase".toByteArray())

    private fun login(password: String = "word") = UploadCredentials.Login("anna", password.toByteArray())

    private suspend fun found(mirror: String) =
        CommunityPublisher.found(folder.resolve("zavod"), keys(), CommunityStatement("Zavod", mirrors = listOf(mirror)))

    @Test
    fun `what is uploaded is read at the server`() = runBlocking {
        Lab(webdav = mapOf("dav.example" to server)).use { lab ->
            val target = UploadTarget(lab.origin("dav.example"))
            found(target.address).use { zavod ->
                Byway.open(lab.configuration()).use { byway ->
                    zavod.post("We meet on Friday.")
                    assertTrue(zavod.upload(target, login(), byway).changed > 3)
                    zavod.post("Bring bread. 🍞")
                    zavod.upload(target, login(), byway)
                    val opened = byway.open(zavod.link().text)
                    assertEquals(listOf("Bring bread. 🍞", "We meet on Friday."), opened.posts.map(Post::text))
                    val freeze = CommunityProposal.make(
                        folder.resolve("zavod"), keys(), ProposedChange.Freeze(java.time.Instant.now().minusSeconds(3600)),
                    )
                    assertTrue(freeze.uploadFreeze(target, login(), byway).changed > 0)
                    assertTrue(server.resolve("freeze.json").exists())
                }
            }
        }
    }

    @Test
    fun `an upload obeys the exposure and says what is wrong`() = runBlocking {
        Lab(webdav = mapOf("dav.example" to server)).use { lab ->
            val address = lab.origin("dav.example")
            val zavod = found(address)
            Byway.open(lab.configuration()).use { byway ->
                val hidden = UploadTarget(address, exposure = Exposure.TOR)
                val refused = runCatching { zavod.upload(hidden, login(), byway) }.exceptionOrNull()
                assertTrue(refused is BywayException.NotPermitted, "$refused")
                assertTrue(server.listDirectoryEntries().isEmpty())
                assertEquals("upload_denied", code { zavod.upload(UploadTarget(address), login("wrong"), byway) })
                assertEquals("upload_denied", code { zavod.upload(UploadTarget(address), null, byway) })
                zavod.shutdown()
                assertEquals("closed", code { zavod.upload(UploadTarget(address), login(), byway) })
            }
        }
    }

    @Test
    fun `a fake upload refuses what the real one refuses`() = runBlocking {
        val target = UploadTarget("https://dav.example/zavod/")
        val (zavod, byway) = FakePublisher() to FakeByway()
        assertTrue(zavod.upload(target, login(), byway).changed > 0)
        zavod.postElsewhere(target, "Bring bread.")
        assertEquals("target_newer", code { zavod.upload(target, login(), byway) })
        zavod.upload(target, login(), byway, takeIn = true)
        assertEquals(listOf("Bring bread."), zavod.content().posts.map(Post::text))
    }

    /** The table that all bindings share. Its places do not exist: each of them is refused before anything is sent. */
    @Test
    fun `uploads are refused as the table says`() = runBlocking {
        val rows = Lab.json.readTree(File(System.getProperty("byway.cases")))["uploads"]
        Byway.open(Configuration(strategies = listOf("direct:"))).use { byway ->
            found("https://zavod.example/").use { zavod ->
                for (row in rows) {
                    val target = UploadTarget(row["address"].asText())
                    val given = {
                        if (row["credentials"].asText() == "key") UploadCredentials.Key("an-id", "a-secret".toByteArray()) else login()
                    }
                    val expected = row["error"].asText()
                    assertEquals(expected, code { zavod.upload(target, given(), byway) }, row["name"].asText())
                    assertEquals(expected, code { FakePublisher().upload(target, given(), FakeByway()) }, "fake: ${row["name"]}")
                }
            }
        }
    }

    @Test
    fun `secrets of a server are overwritten and shown nowhere`() = runBlocking {
        val (secret, token) = "a-secret-canary".toByteArray() to "a-token-canary".toByteArray()
        val credentials = UploadCredentials.Key("an-id-canary", secret, token)
        val target = UploadTarget("s3://canary-bucket")
        assertFalse("canary" in "$credentials$target${UploadCredentials.Login("canary", ByteArray(3))}")
        found("https://zavod.example/").use { zavod ->
            FakeByway().use { fake -> assertEquals("fake", code { zavod.upload(target, credentials, fake) }) }
            assertArrayEquals(ByteArray(secret.size) to ByteArray(token.size), secret to token)
            Lab().use { lab ->
                Byway.open(lab.configuration()).use { byway ->
                    assertEquals("passphrase_used", code { zavod.upload(target, credentials, byway) })
                }
            }
        }
    }

    private fun assertArrayEquals(expected: Pair<ByteArray, ByteArray>, found: Pair<ByteArray, ByteArray>) {
        assertArrayEquals(expected.first, found.first)
        assertArrayEquals(expected.second, found.second)
    }
}
