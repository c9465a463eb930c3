package androidx.lifecycle

import android.app.Application
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers

/** What the sample for Android uses of androidx.lifecycle, which is on Google's Maven: enough to compile its model against the library. */
open class AndroidViewModel(private val application: Application) {
    internal val scope = CoroutineScope(Dispatchers.Default)

    @Suppress("UNCHECKED_CAST")
    fun <T : Application> getApplication(): T = application as T
}

val AndroidViewModel.viewModelScope: CoroutineScope get() = scope
