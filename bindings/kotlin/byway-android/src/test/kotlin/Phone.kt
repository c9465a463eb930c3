package org.byway.android

import android.app.Activity
import android.app.Application
import android.content.Context
import android.net.ConnectivityManager
import android.net.IConnectivityManager
import android.net.LinkProperties
import android.net.NetworkCapabilities
import java.io.File
import java.lang.reflect.Proxy
import java.net.InetAddress
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import java.util.concurrent.ConcurrentHashMap
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec
import kotlin.io.path.createTempDirectory

/** A phone made of Android's own framework classes, with its services in this process. */
internal class Phone : AutoCloseable {
    private val folder: File = createTempDirectory("phone").toFile()
    val app: App = App()
    val connectivity: Connectivity = Connectivity(app)

    /** Goes onto this network, as Android tells it: its capabilities, then its link. */
    fun onto(capabilities: NetworkCapabilities, resolver: String) {
        val network = android.net.Network(7)
        connectivity.callbacks.toList().forEach {
            it.onAvailable(network)
            it.onCapabilitiesChanged(network, capabilities)
            it.onLinkPropertiesChanged(network, link(resolver))
        }
    }

    fun lose(): Unit = connectivity.callbacks.toList().forEach { it.onLost(android.net.Network(7)) }

    override fun close() {
        folder.deleteRecursively()
    }

    inner class App : Application() {
        val callbacks = mutableListOf<ActivityLifecycleCallbacks>()
        private val first = newActivity()

        override fun getApplicationContext(): Context = this

        override fun getNoBackupFilesDir(): File = folder

        override fun getSystemService(name: String): Any? =
            if (name == Context.CONNECTIVITY_SERVICE) connectivity else null

        override fun registerActivityLifecycleCallbacks(callback: ActivityLifecycleCallbacks) {
            callbacks += callback
        }

        override fun unregisterActivityLifecycleCallbacks(callback: ActivityLifecycleCallbacks) {
            callbacks -= callback
        }

        fun newActivity(): Activity = withoutConstructor<Activity>()

        fun startActivity(activity: Activity = first): Unit = callbacks.toList().forEach { it.onActivityStarted(activity) }

        fun resumeActivity(activity: Activity = first): Unit = callbacks.toList().forEach { it.onActivityResumed(activity) }

        fun pauseActivity(activity: Activity = first): Unit = callbacks.toList().forEach { it.onActivityPaused(activity) }

        fun stopActivity(activity: Activity = first): Unit = callbacks.toList().forEach { it.onActivityStopped(activity) }
    }

    class Connectivity(context: Context) : ConnectivityManager(context, noService()) {
        val callbacks = mutableListOf<NetworkCallback>()

        override fun registerDefaultNetworkCallback(callback: NetworkCallback) {
            callbacks += callback
        }

        override fun unregisterNetworkCallback(callback: NetworkCallback) {
            callbacks -= callback
        }
    }

    companion object {
        init {
            // What a phone's system server decides: every change of behaviour of this version of Android is on.
            android.compat.Compatibility.setBehaviorChangeDelegate(
                object : android.compat.Compatibility.BehaviorChangeDelegate {
                    override fun isChangeEnabled(change: Long): Boolean = true
                },
            )
        }

        fun capabilities(transport: Int, metered: Boolean = false, validated: Boolean = true): NetworkCapabilities =
            NetworkCapabilities.Builder().addTransportType(transport)
                .also { if (!metered) it.addCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED) }
                .also { if (validated) it.addCapability(NetworkCapabilities.NET_CAPABILITY_VALIDATED) }
                .build()

        fun link(resolver: String): LinkProperties =
            LinkProperties().apply { setDnsServers(listOf(InetAddress.getByName(resolver))) }

        private fun noService(): IConnectivityManager {
            val type = IConnectivityManager::class.java
            return Proxy.newProxyInstance(type.classLoader, arrayOf(type)) { _, method, _ ->
                error("the phone was asked for ${method.name}")
            } as IConnectivityManager
        }

        private inline fun <reified T> withoutConstructor(): T {
            val unsafe = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe").apply { isAccessible = true }.get(null)
            return unsafe.javaClass.getMethod("allocateInstance", Class::class.java).invoke(unsafe, T::class.java) as T
        }
    }
}

/** Stands where a phone has its Keystore: keys in memory, by alias. */
internal class FakeKeystore : Provider("AndroidKeyStore", "1", "a Keystore in memory") {
    init {
        put("KeyStore.AndroidKeyStore", Store::class.java.name)
        put("KeyGenerator.AES", Generator::class.java.name)
    }

    fun install() {
        held.clear()
        failure = null
        Security.removeProvider(name)
        Security.addProvider(this)
    }

    class Generator : KeyGeneratorSpi() {
        private lateinit var alias: String

        override fun engineInit(parameters: AlgorithmParameterSpec, random: SecureRandom?) {
            alias = parameters.javaClass.getMethod("getKeystoreAlias").invoke(parameters) as String
        }

        override fun engineInit(random: SecureRandom?): Unit = error("an alias is missing")

        override fun engineInit(size: Int, random: SecureRandom?): Unit = error("an alias is missing")

        override fun engineGenerateKey(): SecretKey =
            SecretKeySpec(ByteArray(32).also(SecureRandom()::nextBytes), "AES").also { held[alias] = it }
    }

    class Store : KeyStoreSpi() {
        override fun engineGetKey(alias: String, password: CharArray?): Key? {
            failure?.let { throw it }
            return held[alias]
        }

        override fun engineDeleteEntry(alias: String) {
            held.remove(alias)
        }

        override fun engineLoad(stream: java.io.InputStream?, password: CharArray?) = Unit

        override fun engineAliases(): Enumeration<String> = Collections.enumeration(held.keys)

        override fun engineContainsAlias(alias: String): Boolean = held.containsKey(alias)

        override fun engineSize(): Int = held.size

        override fun engineIsKeyEntry(alias: String): Boolean = held.containsKey(alias)

        override fun engineIsCertificateEntry(alias: String): Boolean = false

        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

        override fun engineGetCertificate(alias: String): Certificate? = null

        override fun engineGetCreationDate(alias: String): Date? = null

        override fun engineGetCertificateAlias(certificate: Certificate): String? = null

        override fun engineSetKeyEntry(alias: String, key: Key, password: CharArray?, chain: Array<Certificate>?): Unit = unused()

        override fun engineSetKeyEntry(alias: String, key: ByteArray, chain: Array<Certificate>?): Unit = unused()

        override fun engineSetCertificateEntry(alias: String, certificate: Certificate): Unit = unused()

        override fun engineStore(stream: java.io.OutputStream?, password: CharArray?): Unit = unused()

        private fun unused(): Nothing = error("the library asks for no such thing")
    }

    companion object {
        val held = ConcurrentHashMap<String, SecretKey>()

        /** What it throws for each key. */
        @Volatile
        var failure: RuntimeException? = null
    }
}
