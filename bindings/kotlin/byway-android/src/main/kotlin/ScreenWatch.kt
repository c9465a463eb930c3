package org.byway.android

import android.app.Activity
import android.app.Application
import android.os.Bundle
import java.util.Collections
import java.util.IdentityHashMap
import kotlin.time.Duration
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import org.byway.Byway
import org.byway.BywayException

/**
 * Suspends the engine while no activity is on the screen and no background work runs, and resumes it before either.
 *
 * Until a first activity was seen nothing is suspended: a process that was started for background work alone has none.
 *
 * It may begin late, when activities have started that it knows nothing of, because an instance is opened beside the first
 * activity. So any sign of life of an activity counts as its start. Where one stops that was never seen, others may be on the
 * screen, and [isOnScreen] is asked before the next suspension.
 */
internal class ScreenWatch(
    private val scope: CoroutineScope,
    private val settle: Duration,
    private val isOnScreen: () -> Boolean,
) : AutoCloseable {
    private val turn = Mutex()
    private var application: Application? = null
    private val shown: MutableSet<Activity> = Collections.newSetFromMap(IdentityHashMap())
    private var working = 0
    private var hasHadScreen = false

    /** An activity stopped that was never seen. */
    private var hasMissedOne = false

    @Volatile
    private var byway: Byway? = null

    /** The engine may be suspended. Guarded by [turn]. */
    private var suspended = false

    private val callbacks = object : Application.ActivityLifecycleCallbacks {
        override fun onActivityStarted(activity: Activity) = showsOne(activity)

        override fun onActivityResumed(activity: Activity) = showsOne(activity)

        // It is still visible, for example behind a dialog. Its stop follows when it is not.
        override fun onActivityPaused(activity: Activity) = showsOne(activity)

        override fun onActivityStopped(activity: Activity) = hidesOne(activity)

        override fun onActivityCreated(activity: Activity, state: Bundle?) = Unit

        override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) = Unit

        override fun onActivityDestroyed(activity: Activity) {
            synchronized(this@ScreenWatch) { shown.remove(activity) }
        }
    }

    /** Begins to see the activities. */
    fun start(application: Application) {
        this.application = application
        application.registerActivityLifecycleCallbacks(callbacks)
    }

    /** From now on [byway] is suspended and resumed. What was seen before counts. */
    fun follow(byway: Byway) {
        this.byway = byway
        settleLater()
    }

    private fun showsOne(activity: Activity) {
        val isNew = synchronized(this) {
            hasHadScreen = true
            shown.add(activity)
        }
        if (isNew) scope.launch { settleState(maySuspend = false) }
    }

    private fun hidesOne(activity: Activity) {
        synchronized(this) {
            hasHadScreen = true
            if (!shown.remove(activity)) hasMissedOne = true
        }
        settleLater()
    }

    private fun settleLater() {
        scope.launch {
            delay(settle)
            settleState()
        }
    }

    suspend fun <T> awake(work: suspend () -> T): T {
        synchronized(this) { working += 1 }
        try {
            settleState(maySuspend = false)
            return work()
        } finally {
            synchronized(this) { working -= 1 }
            withContext(NonCancellable) { settleState() }
        }
    }

    /** Brings the engine into the state that is wanted now, one change at a time. A beginning never suspends it. */
    private suspend fun settleState(maySuspend: Boolean = true) = turn.withLock {
        val byway = byway ?: return@withLock
        // Asked outside of the lock, for which the main thread waits.
        val mayBeShown = synchronized(this) { hasMissedOne } && isOnScreen()
        val wanted = synchronized(this) { hasHadScreen && shown.isEmpty() && working == 0 && !mayBeShown }
        if (wanted == suspended || (wanted && !maySuspend)) return@withLock
        if (wanted) suspend(byway) else resume(byway)
    }

    private suspend fun suspend(byway: Byway) {
        // Before the call: where it fails, the engine is suspended all the same.
        suspended = true
        synchronized(this) { hasMissedOne = false }
        try {
            byway.suspend()
        } catch (_: BywayException) {
            // A locked or closed store has nothing to suspend; the next call that needs it says so.
        }
    }

    private suspend fun resume(byway: Byway) {
        repeat(RESUMES) { turn ->
            if (turn > 0) delay(settle)
            try {
                byway.resume()
                suspended = false
                return
            } catch (failure: BywayException) {
                // What is locked or closed is not suspended. It stays so until the app unlocks or opens it.
                if (failure is BywayException.Closed || failure.code == "store_locked") {
                    suspended = false
                    return
                }
            }
        }
        // For example, another process has the folder. The next activity or the next background work tries again.
    }

    override fun close() {
        application?.unregisterActivityLifecycleCallbacks(callbacks)
        application = null
    }

    private companion object {
        /** How often a failed `resume` is tried in a row. */
        const val RESUMES = 3
    }
}
