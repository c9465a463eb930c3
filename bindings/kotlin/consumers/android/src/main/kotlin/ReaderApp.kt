package org.example

import android.content.Context
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import okhttp3.OkHttpClient
import okhttp3.Request
import org.byway.Byway
import org.byway.BywayException
import org.byway.Configuration
import org.byway.Storage
import org.byway.StoreKey
import org.byway.VkToken
import org.byway.android.BywayAndroid
import org.byway.okhttp.through
import org.json.JSONObject

/** An app that reads a community and a page. Its test knows Java's classes alone: R8 renames Kotlin's. */
public class ReaderApp(private val context: Context, lab: String, private val roots: String) {
    private val lab = JSONObject(lab)
    private val asked = AtomicInteger()

    /** Reads a community into a store whose key is the app's, and answers what a screen would show. */
    public fun read(): List<String> = runBlocking {
        val byway = open()
        byway.use {
            val change = async { byway.changes.first() }
            val opened = byway.open("vk.com/club_1")
            listOf(
                opened.posts.first().text,
                opened.reachability.sentence,
                change.await().javaClass.interfaces.size.toString(),
                byway.posts(opened.community.id).items.size.toString(),
                asked.get().toString(),
            ).also { byway.shutdown() }
        }
    }

    /** Reads a page through OkHttp. */
    public fun page(path: String): String = runBlocking { open() }.use { byway ->
        val url = urls("http.example").first { it.startsWith("https:") }.trimEnd('/') + path
        OkHttpClient().through(byway).newCall(Request.Builder().url(url).build()).execute().use { it.body!!.string() }
    }

    /** How a link that is no link fails: the kind, the code and the sentence. */
    public fun fault(): List<String> = runBlocking {
        open().use { byway ->
            try {
                byway.open("no link")
                emptyList()
            } catch (failure: BywayException) {
                listOf(failure.kind.code, failure.code, failure.message.orEmpty())
            }
        }
    }

    /** Follows Robolectric's phone. */
    private suspend fun open(): Byway = BywayAndroid.open(
        context,
        Configuration(
            strategies = listOf("direct:"),
            vkToken = VkToken.Service("token"),
            storage = Storage(BywayAndroid.folder(context), StoreKey.Hook { ByteArray(32) { 7 }.also { asked.incrementAndGet() } }),
            roots = roots,
            resolve = strings("resolve"),
            vkApi = lab.getJSONObject("vk_api").getString("https"),
        ),
    )

    private fun strings(name: String): List<String> = lab.getJSONArray(name).let { all -> List(all.length(), all::getString) }

    private fun urls(host: String): List<String> {
        val hosts = lab.getJSONArray("hosts")
        val found = (0 until hosts.length()).map(hosts::getJSONObject).first { it.getString("name") == host }
        return found.getJSONArray("urls").let { all -> List(all.length(), all::getString) }
    }
}
