package org.example

import java.awt.Dimension
import java.nio.file.Path
import javax.swing.JFileChooser
import javax.swing.JFrame
import javax.swing.SwingUtilities
import kotlin.system.exitProcess
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.byway.Byway
import org.byway.Configuration
import org.byway.Language
import org.byway.Storage
import org.byway.StoreKey
import org.byway.VkToken

/**
 * `LINK [ru] [dark]`: a window with a community. The token comes from `BYWAY_VK_TOKEN`, so that it stands in no list of
 * processes.
 */
fun main(arguments: Array<String>) {
    val link = arguments.firstOrNull() ?: run {
        System.err.println("Give a community, for example vk.com/NAME.")
        exitProcess(2)
    }
    val isRussian = "ru" in arguments.drop(1)
    // Smooth letters, also where no desktop says how it draws them. AWT reads this when it starts.
    System.setProperty("awt.useSystemAAFontSettings", "on")
    val folder = Path.of(System.getProperty("user.home"), ".byway-desktop")
    val byway = runBlocking {
        val key = StoreKey.KeyFile(folder.resolve("key"))
        if (!folder.toFile().exists()) {
            folder.toFile().mkdirs()
            StoreKey.createFile(folder.resolve("key"))
        }
        val configuration = Configuration(
            strategies = listOf("direct:", "tor+socks5://127.0.0.1:9050"),
            language = if (isRussian) Language.RUSSIAN else Language.ENGLISH,
            vkToken = System.getenv("BYWAY_VK_TOKEN")?.let { VkToken.Service(it) },
            storage = Storage(folder.resolve("store"), key),
        )
        Byway.open(configuration)
    }
    Runtime.getRuntime().addShutdownHook(Thread { runBlocking { byway.shutdown() } })
    val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    val model = Model(byway, scope)
    SwingUtilities.invokeLater {
        val panel = CommunityPanel(
            if ("dark" in arguments) Palette.DARK else Palette.LIGHT,
            if (isRussian) Words.RUSSIAN else Words.ENGLISH,
            Actions(
                refresh = { model.show(link) },
                look = model::look,
                follow = model::follow,
                stay = model::stay,
                bundle = { chosenFile()?.let(model::takeBundle) },
                share = model::share,
            ),
        )
        JFrame("Byway").apply {
            contentPane = panel
            size = Dimension(560, 760)
            defaultCloseOperation = JFrame.EXIT_ON_CLOSE
            setLocationRelativeTo(null)
            isVisible = true
        }
        scope.launch { model.screen.collect { SwingUtilities.invokeLater { panel.show(it) } } }
        model.show(link)
    }
}

/** A bundle: the file of a signed community, from a chat or a memory card. */
private fun chosenFile(): Path? {
    val chooser = JFileChooser()
    return if (chooser.showOpenDialog(null) == JFileChooser.APPROVE_OPTION) chooser.selectedFile.toPath() else null
}
