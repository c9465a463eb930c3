package org.byway.android

import java.nio.file.Files
import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import org.byway.BywayException
import org.byway.Configuration
import org.byway.FakeByway
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test

/** What a wipe leaves on a phone, with the engine's own store. */
class WipeTest {
    private val phone = Phone()
    private val file: Path = BywayAndroid.folder(phone.app).resolveSibling("byway.key")
    private val configuration = Configuration(listOf("direct:"))

    @BeforeEach
    fun install() = FakeKeystore().install()

    @AfterEach
    fun end() = phone.close()

    @Test
    fun `a wipe removes the key as well, and a new one begins`() = runBlocking {
        val byway = BywayAndroid.open(phone.app, configuration)
        byway.setRetention(7)
        val before = Files.readAllBytes(file)
        byway.wipe()
        assertFalse(Files.exists(file))
        assertTrue(FakeKeystore.held.isEmpty())
        assertEquals("store_locked", failure { byway.retention() }.code)
        byway.unlock()
        assertEquals(null, byway.retention())
        assertFalse(before.contentEquals(Files.readAllBytes(file)))
        byway.lock()
        byway.unlock()
        byway.setRetention(8)
        byway.shutdown()
        BywayAndroid.open(phone.app, configuration).use { assertEquals(8, it.retention()) }
    }

    @Test
    fun `a store whose key is lost is wiped without it`() = runBlocking {
        BywayAndroid.open(phone.app, configuration).apply { setRetention(7) }.shutdown()
        FakeKeystore.held.clear()
        val lost = failure { BywayAndroid.open(phone.app, configuration) }
        assertInstanceOf(KeystoreException::class.java, lost.cause)
        BywayAndroid.wipe(phone.app)
        assertFalse(Files.exists(file))
        BywayAndroid.open(phone.app, configuration).use { assertEquals(null, it.retention()) }
    }

    @Test
    fun `the key of an app is the app's`() = runBlocking {
        val key = KeystoreKey(BywayAndroid.folder(phone.app)).key()
        BywayAndroid.follow(phone.app, FakeByway()).use { byway ->
            byway.wipe()
            assertInstanceOf(IllegalStateException::class.java, runCatching { byway.unlock() }.exceptionOrNull())
        }
        assertArrayEquals(key, KeystoreKey(BywayAndroid.folder(phone.app)).key())
    }

    private suspend fun failure(call: suspend () -> Any?): BywayException =
        try {
            error("it gave ${call()}")
        } catch (failure: BywayException) {
            failure
        }
}
