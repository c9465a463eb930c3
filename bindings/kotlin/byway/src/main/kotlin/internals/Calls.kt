package org.byway.internals

import java.nio.charset.CharacterCodingException
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.byway.BywayException
import org.byway.ErrorKind
import org.byway.KeyProvider
import org.byway.StoreKey
import org.byway.ffi.BywayException as Crossed
import org.byway.ffi.KeyFault
import org.byway.ffi.StoreKeySource

/**
 * Where native calls begin and come back. Not `Default`: an app may wait for its calls on all of those threads (an interceptor of
 * OkHttp does), and a call that needs one of them would never come back. `IO` makes threads for whatever is limited apart.
 */
internal val crossings: CoroutineDispatcher =
    Dispatchers.IO.limitedParallelism(maxOf(4, Runtime.getRuntime().availableProcessors()))

/**
 * Makes a native call off the caller's thread: what comes back is turned into Kotlin where the call resumes, and that must
 * not be an app's main thread.
 */
internal suspend fun <T> native(cause: () -> Throwable? = { null }, work: suspend () -> T): T =
    withContext(crossings) { translated(cause) { work() } }

/** A coroutine that is cancelled when `work` is done never gets what it made. So it is closed here. */
internal suspend fun <T : AutoCloseable> handedOver(work: () -> T): T {
    var made: T? = null
    try {
        return native { work().also { made = it } }
    } catch (failure: Throwable) {
        made?.close()
        throw failure
    }
}

/** Turns what a native call throws into what an app catches. */
internal inline fun <T> translated(cause: () -> Throwable? = { null }, work: () -> T): T = try {
    work()
} catch (cancelled: CancellationException) {
    throw cancelled
} catch (crossed: Crossed) {
    throw crossed.toModel(cause())
} catch (destroyed: IllegalStateException) {
    // What the generated code throws once an object was given back.
    throw BywayException.Closed("This instance was closed.", cause = destroyed)
} catch (malformed: CharacterCodingException) {
    throw BywayException.Input("This text holds half of a character.", "text", malformed)
} catch (_: org.byway.ffi.InternalException) {
    // Its message may quote what was read.
    throw BywayException.Internal("A fault inside the library ended this call.", "panic")
}

/** The crossed exception is not the cause: its message has everything of it, hosts included. */
internal fun Crossed.toModel(cause: Throwable?): BywayException =
    when (this) {
        is Crossed.Input -> BywayException.Input(text, code, cause)
        is Crossed.NotPermitted -> BywayException.NotPermitted(text, code, reachability?.toModel(), cause)
        is Crossed.Credentials -> BywayException.Credentials(text, code, reachability?.toModel(), cause)
        is Crossed.Unreached -> BywayException.Unreached(text, code, reachability?.toModel(), cause)
        is Crossed.Refused -> BywayException.Refused(text, code, reachability?.toModel(), cause)
        is Crossed.Withheld -> BywayException.Withheld(text, code, reachability?.toModel(), cause)
        is Crossed.NotFound -> BywayException.NotFound(text, code, reachability?.toModel(), cause)
        is Crossed.NotStored -> BywayException.NotStored(text, code, cause)
        is Crossed.StoreClosed -> store(ErrorKind.STORE_CLOSED, text, code, reachability, cause)
        is Crossed.StoreDamaged -> store(ErrorKind.STORE_DAMAGED, text, code, reachability, cause)
        is Crossed.StoreFull -> store(ErrorKind.STORE_FULL, text, code, reachability, cause)
        is Crossed.TooLarge -> BywayException.TooLarge(text, code, reachability?.toModel(), cause)
        is Crossed.BrokenOff -> BywayException.BrokenOff(text, code, reachability?.toModel(), cause)
        is Crossed.Internal -> BywayException.Internal(text, code, reachability?.toModel(), cause)
        is Crossed.Cancelled -> BywayException.Cancelled(text, code, cause)
        is Crossed.Closed -> BywayException.Closed(text, code, cause)
    }

private fun store(
    kind: ErrorKind,
    text: String,
    code: String,
    reachability: org.byway.ffi.Reachability?,
    cause: Throwable?,
) = BywayException.Store(text, kind, code, reachability?.toModel(), cause)

/** The source of a key for the native library, and what the app's hook threw while it was asked. */
internal class CrossingKey(key: StoreKey) {
    @Volatile
    var thrown: Throwable? = null
        private set

    val source: StoreKeySource = when (key) {
        is StoreKey.Bytes -> StoreKeySource.Bytes(key.bytes)
        is StoreKey.KeyFile -> StoreKeySource.File(key.path.toString())
        is StoreKey.SealedKeyFile -> StoreKeySource.SealedFile(key.path.toString(), key.passphrase.take())
        is StoreKey.Hook -> StoreKeySource.Provider(Asked(key.provider))
    }

    /** A passphrase in it. */
    val passphrase: ByteArray? = (key as? StoreKey.SealedKeyFile)?.passphrase?.bytes

    private inner class Asked(private val provider: KeyProvider) : org.byway.ffi.KeyProvider {
        override fun key(): ByteArray = try {
            provider.key()
        } catch (failure: Throwable) {
            thrown = failure
            throw KeyFault.Unavailable(failure.message ?: failure.javaClass.simpleName)
        }
    }
}

/** Overwrites the passphrase of a key when it was used. */
internal inline fun <T> CrossingKey?.wiped(work: () -> T): T = try {
    work()
} finally {
    this?.passphrase?.fill(0)
}
