package org.byway.android

import android.app.Application
import android.content.Context
import java.nio.file.Path
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import org.byway.Byway
import org.byway.Configuration
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
) : Byway by byway {
    /**
     * Does background work, as from a `WorkManager` worker: the store is open while [work] runs, even when the app is not on
     * the screen.
     */
    public suspend fun <T> inBackground(work: suspend (Byway) -> T): T = screenWatch.awake { work(byway) }

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
        public suspend fun open(context: Context, configuration: Configuration): BywayAndroid =
            follow(context, Byway.open(withStorage(context, configuration)))

        /** Follows the phone for [byway], for example for a `FakeByway` in a test. */
        public fun follow(context: Context, byway: Byway): BywayAndroid {
            val application = context.applicationContext
            val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
            val screen = ScreenWatch(byway, scope, SETTLE)
            val network = NetworkWatch(application, byway)
            try {
                network.start()
            } catch (failure: Throwable) {
                scope.cancel()
                byway.close()
                throw failure
            }
            (application as? Application)?.let(screen::start)
            return BywayAndroid(byway, network, screen, scope)
        }

        /** The folder of the store. Android leaves it out of backups. */
        public fun folder(context: Context): Path = context.noBackupFilesDir.toPath().resolve("byway")

        private fun withStorage(context: Context, given: Configuration): Configuration {
            if (given.storage != null) return given
            val folder = folder(context)
            return given.copy(storage = Storage(folder, StoreKey.Hook(KeystoreKey(folder))))
        }

        /** Turning the screen stops an activity and starts it again. androidx waits as long (ProcessLifecycleOwner). */
        private val SETTLE = 700.milliseconds
    }
}
