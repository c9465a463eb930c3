package android.security

/** Stands where a phone has its policy. Every host permits cleartext, except those that a test names. */
@Suppress("unused")
class NetworkSecurityPolicy private constructor() {
    fun isCleartextTrafficPermitted(host: String): Boolean = host !in forbidden

    companion object {
        val forbidden: MutableSet<String> = mutableSetOf()
        private val one = NetworkSecurityPolicy()

        @JvmStatic
        fun getInstance(): NetworkSecurityPolicy = one
    }
}
