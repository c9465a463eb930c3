package org.byway.android

import android.app.Activity
import android.app.Application
import android.os.Bundle
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
 * Until a first activity has started nothing is suspended: a process that was started for background work alone has none.
 */
internal class ScreenWatch(
    private val byway: Byway,
    private val scope: CoroutineScope,
    private val settle: Duration,
) : AutoCloseable {
    private val turn = Mutex()
    private var application: Application? = null
    private var started = 0
    private var working = 0
    private var hasHadScreen = false
    private var suspended = false

    private val callbacks = object : Application.ActivityLifecycleCallbacks {
        override fun onActivityStarted(activity: Activity) = startedOne()

        override fun onActivityStopped(activity: Activity) = stoppedOne()

        override fun onActivityCreated(activity: Activity, state: Bundle?) = Unit

        override fun onActivityResumed(activity: Activity) = Unit

        override fun onActivityPaused(activity: Activity) = Unit

        override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) = Unit

        override fun onActivityDestroyed(activity: Activity) = Unit
    }

    fun start(application: Application) {
        this.application = application
        application.registerActivityLifecycleCallbacks(callbacks)
    }

    internal fun startedOne() {
        synchronized(this) {
            started += 1
            hasHadScreen = true
        }
        scope.launch { settleState(maySuspend = false) }
    }

    internal fun stoppedOne() {
        synchronized(this) { started = (started - 1).coerceAtLeast(0) }
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
        val wanted = synchronized(this) { hasHadScreen && started == 0 && working == 0 }
        if (wanted == suspended || (wanted && !maySuspend)) return@withLock
        try {
            if (wanted) byway.suspend() else byway.resume()
            suspended = wanted
        } catch (_: BywayException) {
            // A locked or closed store has nothing to suspend; the next call that needs it says so.
        }
    }

    override fun close() {
        application?.unregisterActivityLifecycleCallbacks(callbacks)
        application = null
    }
}
