package org.example

import org.byway.Byway
import org.byway.Configuration
import org.byway.VkToken

suspend fun firstPost(link: String, token: String): String {
    val strategies = listOf("direct:", "tor+socks5://127.0.0.1:9050")
    Byway.open(Configuration(strategies, vkToken = VkToken.Service(token))).use { byway ->
        val opened = byway.open(link)
        println(opened.reachability.sentence)
        return opened.posts.first().text
    }
}
