package org.byway.internals

import java.nio.file.Path
import java.time.Instant
import java.time.LocalDate
import java.util.concurrent.atomic.AtomicReference
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch
import org.byway.*
import org.byway.ffi.CivilDate as FfiCivilDate
import org.byway.ffi.EventDays as FfiEventDays
import org.byway.ffi.FilesWritten as FfiFilesWritten
import org.byway.ffi.Gathering as FfiGathering
import org.byway.ffi.GivenPicture
import org.byway.ffi.Picture as FfiPicture
import org.byway.ffi.Publisher as FfiPublisher
import org.byway.ffi.UploadOptions

/** The real [CommunityPublisher], over the native library. */
internal class EnginePublisher private constructor(private val publisher: FfiPublisher) : CommunityPublisher {
    private val ending = AtomicReference<Job?>()

    override suspend fun link(exposure: Exposure): SignedLink = call { publisher.link(exposure.toNative()).toModel() }

    override suspend fun content(): Published = call {
        val content = publisher.content()
        Published(content.community.toModel(), content.posts.map { it.toModel() }, content.events.map { it.toModel() })
    }

    override suspend fun statement(): CommunityStatement = call { publisher.statement().toModel() }

    override suspend fun post(text: String, pictures: List<Picture>): String =
        call { publisher.post(text, pictures.map { it.toNative() }) }

    override suspend fun edit(name: String, text: String, pictures: List<Picture>?): Unit =
        call { publisher.edit(name, text, pictures?.map { it.toNative() }) }

    override suspend fun announce(gathering: Gathering, replaces: String?): String =
        call { publisher.announce(gathering.toNative(), replaces) }

    override suspend fun delete(name: String): Unit = call { publisher.delete(name) }

    override suspend fun restate(statement: CommunityStatement): Unit = call { publisher.restate(statement.toNative()) }

    override suspend fun moveTo(successor: String?): Unit = call { publisher.moveTo(successor) }

    override suspend fun rotate(keys: CommunityKeys): Unit =
        keys.wiped { passphrase -> call { publisher.rotate(keys.file.toString(), passphrase) } }

    override suspend fun recovery(): WaitingRecovery? =
        call { publisher.recovery()?.let { WaitingRecovery(it.until, it.signers, it.root) } }

    override suspend fun frozen(): Instant? = call { publisher.frozen() }

    override suspend fun datedAhead(): Instant? = call { publisher.datedAhead() }

    override suspend fun redate(): Long = call { publisher.redate() }

    override suspend fun setPageLanguage(language: Language): Unit = call { publisher.setPageLanguage(language.toNative()) }

    override suspend fun publish(into: Path, replace: Boolean): FilesWritten =
        call { publisher.publish(into.toString(), replace).toModel() }

    override suspend fun upload(
        target: UploadTarget,
        credentials: UploadCredentials?,
        over: Byway,
        takeIn: Boolean,
        replace: Boolean,
        checkAll: Boolean,
    ): FilesWritten = credentials.wiped { secrets ->
        val options = UploadOptions(takeIn, replace, checkAll)
        call { publisher.upload(over.native(), target.toNative(), secrets, options, null).toModel() }
    }

    override suspend fun takeIn(from: Path): Unit = call { publisher.takeIn(from.toString()) }

    override fun close() {
        end()
    }

    override suspend fun shutdown(): Unit = end().join()

    /** The job that ends it. It is not an app's, because it must finish: a folder would stay locked. */
    private fun end(): Job = ending.get() ?: run {
        val job = ends.launch(start = kotlinx.coroutines.CoroutineStart.LAZY) {
            try {
                publisher.end()
            } finally {
                publisher.close()
            }
        }
        if (ending.compareAndSet(null, job)) job.also { it.start() } else checkNotNull(ending.get())
    }

    private suspend fun <T> call(work: suspend () -> T): T {
        if (ending.get() != null) throw BywayException.Closed("This publisher was closed.")
        return native { work() }
    }

    internal companion object {
        private val ends = CoroutineScope(SupervisorJob() + crossings)

        suspend fun found(folder: Path, keys: CommunityKeys, statement: CommunityStatement, language: Language): CommunityPublisher =
            made(keys) { passphrase ->
                val (place, file) = folder.toString() to keys.file.toString()
                FfiPublisher.found(place, file, passphrase, statement.toNative(), language.toNative())
            }

        suspend fun open(folder: Path, keys: CommunityKeys, trustClock: Boolean, language: Language): CommunityPublisher =
            made(keys) { passphrase ->
                FfiPublisher.open(folder.toString(), keys.file.toString(), passphrase, trustClock, language.toNative())
            }

        suspend fun open(folder: Path, proposal: CommunityProposal, keys: CommunityKeys, language: Language): CommunityPublisher =
            made(keys) { passphrase ->
                val (place, file) = folder.toString() to keys.file.toString()
                org.byway.ffi.publisherOfProposal(place, proposal.crossing(), file, passphrase, language.toNative())
            }

        /**
         * A coroutine that is cancelled meanwhile never gets its publisher. So it is closed here, and lets the folder
         * go.
         */
        private suspend fun made(keys: CommunityKeys, make: suspend (ByteArray) -> FfiPublisher): CommunityPublisher {
            var made: EnginePublisher? = null
            try {
                keys.wiped { passphrase -> native { made = EnginePublisher(make(passphrase)) } }
                return checkNotNull(made)
            } catch (failure: Throwable) {
                made?.close()
                throw failure
            }
        }
    }
}

private fun Gathering.toNative() = FfiGathering(
    name = name,
    text = text,
    start = start,
    end = end,
    days = days?.let { FfiEventDays(it.first.toNative(), it.last.toNative()) },
    zone = zone,
    place = place,
    cancelled = isCancelled,
)

private fun LocalDate.toNative() = FfiCivilDate(year, monthValue, dayOfMonth)

internal fun FfiPicture.toModel() = Picture(bytes, mediaType, width, height, text)

/** The core cleans it once more, so nothing depends on what this object says of itself. */
private fun Picture.toNative() = GivenPicture(content, text)

internal fun FfiFilesWritten.toModel() = FilesWritten(changed, unchanged)
