package org.byway.internals

import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.takeWhile

/** What a fake tells its watchers. One that is slow loses the oldest, as with the true library. */
internal class FakeSignals<T> {
    private val signals =
        MutableSharedFlow<Signal<T>>(extraBufferCapacity = QUEUE, onBufferOverflow = BufferOverflow.DROP_OLDEST)

    /** Completes at the end of the fake. */
    val flow: Flow<T> get() = signals.takeWhile { it is Signal.Of }.map { (it as Signal.Of<T>).value }

    fun tell(value: T) {
        signals.tryEmit(Signal.Of(value))
    }

    fun end() {
        signals.tryEmit(Signal.End)
    }

    private sealed interface Signal<out T> {
        data class Of<T>(val value: T) : Signal<T>

        data object End : Signal<Nothing>
    }

    private companion object {
        const val QUEUE = 64
    }
}
