package org.example

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.byway.Byway
import org.byway.BywayException
import org.byway.Claim
import org.byway.Event
import org.byway.Opened
import org.byway.Post
import org.byway.ReadFrom
import org.byway.TrustState

/** What is on the screen. */
data class Screen(
    val name: String = "",
    val posts: List<Post> = emptyList(),
    val events: List<Event> = emptyList(),
    val banner: Banner? = null,
    /** A successor that the community claims. It is shown with its words, and opened only when the user says so. */
    val successor: Claim? = null,
    val isLoading: Boolean = false,
)

/** How it was reached, or why not. */
data class Banner(val text: String, val tone: Tone)

enum class Tone { GOOD, OLD, BAD }

/** Reads one community and keeps [screen] as it is. */
class Model(private val byway: Byway, private val scope: CoroutineScope) {
    private val state = MutableStateFlow(Screen())
    val screen: StateFlow<Screen> = state.asStateFlow()
    private var loading: Job? = null

    /** Shows what is on the device at once, and the network's answer when it comes. */
    fun show(link: String) {
        loading?.cancel()
        loading = scope.launch {
            state.update { it.copy(isLoading = true) }
            try {
                stored(link)?.let(::put)
                put(byway.open(link))
            } catch (failure: BywayException) {
                val text = failure.reachability?.sentence ?: failure.message.orEmpty()
                state.update { it.copy(banner = Banner(text, Tone.BAD)) }
            } finally {
                state.update { it.copy(isLoading = false) }
            }
        }
    }

    private suspend fun stored(link: String): Opened? = try {
        byway.open(link, offline = true)
    } catch (_: BywayException.NotStored) {
        null
    }

    private fun signature(opened: Opened): String? =
        opened.trust.sentence.takeIf { opened.trust.state != TrustState.UNSIGNED }

    private fun put(opened: Opened) = state.update {
        it.copy(
            name = opened.community.name,
            posts = opened.posts,
            events = opened.events,
            successor = opened.community.successor,
            banner = Banner(
                text = listOfNotNull(opened.reachability.sentence, opened.fault?.sentence, signature(opened))
                    .joinToString(" "),
                tone = if (opened.source == ReadFrom.NETWORK) Tone.GOOD else Tone.OLD,
            ),
        )
    }
}
