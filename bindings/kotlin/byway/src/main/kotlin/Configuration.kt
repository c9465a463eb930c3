package org.byway

import java.nio.file.Path
import java.time.Duration
import org.byway.internals.OneUse
import org.byway.internals.native
import org.byway.internals.toNative
import org.byway.internals.translated
import org.byway.internals.wiped

/**
 * What [Byway.open] needs to know. Only [strategies] must be given. Without a [storage] nothing stays on the device.
 *
 * A configuration contains secrets ([vkToken], logins in [strategies], keys). Its `toString` shows none of them.
 */
public class Configuration(
    /** What may be tried, in this order, for example `direct:` or `tor+socks5://127.0.0.1:9050`. */
    public val strategies: List<String>,
    /** Who may learn what is read. */
    public val exposure: Exposure = Exposure.OPEN,
    /** The language of sentences. */
    public val language: Language = Language.ENGLISH,
    /** The token for VKontakte's API. */
    public val vkToken: VkToken? = null,
    /**
     * Where to keep what is read. With the strategy `tor:`, give one (or a [torDirectory]): without it, each start of Tor
     * chooses its guards anew, and more and more relays see the reader's address.
     */
    public val storage: Storage? = null,
    /** How long one access may take. */
    public val timeout: Duration? = null,
    /** The network that the device is on; see [Byway.setNetwork]. */
    public val network: Network? = null,
    /** The country that the device is in: two letters. */
    public val country: String? = null,
    /**
     * Certificate authorities in PEM that are trusted besides the built-in ones. Somebody with their keys can read and
     * change what is read.
     */
    public val roots: String? = null,
    /** Fixed addresses, `HOST:PORT:ADDRESS`, as in curl. */
    public val resolve: List<String> = emptyList(),
    /** Another address of VKontakte's API. */
    public val vkApi: String? = null,
    /** More fingerprints of block pages, as CSV. */
    public val fingerprints: String? = null,
    /** What speaks the transports of the bridges of `tor:`. The first that names a transport serves it. */
    public val torTransports: List<TorTransport> = emptyList(),
    /** Keys for restricted onion services, as Tor writes them: `ADDRESS:descriptor:x25519:KEY`. For `tor:`. */
    public val onionKeys: List<String> = emptyList(),
    /**
     * Without a [storage], where `tor:` keeps its guards and its list of relays: in the folder `tor` of this directory, not
     * sealed. [Byway.wipe] removes them. The library without Tor refuses it (`tor_not_built_in`).
     */
    public val torDirectory: Path? = null,
) {
    /** The same with another [storage]. */
    public fun copy(storage: Storage?): Configuration = Configuration(
        strategies, exposure, language, vkToken, storage, timeout, network, country, roots, resolve, vkApi, fingerprints,
        torTransports, onionKeys, torDirectory,
    )

    override fun toString(): String =
        "Configuration(${strategies.size} strategies, exposure=${exposure.code}, language=${language.code})"
}

/** A token of VKontakte. */
public sealed class VkToken {
    internal abstract val value: String

    /** A token of the app. It names no reader. */
    public class Service(override val value: String) : VkToken()

    /** A token of the reader. The platform knows who reads. */
    public class User(override val value: String) : VkToken()

    override fun toString(): String = "VkToken"
}

/**
 * Where a pluggable transport of Tor is found: obfs4, snowflake, webtunnel and the like. A bridge line names the transport that its
 * bridge expects; [Strategy.torTransports] says which a strategy needs. Only the app says what speaks it: nothing is fetched.
 *
 * Such a program opens connections of its own. The library without Tor checks it and does not use it.
 */
public sealed class TorTransport {
    /** The transports that it speaks, as bridge lines name them, for example `obfs4`. */
    public abstract val names: List<String>

    /**
     * A program that is started when a bridge needs it, and ends with Tor. Android lets an app start only what lies in its
     * `nativeLibraryDir`. [path] is absolute.
     */
    public class Program(override val names: List<String>, public val path: Path) : TorTransport()

    /** One that runs already on this device, for example as a library of the app (IPtProxy), at this SOCKS5 port of loopback: `127.0.0.1:52000`. */
    public class Running(override val names: List<String>, public val address: String) : TorTransport()

    /** Without the path, which may name the person. */
    override fun toString(): String = "TorTransport(${names.joinToString()})"
}

/** A folder for the sealed store, and the key to it. */
public class Storage(public val folder: Path, public val key: StoreKey) {
    override fun toString(): String = "Storage"
}

/** Where the key of the store comes from. */
public sealed class StoreKey {
    /** 32 random bytes that the app keeps. */
    public class Bytes(internal val bytes: ByteArray) : StoreKey()

    /** Asks the app when the key is needed, on a thread that may wait. If it throws, the call fails with that as cause. */
    public class Hook(internal val provider: KeyProvider) : StoreKey()

    /** A file that [createFile] has made. */
    public class KeyFile(internal val path: Path) : StoreKey()

    /**
     * A file that [createSealedFile] has made, and the passphrase under which it is sealed, in UTF-8. The call that takes the key
     * overwrites [passphrase] with zeros, whether it succeeds or not. Such a key is used once; a second call throws
     * [BywayException.Input] (`passphrase_used`).
     */
    public class SealedKeyFile(internal val path: Path, passphrase: ByteArray) : StoreKey() {
        internal val passphrase = OneUse(passphrase)
    }

    override fun toString(): String = "StoreKey"

    public companion object {
        /** A new random key of 32 bytes. */
        public fun random(language: Language = Language.ENGLISH): ByteArray =
            translated { org.byway.ffi.randomStoreKey(language.toNative()) }

        /**
         * Makes a file with a new random key. It is an error if the file exists, or would lie in the folder of a community
         * (`key_served`), which a web server hands out.
         */
        public suspend fun createFile(path: Path, language: Language = Language.ENGLISH): KeyFile {
            native { org.byway.ffi.createKeyFile(path.toString(), language.toNative()) }
            return KeyFile(path)
        }

        /**
         * Makes a file with a new random key that is sealed with a passphrase. It is an error if the file exists, or would lie in
         * the folder of a community (`key_served`).
         *
         * @param passphrase in UTF-8. It is overwritten with zeros; the answer has a copy for the call that opens the store
         * @param workFactor how hard guessing is made, 15 to 18; 17 takes 128 MiB and about half a second
         */
        public suspend fun createSealedFile(
            path: Path,
            passphrase: ByteArray,
            workFactor: Int? = null,
            language: Language = Language.ENGLISH,
        ): SealedKeyFile {
            val kept = passphrase.copyOf()
            try {
                passphrase.wiped {
                    native { org.byway.ffi.createSealedKeyFile(path.toString(), it, workFactor, language.toNative()) }
                }
            } catch (failure: Throwable) {
                kept.fill(0)
                throw failure
            }
            return SealedKeyFile(path, kept)
        }
    }
}

/** Gives the key of the store. */
public fun interface KeyProvider {
    /** The same 32 bytes each time. */
    public fun key(): ByteArray
}

/** The network that the device is on, as its system describes it. */
public data class Network(
    /** Any text that is the same whenever the device is on this network. Only a keyed hash of it is stored. */
    val id: String,
    val kind: NetworkKind = NetworkKind.OTHER,
    /** Each byte costs money: background work reads only the newest posts. */
    val isMetered: Boolean = false,
    /** The system has found that the network leads to the internet. */
    val isValidated: Boolean = true,
)

/** How much [Byway.sync] may take. */
public data class SyncLimits(
    val deadline: Duration = Duration.ofSeconds(25),
    /** The bytes of answers, for all communities together. */
    val bytes: Long = 2L * 1024 * 1024,
)
