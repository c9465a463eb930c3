package org.example.byway

import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.PaddingValues
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
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.text.style.TextDirection
import androidx.compose.ui.tooling.preview.Preview
import androidx.compose.ui.unit.dp
import kotlinx.coroutines.runBlocking
import org.byway.FakeByway
import org.byway.Opened
import org.byway.ReadFrom
import org.byway.TrustState

@OptIn(ExperimentalMaterial3Api::class)
@Composable
fun CommunityScreen(screen: Screen, onRefresh: () -> Unit, onSuccessor: (String) -> Unit) {
    MaterialTheme(if (isSystemInDarkTheme()) darkColorScheme() else lightColorScheme()) {
        Scaffold(topBar = { TopAppBar(title = { Text(screen.opened?.community?.name.orEmpty()) }) }) { inner ->
            PullToRefreshBox(screen.isLoading, onRefresh, Modifier.padding(inner)) {
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
                        // A successor is a claim: it is shown with its words, and opened only when the user says so.
                        opened.community.successor?.let { claim ->
                            item {
                                Banner("This community names a successor: ${claim.home}\n“${claim.text}”", MaterialTheme.colorScheme.surfaceVariant) {
                                    TextButton(onClick = { onSuccessor(claim.home) }) { Text("Look at it") }
                                }
                            }
                        }
                        items(opened.events, key = { "event ${it.id}" }) { Item(it.start?.toString().orEmpty(), it.name) }
                        items(opened.posts, key = { "post ${it.id}" }) { Item(it.created?.toString().orEmpty(), it.text) }
                    }
                }
            }
        }
    }
}

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
    CommunityScreen(Screen(opened), onRefresh = {}, onSuccessor = {})
}
