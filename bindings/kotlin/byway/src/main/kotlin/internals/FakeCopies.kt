package org.byway.internals

import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import org.byway.BywayException
import org.byway.CommunityStatement
import org.byway.CopiedPage
import org.byway.Exposure
import org.byway.FakeCommunity
import org.byway.Post

/** The copies that a [org.byway.FakeByway] made, by their folders. */
internal class FakeCopies {
    private class Copy(val of: String, val charter: FakeCharter, val at: Instant, val items: Map<String, Any>, val gone: Set<String>)

    private val made = HashMap<Path, Copy>()

    /** The answer of a call that comes too soon after the one before. */
    fun tooSoon(folder: Path, address: String, now: Instant): CopiedPage? {
        val copy = made[folder] ?: return null
        if (copy.of != address) throw BywayException.Input("This folder holds the copy of another page.", "copy_of_other")
        return CopiedPage(copy.charter.link(Exposure.OPEN), isTooSoon = true).takeIf { copy.at + LEAST_INTERVAL > now }
    }

    fun copy(folder: Path, address: String, page: FakeCommunity, by: String, mirrors: List<String>, now: Instant): CopiedPage {
        val before = made[folder]
        if (before == null && by.isEmpty()) throw BywayException.Input("This is outside the limits of the format.", "refused")
        val statement = CommunityStatement(page.community.name, mirrors = mirrors, pages = listOf(address))
        val charter = before?.charter ?: FakeCharter(statement, decidesAlone = true)
        val (posts, hollow) = page.posts.partition { it.text.isNotEmpty() || it.attachments.isNotEmpty() }
        val items = posts.associate { it.id to content(it) } + page.events.associate { it.id.value to it }
        val changed = items.count { (id, item) -> before?.items?.get(id) != item }
        val gone = before?.items.orEmpty().keys - items.keys - before?.gone.orEmpty()
        val kept = before?.items.orEmpty() + items
        made[folder] = Copy(address, charter, now, kept, before?.gone.orEmpty() + gone)
        return CopiedPage(
            charter.link(Exposure.OPEN),
            changed = changed.toLong(),
            removed = gone.size.toLong(),
            leftOut = hollow.size.toLong(),
        )
    }

    /** What is compared of a post. */
    private fun content(post: Post): Any = post.text to post.attachments

    companion object {
        /** Refuses what the real one refuses before it reads anything. */
        fun check(passphrase: ByteArray, keys: Path, folder: Path) {
            if (passphrase.isEmpty()) throw BywayException.Input("The passphrase is empty.", "secret_empty")
            if (keys.startsWith(folder)) throw BywayException.Input("Everyone can fetch this file.", "key_served")
        }

        private val LEAST_INTERVAL = Duration.ofMinutes(10)
    }
}
