package org.byway.internals

import java.time.DateTimeException
import java.time.Instant
import org.byway.BywayException
import org.byway.CommunityId
import org.byway.FakeByway
import org.byway.PackedRoute
import org.byway.RoutePack

/** A pack of routes of a fake: three lines, which hide nothing. */
internal object FakePack {
    fun write(id: CommunityId, passphrase: String, expires: Instant): ByteArray =
        "$FIRST${id.value}\n$expires\n$passphrase".toByteArray()

    fun read(pack: ByteArray, passphrase: ByteArray): RoutePack {
        val text = pack.decodeToString()
        val parts = text.removePrefix(FIRST).split('\n', limit = PARTS)
        if (!text.startsWith(FIRST) || parts.size != PARTS) throw BywayException.Input("This is no pack of routes.", "routes_form")
        val (id, expires, sealed) = parts
        if (sealed != passphrase.decodeToString()) {
            throw BywayException.Input("This is not the passphrase of the pack.", "routes_passphrase")
        }
        return try {
            val route = PackedRoute(FakeByway.TOR.redacted, FakeByway.TOR)
            RoutePack(CommunityId(id), listOf(route), Instant.parse(expires))
        } catch (failure: DateTimeException) {
            throw BywayException.Input("This is no pack of routes.", "routes_form", failure)
        }
    }

    fun ofAnotherCommunity() =
        BywayException.Input("Open the community of this pack first.", "routes_other_community")

    fun expired() = BywayException.Input("This pack of routes has expired.", "routes_expired")

    private const val FIRST = "byway routes of "
    private const val PARTS = 3
}
