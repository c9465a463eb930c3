package org.example.byway

import android.app.Application
import android.os.Bundle
import android.view.WindowManager
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.activity.viewModels
import androidx.compose.runtime.getValue
import androidx.lifecycle.AndroidViewModel
import androidx.lifecycle.compose.collectAsStateWithLifecycle
import androidx.lifecycle.viewModelScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.byway.BywayException
import org.byway.Opened

class MainActivity : ComponentActivity() {
    private val model: CommunityModel by viewModels()

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        // The list of recent apps shows nothing of a community.
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        setContent {
            val screen by model.screen.collectAsStateWithLifecycle()
            CommunityScreen(screen, onRefresh = model::again, onSuccessor = model::show)
        }
    }
}

/** What is on the screen. */
data class Screen(val opened: Opened? = null, val failure: String? = null, val isLoading: Boolean = false)

/** It outlives the activity, which ends when the phone is turned. So it holds the application and no activity. */
class CommunityModel(application: Application) : AndroidViewModel(application) {
    private val state = MutableStateFlow(Screen())
    val screen: StateFlow<Screen> get() = state

    /** Not in the saved state of the activity, which Android keeps outside of the sealed store. */
    private var link = "vk.com/NAME"
    private var loading: Job? = null

    init {
        // Here, and not in the activity: a process that was ended in the background begins anew with a saved activity.
        again()
    }

    fun again() = show(link)

    fun show(link: String) {
        this.link = link
        loading?.cancel()
        loading = viewModelScope.launch {
            state.update { it.copy(isLoading = true, failure = null) }
            try {
                val byway = getApplication<App>().byway.await()
                try {
                    put(byway.open(link, offline = true))
                } catch (_: BywayException.NotStored) {
                    // The network's answer follows.
                }
                put(byway.open(link))
            } catch (failure: BywayException) {
                state.update { it.copy(failure = failure.reachability?.sentence ?: failure.message) }
            } finally {
                state.update { it.copy(isLoading = false) }
            }
        }
    }

    private fun put(opened: Opened) = state.update { it.copy(opened = opened) }
}
