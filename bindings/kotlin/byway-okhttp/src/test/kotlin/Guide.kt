package org.byway.okhttp

import coil3.ImageLoader
import coil3.PlatformContext
import coil3.decode.DataSource
import coil3.decode.ImageSource
import coil3.fetch.FetchResult
import coil3.fetch.Fetcher
import coil3.fetch.SourceFetchResult
import coil3.key.Keyer
import coil3.network.okhttp.OkHttpNetworkFetcherFactory
import coil3.serviceLoaderEnabled
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.map
import okhttp3.OkHttpClient
import okio.Buffer
import okio.FileSystem
import org.byway.AttachmentId
import org.byway.Byway
import org.byway.CommunityKeys
import org.byway.CommunityProposal
import org.byway.CommunityPublisher
import org.byway.CommunityStatement
import org.byway.Configuration
import org.byway.EngineEventKind
import org.byway.Exposure
import org.byway.FakeByway
import org.byway.FakePublisher
import org.byway.Opened
import org.byway.Picture
import org.byway.SignedLink
import org.byway.TakenBundle
import org.byway.TorTransport
import retrofit2.Retrofit
import java.io.InputStream
import java.nio.file.Path
import java.time.Instant

// The short listings of docs/android.md. `tests/readme.rs` compares them.

internal fun requests(byway: Byway): Retrofit {
    val client = OkHttpClient().through(byway)
    val api = Retrofit.Builder().baseUrl("https://example.org/").client(client).build()
    return api
}

internal class PostPicture(private val byway: Byway, private val id: AttachmentId) : Fetcher {
    override suspend fun fetch(): FetchResult {
        val file = byway.fetchAttachment(id)
        val source = ImageSource(Buffer().write(file.bytes), FileSystem.SYSTEM)
        return SourceFetchResult(source, file.contentType, DataSource.NETWORK)
    }
}

internal fun pictures(context: PlatformContext, byway: Byway): ImageLoader {
    val images = ImageLoader.Builder(context)
        .components {
            add(Fetcher.Factory<AttachmentId> { id, _, _ -> PostPicture(byway, id) })
            add(Keyer<AttachmentId> { id, _ -> "$id" })
        }
        .serviceLoaderEnabled(false)
        .diskCache(null)
        .build()
    return images
}

internal fun picturesOfTheAppItself(context: PlatformContext, shared: OkHttpClient, byway: Byway): ImageLoader {
    val throughTor = shared.through(byway, Exposure.TOR)
    val images = ImageLoader.Builder(context)
        .components { add(OkHttpNetworkFetcherFactory(throughTor)) }
        .serviceLoaderEnabled(false)
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

internal suspend fun askAboutAMove(byway: Byway, opened: Opened, userFollows: (String?, String?) -> Boolean) {
    val move = opened.moves.lastOrNull { it.asks }
    if (move != null) {
        // `successor` reads it over strategies that are not direct, and says what is signed. It decides nothing.
        val shown = byway.successor(opened.community.id).moves.last()
        // The answer is for what was shown: if another successor is named by now, it is refused (`successor_changed`).
        if (userFollows(shown.fromKeys, shown.toKeys)) byway.follow(shown) else byway.stay(shown)
    }
}

internal suspend fun takeBundle(byway: Byway, input: InputStream): TakenBundle {
    val taken = input.use { byway.takeBundle(it.readBytes()) }
    return taken
}

internal suspend fun publish(folder: Path, passphrase: ByteArray, webServer: Path) {
    val keys = CommunityKeys(folder.resolve("zavod.keys"), passphrase)
    val statement = CommunityStatement("Zavod", mirrors = listOf("https://zavod.example/"))
    CommunityPublisher.found(folder.resolve("zavod"), keys, statement).use {
        it.post("We meet on Friday at six.")
        it.publish(webServer)
    }
}

internal suspend fun copy(byway: Byway, folder: Path, keys: CommunityKeys): SignedLink {
    val copied = byway.copyPage("vk.com/NAME", folder, keys, by = "Anna", mirrors = listOf("https://dav.example/copy/"))
    return copied.link
}

internal suspend fun postWithPicture(publisher: CommunityPublisher, photo: ByteArray) {
    val gate = Picture.clean(photo, text = "The closed gate")
    publisher.post("They locked us out.", listOf(gate))
}

internal suspend fun previewed(gate: ByteArray): Pair<Byway, CommunityPublisher> {
    val byway = FakeByway()
    val club = FakePublisher(CommunityStatement("The club", mirrors = listOf("https://club.example/")))
    club.post("", listOf(FakePublisher.picture("The gate", gate)))
    club.freeze(after = Instant.now())
    return byway to club
}

internal suspend fun approve(file: ByteArray, folder: Path, keys: CommunityKeys, userAgrees: (List<String>) -> Boolean): ByteArray? {
    val proposal = CommunityProposal.read(file, folder = folder)
    if (userAgrees(proposal.changes)) {
        return proposal.approve(keys, folder).proposal.file
    }
    return null
}
