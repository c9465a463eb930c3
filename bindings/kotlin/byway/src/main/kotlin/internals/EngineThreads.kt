package org.byway.internals

import com.sun.jna.CallbackThreadInitializer
import com.sun.jna.Native
import org.byway.ffi.uniffiRustFutureContinuationCallbackImpl

/**
 * The engine's threads, which call back into Kotlin when a suspended call may go on.
 *
 * JNA attaches such a thread to the virtual machine for each callback and detaches it after, unless it is told otherwise. Both
 * together take longer than the rest of a call. The threads stay attached, and JNA detaches each when it ends. They are daemons, so
 * that they do not keep a JVM from its end.
 */
internal object EngineThreads : CallbackThreadInitializer(true, false, "byway") {
    init {
        // Read by JNA when it makes the callback, so before the first call.
        Native.setCallbackThreadInitializer(uniffiRustFutureContinuationCallbackImpl, this)
    }

    /** Sees to it before the first call that suspends. */
    fun stayAttached(): Unit = Unit
}
