package org.byway.okhttp

import coil3.ImageLoader
import coil3.PlatformContext
import coil3.network.okhttp.OkHttpNetworkFetcherFactory
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.map
import okhttp3.OkHttpClient
import org.byway.Byway
import org.byway.Configuration
import org.byway.EngineEventKind
import org.byway.TorTransport
import retrofit2.Retrofit

// The short listings of docs/android.md. `tests/readme.rs` compares them.

internal fun requests(byway: Byway): Retrofit {
    val client = OkHttpClient().through(byway)
    val api = Retrofit.Builder().baseUrl("https://example.org/").client(client).build()
    return api
}

internal fun pictures(context: PlatformContext, client: OkHttpClient): ImageLoader {
    val images = ImageLoader.Builder(context)
        .components { add(OkHttpNetworkFetcherFactory(client)) }
        .diskCache(null)
        .build()
    return images
}

internal suspend fun progress(byway: Byway, show: (String) -> Unit) {
    byway.engineEvents().map { it.kind }.filterIsInstance<EngineEventKind.TorStarts>().collect {
        show("${it.percent} %" + it.stall?.let { stall -> ", ${stall.code}" }.orEmpty())
    }
}

internal fun throughBridge(bridge: String): Configuration {
    val configuration = Configuration(
        strategies = listOf(bridge),
        torTransports = listOf(TorTransport.Running(listOf("obfs4", "snowflake"), "127.0.0.1:52000")),
    )
    return configuration
}
