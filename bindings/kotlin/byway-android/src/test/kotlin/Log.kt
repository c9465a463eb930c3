package android.util

/** The only native code that the framework's classes reach in these tests. It stands before them on the class path. */
@Suppress("unused")
object Log {
    const val VERBOSE: Int = 2
    const val DEBUG: Int = 3

    @JvmStatic
    fun isLoggable(tag: String, level: Int): Boolean = false

    @JvmStatic
    fun d(tag: String, text: String): Int = 0

    @JvmStatic
    fun e(tag: String, text: String): Int = 0

    @JvmStatic
    fun w(tag: String, text: String): Int = 0
}
