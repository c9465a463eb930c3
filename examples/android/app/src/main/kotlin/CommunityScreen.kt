package org.example.byway

import androidx.compose.foundation.Canvas
import androidx.compose.foundation.background
import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.aspectRatio
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.Card
import androidx.compose.material3.CardDefaults
import androidx.compose.material3.ExperimentalMaterial3Api
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Scaffold
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.material3.TopAppBar
import androidx.compose.material3.darkColorScheme
import androidx.compose.material3.lightColorScheme
import androidx.compose.material3.pulltorefresh.PullToRefreshBox
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.text.font.FontFamily
import androidx.compose.ui.text.style.TextDirection
import androidx.compose.ui.text.style.TextOverflow
import androidx.compose.ui.tooling.preview.Preview
import androidx.compose.ui.unit.dp
import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.time.format.FormatStyle
import kotlinx.coroutines.runBlocking
import org.byway.Event
import org.byway.EventStatus
import org.byway.FakeByway
import org.byway.Opened
import org.byway.QrCode
import org.byway.ReadFrom
import org.byway.TrustState

@OptIn(ExperimentalMaterial3Api::class)
@Composable
fun CommunityScreen(screen: Screen, actions: Actions) {
    MaterialTheme(if (isSystemInDarkTheme()) darkColorScheme() else lightColorScheme()) {
        Scaffold(topBar = { Bar(screen, actions) }) { inner ->
            PullToRefreshBox(screen.isLoading, actions.refresh, Modifier.padding(inner)) {
                LazyColumn(
                    contentPadding = PaddingValues(16.dp),
                    verticalArrangement = Arrangement.spacedBy(8.dp),
                ) {
                    screen.failure?.let { item { Banner(it, MaterialTheme.colorScheme.errorContainer) } }
                    screen.opened?.let { opened ->
                        item {
                            val colours = MaterialTheme.colorScheme
                            val isFresh = opened.source == ReadFrom.NETWORK
                            val text = listOfNotNull(opened.reachability.sentence, opened.fault?.sentence).joinToString(" ")
                            Banner(text, if (isFresh) colours.secondaryContainer else colours.tertiaryContainer)
                        }
                        // Whose words these are: signed, copied by somebody, or marked by the platform.
                        origin(opened)?.let { item { Banner(it, MaterialTheme.colorScheme.surfaceVariant) } }
                        screen.offer?.let { offer ->
                            item { Banner(offer.text, MaterialTheme.colorScheme.surfaceVariant) { Decision(offer, actions) } }
                        }
                        screen.code?.let { code -> item { CodeImage(code) } }
                        items(opened.events, key = { "event ${it.id}" }) { Item(line(it), it.name) }
                        items(opened.posts, key = { "post ${it.id}" }) { Item(shown(it.created), it.text) }
                    }
                }
            }
        }
    }
}

@OptIn(ExperimentalMaterial3Api::class)
@Composable
private fun Bar(screen: Screen, actions: Actions) {
    TopAppBar(
        title = { Text(screen.opened?.community?.name.orEmpty(), maxLines = 1, overflow = TextOverflow.Ellipsis) },
        actions = {
            TextButton(onClick = actions.bundle) { Text("File") }
            TextButton(onClick = actions.code, enabled = screen.opened != null) { Text("Code") }
            TextButton(onClick = actions.share, enabled = screen.opened != null) { Text("Share") }
        },
    )
}

/** The user decides by the fingerprints. What nobody signed has none. */
@Composable
private fun Decision(offer: Offer, actions: Actions) {
    offer.fromKeys?.let { Fingerprint("Keys of this community", it) }
    offer.toKeys?.let { Fingerprint("Keys of the new one", it) }
    Row {
        TextButton(onClick = { actions.stay(offer) }) { Text("Stay here") }
        if (offer.isSigned && offer.toKeys == null) {
            TextButton(onClick = actions.look) { Text("Look at it") }
        } else {
            TextButton(onClick = { actions.follow(offer) }) { Text("Follow") }
        }
    }
}

@Composable
private fun Fingerprint(of: String, keys: String) {
    Text(of, style = MaterialTheme.typography.labelMedium)
    Text(keys, fontFamily = FontFamily.Monospace)
}

/** Dark on light in every theme: phones read no other. */
@Composable
private fun CodeImage(code: QrCode) {
    Canvas(Modifier.fillMaxWidth().aspectRatio(1f).background(Color.White)) {
        val module = size.width / code.size
        for (row in 0 until code.size) {
            for (column in 0 until code.size) {
                if (!code.isDark(column, row)) continue
                drawRect(Color.Black, Offset(column * module, row * module), Size(module, module))
            }
        }
    }
}

/** In the reader's language and time zone. Days without a time of day are the same wherever the reader is. */
private fun line(event: Event): String {
    val status = when (event.status) {
        EventStatus.CANCELLED -> "CANCELLED"
        EventStatus.REMOVED -> "No longer announced"
        EventStatus.ENDED -> "Over"
        else -> "Its text speaks of a cancellation.".takeIf { event.mentionsCancellation }
    }
    val days = event.days?.let { listOf(it.first, it.last).distinct().joinToString(" – ") { day -> day.format(DAYS) } }
    return listOfNotNull(status, days ?: shown(event.start?.toInstant())).joinToString(" · ")
}

private fun shown(time: Instant?): String = time?.atZone(ZoneId.systemDefault())?.format(TIMES).orEmpty()

private val DAYS = DateTimeFormatter.ofLocalizedDate(FormatStyle.MEDIUM)
private val TIMES = DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT)

private fun origin(opened: Opened): String? {
    val signed = opened.trust.sentence.takeIf { opened.trust.state != TrustState.UNSIGNED }
    val mark = opened.community.verifiedBy?.let { "$it shows a mark of verification beside its name." }
    return listOfNotNull(signed, mark).joinToString(" ").ifEmpty { null }
}

@Composable
private fun Banner(text: String, colour: Color, action: @Composable () -> Unit = {}) {
    Card(Modifier.fillMaxWidth(), colors = CardDefaults.cardColors(containerColor = colour)) {
        Column(Modifier.padding(12.dp)) {
            Text(text)
            action()
        }
    }
}

@Composable
private fun Item(line: String, text: String) {
    Card(Modifier.fillMaxWidth()) {
        Column(Modifier.padding(12.dp)) {
            Text(line, style = MaterialTheme.typography.labelMedium)
            Text(text, style = MaterialTheme.typography.bodyLarge.copy(textDirection = TextDirection.Content))
        }
    }
}

@Preview
@Composable
private fun Preview() {
    val opened = runBlocking { FakeByway().open("vk.com/club") }
    CommunityScreen(Screen(opened), Actions())
}
