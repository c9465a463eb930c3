package org.byway.okhttp

import java.net.ProxySelector
import javax.net.SocketFactory
import okhttp3.Authenticator
import okhttp3.Call
import okhttp3.ConnectionSpec
import okhttp3.CookieJar
import okhttp3.Dns
import okhttp3.Interceptor
import okhttp3.OkHttpClient
import okhttp3.TlsVersion
import okhttp3.internal.connection.RealCall

/** The first setting of this client that the engine would drop silently, as a sentence; `null` if there is none. */
internal fun OkHttpClient.lostSetting(): String? {
    val usual = OkHttpClient()
    return when {
        certificatePinner.pins.isNotEmpty() -> "Byway checks no pinned certificates: take a client without them."
        proxy != null -> "A proxy is a strategy of Byway's configuration: take a client without one."
        proxySelector !== ProxySelector.getDefault() && proxySelector.javaClass != usual.proxySelector.javaClass ->
            "A proxy is a strategy of Byway's configuration: take a client without a proxy selector."
        proxyAuthenticator !== Authenticator.NONE ->
            "A proxy's login is a part of a strategy: take a client without a proxy authenticator."
        cookieJar !== CookieJar.NO_COOKIES -> "Byway keeps no cookies: take a client without a cookie jar."
        dns !== Dns.SYSTEM -> "A resolver is a part of a strategy (dns=): take a client without one."
        authenticator !== Authenticator.NONE ->
            "Byway asks no authenticator: take a client without one, and send the header yourself."
        networkInterceptors.isNotEmpty() ->
            "OkHttp's network is not used, so a network interceptor would never run: add it as an application interceptor."
        socketFactory !== SocketFactory.getDefault() ->
            "Byway opens its own sockets: take a client without a socket factory."
        hostnameVerifier !== usual.hostnameVerifier ->
            "Byway verifies the names of hosts itself: take a client without a hostname verifier."
        hasOwnTls(usual) ->
            "Byway has a TLS of its own: take a client without an SSL socket factory and a trust manager, and name more " +
                "authorities in Byway's configuration."
        connectionSpecs.any { it.isTls } && connectionSpecs.none(::takesTls12) ->
            "Byway speaks TLS 1.2 where a host has no newer one: take a client that permits it."
        !followRedirects || !followSslRedirects -> "Byway follows redirects: take a client that follows them, too."
        else -> null
    }
}

/** A spec without a list permits every version. */
private fun takesTls12(spec: ConnectionSpec): Boolean =
    spec.isTls && spec.tlsVersions?.contains(TlsVersion.TLS_1_2) != false

/**
 * Whether the app chose whom to trust. OkHttp does not say so, but a client that trusts other authorities, or that checks
 * them by another class, is not the usual one. A certificate of the client's own cannot be seen.
 */
private fun OkHttpClient.hasOwnTls(usual: OkHttpClient): Boolean {
    // Null: this client has no TLS at all.
    val trusted = x509TrustManager ?: return false
    val usually = usual.x509TrustManager ?: return true
    return trusted.javaClass != usually.javaClass ||
        sslSocketFactory.javaClass != usual.sslSocketFactory.javaClass ||
        trusted.acceptedIssuers.toSet() != usually.acceptedIssuers.toSet()
}

/** An interceptor that the app added behind Byway's never runs: a stricter exposure, for example, or an app's own check. */
internal fun OkHttpClient.isBehind(interceptor: Interceptor): Boolean =
    interceptors.any { it === interceptor } && interceptors.last() !== interceptor

/** The client that makes this call, as far as OkHttp says so. */
internal val Call.client: OkHttpClient?
    get() = try {
        (this as? RealCall)?.client
    } catch (_: LinkageError) {
        null
    }
