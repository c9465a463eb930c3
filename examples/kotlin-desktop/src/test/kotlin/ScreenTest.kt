package org.example

import com.fasterxml.jackson.databind.node.ObjectNode
import java.awt.Component
import java.awt.Container
import java.awt.image.BufferedImage
import java.io.File
import javax.imageio.ImageIO
import javax.swing.JButton
import javax.swing.SwingUtilities
import kotlin.io.path.createDirectories
import kotlin.io.path.createTempDirectory
import kotlin.io.path.writeBytes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.byway.Byway
import org.byway.Community
import org.byway.CommunityId
import org.byway.CommunityKeys
import org.byway.CommunityPublisher
import org.byway.CommunityStatement
import org.byway.FakeByway
import org.byway.FakeCommunity
import org.byway.Language
import org.byway.Move
import org.byway.MoveKind
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
                assertEquals("https://vk.com/rabochie_new" to false, screen.offer!!.let { it.home to it.isSigned })
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
    fun `another successor than the shown one is said and asked`() = runBlocking {
        val id = CommunityId("vk:-1000")
        val old = FakeCommunity(Community(id, "Old", homes = listOf("https://vk.com/old")))
        val homes = listOf("https://one.example/", "https://two.example/")
        val successors = homes.map { FakeCommunity(Community(CommunityId("byway:$it"), it, homes = listOf(it))) }
        val moves = homes.map { Move(MoveKind.ASKED, id, home = it, fromKeys = "0011", toKeys = "2233") }
        for (answer in listOf(Model::follow, Model::stay)) {
            val fake = FakeByway(listOf(old.copy(move = moves[0])) + successors)
            val model = Model(fake, this)
            model.show("vk.com/old")
            assertEquals(homes[0], model.ended().offer!!.home)
            fake.nameSuccessor(id, moves[1])
            answer(model, model.screen.value.offer!!)
            val screen = model.ended()
            assertEquals("Old" to homes[1], screen.name to screen.offer!!.home)
            assertEquals(Tone.BAD, screen.banner!!.tone)
        }
    }

    @Test
    fun `an answer is for the offer that was on the screen`() = runBlocking {
        val id = CommunityId("vk:-1000")
        val old = FakeCommunity(Community(id, "Old", homes = listOf("https://vk.com/old")))
        val homes = listOf("https://one.example/", "https://two.example/")
        val successors = homes.map { FakeCommunity(Community(CommunityId("byway:$it"), it, homes = listOf(it))) }
        val moves = homes.map { Move(MoveKind.ASKED, id, home = it, fromKeys = "0011", toKeys = "2233") }
        for (button in listOf(Words.ENGLISH.follow, Words.ENGLISH.stay)) {
            val fake = FakeByway(listOf(old.copy(move = moves[0])) + successors)
            val model = Model(fake, this)
            model.show("vk.com/old")
            val panel = CommunityPanel(Palette.LIGHT, Words.ENGLISH, Actions(follow = model::follow, stay = model::stay))
            panel.show(model.ended())
            // The model has the newer offer already, and the screen still has the older one.
            fake.nameSuccessor(id, moves[1])
            model.show("vk.com/old")
            assertEquals(homes[1], model.ended().offer!!.home)
            buttons(panel).single { it.text == button }.doClick()
            val screen = model.ended()
            assertEquals("Old" to homes[1], screen.name to screen.offer?.home)
            assertEquals(Tone.BAD, screen.banner!!.tone)
        }
    }

    private fun buttons(inside: Container): List<JButton> =
        inside.components.flatMap { part -> listOfNotNull(part as? JButton) + ((part as? Container)?.let(::buttons).orEmpty()) }

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

    @Test
    fun `a signed successor is looked at, then followed, and shared`() = runBlocking {
        val folder = createTempDirectory("byway-desktop")
        val hosts = listOf("old.example", "new.example").associateWith { folder.resolve(it).createDirectories() }
        Lab(folders = hosts).use { lab ->
            val names = mapOf("old.example" to "Рабочие завода", "new.example" to "Рабочие завода, новое место")
            suspend fun found(host: String, continues: String?): CommunityPublisher {
                val keys = CommunityKeys(folder.resolve("$host.keys"), "a passphrase".toByteArray())
                val statement = CommunityStatement(names.getValue(host), mirrors = listOf(lab.origin(host)), continues = continues)
                return CommunityPublisher.found(hosts.getValue(host), keys, statement)
            }
            val before = found("old.example", null)
            before.post("Встречаемся в пятницу в шесть.")
            val after = found("new.example", before.link().text)
            after.post("Мы теперь здесь.")
            before.moveTo(after.link().text)
            for ((language, words, palette, name) in looks) {
                val byway = Byway.open(lab.configuration(listOf("direct:", "proxy.nl"), language = language, storage = lab.storage(name)))
                val model = Model(byway, this)
                model.show(before.link().text)
                assertEquals(null, model.ended().offer!!.toKeys)
                model.look()
                val offer = model.ended()
                assertEquals(before.link().key to after.link().key, offer.offer!!.let { it.fromKeys to it.toKeys })
                assertEquals(names.getValue("old.example"), offer.name)
                draw(offer, words, palette, "move-$name")
                model.follow(offer.offer!!)
                val followed = model.ended()
                assertEquals(names.getValue("new.example") to "Мы теперь здесь.", followed.name to followed.posts.single().text)
                model.share()
                val shared = model.ended()
                assertTrue(shared.shared!!.code != null)
                draw(shared, words, palette, "share-$name")
                byway.shutdown()
            }
            val made = CommunityPublisher.bundleOf(hosts.getValue("old.example"))
            val bundle = folder.resolve("bundle").apply { writeBytes(made.bytes) }
            val byway = Byway.open(lab.configuration(storage = lab.storage("bundle")))
            val model = Model(byway, this)
            model.takeBundle(bundle)
            val taken = model.ended()
            assertEquals("Встречаемся в пятницу в шесть.", taken.posts.single().text)
            taken.offer?.let(model::stay)
            assertEquals(null, model.ended().offer)
            draw(taken, Words.ENGLISH, Palette.LIGHT, "bundle")
            byway.shutdown()
            before.shutdown()
            after.shutdown()
        }
    }

    private suspend fun Model.ended(): Screen = withTimeout(20.seconds) {
        // Its work begins when this coroutine waits.
        yield()
        screen.first { it.banner != null && !it.isLoading }
    }

    private suspend fun screen(byway: Byway, link: String, scope: kotlinx.coroutines.CoroutineScope): Screen {
        val model = Model(byway, scope)
        model.show(link)
        return withTimeout(20.seconds) { model.screen.first { it.banner != null && !it.isLoading } }
    }

    private fun draw(screen: Screen, words: Words, palette: Palette, name: String) {
        val image = BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB)
        SwingUtilities.invokeAndWait {
            val panel = CommunityPanel(palette, words, Actions())
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
