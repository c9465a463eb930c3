package org.byway.okhttp

import coil3.ImageLoader
import coil3.PlatformContext
import coil3.fetch.SourceFetchResult
import coil3.network.NetworkRequest
import coil3.network.okhttp.asNetworkClient
import coil3.request.Options
import coil3.toUri
import kotlinx.coroutines.runBlocking
import okhttp3.OkHttpClient
import okio.Buffer
import org.byway.AttachmentId
import org.byway.Attachment
import org.byway.Byway
import org.byway.Exposure
import org.byway.FakeByway
import org.byway.FakePage
import org.byway.HttpRequest
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
    fun `the guide's loaders have no cache on the disk`() {
        assertEquals(null, pictures(PlatformContext.INSTANCE, FakeByway()).diskCache)
        assertEquals(null, picturesOfTheAppItself(PlatformContext.INSTANCE, OkHttpClient(), FakeByway()).diskCache)
        assertNotNull(ImageLoader(PlatformContext.INSTANCE).diskCache, "Coil has one of its own")
    }

    @Test
    fun `the guide's loader reads with the community's exposure`() = runBlocking {
        val photo = Attachment.Photo("https://pictures.example/1.jpg")
        val sample = FakeByway.SAMPLE.first().let { it.copy(posts = listOf(it.posts.first().copy(attachments = listOf(photo)))) }
        val asked = mutableListOf<String>()
        val fake = FakeByway(
            listOf(sample),
            pages = mapOf("https://pictures.example/1.jpg" to FakePage("a picture".toByteArray())),
            strategies = listOf(FakeByway.DIRECT, FakeByway.TOR),
        )
        val byway = object : Byway by fake {
            override suspend fun http(request: HttpRequest) = fake.http(request).also { asked += request.url }

            override suspend fun fetchAttachment(
                id: AttachmentId, maxBytes: Long, exposure: Exposure, allowDirect: Boolean, ignorePause: Boolean,
            ) = fake.fetchAttachment(id, maxBytes, exposure, allowDirect, ignorePause).also { asked += it.reachability.sentence }
        }
        val opened = fake.open("vk.com/club", exposure = Exposure.TOR)
        val id = fake.attachments(opened.community.id, opened.posts.single().id).single().id
        val images = pictures(PlatformContext.INSTANCE, byway)
        val options = Options(PlatformContext.INSTANCE)
        val fetched = images.components.newFetcher(id, options, images)!!.first.fetch() as SourceFetchResult
        assertEquals("a picture", fetched.source.source().readUtf8())
        assertEquals(listOf("It was read through Tor."), asked)
        // An address of a picture says nothing of the community, so this loader takes none.
        assertEquals(null, images.components.newFetcher("https://pictures.example/1.jpg".toUri(), options, images))
        assertNotNull(images.components.key(id, options), "it is kept in memory")
    }
}
