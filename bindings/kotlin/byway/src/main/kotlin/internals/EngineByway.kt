package org.byway.internals

import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicReference
import kotlin.io.path.Path
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.byway.*
import org.byway.ffi.AttachmentId as FfiAttachmentId
import org.byway.ffi.Client
import org.byway.ffi.CopyOptions
import org.byway.ffi.DataDirectory
import org.byway.ffi.EventRef
import org.byway.ffi.GetOptions
import org.byway.ffi.ListedFeed as FfiListedFeed
import org.byway.ffi.OpenOptions
import org.byway.ffi.ProbeOptions
import org.byway.ffi.SyncLimits as FfiSyncLimits

/** The real [Byway], over the native library. */
internal class EngineByway private constructor(internal val client: Client) : Byway {
    private val ending = AtomicReference<Job?>()

    override suspend fun open(
        link: String,
        exposure: Exposure,
        allowDirect: Boolean,
        offline: Boolean,
        ignorePause: Boolean,
    ): Opened = call {
        client.open(link, OpenOptions(exposure.toNative(), allowDirect, offline, ignorePause), null).toModel()
    }

    override suspend fun openListed(
        feed: ListedFeed,
        exposure: Exposure,
        allowDirect: Boolean,
        offline: Boolean,
        ignorePause: Boolean,
    ): Opened = call {
        val options = OpenOptions(exposure.toNative(), allowDirect, offline, ignorePause)
        client.openListed(FfiListedFeed(feed.link, feed.title, feed.isUnasked), options, null).toModel()
    }

    override suspend fun openKept(
        id: CommunityId,
        exposure: Exposure,
        allowDirect: Boolean,
        offline: Boolean,
        ignorePause: Boolean,
    ): Opened = call {
        client.openKept(id.value, OpenOptions(exposure.toNative(), allowDirect, offline, ignorePause), null).toModel()
    }

    override suspend fun refresh(id: CommunityId): Opened = call { client.refresh(id.value, null).toModel() }

    override suspend fun preview(
        link: String,
        exposure: Exposure,
        allowDirect: Boolean,
        offline: Boolean,
        ignorePause: Boolean,
    ): Preview = call {
        client.preview(link, OpenOptions(exposure.toNative(), allowDirect, offline, ignorePause), null).toModel()
    }

    override suspend fun sync(communities: List<CommunityId>, limits: SyncLimits): Synced = call {
        val crossing = FfiSyncLimits(limits.deadline.notNegative(), limits.bytes)
        client.syncOnce(communities.map { it.value }, crossing, null).toModel()
    }

    override suspend fun probe(url: String, exposure: Exposure, allowDirect: Boolean): Reachability =
        call { client.probe(url, ProbeOptions(exposure.toNative(), allowDirect), null).toModel() }

    override suspend fun get(
        url: String,
        exposure: Exposure,
        allowDirect: Boolean,
        ignorePause: Boolean,
        settle: Duration?,
    ): Fetched = call {
        val options = GetOptions(exposure.toNative(), allowDirect, ignorePause, settle?.notNegative())
        val got = client.get(url, options, null)
        Fetched(got.status, got.url, got.headers.map { it.toModel() }, got.body, got.reachability.toModel())
    }

    override suspend fun http(request: HttpRequest): HttpCall =
        begun { EngineHttpCall(client.http(request.toNative(), request.isolation)) }

    override suspend fun httpSession(options: HttpSessionOptions): HttpSession =
        begun { EngineHttpSession(client.httpSession(options.toNative()), options.isolation) }

    override suspend fun fetchAttachment(
        id: AttachmentId,
        maxBytes: Long,
        exposure: Exposure,
        allowDirect: Boolean,
        ignorePause: Boolean,
    ): FetchedFile = call {
        val options = GetOptions(exposure.toNative(), allowDirect, ignorePause, null)
        val file = client.fetchAttachment(FfiAttachmentId(id.community.value, id.post, id.index), maxBytes, options, null)
        FetchedFile(file.bytes, file.contentType, file.reachability.toModel())
    }

    override suspend fun successor(id: CommunityId): Opened = call { client.successor(id.value, null).toModel() }

    override suspend fun follow(shown: Move): Opened = call { client.follow(shown.toNative(), null).toModel() }

    override suspend fun stay(shown: Move): Boolean = call { client.stay(shown.toNative()) }

    override suspend fun takeBundle(bytes: ByteArray, exposure: Exposure): TakenBundle =
        call { client.takeBundle(bytes, exposure.toNative()).toModel() }

    override suspend fun takeBundle(file: Path, exposure: Exposure): TakenBundle =
        call { client.takeBundleFile(file.toString(), exposure.toNative()).toModel() }

    override suspend fun standing(id: CommunityId): Standing = call { client.standing(id.value).toModel() }

    override suspend fun importRoutePack(pack: ByteArray, passphrase: ByteArray): RoutePack =
        passphrase.wiped { call { client.importRoutePack(pack, it).toModel() } }

    override suspend fun communities(): List<StoredCommunity> = call { client.communities().map { it.toModel() } }

    override suspend fun community(id: CommunityId): StoredCommunity? = call { client.community(id.value)?.toModel() }

    override suspend fun posts(community: CommunityId, after: Cursor?, limit: Int): Page<Post> = call {
        val page = client.posts(community.value, after?.value, limit)
        Page(page.items.map { it.toModel() }, page.next?.let(::Cursor), page.unreadable)
    }

    override suspend fun events(community: CommunityId, after: Cursor?, limit: Int): Page<Event> = call {
        val page = client.events(community.value, after?.value, limit)
        Page(page.items.map { it.toModel() }, page.next?.let(::Cursor), page.unreadable)
    }

    override suspend fun post(community: CommunityId, id: String): Post? = call { client.post(community.value, id)?.toModel() }

    override suspend fun event(community: CommunityId, id: CommunityId): Event? =
        call { client.event(community.value, id.value)?.toModel() }

    override suspend fun upcomingEvents(from: Instant, until: Instant?, after: Cursor?, limit: Int): Page<UpcomingEvent> =
        call {
            val page = client.upcomingEvents(from, until, after?.value, limit)
            Page(page.items.map { it.toModel() }, page.next?.let(::Cursor), page.unreadable)
        }

    override suspend fun search(query: String, community: CommunityId?, after: Cursor?, limit: Int): Page<SearchHit> =
        call {
            val page = client.search(query, community?.value, after?.value, limit)
            Page(page.items.map { it.toModel() }, page.next?.let(::Cursor), page.unreadable)
        }

    override suspend fun link(id: CommunityId): CommunityLink? = call { client.link(id.value)?.toModel() }

    override suspend fun importFeeds(opml: ByteArray): FeedList = call { client.importFeeds(opml).toModel() }

    override suspend fun exportFeeds(): String = call { client.exportFeeds() }

    override suspend fun writeSite(id: CommunityId, folder: Path): FilesWritten =
        call { client.writeSite(id.value, folder.toString()).toModel() }

    override suspend fun copyPage(
        link: String,
        into: Path,
        keys: CommunityKeys,
        by: String,
        mirrors: List<String>,
        pictures: Boolean,
        exposure: Exposure,
        allowDirect: Boolean,
    ): CopiedPage = keys.wiped { passphrase ->
        val options = CopyOptions(by, mirrors, pictures, exposure.toNative(), allowDirect)
        call {
            val copied = client.copyPage(link, into.toString(), keys.file.toString(), passphrase, options, null)
            CopiedPage(copied.link.toModel(), copied.isTooSoon, copied.changed, copied.removed, copied.leftOut)
        }
    }

    override suspend fun exposureOf(id: CommunityId): Exposure = call { client.exposureOf(id.value).toModel() }

    override suspend fun raiseExposure(link: String, exposure: Exposure): Unit =
        call { client.raiseExposure(link, exposure.toNative()) }

    override suspend fun allowDirect(id: CommunityId, allowed: Boolean): Unit =
        call { client.allowDirect(id.value, allowed) }

    override suspend fun retention(): Int? = call { client.retention() }

    override suspend fun setRetention(days: Int?): Long = call { client.setRetention(days) }

    override suspend fun storageLimit(): Long? = call { client.storageLimit() }

    override suspend fun setStorageLimit(bytes: Long?): Unit = call { client.setStorageLimit(bytes) }

    override suspend fun storageUsed(): Long = call { client.storageUsed() }

    override suspend fun checkIntegrity(): Unit = call { client.checkIntegrity() }

    override suspend fun forget(id: CommunityId): Unit = call { client.forget(id.value) }

    override suspend fun lock(): Unit = call { client.lock() }

    override suspend fun unlock(key: StoreKey) {
        val crossing = CrossingKey(key)
        crossing.wiped { call({ crossing.thrown }) { client.unlock(crossing.source) } }
    }

    override suspend fun suspend(): Unit = call { client.suspend() }

    override suspend fun resume(): Unit = call { client.resume() }

    override suspend fun wipe(): Unit = call { client.wipe() }

    override val paths: List<Path> get() = now { client.paths().map(::Path) }

    override val network: Network get() = now { client.network().toModel() }

    override fun setNetwork(network: Network): Unit = now { client.setNetwork(network.toNative()) }

    override fun networkChanged(): Unit = now { client.networkChanged() }

    override fun newIdentity(): Unit = now { client.newIdentity() }

    override val changes: Flow<StoreChange> = flow {
        val stream = now { client.changes() }
        try {
            while (true) {
                val batch = native { stream.next(BATCH).map { it.toModel() } }
                if (batch.isEmpty()) break
                batch.forEach { emit(it) }
            }
        } finally {
            stream.end()
            stream.close()
        }
    }

    override fun engineEvents(redacted: Boolean): Flow<EngineEvent> = flow {
        val stream = now { client.engineEvents(redacted) }
        try {
            while (true) {
                val batch = native { stream.next(BATCH).map { it.toModel() } }
                if (batch.isEmpty()) break
                batch.forEach { emit(it) }
            }
        } finally {
            stream.end()
            stream.close()
        }
    }

    override suspend fun report(): List<Access> = call { client.report().map { it.toModel() } }

    override suspend fun reportJson(): String = call { client.reportJson() }

    override var language: Language
        get() = now { client.language().toModel() }
        set(value) = now { client.setLanguage(value.toNative()) }

    override val strategies: List<Strategy> get() = now { client.strategies().map { it.toModel() } }

    override suspend fun icalendar(events: List<UpcomingEvent>): String =
        call { client.icalendar(events.map { EventRef(it.community.value, it.event.id.value) }) }

    override suspend fun attachments(community: CommunityId, post: String): List<AttachedFile> = call {
        client.attachments(community.value, post).map {
            val id = AttachmentId(CommunityId(it.id.community), it.id.post, it.id.index)
            AttachedFile(id, it.attachment.toModel())
        }
    }

    override fun close() {
        ending()
    }

    override suspend fun shutdown() {
        ending().join()
    }

    /** The job that ends this instance. Whoever asks second gets the job of the first, and waits for it. */
    private fun ending(): Job = ending.get() ?: run {
        val job = ends.launch(start = CoroutineStart.LAZY) {
            try {
                client.shutdown()
            } finally {
                client.close()
                endings.remove(this@EngineByway)
            }
        }
        if (!ending.compareAndSet(null, job)) return checkNotNull(ending.get())
        endings[this] = job
        job.also { it.start() }
    }

    private suspend fun <T> call(cause: () -> Throwable? = { null }, work: suspend () -> T): T {
        refuseClosed()
        return native(cause, work)
    }

    private suspend fun <T : AutoCloseable> begun(work: () -> T): T {
        refuseClosed()
        return handedOver(work)
    }

    private inline fun <T> now(work: () -> T): T {
        refuseClosed()
        return translated { work() }
    }

    private fun refuseClosed() {
        if (ending.get() != null) throw BywayException.Closed("This instance was closed.")
    }

    internal companion object {
        /** How many items of a stream cross at once. */
        private const val BATCH = 256

        /** Runs the end of instances. It is not an app's scope, because what runs here must finish. */
        private val ends = CoroutineScope(SupervisorJob() + crossings)
        private val endings = ConcurrentHashMap<EngineByway, Job>()

        suspend fun open(configuration: Configuration): Byway {
            // If an ending instance still has the folder open, the folder would be in use.
            endings.values.toList().joinAll()
            val key = configuration.storage?.let { CrossingKey(it.key) }
            var made: Client? = null
            try {
                key.wiped { native({ key?.thrown }) { made = Client.build(configuration.crossing(key)) } }
            } catch (failure: Throwable) {
                made?.let { client -> withContext(NonCancellable) { client.shutdown() }; client.close() }
                throw failure
            }
            val client = checkNotNull(made)
            return EngineByway(client)
        }

        suspend fun wipe(folder: Path, language: Language) {
            endings.values.toList().joinAll()
            native { org.byway.ffi.wipeAt(folder.toString(), language.toNative()) }
        }

        private fun Configuration.crossing(key: CrossingKey?) = org.byway.ffi.Configuration(
            strategies = strategies,
            exposure = exposure.toNative(),
            language = language.toNative(),
            vkToken = when (vkToken) {
                null -> null
                is VkToken.Service -> org.byway.ffi.VkToken.Service(vkToken.value)
                is VkToken.User -> org.byway.ffi.VkToken.User(vkToken.value)
            },
            vkApi = vkApi,
            dataDirectory = key?.let { DataDirectory(storage!!.folder.toString(), it.source) },
            rootsPem = roots,
            resolve = resolve,
            timeout = timeout?.notNegative(),
            network = network?.toNative(),
            country = country,
            fingerprintsCsv = fingerprints,
            torTransports = torTransports.map {
                when (it) {
                    is TorTransport.Program -> org.byway.ffi.TorTransport.Program(it.names, it.path.toString())
                    is TorTransport.Running -> org.byway.ffi.TorTransport.Running(it.names, it.address)
                }
            },
            onionKeys = onionKeys,
            torDirectory = torDirectory?.toString(),
        )
    }
}

/** The native library takes no negative durations, and throws on one as on a fault of its own. */
internal fun Duration.notNegative(): Duration =
    if (isNegative) throw BywayException.Input("A duration is not below zero.", "number") else this
