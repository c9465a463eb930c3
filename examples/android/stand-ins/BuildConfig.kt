package org.example.byway

/** What Gradle generates of `examples/android/app/build.gradle.kts`. */
object BuildConfig {
    const val VK_SERVICE_TOKEN: String = ""
}
