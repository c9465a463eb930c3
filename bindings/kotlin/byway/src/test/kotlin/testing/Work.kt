package org.byway.testing

/** How many calls the engine of this process is working on. */
fun runningTasks(): Long = org.byway.ffi.diagnostics().runningTasks
