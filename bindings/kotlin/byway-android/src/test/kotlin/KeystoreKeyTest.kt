package org.byway.android

import java.nio.file.Files
import java.nio.file.Path
import java.security.ProviderException
import kotlin.io.path.createTempDirectory
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test

class KeystoreKeyTest {
    private val folder: Path = createTempDirectory("keystore")
    private val store = folder.resolve("byway")
    private val file = folder.resolve("byway.key")

    @BeforeEach
    fun install() = FakeKeystore().install()

    @AfterEach
    fun remove() {
        folder.toFile().deleteRecursively()
    }

    @Test
    fun `the same key comes back, and the file does not hold it`() {
        val key = KeystoreKey(store).key()
        assertEquals(32, key.size)
        assertArrayEquals(key, KeystoreKey(store).key())
        val bytes = file.readBytes()
        assertEquals(61, bytes.size)
        assertFalse((0..bytes.size - 8).any { at -> bytes.sliceArray(at until at + 8).contentEquals(key.copyOf(8)) })
        assertEquals(listOf(file), Files.list(folder).use { it.toList() })
    }

    @Test
    fun `another phone's Keystore fails and changes nothing`() {
        KeystoreKey(store).key()
        val before = file.readBytes()
        FakeKeystore.held.clear()
        assertThrows(KeystoreException::class.java) { KeystoreKey(store).key() }
        FakeKeystore.held["org.byway.store"] = javax.crypto.spec.SecretKeySpec(ByteArray(32), "AES")
        assertThrows(KeystoreException::class.java) { KeystoreKey(store).key() }
        assertArrayEquals(before, file.readBytes())
    }

    @Test
    fun `a damaged file fails, whichever byte is damaged`() {
        KeystoreKey(store).key()
        val good = file.readBytes()
        for (at in good.indices) {
            file.writeBytes(good.copyOf().also { it[at] = (it[at] + 1).toByte() })
            assertThrows(KeystoreException::class.java) { KeystoreKey(store).key() }
        }
        for (size in listOf(0, 1, 60)) {
            file.writeBytes(good.copyOf(size))
            assertThrows(KeystoreException::class.java) { KeystoreKey(store).key() }
        }
    }

    @Test
    fun `a Keystore whose hardware fails is said, and changes nothing`() {
        val key = KeystoreKey(store).key()
        val before = file.readBytes()
        FakeKeystore.failure = ProviderException("Keystore operation failed")
        assertThrows(KeystoreException::class.java) { KeystoreKey(store).key() }
        assertThrows(KeystoreException::class.java) { KeystoreKey(folder.resolve("other")).key() }
        FakeKeystore.failure = null
        assertArrayEquals(before, file.readBytes())
        assertArrayEquals(key, KeystoreKey(store).key())
    }

    @Test
    fun `deleting ends the key`() {
        val key = KeystoreKey(store)
        val before = key.key()
        key.delete()
        assertFalse(Files.exists(file))
        assertFalse(before.contentEquals(key.key()))
    }
}
