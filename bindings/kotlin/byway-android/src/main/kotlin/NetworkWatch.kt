package org.byway.android

import android.content.Context
import android.net.ConnectivityManager
import android.net.LinkProperties
import android.net.NetworkCapabilities
import org.byway.Byway
import org.byway.BywayException
import org.byway.Network
import org.byway.NetworkKind

/** Tells the engine which network the phone is on. */
internal class NetworkWatch(context: Context, private val byway: Byway) : AutoCloseable {
    private val connectivity = context.getSystemService(Context.CONNECTIVITY_SERVICE) as ConnectivityManager
    private var told: Network? = null
    private var capabilities: NetworkCapabilities? = null
    private var link: LinkProperties? = null
    private var watching = false

    private val callback = object : ConnectivityManager.NetworkCallback() {
        override fun onAvailable(network: android.net.Network) = note { capabilities = null; link = null }

        override fun onCapabilitiesChanged(network: android.net.Network, now: NetworkCapabilities) = note { capabilities = now }

        override fun onLinkPropertiesChanged(network: android.net.Network, now: LinkProperties) = note { link = now }

        override fun onLost(network: android.net.Network) = note { capabilities = null; link = null; tell(null) }
    }

    fun start() {
        watching = true
        connectivity.registerDefaultNetworkCallback(callback)
    }

    /** Android gives one half after the other. A network is reported when both are there, and again when it differs. */
    @Synchronized
    private fun note(change: () -> Unit) {
        if (!watching) return
        change()
        val capabilities = capabilities ?: return
        val link = link ?: return
        tell(network(capabilities, link))
    }

    private fun tell(network: Network?) {
        if (network != null && network == told) return
        told = network
        try {
            if (network == null) byway.networkChanged() else byway.setNetwork(network)
        } catch (_: BywayException.Closed) {
            // The instance ended on another thread while Android called.
        }
    }

    @Synchronized
    override fun close() {
        if (!watching) return
        watching = false
        connectivity.unregisterNetworkCallback(callback)
    }
}

/** What the engine is told of a network. */
internal fun network(capabilities: NetworkCapabilities, link: LinkProperties): Network {
    val kind = when {
        capabilities.hasTransport(NetworkCapabilities.TRANSPORT_VPN) -> NetworkKind.VPN
        capabilities.hasTransport(NetworkCapabilities.TRANSPORT_WIFI) -> NetworkKind.WIFI
        capabilities.hasTransport(NetworkCapabilities.TRANSPORT_CELLULAR) -> NetworkKind.CELL
        else -> NetworkKind.OTHER
    }
    return Network(
        id = networkId(kind, link),
        kind = kind,
        isMetered = !capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED),
        isValidated = capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_VALIDATED),
    )
}

/**
 * An app may know the name of a Wi-Fi only with the permission for the location. What the network configured is known
 * without it, and is the same when the phone comes back: its resolvers, its gateways and its search domains. The engine
 * stores a keyed hash.
 */
private fun networkId(kind: NetworkKind, link: LinkProperties): String {
    val resolvers = link.dnsServers.mapNotNull { it.hostAddress }.sorted()
    val gateways = link.routes.filter { it.isDefaultRoute }.mapNotNull { it.gateway?.hostAddress }.sorted()
    return listOf(kind.code, link.domains.orEmpty(), resolvers.joinToString(","), gateways.joinToString(",")).joinToString("|")
}
