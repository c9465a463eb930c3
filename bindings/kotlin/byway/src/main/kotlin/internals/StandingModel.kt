/** What crosses about mirrors and packs of routes. */
package org.byway.internals

import org.byway.CommunityId
import org.byway.HomeAccess
import org.byway.MirrorStanding
import org.byway.MirrorState
import org.byway.PackedRoute
import org.byway.RoutePack
import org.byway.Standing
import org.byway.ffi.HomeAccess as FfiHomeAccess
import org.byway.ffi.MirrorStanding as FfiMirrorStanding
import org.byway.ffi.MirrorState as FfiMirrorState
import org.byway.ffi.RoutePack as FfiRoutePack
import org.byway.ffi.Standing as FfiStanding

internal fun FfiStanding.toModel() = Standing(trust.toModel(), notes.map { it.toModel() }, homes.map { it.toModel() })

internal fun FfiHomeAccess.toModel() = HomeAccess(standing.toModel(), reachability?.toModel())

internal fun FfiMirrorStanding.toModel() = MirrorStanding(home.url, state.toModel(), text, at, isFault)

internal fun FfiMirrorState.toModel(): MirrorState = when (this) {
    FfiMirrorState.CURRENT -> MirrorState.CURRENT
    FfiMirrorState.BEHIND -> MirrorState.BEHIND
    FfiMirrorState.ROLLED_BACK -> MirrorState.ROLLED_BACK
    FfiMirrorState.WITHHOLDS -> MirrorState.WITHHOLDS
    FfiMirrorState.INCOMPLETE -> MirrorState.INCOMPLETE
    FfiMirrorState.REDIRECTS -> MirrorState.REDIRECTS
    FfiMirrorState.TAMPERED -> MirrorState.TAMPERED
    FfiMirrorState.CONTRADICTS -> MirrorState.CONTRADICTS
    FfiMirrorState.GONE -> MirrorState.GONE
    FfiMirrorState.FAILING -> MirrorState.FAILING
    FfiMirrorState.UNVOUCHED -> MirrorState.UNVOUCHED
    FfiMirrorState.UNREACHED -> MirrorState.UNREACHED
    FfiMirrorState.SLOW -> MirrorState.SLOW
    FfiMirrorState.NOT_ASKED -> MirrorState.NOT_ASKED
    FfiMirrorState.UNTRIED -> MirrorState.UNTRIED
}

internal fun FfiRoutePack.toModel() =
    RoutePack(CommunityId(community), routes.map { PackedRoute(it.secretText, it.info.toModel()) }, expires)
