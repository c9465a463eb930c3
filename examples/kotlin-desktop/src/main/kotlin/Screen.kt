package org.example

import java.nio.file.Path
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.byway.Byway
import org.byway.BywayException
import org.byway.CommunityId
import org.byway.Event
import org.byway.Exposure
import org.byway.Move
import org.byway.MoveKind
import org.byway.Opened
import org.byway.Post
import org.byway.QrCode
import org.byway.ReadFrom
import org.byway.TrustState

/** What is on the screen. */
data class Screen(
    val id: CommunityId? = null,
    val name: String = "",
    val posts: List<Post> = emptyList(),
    val events: List<Event> = emptyList(),
    val banner: Banner? = null,
    /** Who signed it, and where it moved. It is said apart from the network: it stays so on every network. */
    val notes: List<String> = emptyList(),
    /** What the last action did, such as a bundle that was taken in. */
    val message: String? = null,
    /** A successor, about which the user decides. */
    val offer: Offer? = null,
    /** The link that is handed on, with its code. */
    val shared: Shared? = null,
    val isLoading: Boolean = false,
)

/** How it was reached, or why not. */
data class Banner(val text: String, val tone: Tone)

enum class Tone { GOOD, OLD, BAD }

/** A successor. Nothing of it is contacted, and nothing is decided, until the user says so. */
data class Offer(
    /** The move that is shown. The answer is for it, whatever is named by then. */
    val move: Move,
    /** What is claimed or signed of it. */
    val text: String,
    /** It is signed, so it can be looked at before the user decides. */
    val isSigned: Boolean,
) {
    /** The address that it names. */
    val home: String? get() = move.home

    /** The fingerprints that people compare: of this community's keys, and of the successor's once it was looked at. */
    val fromKeys: String? get() = move.fromKeys
    val toKeys: String? get() = move.toKeys
}

/** A link, and its code where it fits. */
data class Shared(val link: String, val code: QrCode?)

/** Reads one community and keeps [screen] as it is. */
class Model(private val byway: Byway, private val scope: CoroutineScope) {
    private val state = MutableStateFlow(Screen())
    val screen: StateFlow<Screen> = state.asStateFlow()
    private var loading: Job? = null

    /** Claims that the user has put away. */
    private val dismissed = mutableSetOf<String>()

    /** Shows what is on the device at once, and the network's answer when it comes. */
    fun show(link: String) = load {
        stored(link)?.let(::put)
        put(byway.open(link))
    }

    /** Reads what is signed of the successor, over strategies that are not direct. */
    fun look() = load {
        val id = state.value.id ?: return@load
        val successor = byway.successor(id)
        val note = successor.notes.lastOrNull { it.move != null } ?: return@load
        val move = checkNotNull(note.move)
        // The sentence speaks of the successor, and the screen still shows the community that it left.
        val text = "“${successor.community.name}”: ${note.sentence}"
        val offer = Offer(move, text, isSigned = true)
        state.update { it.copy(offer = offer) }
    }

    /** The user's yes to the offer that was on the screen. There may be another one by now, which nobody has seen. */
    fun follow(shown: Offer) = load { put(byway.follow(shown.move)) }

    /** The user's no to it. */
    fun stay(shown: Offer) = load {
        byway.stay(shown.move)
        shown.home?.let(dismissed::add)
        state.update { if (it.offer?.move == shown.move) it.copy(offer = null) else it }
    }

    /** Takes in a community from a file. Nothing is sent. */
    fun takeBundle(file: Path) = load {
        val taken = byway.takeBundle(file, Exposure.OPEN)
        // By its id: to open its link would ask for an address that only the file names.
        val opened = byway.openKept(taken.community.id, offline = true)
        put(opened)
        // The notes have the sentence about the trust already.
        val refused = taken.notes.map { it.sentence }.filter { it != opened.trust.sentence }
        state.update { it.copy(message = refused.joinToString(" ").ifEmpty { null }) }
    }

    /** Shows the link of the community, with its exposure, and its code; or puts it away. */
    fun share() = load {
        val id = state.value.id ?: return@load
        if (state.value.shared != null) {
            state.update { it.copy(shared = null) }
            return@load
        }
        val link = byway.link(id)?.text ?: return@load
        val code = try {
            QrCode.of(link)
        } catch (_: BywayException.Input) {
            null
        }
        state.update { it.copy(shared = Shared(link, code)) }
    }

    private fun load(work: suspend () -> Unit) {
        loading?.cancel()
        loading = scope.launch {
            state.update { it.copy(isLoading = true, message = null) }
            try {
                work()
            } catch (failure: BywayException) {
                if (failure.code == "successor_changed") showNewOffer()
                val text = failure.reachability?.sentence ?: failure.message.orEmpty()
                state.update { it.copy(banner = Banner(text, Tone.BAD)) }
            } finally {
                state.update { it.copy(isLoading = false) }
            }
        }
    }

    /** Another successor is named by now. Nothing is sent: the user sees that one, and is asked again. */
    private suspend fun showNewOffer() {
        val id = state.value.id ?: return
        try {
            put(byway.openKept(id, offline = true))
        } catch (_: BywayException) {
            // The old one cannot be followed any more.
            state.update { it.copy(offer = null) }
        }
    }

    private suspend fun stored(link: String): Opened? = try {
        byway.open(link, offline = true)
    } catch (_: BywayException.NotStored) {
        null
    }

    /** Keys that contradict each other outweigh the route: a gathering may be announced by a stranger then. */
    private fun tone(opened: Opened): Tone = when {
        opened.trust.state == TrustState.DISPUTED -> Tone.BAD
        opened.source == ReadFrom.NETWORK -> Tone.GOOD
        else -> Tone.OLD
    }

    private fun signature(opened: Opened): String? =
        opened.trust.sentence.takeIf { opened.trust.state != TrustState.UNSIGNED }

    /** A signed move that waits for the user, else what the page claims. */
    private fun offer(opened: Opened): Offer? {
        val note = opened.notes.lastOrNull { it.move?.asks == true }
        note?.move?.let { return Offer(it, note.sentence, isSigned = true) }
        // Where a move was decided, nothing is asked again.
        if (opened.moves.any { it.kind != MoveKind.CLAIMED }) return null
        val claim = opened.community.successor?.takeIf { it.home !in dismissed } ?: return null
        val move = Move(MoveKind.CLAIMED, opened.community.id, home = claim.home)
        return Offer(move, "“${claim.text}”", isSigned = false)
    }

    private fun put(opened: Opened) {
        // What was followed is said; a move about which the user is asked has a card of its own.
        val told = opened.notes.filter { it.move?.asks == false }.map { it.sentence }
        val reached = listOfNotNull(opened.reachability.sentence, opened.fault?.sentence).joinToString(" ")
        state.update {
            it.copy(
                id = opened.community.id,
                name = opened.community.name,
                posts = opened.posts,
                events = opened.events,
                offer = offer(opened),
                shared = it.shared?.takeIf { _ -> it.id == opened.community.id },
                banner = Banner(reached, tone(opened)),
                notes = listOfNotNull(signature(opened)) + told,
            )
        }
    }
}
