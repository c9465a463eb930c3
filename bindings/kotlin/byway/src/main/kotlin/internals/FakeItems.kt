package org.byway.internals

import java.security.SecureRandom
import java.time.DateTimeException
import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneId
import java.time.ZoneOffset
import java.time.ZonedDateTime
import java.time.temporal.ChronoUnit
import org.byway.Attachment
import org.byway.Author
import org.byway.AuthorKind
import org.byway.BywayException
import org.byway.CommunityId
import org.byway.Event
import org.byway.EventStatus
import org.byway.Gathering
import org.byway.Picture
import org.byway.Place
import org.byway.Post
import org.byway.Published

/** A version of a post or a gathering, or its deletion. Versions are told from each other by identity. */
internal class FakeItem(
    val name: String,
    val signed: Instant,
    /** When the first version was published. */
    val published: Instant,
    val text: String,
    val pictures: List<Picture> = emptyList(),
    val gathering: Gathering? = null,
    val isDeletion: Boolean = false,
    /** Which of the keys, counted by rotations, signed it. */
    val keys: Int = 0,
    val isPost: Boolean = gathering == null,
) {
    fun signedAt(time: Instant) =
        FakeItem(name, time, minOf(published, time), text, pictures, gathering, isDeletion, keys, isPost)
}

/** What a [org.byway.FakePublisher] published: it checks and dates as the core does. */
internal class FakeItems(private val charter: FakeCharter) {
    var all: Set<FakeItem> = emptySet()
        private set

    /** The date of the charter in force. Nothing is dated before it. */
    private var issued: Instant = Instant.MIN

    /** A charter is dated after what was published by now. */
    fun charterChanged(now: Instant) {
        val published = all.map { it.signed }.filter { it <= now + HOUR }.maxOrNull()
        val after = published?.truncatedTo(ChronoUnit.MINUTES)?.plus(MINUTE)
        issued = listOfNotNull(now.truncatedTo(ChronoUnit.MINUTES), issued, after).max()
    }

    fun add(item: FakeItem) {
        all = all + item
    }

    fun takeIn(others: Set<FakeItem>) {
        all = all + others
    }

    /** The latest version of an item that is not deleted. */
    fun latest(name: String): FakeItem? =
        all.filter { it.name == name }.maxByOrNull { it.signed }?.takeIf { !it.isDeletion }

    /** The same, if these keys can replace it. */
    fun latestOfOurs(name: String): FakeItem? = latest(name)?.takeIf { it.keys == charter.rotations }

    /** The date of what is dated latest. */
    fun newest(): Instant = all.maxOfOrNull { it.signed }?.let { maxOf(it, issued) } ?: issued

    fun article(
        name: String,
        text: String,
        pictures: List<Picture>,
        replaces: FakeItem?,
        now: Instant,
        beside: Set<FakeItem> = emptySet(),
    ): FakeItem {
        if (pictures.size > MAX_PICTURES) throw FakeCharter.unfit("A post has at most $MAX_PICTURES pictures.")
        val written = text.trim(::isSpace)
        if (written.isEmpty() && pictures.isEmpty()) throw FakeCharter.unfit("The text is empty.")
        val signed = time(replaces, now, beside)
        val published = replaces?.published ?: signed
        return FakeItem(name, signed, published, checked(written), pictures, keys = charter.rotations)
    }

    fun gathering(name: String, gathering: Gathering, replaces: FakeItem?, now: Instant): FakeItem {
        FakeCharter.line("The name", gathering.name.trim(::isSpace), MAX_TAG)
        gathering.place?.let { FakeCharter.line("The place", it, MAX_TAG) }
        val days = gathering.days
        val (start, end) = gathering.start to gathering.end
        if (days == null && start == null) throw FakeCharter.unfit("The start is empty.")
        val endsEarly = if (days != null) days.last < days.first else end != null && end <= start
        if (endsEarly) throw FakeCharter.unfit("The end is not after the start.")
        if (replaces != null && (replaces.gathering?.days == null) != (days == null)) {
            throw FakeCharter.unfit("Days cannot replace a time, nor a time days.")
        }
        // The format names the day after the last one.
        if (days?.last == LAST_DAY) throw BywayException.Input("This is outside the limits of the format.", "refused")
        val signed = time(replaces, now)
        // Names of the database alone, as it spells them.
        val isZone = gathering.zone?.let { it in ZoneId.getAvailableZoneIds() } ?: true
        if (!isZone) throw FakeCharter.unfit("There is no such zone.")
        val text = checked(gathering.text.orEmpty())
        return FakeItem(name, signed, signed, text, gathering = gathering, keys = charter.rotations)
    }

    fun deletion(known: FakeItem, now: Instant): FakeItem {
        val (signed, keys) = time(known, now) to charter.rotations
        return FakeItem(known.name, signed, known.published, "", isDeletion = true, keys = keys, isPost = known.isPost)
    }

    /** Dates what is ahead of this clock with its time. */
    fun redate(now: Instant) {
        val (ahead, others) = all.partition { it.signed > now }
        all = others.toSet()
        issued = minOf(issued, now.truncatedTo(ChronoUnit.MINUTES))
        ahead.sortedBy { it.signed }.forEach { add(it.signedAt(time(null, now))) }
    }

    fun content(): Published {
        val community = charter.community()
        val author = Author(community.id.value, community.name, AuthorKind.COMMUNITY)
        val shown = all.mapTo(LinkedHashSet()) { it.name }.mapNotNull(::latest)
        val posts = shown.filter { it.isPost }.map { it.post(author) }
        val events = shown.mapNotNull { item -> item.gathering?.let { item.event(it, author) } }
        return Published(
            community,
            posts.sortedWith(compareByDescending(Post::created).thenBy(Post::id)),
            events.sortedBy { it.start?.toInstant() },
        )
    }

    private fun FakeItem.post(author: Author) = Post(
        id = "nostr:30023:$KEY:$name",
        text = text,
        author = author,
        created = published,
        edited = signed.takeIf { it != published },
        attachments = pictures.map { Attachment.Photo("files/$name", it.width, it.height, it.text.ifEmpty { null }) },
    )

    private fun FakeItem.event(gathering: Gathering, author: Author): Event {
        val days = gathering.days
        val zone = gathering.zone.takeIf { days == null }?.let(::zoneOf)
        val at = { time: Instant -> ZonedDateTime.ofInstant(time, zone?.rules?.getOffset(time) ?: ZoneOffset.UTC) }
        return Event(
            id = CommunityId("nostr:${if (days == null) TIMED else OF_DAYS}:$KEY:$name"),
            name = gathering.name.trim(::isSpace),
            text = text.ifEmpty { null },
            start = days?.first?.atStartOfDay(ZoneOffset.UTC) ?: gathering.start?.let(at),
            end = gathering.end?.takeIf { days == null }?.let(at),
            zone = zone?.id,
            place = gathering.place?.let { Place(it) },
            status = if (gathering.isCancelled) EventStatus.CANCELLED else EventStatus.SCHEDULED,
            organiser = author,
            days = days,
            edited = signed,
        )
    }

    private fun zoneOf(name: String): ZoneId? = try {
        ZoneId.of(name)
    } catch (_: DateTimeException) {
        null
    }

    /**
     * The minute of a new version, which is after the one that it replaces. The seconds count what was published in
     * that minute.
     */
    private fun time(replaces: FakeItem?, now: Instant, beside: Set<FakeItem> = emptySet()): Instant {
        val minute = maxOf(now.truncatedTo(ChronoUnit.MINUTES), issued)
        val at = maxOf(minute, replaces?.signed?.plus(MINUTE) ?: minute)
        val within = (all + beside).map { it.signed }.filter { it >= at && it < at.plus(HOUR) }
        return within.maxOrNull()?.plusSeconds(1) ?: at
    }

    private fun checked(text: String): String {
        val written = text.replace("\r\n", "\n")
        val isControl = { char: Char -> char < ' ' && char != '\n' && char != '\t' }
        if (written.any(isControl)) throw FakeCharter.unfit("The text has control characters.")
        val escaped = written.count { it == '"' || it == '\\' || it == '\n' || it == '\t' }
        if (written.toByteArray().size + escaped + AROUND > MAX_ITEM) throw FakeCharter.unfit("The text is too long.")
        return written
    }

    companion object {
        private const val MAX_PICTURES = 10
        private const val MAX_TAG = 2048
        private const val MAX_ITEM = 64 * 1024

        /** What stands around the text of an item, in bytes. */
        private const val AROUND = 600
        private const val TIMED = 31_923
        private const val OF_DAYS = 31_922
        private val KEY = "0".repeat(64)
        private val MINUTE = Duration.ofMinutes(1)
        private val HOUR = Duration.ofHours(1)
        private val random = SecureRandom()

        /** The years that the core knows. */
        private val times = Instant.parse("-9999-01-02T00:00:00Z")..Instant.parse("9999-12-30T22:00:00Z")

        fun newName(): String = ByteArray(5).also(random::nextBytes).joinToString("") { "%02x".format(it) }

        private val LAST_DAY = LocalDate.of(9999, 12, 31)

        /** White space as Unicode has it. */
        fun isSpace(char: Char): Boolean = char == '\u0085' || char.isWhitespace() && char !in '\u001C'..'\u001F'

        fun noSuchItem() = BywayException.NotFound("There is no post or gathering with this name.", "no_such_item")

        /** What cannot cross to the core. */
        fun checkTimes(gathering: Gathering) {
            val given = listOfNotNull(gathering.start, gathering.end)
            val years = listOfNotNull(gathering.days?.first?.year, gathering.days?.last?.year)
            if (given.any { it !in times } || years.any { it !in -9999..9999 }) {
                throw BywayException.Input("This time is out of range here.", "time")
            }
        }
    }
}
