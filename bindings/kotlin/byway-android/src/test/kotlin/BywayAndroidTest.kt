package org.byway.android

import android.net.NetworkCapabilities.TRANSPORT_CELLULAR
import android.net.NetworkCapabilities.TRANSPORT_VPN
import android.net.NetworkCapabilities.TRANSPORT_WIFI
import java.util.concurrent.CopyOnWriteArrayList
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.byway.Byway
import org.byway.BywayException
import org.byway.Configuration
import org.byway.ErrorKind
import org.byway.FakeByway
import org.byway.Network
import org.byway.NetworkKind
import org.byway.Storage
import org.byway.StoreKey
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class BywayAndroidTest {
    private val phone = Phone()
    private val told = Told()

    @AfterEach
    fun end() = phone.close()

    @Test
    fun `a network is told once, with its kind, price and state`() {
        BywayAndroid.follow(phone.app, told).use {
            phone.onto(Phone.capabilities(TRANSPORT_WIFI), "192.0.2.1")
            phone.onto(Phone.capabilities(TRANSPORT_WIFI), "192.0.2.1")
            phone.onto(Phone.capabilities(TRANSPORT_CELLULAR, metered = true, validated = false), "192.0.2.2")
            phone.lose()
            assertEquals(listOf(NetworkKind.WIFI, NetworkKind.CELL), told.networks.map(Network::kind))
            assertEquals(listOf(false, true), told.networks.map(Network::isMetered))
            assertEquals(listOf(true, false), told.networks.map(Network::isValidated))
            assertEquals(1, told.losses)
        }
    }

    @Test
    fun `the same network has the same id, another one another`() {
        BywayAndroid.follow(phone.app, told).use {
            phone.onto(Phone.capabilities(TRANSPORT_WIFI), "192.0.2.1")
            phone.onto(Phone.capabilities(TRANSPORT_WIFI), "192.0.2.9")
            phone.onto(Phone.capabilities(TRANSPORT_WIFI), "192.0.2.1")
            assertEquals(told.networks[0].id, told.networks[2].id)
            assertNotEquals(told.networks[0].id, told.networks[1].id)
        }
    }

    @Test
    fun `a VPN over Wi-Fi is a VPN`() {
        val capabilities = Phone.capabilities(TRANSPORT_WIFI)
        val vpn = android.net.NetworkCapabilities.Builder(capabilities).addTransportType(TRANSPORT_VPN).build()
        assertEquals(NetworkKind.VPN, network(vpn, Phone.link("192.0.2.1")).kind)
    }

    @Test
    fun `closing ends the callbacks, and a late one is harmless`() {
        val byway = BywayAndroid.follow(phone.app, told)
        val late = phone.connectivity.callbacks.single()
        byway.close()
        assertTrue(phone.connectivity.callbacks.isEmpty())
        assertTrue(phone.app.callbacks.isEmpty())
        late.onLost(android.net.Network(7))
        assertEquals(0, told.losses)
    }

    @Test
    fun `off the screen the store is suspended, and back it is resumed`() = runBlocking {
        BywayAndroid.follow(phone.app, told).use {
            phone.app.startActivity()
            phone.app.stopActivity()
            told.await("suspend")
            phone.app.startActivity()
            told.await("suspend", "resume")
        }
    }

    @Test
    fun `an activity that is turned suspends nothing`() = runBlocking {
        BywayAndroid.follow(phone.app, told).use {
            phone.app.startActivity()
            repeat(3) {
                phone.app.stopActivity()
                phone.app.startActivity()
            }
            // Longer than a stopped activity is waited for: it is the absence that is asserted.
            delay(1_000)
            told.await()
        }
    }

    @Test
    fun `followed after its start, a visible activity keeps the store open`() = runBlocking {
        BywayAndroid.follow(phone.app, told, null) { true }.use {
            val second = phone.app.newActivity()
            // The second one opens over the first, which started before.
            phone.app.pauseActivity()
            phone.app.startActivity(second)
            phone.app.stopActivity()
            // And goes, so that the first one is on the screen again.
            phone.app.startActivity()
            phone.app.stopActivity(second)
            delay(1_000)
            told.await()
            phone.app.stopActivity()
            told.await("suspend")
        }
    }

    @Test
    fun `activities are seen while the store is being opened`() = runBlocking {
        var seen = -1
        val key = StoreKey.Hook { seen = phone.app.callbacks.size; ByteArray(32) { 7 } }
        BywayAndroid.open(phone.app, Configuration(listOf("direct:"), storage = Storage(BywayAndroid.folder(phone.app), key))).close()
        assertEquals(1, seen)
        val failing = Storage(BywayAndroid.folder(phone.app), StoreKey.Hook { error("there is no key") })
        assertTrue(runCatching { BywayAndroid.open(phone.app, Configuration(listOf("direct:"), storage = failing)) }.isFailure)
        assertTrue(phone.app.callbacks.isEmpty(), "nothing is left behind")
    }

    @Test
    fun `a dialog over an activity that started before keeps it open`() = runBlocking {
        BywayAndroid.follow(phone.app, told, null) { true }.use {
            val dialog = phone.app.newActivity()
            phone.app.startActivity(dialog)
            phone.app.pauseActivity(dialog)
            phone.app.resumeActivity()
            phone.app.stopActivity(dialog)
            delay(1_000)
            told.await()
        }
    }

    @Test
    fun `an unknown activity that stops leaves one on the screen`() = runBlocking {
        BywayAndroid.follow(phone.app, told, null) { true }.use {
            phone.app.stopActivity()
            delay(1_000)
            told.await()
        }
    }

    @Test
    fun `first time in the background after a late follow suspends`() = runBlocking {
        BywayAndroid.follow(phone.app, told, null) { false }.use {
            phone.app.stopActivity()
            told.await("suspend")
        }
    }

    @Test
    fun `a suspension that fails is ended all the same`() = runBlocking {
        BywayAndroid.follow(phone.app, told).use {
            told.fault = BywayException.Store("The disk is full.", ErrorKind.STORE_FULL, "store_full")
            phone.app.startActivity()
            phone.app.stopActivity()
            told.await("suspend")
            told.fault = null
            phone.app.startActivity()
            told.await("suspend", "resume")
        }
    }

    @Test
    fun `a resumption that fails is tried again`() = runBlocking {
        BywayAndroid.follow(phone.app, told).use {
            phone.app.startActivity()
            phone.app.stopActivity()
            told.await("suspend")
            told.fault = BywayException.Store("Another process has it.", ErrorKind.STORE_CLOSED, "store_busy")
            phone.app.startActivity()
            told.await("suspend", "resume")
            told.fault = null
            told.await("suspend", "resume", "resume")
        }
    }

    @Test
    fun `a locked store is not suspended, so it is suspended again`() = runBlocking {
        BywayAndroid.follow(phone.app, told).use {
            phone.app.startActivity()
            phone.app.stopActivity()
            told.await("suspend")
            told.fault = BywayException.Store("It is locked.", ErrorKind.STORE_CLOSED, "store_locked")
            phone.app.startActivity()
            told.await("suspend", "resume")
            told.fault = null
            phone.app.stopActivity()
            told.await("suspend", "resume", "suspend")
        }
    }

    @Test
    fun `background work has the store open, and closes it after`() = runBlocking {
        BywayAndroid.follow(phone.app, told).use { android ->
            phone.app.startActivity()
            phone.app.stopActivity()
            told.await("suspend")
            val during = android.inBackground { told.calls.toList() }
            assertEquals(listOf("suspend", "resume"), during)
            told.await("suspend", "resume", "suspend")
            runCatching { android.inBackground { error("it fails") } }
            told.await("suspend", "resume", "suspend", "resume", "suspend")
        }
    }

    @Test
    fun `a process without a screen suspends nothing`() = runBlocking {
        BywayAndroid.follow(phone.app, told).use { android ->
            assertEquals(emptyList<String>(), android.inBackground { told.calls.toList() })
            told.await()
        }
    }

    @Test
    fun `the store is kept out of backups`() {
        assertTrue(BywayAndroid.folder(phone.app).startsWith(phone.app.noBackupFilesDir.toPath()))
    }

    /** What the phone tells the engine. */
    private class Told(private val fake: FakeByway = FakeByway()) : Byway by fake {
        val networks = CopyOnWriteArrayList<Network>()
        val calls = CopyOnWriteArrayList<String>()

        @Volatile
        var losses = 0

        @Volatile
        var fault: BywayException? = null

        override fun setNetwork(network: Network) {
            networks += network
        }

        override fun networkChanged() {
            losses += 1
        }

        override suspend fun suspend() {
            val failure = fault
            calls += "suspend"
            failure?.let { throw it }
        }

        override suspend fun resume() {
            val failure = fault
            calls += "resume"
            failure?.let { throw it }
        }

        suspend fun await(vararg expected: String) {
            runCatching { withTimeout(10_000) { while (calls.size < expected.size) delay(5) } }
            assertEquals(expected.toList(), calls.toList())
        }
    }
}
