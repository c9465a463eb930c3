package org.byway

import java.time.Instant
import org.byway.internals.native
import org.byway.internals.toNative
import org.byway.internals.wiped

/**
 * Proxies and bridges for a circle of people, which an admin of a community signed and sealed with a passphrase. It is handed on in
 * person or in a chat. See [Byway.importRoutePack].
 */
public data class RoutePack(
    /** The community whose admin signed it. */
    val community: CommunityId,
    /** For [Configuration.strategies]. As any strategy they are used within the exposure alone. */
    val routes: List<PackedRoute>,
    /** They are not to be used after this time: keep it beside them, and leave them out from then on. */
    val expires: Instant,
) {
    public companion object {
        /**
         * Makes a pack: signed with an admin's keys, sealed with a passphrase that the circle knows. It may have proxies, Shadowsocks,
         * and `tor:` with bridges; 32 at most, for 366 days at most.
         *
         * @param community the link of the community whose readers it is for
         * @param passphrase in UTF-8. It is overwritten with zeros
         */
        public suspend fun make(
            community: String,
            keys: CommunityKeys,
            strategies: List<String>,
            expires: Instant,
            passphrase: ByteArray,
            language: Language = Language.ENGLISH,
        ): ByteArray = passphrase.wiped { sealed ->
            keys.wiped { own ->
                val file = keys.file.toString()
                native { org.byway.ffi.packRoutes(community, file, own, strategies, expires, sealed, language.toNative()) }
            }
        }
    }
}

/** One route of a [RoutePack]. */
public class PackedRoute(
    /** The strategy URL with its login: a secret, for [Configuration.strategies]. */
    public val secretText: String,
    public val strategy: Strategy,
) {
    override fun toString(): String = "PackedRoute($strategy)"
}
