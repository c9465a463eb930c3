package org.byway.okhttp

import android.security.NetworkSecurityPolicy
import java.io.IOException
import java.net.UnknownServiceException
import java.security.KeyStore
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManagerFactory
import javax.net.ssl.X509TrustManager
import okhttp3.Authenticator
import okhttp3.CacheControl
import okhttp3.CertificatePinner
import okhttp3.ConnectionSpec
import okhttp3.Cookie
import okhttp3.CookieJar
import okhttp3.Dns
import okhttp3.HttpUrl
import okhttp3.Interceptor
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.TlsVersion
import org.byway.Byway
import org.byway.BywayException
import org.byway.Exposure
import org.byway.FakeByway
import org.byway.HttpCall
import org.byway.HttpHead
import org.byway.HttpRequest
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What protects an app's OkHttp is kept, or the client is refused. */
class ProtectionTest {
    private val byway = Answering()

    @AfterEach
    fun permit() = NetworkSecurityPolicy.forbidden.clear()

    @Test
    fun `a client that goes through Byway is not taken again`() {
        val shared = OkHttpClient().through(byway)
        assertThrows(IllegalArgumentException::class.java) { shared.through(byway, exposure = Exposure.TOR) }
        val rebuilt = shared.newBuilder().build()
        assertThrows(IllegalArgumentException::class.java) { rebuilt.through(FakeByway()) }
    }

    @Test
    fun `an interceptor behind Byway's fails the call`() {
        val stricter = OkHttpClient().through(byway).newBuilder().addInterceptor(BywayInterceptor(byway, Exposure.TOR)).build()
        refused(stricter)
        refused(OkHttpClient().through(byway).newBuilder().addInterceptor { it.proceed(it.request()) }.build())
        refused(OkHttpClient().through(byway).newBuilder().addNetworkInterceptor { it.proceed(it.request()) }.build())
        assertEquals(emptyList<HttpRequest>(), byway.asked, "nothing was sent")
        val last = OkHttpClient.Builder().addInterceptor { it.proceed(it.request()) }.addInterceptor(BywayInterceptor(byway)).build()
        get(last).close()
        assertEquals(1, byway.asked.size)
    }

    @Test
    fun `a setting that would be lost is refused, by through and by a call`() {
        val sockets = object : javax.net.SocketFactory() {
            override fun createSocket(host: String?, port: Int) = error("unused")

            override fun createSocket(host: String?, port: Int, at: java.net.InetAddress?, own: Int) = error("unused")

            override fun createSocket(host: java.net.InetAddress?, port: Int) = error("unused")

            override fun createSocket(host: java.net.InetAddress?, port: Int, at: java.net.InetAddress?, own: Int) = error("unused")
        }
        val cookies = object : CookieJar {
            override fun loadForRequest(url: HttpUrl) = emptyList<Cookie>()

            override fun saveFromResponse(url: HttpUrl, cookies: List<Cookie>) = Unit
        }
        val resolver = object : Dns {
            override fun lookup(hostname: String) = Dns.SYSTEM.lookup(hostname)
        }
        val selector = object : java.net.ProxySelector() {
            override fun select(uri: java.net.URI?) = listOf(java.net.Proxy.NO_PROXY)

            override fun connectFailed(uri: java.net.URI?, address: java.net.SocketAddress?, failure: IOException?) = Unit
        }
        val pinner = CertificatePinner.Builder().add("http.example", "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").build()
        val newestTls = ConnectionSpec.Builder(ConnectionSpec.MODERN_TLS).tlsVersions(TlsVersion.TLS_1_3).build()
        val lost = mapOf<String, OkHttpClient.Builder.() -> Unit>(
            "pins" to { certificatePinner(pinner) },
            "a proxy" to { proxy(java.net.Proxy.NO_PROXY) },
            "a proxy selector" to { proxySelector(selector) },
            "a proxy's login" to { proxyAuthenticator { _, response -> response.request } },
            "cookies" to { cookieJar(cookies) },
            "a resolver" to { dns(resolver) },
            "an authenticator" to { authenticator(Authenticator { _, response -> response.request }) },
            "a network interceptor" to { addNetworkInterceptor { it.proceed(it.request()) } },
            "sockets" to { socketFactory(sockets) },
            "a hostname verifier" to { hostnameVerifier { _, _ -> false } },
            "no authority" to { trusting(trustOf(KeyStore.getInstance(KeyStore.getDefaultType()).apply { load(null) })) },
            "a trust manager" to { trusting(Strict(trustOf(null))) },
            "no TLS 1.2" to { connectionSpecs(listOf(newestTls, ConnectionSpec.CLEARTEXT)) },
            "no redirects" to { followRedirects(false) },
            "no redirects between http and https" to { followSslRedirects(false) },
        )
        for ((what, set) in lost) {
            val client = OkHttpClient.Builder().apply(set).build()
            assertThrows(IllegalArgumentException::class.java, { client.through(byway) }, what)
            refused(client.newBuilder().addInterceptor(BywayInterceptor(byway)).build(), what)
            refused(OkHttpClient().through(byway).newBuilder().apply(set).build(), what)
        }
        assertEquals(emptyList<HttpRequest>(), byway.asked, "nothing was sent")
        get(OkHttpClient().newBuilder().build().through(byway)).close()
    }

    @Test
    fun `a request for a cache alone is not sent`() {
        val page = Request.Builder().url("https://site.example/")
        val forced = page.cacheControl(CacheControl.FORCE_CACHE).build()
        val stated = page.header("Cache-Control", "max-stale=60, Only-If-Cached").build()
        for (request in listOf(forced, stated)) {
            val (own, through) = listOf(OkHttpClient(), OkHttpClient().through(byway)).map { client ->
                client.newCall(request).execute().use { Triple(it.code, it.message, it.body!!.string()) }
            }
            assertEquals(own, through, "as OkHttp itself answers it")
        }
        assertEquals(emptyList<HttpRequest>(), byway.asked, "nothing was sent")
        val fresh = Request.Builder().url("https://site.example/").cacheControl(CacheControl.FORCE_NETWORK).build()
        OkHttpClient().through(byway).newCall(fresh).execute().close()
        assertEquals(1, byway.asked.size)
    }

    @Test
    fun `each exchange of a call ends with the call`() {
        val twice = Interceptor { chain ->
            val first = chain.proceed(chain.request())
            chain.proceed(chain.request()).also { first.close() }
        }
        val call = OkHttpClient.Builder().addInterceptor(twice).build().through(byway)
            .newCall(Request.Builder().url("https://site.example/").build())
        call.execute().use { call.cancel() }
        assertEquals(1, byway.cancels, "the first is closed, and the second goes on")
    }

    @Test
    fun `a client for cleartext alone asks no https page`() {
        val client = OkHttpClient.Builder().connectionSpecs(listOf(ConnectionSpec.CLEARTEXT)).build().through(byway)
        assertThrows(UnknownServiceException::class.java) { get(client, "https://site.example/") }
        assertEquals(emptyList<HttpRequest>(), byway.asked, "nothing was sent")
        get(client, "http://site.example/").close()
    }

    @Test
    fun `a client without cleartext asks no http page`() {
        val client = OkHttpClient.Builder().connectionSpecs(listOf(ConnectionSpec.MODERN_TLS)).build().through(byway)
        assertThrows(UnknownServiceException::class.java) { get(client, "http://site.example/") }
        assertEquals(emptyList<HttpRequest>(), byway.asked, "nothing was sent")
        get(client, "https://site.example/").close()
    }

    @Test
    fun `a host without cleartext in Android's policy is not asked`() {
        NetworkSecurityPolicy.forbidden += "site.example"
        val client = OkHttpClient().through(byway)
        assertThrows(UnknownServiceException::class.java) { get(client, "http://site.example/") }
        assertEquals(emptyList<HttpRequest>(), byway.asked, "nothing was sent")
        get(client, "https://site.example/").close()
        get(client, "http://other.example/").close()
    }

    @Test
    fun `a redirect to a host without cleartext gives no answer`() {
        NetworkSecurityPolicy.forbidden += "site.example"
        byway.last = "http://site.example/"
        assertThrows(UnknownServiceException::class.java) { get(OkHttpClient().through(byway), "http://other.example/") }
        assertTrue(byway.isClosed, "the exchange ended")
    }

    private fun get(client: OkHttpClient, url: String = "https://site.example/") =
        client.newCall(Request.Builder().url(url).build()).execute()

    private fun refused(client: OkHttpClient, what: String = "") {
        val failure = assertThrows(IOException::class.java, { get(client).close() }, what)
        assertTrue(failure !is BywayException, "$what: $failure")
    }

    private fun OkHttpClient.Builder.trusting(manager: X509TrustManager) {
        val context = SSLContext.getInstance("TLS").apply { init(null, arrayOf(manager), null) }
        sslSocketFactory(context.socketFactory, manager)
    }

    private fun trustOf(store: KeyStore?): X509TrustManager =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).apply { init(store) }
            .trustManagers.single() as X509TrustManager

    /** The usual authorities, and a check of the app's own. */
    private class Strict(usual: X509TrustManager) : X509TrustManager by usual

    /** Answers everything with an empty page at [last], or where it was asked for. */
    private class Answering(private val fake: FakeByway = FakeByway()) : Byway by fake {
        val asked = mutableListOf<HttpRequest>()
        var last: String? = null
        var isClosed = false
        var cancels = 0

        override suspend fun http(request: HttpRequest): HttpCall {
            asked += request
            if (request.exposure != Exposure.OPEN) throw BywayException.NotPermitted("It is not permitted.", "not_permitted")
            return object : HttpCall {
                override suspend fun write(bytes: ByteArray) = true

                override suspend fun finish() = Unit

                override suspend fun response() = HttpHead(200, last ?: request.url, emptyList(), "HTTP/1.1")

                override suspend fun read(max: Int): ByteArray? = null

                override fun cancel() {
                    cancels++
                }

                override fun close() {
                    isClosed = true
                }
            }
        }
    }
}
