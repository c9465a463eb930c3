package org.example

import android.content.Context
import com.sun.jna.NativeLibrary
import java.io.IOException
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import okhttp3.OkHttpClient
import okhttp3.Request
import org.byway.Configuration
import org.byway.EngineEventKind
import org.byway.Exposure
import org.byway.Storage
import org.byway.StoreKey
import org.byway.android.BywayAndroid
import org.byway.okhttp.through

/** An app that reads by the Tor inside the archive, in the lab's private network. */
public class TorApp(private val context: Context, private val network: String, private val roots: String) {
    /** A start of Tor, in percent, and the page that was read by it. */
    public class Reading(public val percents: List<Int>, public val page: String)

    /** Reads a page, lets the app sleep, and reads it again. */
    public fun readTwice(url: String): List<Reading> = runBlocking(Dispatchers.Default) {
        useNetwork()
        val storage = Storage(BywayAndroid.folder(context).resolve("tor-app"), StoreKey.Bytes(ByteArray(32) { 7 }))
        val configuration = Configuration(listOf("tor:"), Exposure.TOR, storage = storage, roots = roots)
        BywayAndroid.open(context, configuration).use { byway ->
            val percents = CopyOnWriteArrayList<Int>()
            val progress = launch(start = CoroutineStart.UNDISPATCHED) {
                byway.engineEvents().collect { event ->
                    (event.kind as? EngineEventKind.TorStarts)?.let { percents += it.percent }
                }
            }
            val client = OkHttpClient.Builder().readTimeout(0, TimeUnit.SECONDS).build().through(byway)
            List(2) {
                percents.clear()
                val page = page(client, url)
                byway.suspend()
                byway.resume()
                Reading(percents.toList(), page)
            }.also {
                progress.cancel()
                byway.shutdown()
            }
        }
    }

    /** On a busy machine a start may take longer than one reading waits for it. */
    private fun page(client: OkHttpClient, url: String): String {
        val began = System.nanoTime()
        while (true) {
            try {
                return client.newCall(Request.Builder().url(url).build()).execute().use { it.body!!.string() }
            } catch (failure: IOException) {
                if (System.nanoTime() - began > PATIENCE) throw failure
            }
        }
    }

    /** Debug builds with Tor inside take another network than the public one, for tests such as this. */
    private fun useNetwork() {
        val next = NativeLibrary.getInstance("byway_ffi").getFunction("ffi_byway_ffi_debug_tor_network")
        for (byte in network.toByteArray() + 0) next.invokeVoid(arrayOf(byte))
    }

    private companion object {
        const val PATIENCE = 180_000_000_000
    }
}
