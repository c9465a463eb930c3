/** Passphrases, which are overwritten. */
package org.byway.internals

import java.util.concurrent.atomic.AtomicBoolean
import org.byway.BywayException
import org.byway.CommunityKeys

/** A passphrase that one call takes. A second call that finds only zeros would seal a file under zeros. */
internal class OneUse(internal val bytes: ByteArray) {
    private val taken = AtomicBoolean()

    /** What crosses, and is overwritten by the caller. */
    fun take(): ByteArray {
        if (!taken.compareAndSet(false, true)) {
            throw BywayException.Input("This passphrase was used and overwritten. Make a new one for each call.", "passphrase_used")
        }
        return bytes
    }
}

/** Takes the passphrase, and overwrites it when it was used. */
internal inline fun <T> CommunityKeys.wiped(work: (ByteArray) -> T): T = passphrase.take().wiped(work)

/** Overwrites a passphrase at once, and the copy that is used afterwards. */
internal inline fun <T> ByteArray.wiped(work: (ByteArray) -> T): T {
    val copy = copyOf()
    fill(0)
    try {
        return work(copy)
    } finally {
        copy.fill(0)
    }
}
