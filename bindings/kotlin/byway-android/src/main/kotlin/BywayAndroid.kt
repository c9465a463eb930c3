package org.byway.android

import android.app.ActivityManager
import android.app.Application
import android.content.Context
import java.nio.file.Path
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.withContext
import org.byway.Byway
import org.byway.Configuration
import org.byway.Language
import org.byway.Storage
import org.byway.StoreKey

/**
 * A [Byway] that follows the phone: the network that it is on, and whether the app is on the screen.
 *
 * ```
 * val byway = BywayAndroid.open(context, Configuration(strategies = listOf("direct:")))
 * ```
 *
 * Open it once in a process, in the `Application`. It needs the permissions `INTERNET` and `ACCESS_NETWORK_STATE`.
 */
public class BywayAndroid private constructor(
    private val byway: Byway,
    private val networkWatch: NetworkWatch,
    private val screenWatch: ScreenWatch,
    private val scope: CoroutineScope,
    private val key: KeystoreKey?,
) : Byway by byway {
    /**
     * Does background work, as from a `WorkManager` worker: the store is open while [work] runs, even when the app is not on
     * the screen.
     */
    public suspend fun <T> inBackground(work: suspend (Byway) -> T): T = screenWatch.awake { work(byway) }

    /**
     * Removes everything that is stored, and the Keystore's key if [open] made it, even where the files could not be removed.
     * The store is locked afterwards: [unlock] starts an empty one under a new key.
     */
    override suspend fun wipe(): Unit = withContext(NonCancellable) {
        try {
            byway.wipe()
        } finally {
            key?.let { withContext(Dispatchers.IO) { it.delete() } }
        }
    }

    /**
     * Opens the store again under the Keystore's key, after [lock] or [wipe].
     *
     * @throws IllegalStateException if the app gave a storage of its own: then only the app has its key
     */
    public suspend fun unlock() {
        val key = checkNotNull(key) { "The key of this store is the app's own: give it to `unlock(key)`." }
        byway.unlock(StoreKey.Hook(key))
    }

    override fun close() {
        stopWatching()
        byway.close()
    }

    override suspend fun shutdown() {
        stopWatching()
        byway.shutdown()
    }

    private fun stopWatching() {
        networkWatch.close()
        screenWatch.close()
        scope.cancel()
    }

    public companion object {
        /**
         * Opens an instance and begins to follow the phone.
         *
         * Without a [Configuration.storage], what is read stays in [folder], sealed under a key that only this phone's
         * Keystore opens. Both are left out of backups.
         */
        public suspend fun open(context: Context, configuration: Configuration): BywayAndroid {
            val key = if (configuration.storage == null) KeystoreKey(folder(context)) else null
            val whole = key?.let { configuration.copy(storage = Storage(folder(context), StoreKey.Hook(it))) }
            // Before the store is opened, which takes a while: the first activity starts meanwhile.
            val watches = Watches(context, ::isOnScreen)
            return watches.untilFailure { watches.follow(Byway.open(whole ?: configuration), key) }
        }

        /** Follows the phone for [byway], for example for a `FakeByway` in a test. */
        public fun follow(context: Context, byway: Byway): BywayAndroid = follow(context, byway, null, ::isOnScreen)

        internal fun follow(context: Context, byway: Byway, key: KeystoreKey?, isOnScreen: () -> Boolean): BywayAndroid {
            val watches = Watches(context, isOnScreen)
            return watches.untilFailure { watches.follow(byway, key) }
        }

        /**
         * Removes what [open] has stored, and its key, without opening it: for example where [KeystoreException] says that this
         * phone's Keystore does not open it any more. No instance may be open. The next [open] starts an empty store.
         */
        public suspend fun wipe(context: Context, language: Language = Language.ENGLISH): Unit = withContext(NonCancellable) {
            val folder = folder(context)
            try {
                Byway.wipe(folder, language)
            } finally {
                withContext(Dispatchers.IO) { KeystoreKey(folder).delete() }
            }
        }

        /** The folder of the store. Android leaves it out of backups. */
        public fun folder(context: Context): Path = context.noBackupFilesDir.toPath().resolve("byway")

        /** Turning the screen stops an activity and starts it again. androidx waits as long (ProcessLifecycleOwner). */
        private val SETTLE = 700.milliseconds
    }

    /** What follows the phone, before there is an instance for it. */
    private class Watches(context: Context, isOnScreen: () -> Boolean) {
        private val application = context.applicationContext
        // Not `Default`, on all threads of which an app may wait for the store that is to be resumed.
        private val scope = CoroutineScope(SupervisorJob() + Dispatchers.IO)
        private val screen = ScreenWatch(scope, SETTLE, isOnScreen)

        init {
            (application as? Application)?.let(screen::start)
        }

        fun follow(byway: Byway, key: KeystoreKey?): BywayAndroid {
            val network = NetworkWatch(application, byway)
            try {
                network.start()
            } catch (failure: Throwable) {
                byway.close()
                throw failure
            }
            screen.follow(byway)
            return BywayAndroid(byway, network, screen, scope, key)
        }

        inline fun untilFailure(work: () -> BywayAndroid): BywayAndroid = try {
            work()
        } catch (failure: Throwable) {
            screen.close()
            scope.cancel()
            throw failure
        }
    }
}

/** Whether Android counts this process among those that a person sees. Where it does not answer, it may. */
private fun isOnScreen(): Boolean = try {
    val state = ActivityManager.RunningAppProcessInfo().also(ActivityManager::getMyMemoryState)
    state.importance <= ActivityManager.RunningAppProcessInfo.IMPORTANCE_VISIBLE
} catch (_: RuntimeException) {
    true
}
