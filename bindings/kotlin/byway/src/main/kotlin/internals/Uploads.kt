package org.byway.internals

import org.byway.*
import org.byway.ffi.Client
import org.byway.ffi.UploadCredentials as FfiUploadCredentials
import org.byway.ffi.UploadTarget as FfiUploadTarget

internal fun UploadTarget.toNative() =
    FfiUploadTarget(address, region, endpoint, exposure.toNative(), allowDirect)

/** Takes the secrets, and overwrites them when they were used. */
internal suspend fun <T> UploadCredentials?.wiped(work: suspend (FfiUploadCredentials?) -> T): T = when (this) {
    null -> work(null)
    is UploadCredentials.Login -> password.take().wiped { work(FfiUploadCredentials.Login(user, it)) }
    is UploadCredentials.Key -> secret.take().wiped { secret ->
        val token = token?.take() ?: return@wiped work(FfiUploadCredentials.Key(id, secret, null))
        token.wiped { work(FfiUploadCredentials.Key(id, secret, it)) }
    }
}

/** The client in Rust, whose routes an upload takes. */
internal fun Byway.native(): Client = (this as? EngineByway)?.client
    ?: throw BywayException.Input("An upload takes the routes of a Byway that is no fake.", "fake")
