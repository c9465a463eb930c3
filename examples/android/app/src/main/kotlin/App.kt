package org.example.byway

import android.app.Application
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import org.byway.Configuration
import org.byway.VkToken
import org.byway.android.BywayAndroid

/** Opens the one instance of the process. */
class App : Application() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    lateinit var byway: Deferred<BywayAndroid>
        private set

    override fun onCreate() {
        super.onCreate()
        byway = scope.async {
            val configuration = Configuration(
                strategies = listOf("direct:", "tor+socks5://127.0.0.1:9050"),
                vkToken = BuildConfig.VK_SERVICE_TOKEN.takeIf(String::isNotEmpty)?.let(VkToken::Service),
            )
            BywayAndroid.open(this@App, configuration)
        }
    }
}
