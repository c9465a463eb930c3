package org.byway.okhttp

import coil3.ImageLoader
import coil3.PlatformContext
import coil3.network.NetworkRequest
import coil3.network.okhttp.asNetworkClient
import kotlinx.coroutines.runBlocking
import okhttp3.OkHttpClient
import okio.Buffer
import org.byway.Byway
import org.byway.testing.Lab
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Test

class CoilTest {
    @Test
    fun `Coil's fetcher reads through the engine`() = runBlocking {
        Lab().use { lab ->
            val byway = Byway.open(lab.configuration())
            val network = (OkHttpClient().through(byway) as okhttp3.Call.Factory).asNetworkClient()
            val text = network.executeRequest(NetworkRequest(lab.origin("http.example") + "/hello")) { response ->
                Buffer().also { response.body!!.writeTo(it) }.readUtf8()
            }
            assertEquals("Hello.", text)
            byway.shutdown()
        }
    }

    @Test
    fun `the guide's loader has no cache on the disk`() {
        assertEquals(null, pictures(PlatformContext.INSTANCE, OkHttpClient()).diskCache)
        assertNotNull(ImageLoader(PlatformContext.INSTANCE).diskCache, "Coil has one of its own")
    }
}
