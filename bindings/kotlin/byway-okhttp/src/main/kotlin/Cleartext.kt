package org.byway.okhttp

import java.net.UnknownServiceException
import okhttp3.ConnectionSpec
import okhttp3.HttpUrl
import okhttp3.OkHttpClient

/**
 * Refuses a page without TLS where OkHttp would: the client has no [ConnectionSpec.CLEARTEXT], or the phone's policy forbids it
 * for the host. Since Android 9 it does so unless the app says otherwise.
 */
internal fun refuseCleartext(url: HttpUrl, client: OkHttpClient?) {
    if (url.isHttps) return
    if (client != null && ConnectionSpec.CLEARTEXT !in client.connectionSpecs) {
        throw UnknownServiceException("This client permits no cleartext (http).")
    }
    if (!policyPermits(url.host)) throw UnknownServiceException("The app's network security policy permits no cleartext (http) to this host.")
}

/** Android's own answer. There is none on another JVM, and it is a "no" where Android cannot be asked. */
private fun policyPermits(host: String): Boolean {
    val type = try {
        Class.forName("android.security.NetworkSecurityPolicy")
    } catch (_: ClassNotFoundException) {
        return true
    }
    return try {
        val policy = type.getMethod("getInstance").invoke(null)
        type.getMethod("isCleartextTrafficPermitted", String::class.java).invoke(policy, host) == true
    } catch (_: ReflectiveOperationException) {
        false
    }
}
