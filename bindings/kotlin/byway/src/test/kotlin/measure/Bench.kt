package org.byway.measure

import java.nio.file.Files
import java.nio.file.Path
import java.time.Instant
import java.util.Locale
import kotlin.system.exitProcess
import kotlinx.coroutines.runBlocking
import org.byway.Byway
import org.byway.CommunityId
import org.byway.Post
import org.byway.ffi.Author
import org.byway.ffi.AuthorKind
import org.byway.ffi.FfiConverterTypePostPage
import org.byway.ffi.Post as CrossingPost
import org.byway.ffi.PostCounts
import org.byway.ffi.PostPage
import org.byway.ffi.PostState
import org.byway.internals.toModel
import org.byway.testing.Lab

/**
 * Measures what an app meets, over a lab, and prints one JSON object a line: `measure`, then `median_us` and `best_us`, or `kib`.
 *
 * Each part runs in a process of its own, because the memory of a process and the time to its first post are those of a fresh one.
 */
fun main(arguments: Array<String>): Unit = runBlocking {
    when (val part = arguments.firstOrNull()) {
        null -> listOf("first", "memory", "crossing", "calls").forEach(::runPart)
        "first" -> firstPost()
        "memory" -> memory()
        "crossing" -> crossing()
        "calls" -> calls()
        else -> error("There is no part $part.")
    }
}

private fun runPart(part: String) {
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    val properties = listOf("jna.library.path", "byway.lab").map { "-D$it=${System.getProperty(it)}" }
    val program = listOf("-cp", System.getProperty("java.class.path"), "org.byway.measure.BenchKt", part)
    val command = listOf(java) + properties + program
    val code = ProcessBuilder(command).inheritIO().start().waitFor()
    if (code != 0) exitProcess(code)
}

/** From a client's making to the first post, where the library has done nothing yet in this process. */
private suspend fun firstPost() = Lab(state(communities = 1, posts = 1..PAGE_OF_THE_PLATFORM)).use { lab ->
    val start = System.nanoTime()
    Byway.open(lab.configuration(storage = lab.storage())).use { byway ->
        check(byway.open(link(1)).posts.isNotEmpty()) { "there is no post" }
        report("first_post", listOf(System.nanoTime() - start))
    }
}

/** The highest memory of a process that opens fifty communities, and reads and holds their thousand posts. */
private suspend fun memory() = Lab(state(communities = 50, posts = 1..PAGE_OF_THE_PLATFORM)).use { lab ->
    val before = kib("VmHWM")
    Byway.open(lab.configuration(storage = lab.storage())).use { byway ->
        val held = mutableListOf<Post>()
        for (number in 1..50) held += byway.open(link(number)).posts
        println("""{"measure": "peak_memory", "posts": ${held.size}, "kib": ${kib("VmHWM")}, "before_kib": $before}""")
    }
}

private suspend fun calls() = Lab(state(communities = 1, posts = 1..1)).use { first ->
    val storage = first.storage()
    // The platform gives so many posts at once: the store gets a thousand of a community by fifty readings.
    for (from in 1..1_000 step PAGE_OF_THE_PLATFORM) {
        Lab(state(communities = 1, posts = from until from + PAGE_OF_THE_PLATFORM)).use { lab ->
            val byway = Byway.open(lab.configuration(storage = storage))
            byway.open(link(1))
            byway.shutdown()
        }
    }
    Byway.open(first.configuration(storage = storage)).use { byway ->
        measure("sync_call", times = 5_000) { byway.network }
        measure("async_call", times = 5_000) { byway.retention() }
        measure("page_50", times = 200) {
            check(byway.posts(id(1), limit = 50).items.size == 50) { "the page is not full" }
        }
        measure("posts_1000", times = 50) {
            check(byway.posts(id(1), limit = 1_000).items.size == 1_000) { "the page is not full" }
        }
    }
}

/** From what the library gives for a thousand posts to the objects of an app. */
private fun crossing() {
    val text = "Сбор в субботу. ".repeat(20)
    val author = Author("-1001", "Club 1", AuthorKind.COMMUNITY, "https://vk.com/club_1")
    val posts = List(1_000) { number ->
        CrossingPost(
            id = "$number", url = "https://vk.com/wall-1001_$number", author = author, text = "$number $text",
            created = Instant.EPOCH, edited = null, pinned = false, attachments = emptyList(), links = emptyList(),
            repost = emptyList(), counts = PostCounts(1, 2, 3, 4), state = PostState.PUBLISHED, stateSeen = null,
            readAt = Instant.EPOCH, withheld = null, hasOwnText = true, isHollow = false, isRemovedAndHollow = false,
        )
    }
    val took = List(400) {
        val given = FfiConverterTypePostPage.lower(PostPage(posts, null, 0))
        val start = System.nanoTime()
        check(FfiConverterTypePostPage.lift(given).items.map { it.toModel() }.size == 1_000) { "posts were lost" }
        System.nanoTime() - start
    }
    report("crossing_1000", took.drop(200))
}

private suspend fun measure(name: String, times: Int, work: suspend () -> Unit) {
    repeat(times) { work() }
    report(
        name,
        List(times) {
            val start = System.nanoTime()
            work()
            System.nanoTime() - start
        },
    )
}

private fun report(name: String, nanoseconds: List<Long>) {
    val sorted = nanoseconds.sorted().map { String.format(Locale.ROOT, "%.1f", it / 1_000.0) }
    println("""{"measure": "$name", "median_us": ${sorted[sorted.size / 2]}, "best_us": ${sorted.first()}}""")
}

private fun kib(field: String): Long = Files.readAllLines(Path.of("/proc/self/status"))
    .first { it.startsWith("$field:") }.filter(Char::isDigit).toLong()

private fun link(number: Int) = "vk.com/club_$number"

private fun id(number: Int) = CommunityId("vk:-${1_000 + number}")

/** Communities with posts of the usual length, as the lab's platform has them. */
private fun state(communities: Int, posts: IntRange) = Lab.json.createObjectNode().also { state ->
    val text = "Сбор в субботу. ".repeat(20)
    state.put("calls_per_second", 1_000)
    val all = state.putArray("communities")
    for (number in 1..communities) {
        val community = all.addObject()
        community.putObject("group")
            .put("id", 1_000 + number).put("name", "Club $number").put("screen_name", "club_$number").put("type", "group")
            .put("is_closed", 0)
        val wall = community.putArray("posts")
        for (post in posts.reversed()) {
            wall.addObject().put("id", post).put("date", 1_793_527_200 + post).put("text", "$post $text").put("type", "post")
        }
    }
}

/** How many posts one reading gets. */
private const val PAGE_OF_THE_PLATFORM = 20
