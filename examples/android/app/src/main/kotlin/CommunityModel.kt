package org.example.byway

import android.app.Application
import android.net.Uri
import androidx.lifecycle.AndroidViewModel
import androidx.lifecycle.viewModelScope
import java.io.IOException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.byway.Byway
import org.byway.BywayException
import org.byway.CommunityId
import org.byway.Move
import org.byway.MoveKind
import org.byway.Opened
import org.byway.QrCode

/** What is on the screen. */
data class Screen(
    val opened: Opened? = null,
    val failure: String? = null,
    /** A successor, about which the user decides. */
    val offer: Offer? = null,
    /** The link as a QR code. */
    val code: QrCode? = null,
    val isLoading: Boolean = false,
)

/** A successor. Nothing of it is contacted, and nothing is decided, until the user says so. */
data class Offer(
    /** The move that is shown. The answer is for it, whatever is named by then. */
    val move: Move,
    /** What is claimed or signed of it. */
    val text: String,
    /** It is signed, so it can be looked at before the user decides. */
    val isSigned: Boolean = false,
) {
    /** The fingerprints that people compare: of this community's keys, and of the successor's once it was looked at. */
    val fromKeys: String? get() = move.fromKeys
    val toKeys: String? get() = move.toKeys
}

/** What the user can do. */
class Actions(
    val refresh: () -> Unit = {},
    val look: () -> Unit = {},
    val follow: (Offer) -> Unit = {},
    val stay: (Offer) -> Unit = {},
    val code: () -> Unit = {},
    val share: () -> Unit = {},
    val bundle: () -> Unit = {},
)

/** It outlives the activity, which ends when the phone is turned. So it holds the application and no activity. */
class CommunityModel(application: Application) : AndroidViewModel(application) {
    private val state = MutableStateFlow(Screen())
    val screen: StateFlow<Screen> get() = state

    /** Not in the saved state of the activity, which Android keeps outside of the sealed store. */
    private var link = "vk.com/NAME"

    /** A community that came from a file. The user opened no link to it, so its addresses are not asked for. */
    private var bundled: CommunityId? = null
    private var loading: Job? = null

    init {
        // Here, and not in the activity: a process that was ended in the background begins anew with a saved activity.
        again()
    }

    fun again() = load { byway ->
        try {
            put(read(byway, offline = true))
        } catch (_: BywayException.NotStored) {
            // The network's answer follows.
        }
        put(read(byway, offline = false))
    }

    private suspend fun read(byway: Byway, offline: Boolean) =
        bundled?.let { byway.openKept(it, offline = offline) } ?: byway.open(link, offline = offline)

    /** Reads what is signed of the successor, over strategies that are not direct. */
    fun look() = loadShown { byway, id ->
        val successor = byway.successor(id)
        val note = successor.notes.lastOrNull { it.move != null }
        val move = note?.move ?: return@loadShown
        // The sentence speaks of the successor, and the screen still shows the community that it left.
        val offer = Offer(move, "“${successor.community.name}”: ${note.sentence}", isSigned = true)
        state.update { it.copy(offer = offer) }
    }

    /** The user's yes to the offer that was on the screen. There may be another one by now, which nobody has seen. */
    fun follow(shown: Offer) = load { byway -> put(byway.follow(shown.move)) }

    /** The user's no to it. */
    fun stay(shown: Offer) = load { byway ->
        byway.stay(shown.move)
        state.update { if (it.offer?.move == shown.move) it.copy(offer = null) else it }
    }

    /** Takes in a community from a file. Nothing is sent. */
    fun takeBundle(file: Uri) = load { byway ->
        val bytes = withContext(Dispatchers.IO) { bytes(file) }
        if (bytes == null) {
            state.update { it.copy(failure = "This file cannot be read, or is too large.") }
            return@load
        }
        val taken = byway.takeBundle(bytes)
        bundled = taken.community.id
        put(byway.openKept(taken.community.id, offline = true))
    }

    private fun bytes(file: Uri): ByteArray? = try {
        val resolver = getApplication<Application>().contentResolver
        val length = resolver.openAssetFileDescriptor(file, "r")?.use { it.length } ?: return null
        resolver.openInputStream(file)?.use { if (length in 0..LARGEST_BUNDLE) it.readBytes() else null }
    } catch (_: IOException) {
        null
    }

    /** The link that is shared, with its exposure. */
    suspend fun link(): String? = state.value.opened?.let { getApplication<App>().byway.await().link(it.community.id)?.text }

    /** Shows the link as a code, or puts it away. A link that is too long for one is shared as a text. */
    fun showCode() = loadShown { byway, id ->
        val text = byway.link(id)?.text
        val code = if (state.value.code == null) text?.let { QrCode.of(it) } else null
        state.update { it.copy(code = code) }
    }

    private fun loadShown(work: suspend (Byway, CommunityId) -> Unit) = load { byway ->
        state.value.opened?.let { work(byway, it.community.id) }
    }

    private fun load(work: suspend (Byway) -> Unit) {
        loading?.cancel()
        loading = viewModelScope.launch {
            state.update { it.copy(isLoading = true, failure = null) }
            try {
                work(getApplication<App>().byway.await())
            } catch (failure: BywayException) {
                if (failure.code == "successor_changed") showNewOffer()
                state.update { it.copy(failure = failure.reachability?.sentence ?: failure.message) }
            } finally {
                state.update { it.copy(isLoading = false) }
            }
        }
    }

    /** Another successor is named by now. Nothing is sent: the user sees that one, and is asked again. */
    private suspend fun showNewOffer() {
        val id = state.value.opened?.community?.id ?: return
        try {
            put(getApplication<App>().byway.await().openKept(id, offline = true))
        } catch (_: BywayException) {
            // The old one cannot be followed any more.
            state.update { it.copy(offer = null) }
        }
    }

    private fun put(opened: Opened) = state.update { it.copy(opened = opened, offer = offer(opened), code = null) }

    /** A signed move that waits for the user, else what the page claims. Where a move was decided, nothing is asked again. */
    private fun offer(opened: Opened): Offer? {
        val asked = opened.notes.lastOrNull { it.move?.asks == true }
        asked?.move?.let { return Offer(it, asked.sentence, isSigned = true) }
        if (opened.moves.any { it.kind != MoveKind.CLAIMED }) return null
        val claim = opened.community.successor ?: return null
        val move = Move(MoveKind.CLAIMED, opened.community.id, home = claim.home)
        return Offer(move, "This community names a successor: ${claim.home}\n“${claim.text}”\nNobody signed that.")
    }

    private companion object {
        /** A bundle of a phone: a larger one is opened on a computer. */
        const val LARGEST_BUNDLE = 32L shl 20
    }
}
