package org.example

import java.io.File
import kotlinx.coroutines.runBlocking
import okhttp3.OkHttpClient
import okhttp3.Request
import org.byway.Byway
import org.byway.BywayException
import org.byway.FakeByway
import org.byway.okhttp.through
import org.byway.testing.Lab
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The packaged library finds its native part inside its jar. */
class PackagedTest {
    @Test
    fun `the native library is the one in the jar`() {
        assertNull(System.getProperty("jna.library.path"))
        val place = Byway::class.java.getResource("/linux-x86-64/libbyway_ffi.so").toString()
        assertTrue(place.startsWith("jar:"), place)
    }

    @Test
    fun `a community is read and a page fetched`() = runBlocking {
        val state = Lab.json.readTree(File(System.getProperty("byway.cases")))["states"]["default"]
        (state["communities"][4] as com.fasterxml.jackson.databind.node.ObjectNode).remove("posts")
        Lab(state).use { lab ->
            val byway = Byway.open(lab.configuration())
            assertEquals("Сбор в субботу 🎉👩‍👩‍👧", byway.open("vk.com/rabochie").posts.first().text)
            val request = Request.Builder().url(lab.origin("http.example") + "/hello").build()
            OkHttpClient().through(byway).newCall(request).execute().use { assertEquals("Hello.", it.body!!.string()) }
            byway.shutdown()
        }
    }

    @Test
    fun `the first lines of the documentation ask for a link`() = runBlocking {
        val failure = runCatching { firstPost("no link", "a-token") }.exceptionOrNull()
        assertEquals("input", (failure as BywayException).kind.code)
    }

    @Test
    fun `the documentation shows the lines that are compiled here`() {
        val shown = File(System.getProperty("byway.guide")).readText()
        val lines = File("src/main/kotlin/FirstPost.kt").readText().substringAfter("package org.example\n\n").trim()
        assertTrue(lines in shown, "docs/android.md does not show FirstPost.kt")
        assertTrue(lines.lines().size <= 15)
    }

    @Test
    fun `the fake needs no native library`() = runBlocking {
        FakeByway().use { assertEquals(3, it.open("vk.com/club").posts.size) }
    }
}
