package org.byway.okhttp

import java.lang.ref.WeakReference
import java.util.Collections
import java.util.WeakHashMap
import java.util.concurrent.ConcurrentHashMap
import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import okhttp3.Call
import okhttp3.EventListener
import org.byway.HttpCall

/**
 * Ends the work of the engine when a call is cancelled: by the app, or by OkHttp's call timeout.
 *
 * OkHttp notifies only the client's [EventListener] of a cancellation. Where the app has set none, the client gets one, and
 * the engine hears of a cancellation at once. A listener of the app is left alone: one put around it would lose the events
 * that a later OkHttp adds. Then the call is asked from time to time.
 *
 * Nothing here keeps the exchange alive: a body that an app forgets to close is collected, and with it the work ends.
 */
internal object Cancellation {
    private val listeners: MutableMap<Call, Listener> = Collections.synchronizedMap(WeakHashMap())

    // Not `Default`: an app may wait for its calls on all of those threads, and a cancellation must be seen then, too.
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.IO.limitedParallelism(1))

    /** The listeners of a client whose listeners were [given]. */
    fun listeners(given: EventListener.Factory): EventListener.Factory = EventListener.Factory { call ->
        val own = given.create(call)
        if (own === EventListener.NONE) Listener().also { listeners[call] = it } else own
    }

    /** Cancels [exchange] with [call] until the answer is closed. */
    fun watch(call: Call, exchange: HttpCall): AutoCloseable {
        val listener = listeners[call] ?: return ask(call, exchange)
        val watched = WeakReference(exchange)
        // An interceptor in front of Byway's may proceed several times in one call, so there may be others.
        listener.exchanges.add(watched)
        // It may have been cancelled just before.
        if (call.isCanceled()) exchange.cancel()
        return AutoCloseable { listener.exchanges.remove(watched) }
    }

    private fun ask(call: Call, exchange: HttpCall): AutoCloseable {
        val watched = WeakReference(exchange)
        val job = scope.launch {
            while (!call.isCanceled()) {
                delay(NOTICE)
                if (watched.get() == null) return@launch
            }
            watched.get()?.cancel()
        }
        return AutoCloseable { job.cancel() }
    }

    /** A person notices nothing below a tenth of a second. */
    private val NOTICE = 20.milliseconds

    private class Listener : EventListener() {
        /** By identity: a weak reference equals itself alone. */
        val exchanges: MutableSet<WeakReference<HttpCall>> = ConcurrentHashMap.newKeySet()

        override fun canceled(call: Call) {
            exchanges.forEach { it.get()?.cancel() }
        }
    }
}
