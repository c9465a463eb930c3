package org.byway.internals

import org.byway.BywayException
import org.byway.Exposure
import org.byway.FakeCommunity
import org.byway.ListedFeed

/** The lists of feeds of a fake: of OPML, one line of each entry. */
internal object FakeFeeds {
    fun write(communities: List<FakeCommunity>, exposure: (FakeCommunity) -> Exposure): String {
        val outlines = communities.mapNotNull { content ->
            val level = exposure(content)
            val fragment = if (level == Exposure.OPEN) "" else "#exposure=${level.code}"
            val home = content.community.homes.firstOrNull() ?: return@mapNotNull null
            val mark = if (content.isUnasked) UNASKED else ""
            "<outline text=\"${escaped(content.community.name)}\" xmlUrl=\"${escaped(home + fragment)}\"$mark/>"
        }
        return "<opml version=\"2.0\">\n<head/>\n<body>\n${outlines.joinToString("\n")}\n</body>\n</opml>\n"
    }

    fun read(opml: ByteArray): List<ListedFeed> {
        val text = opml.decodeToString()
        if (!text.contains("<opml")) throw BywayException.Input("This file is not a list of feeds.", "not_opml")
        return OUTLINE.findAll(text)
            .map { found ->
                val (title, link, mark) = found.destructured
                ListedFeed(plain(link), plain(title), isUnasked = mark.isNotEmpty())
            }
            .toList()
    }

    private fun escaped(text: String): String =
        text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;")

    private fun plain(text: String): String =
        text.replace("&quot;", "\"").replace("&lt;", "<").replace("&amp;", "&")

    private const val UNASKED = " byway:unasked=\"true\""
    private val OUTLINE = Regex("<outline text=\"([^\"]*)\" xmlUrl=\"([^\"]*)\"($UNASKED)?/>")
}
