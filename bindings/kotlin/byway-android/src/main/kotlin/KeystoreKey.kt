package org.byway.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.nio.file.StandardOpenOption
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.ProviderException
import java.security.SecureRandom
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import org.byway.KeyProvider

/**
 * A store key that only this phone opens: 32 random bytes in a file, wrapped by an AES key that never leaves the
 * Android Keystore.
 *
 * Where the file is there and the Keystore no longer opens it (another phone, a restored backup, a reset of the
 * lock screen's credentials), [key] throws and changes nothing: what is stored cannot be read any more, and the app offers to
 * wipe it ([BywayAndroid.wipe]).
 */
public class KeystoreKey(
    folder: Path,
    private val alias: String = "org.byway.store",
) : KeyProvider {
    private val file = folder.resolveSibling(folder.fileName.toString() + ".key")

    /** Where a new file is written, so that there is never half a key under the final name. */
    private val draft = file.resolveSibling(file.fileName.toString() + ".new")

    @Synchronized
    override fun key(): ByteArray = try {
        if (Files.exists(file)) unwrap(Files.readAllBytes(file)) else create()
    } catch (failure: GeneralSecurityException) {
        throw unopened(failure)
    } catch (failure: ProviderException) {
        // Android's Keystore throws it, unchecked, where its daemon or its hardware fails.
        throw unopened(failure)
    }

    /** Removes the file and the Keystore's key. What was stored under them can never be read again. */
    @Synchronized
    public fun delete() {
        // The file first: without it a new key can be made at once, and without the Keystore's key alone it cannot.
        try {
            Files.deleteIfExists(draft)
            Files.deleteIfExists(file)
        } finally {
            keystore().deleteEntry(alias)
        }
    }

    private fun unopened(cause: Exception) =
        KeystoreException("The phone's Keystore does not open the key of what is stored.", cause)

    private fun create(): ByteArray {
        val key = ByteArray(KEY_BYTES).also(SecureRandom()::nextBytes)
        val cipher = Cipher.getInstance(CIPHER).apply { init(Cipher.ENCRYPT_MODE, wrappingKey() ?: newWrappingKey()) }
        val wrapped = byteArrayOf(VERSION) + cipher.iv + cipher.doFinal(key)
        Files.createDirectories(file.parent)
        Files.newByteChannel(
            draft,
            setOf(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.SYNC),
        ).use { it.write(java.nio.ByteBuffer.wrap(wrapped)) }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE)
        return key
    }

    private fun unwrap(wrapped: ByteArray): ByteArray {
        if (wrapped.size != FILE_BYTES || wrapped[0] != VERSION) throw KeystoreException("The file of the wrapped key is damaged.")
        val wrapping = wrappingKey() ?: throw KeystoreException("The phone's Keystore has no key for what is stored.")
        val cipher = Cipher.getInstance(CIPHER)
        cipher.init(Cipher.DECRYPT_MODE, wrapping, GCMParameterSpec(TAG_BITS, wrapped, 1, IV_BYTES))
        return cipher.doFinal(wrapped, 1 + IV_BYTES, wrapped.size - 1 - IV_BYTES)
    }

    private fun wrappingKey(): SecretKey? = keystore().getKey(alias, null) as SecretKey?

    private fun newWrappingKey(): SecretKey {
        val generator = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, KEYSTORE)
        generator.init(
            KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                .setKeySize(8 * KEY_BYTES)
                .build(),
        )
        return generator.generateKey()
    }

    private fun keystore(): KeyStore = KeyStore.getInstance(KEYSTORE).apply { load(null) }

    private companion object {
        const val KEYSTORE = "AndroidKeyStore"
        const val CIPHER = "AES/GCM/NoPadding"
        const val KEY_BYTES = 32
        const val IV_BYTES = 12
        const val TAG_BITS = 128
        const val VERSION: Byte = 1
        const val FILE_BYTES = 1 + IV_BYTES + KEY_BYTES + TAG_BITS / 8
    }
}

/** The Keystore does not give the key. */
public class KeystoreException(message: String, cause: Throwable? = null) : IOException(message, cause)
