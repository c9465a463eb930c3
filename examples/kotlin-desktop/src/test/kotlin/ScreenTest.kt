package org.example

import com.fasterxml.jackson.databind.node.ObjectNode
import java.awt.Component
import java.awt.Container
import java.awt.image.BufferedImage
import java.io.File
import javax.imageio.ImageIO
import javax.swing.SwingUtilities
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.byway.Byway
import org.byway.FakeByway
import org.byway.Language
import org.byway.Post
import org.byway.testing.Lab
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class ScreenTest {
    @Test
    fun `a community over the lab is drawn, light and dark`() = runBlocking {
        val state = Lab.json.readTree(File(System.getProperty("byway.cases")))["states"]["default"]
        val communities = state["communities"]
        (communities.first { it["group"]["screen_name"].asText() == "long_texts" } as ObjectNode).remove("posts")
        Lab(state, censor = listOf("sni=api.vk.ru:reset", "sni=api.vk.com:reset")).use { lab ->
            for ((language, words, palette, name) in looks) {
                val configuration = lab.configuration(listOf("direct:", "proxy.nl"), language = language)
                val byway = Byway.open(configuration)
                val screen = screen(byway, "vk.com/rabochie", this)
                byway.shutdown()
                assertEquals(3, screen.posts.size)
                assertEquals(Tone.GOOD, screen.banner!!.tone)
                assertEquals("https://vk.com/rabochie_new", screen.successor!!.home)
                draw(screen, words, palette, name)
            }
        }
    }

    @Test
    fun `offline shows what is stored, with a banner`() = runBlocking {
        val fake = FakeByway()
        screen(fake, "vk.com/club", this)
        fake.isOffline = true
        val screen = screen(fake, "vk.com/club", this)
        assertEquals(Tone.OLD, screen.banner!!.tone)
        assertEquals(3, screen.posts.size)
        draw(screen, Words.ENGLISH, Palette.LIGHT, "offline")
    }

    @Test
    fun `nothing stored and nothing reached is said`() = runBlocking {
        val screen = screen(FakeByway().apply { isOffline = true }, "vk.com/club", this)
        assertEquals(Tone.BAD, screen.banner!!.tone)
        assertTrue(screen.banner!!.text.isNotBlank())
    }

    @Test
    fun `long texts and texts from right to left are drawn`() = runBlocking {
        val posts = listOf(
            Post("1", "مرحبا بالعالم. هذا نص طويل بما يكفي ليلتف على سطرين في النافذة الضيقة، وفيه رابط: https://example.org"),
            Post("2", "Ж".repeat(5_000)),
            Post("3", "Слово ".repeat(400)),
            Post("4", "🎉".repeat(700)),
            Post("5", ""),
        )
        draw(Screen(name = "Тексты", posts = posts), Words.RUSSIAN, Palette.DARK, "texts")
    }

    private suspend fun screen(byway: Byway, link: String, scope: kotlinx.coroutines.CoroutineScope): Screen {
        val model = Model(byway, scope)
        model.show(link)
        return withTimeout(20.seconds) { model.screen.first { it.banner != null && !it.isLoading } }
    }

    private fun draw(screen: Screen, words: Words, palette: Palette, name: String) {
        val image = BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB)
        SwingUtilities.invokeAndWait {
            val panel = CommunityPanel(palette, words, {}, {})
            panel.show(screen)
            // Twice: a wrapped text knows its height only once it has its width.
            repeat(2) {
                panel.setSize(WIDTH, HEIGHT)
                panel.addNotify()
                layOut(panel)
            }
            val canvas = image.createGraphics()
            panel.printAll(canvas)
            canvas.dispose()
        }
        ImageIO.write(image, "png", File(System.getProperty("screenshots"), "$name.png"))
        val colours = buildSet { for (x in 0 until WIDTH step 3) for (y in 0 until HEIGHT step 3) add(image.getRGB(x, y)) }
        assertTrue(colours.size > 20, "$name has ${colours.size} colours")
    }

    private fun layOut(component: Component) {
        component.doLayout()
        (component as? Container)?.components?.forEach(::layOut)
    }

    private data class Look(val language: Language, val words: Words, val palette: Palette, val name: String)

    private val looks = listOf(
        Look(Language.ENGLISH, Words.ENGLISH, Palette.LIGHT, "english-light"),
        Look(Language.RUSSIAN, Words.RUSSIAN, Palette.DARK, "russian-dark"),
    )

    private companion object {
        const val WIDTH = 560
        const val HEIGHT = 760
    }
}
