/** Enums. The compiler refuses a variant that has no counterpart. */
package org.byway.internals

import org.byway.Action
import org.byway.AdviceKind
import org.byway.AuthorKind
import org.byway.CommunityState
import org.byway.EchOutcome
import org.byway.ErrorKind
import org.byway.EventStatus
import org.byway.Exposure
import org.byway.Field
import org.byway.Language
import org.byway.Layer
import org.byway.MoveKind
import org.byway.NetworkKind
import org.byway.Observer
import org.byway.PostState
import org.byway.ReadFrom
import org.byway.Stage
import org.byway.StartReason
import org.byway.TorStall
import org.byway.TrustState
import org.byway.VerdictCode
import org.byway.ffi.Action as FfiAction
import org.byway.ffi.AdviceKind as FfiAdviceKind
import org.byway.ffi.AuthorKind as FfiAuthorKind
import org.byway.ffi.CommunityState as FfiCommunityState
import org.byway.ffi.EchOutcome as FfiEchOutcome
import org.byway.ffi.ErrorKind as FfiErrorKind
import org.byway.ffi.EventStatus as FfiEventStatus
import org.byway.ffi.Exposure as FfiExposure
import org.byway.ffi.Field as FfiField
import org.byway.ffi.Language as FfiLanguage
import org.byway.ffi.Layer as FfiLayer
import org.byway.ffi.MoveKind as FfiMoveKind
import org.byway.ffi.NetworkKind as FfiNetworkKind
import org.byway.ffi.Observer as FfiObserver
import org.byway.ffi.PostState as FfiPostState
import org.byway.ffi.ReadFrom as FfiReadFrom
import org.byway.ffi.Stage as FfiStage
import org.byway.ffi.StartReason as FfiStartReason
import org.byway.ffi.TorStall as FfiTorStall
import org.byway.ffi.TrustState as FfiTrustState
import org.byway.ffi.VerdictCode as FfiVerdictCode

internal fun FfiAction.toModel(): Action = when (this) {
    FfiAction.OPEN -> Action.OPEN
    FfiAction.SYNC -> Action.SYNC
    FfiAction.GET -> Action.GET
    FfiAction.PROBE -> Action.PROBE
    FfiAction.ATTACHMENT -> Action.ATTACHMENT
}

internal fun FfiAdviceKind.toModel(): AdviceKind = when (this) {
    FfiAdviceKind.TOR -> AdviceKind.TOR
    FfiAdviceKind.VPN -> AdviceKind.VPN
    FfiAdviceKind.PROXY -> AdviceKind.PROXY
}

internal fun FfiAuthorKind.toModel(): AuthorKind = when (this) {
    FfiAuthorKind.COMMUNITY -> AuthorKind.COMMUNITY
    FfiAuthorKind.PERSON -> AuthorKind.PERSON
    FfiAuthorKind.UNKNOWN -> AuthorKind.UNKNOWN
}

internal fun FfiCommunityState.toModel(): CommunityState = when (this) {
    FfiCommunityState.ACTIVE -> CommunityState.ACTIVE
    FfiCommunityState.RESTRICTED -> CommunityState.RESTRICTED
    FfiCommunityState.GONE -> CommunityState.GONE
    FfiCommunityState.MOVED -> CommunityState.MOVED
}

internal fun FfiEchOutcome.toModel(): EchOutcome = when (this) {
    FfiEchOutcome.OFF -> EchOutcome.OFF
    FfiEchOutcome.OFFERED -> EchOutcome.OFFERED
    FfiEchOutcome.ACCEPTED -> EchOutcome.ACCEPTED
    FfiEchOutcome.REJECTED -> EchOutcome.REJECTED
}

internal fun FfiErrorKind.toModel(): ErrorKind = when (this) {
    FfiErrorKind.INPUT -> ErrorKind.INPUT
    FfiErrorKind.NOT_PERMITTED -> ErrorKind.NOT_PERMITTED
    FfiErrorKind.CREDENTIALS -> ErrorKind.CREDENTIALS
    FfiErrorKind.UNREACHED -> ErrorKind.UNREACHED
    FfiErrorKind.REFUSED -> ErrorKind.REFUSED
    FfiErrorKind.WITHHELD -> ErrorKind.WITHHELD
    FfiErrorKind.NOT_FOUND -> ErrorKind.NOT_FOUND
    FfiErrorKind.NOT_STORED -> ErrorKind.NOT_STORED
    FfiErrorKind.STORE_CLOSED -> ErrorKind.STORE_CLOSED
    FfiErrorKind.STORE_DAMAGED -> ErrorKind.STORE_DAMAGED
    FfiErrorKind.STORE_FULL -> ErrorKind.STORE_FULL
    FfiErrorKind.TOO_LARGE -> ErrorKind.TOO_LARGE
    FfiErrorKind.BROKEN_OFF -> ErrorKind.BROKEN_OFF
    FfiErrorKind.INTERNAL -> ErrorKind.INTERNAL
}

internal fun FfiEventStatus.toModel(): EventStatus = when (this) {
    FfiEventStatus.SCHEDULED -> EventStatus.SCHEDULED
    FfiEventStatus.CANCELLED -> EventStatus.CANCELLED
    FfiEventStatus.ENDED -> EventStatus.ENDED
    FfiEventStatus.REMOVED -> EventStatus.REMOVED
    FfiEventStatus.UNKNOWN -> EventStatus.UNKNOWN
}

internal fun FfiExposure.toModel(): Exposure = when (this) {
    FfiExposure.OPEN -> Exposure.OPEN
    FfiExposure.PROXIED -> Exposure.PROXIED
    FfiExposure.TOR -> Exposure.TOR
}

internal fun FfiField.toModel(): Field = when (this) {
    FfiField.NAME -> Field.NAME
    FfiField.STATUS -> Field.STATUS
    FfiField.DESCRIPTION -> Field.DESCRIPTION
    FfiField.LINKS -> Field.LINKS
    FfiField.PINNED_POST -> Field.PINNED_POST
    FfiField.ELSEWHERE -> Field.ELSEWHERE
}

internal fun FfiLayer.toModel(): Layer = when (this) {
    FfiLayer.NETWORK -> Layer.NETWORK
    FfiLayer.DNS -> Layer.DNS
    FfiLayer.TCP -> Layer.TCP
    FfiLayer.TLS -> Layer.TLS
    FfiLayer.HTTP -> Layer.HTTP
    FfiLayer.PLATFORM -> Layer.PLATFORM
    FfiLayer.ROUTE -> Layer.ROUTE
}

internal fun FfiNetworkKind.toModel(): NetworkKind = when (this) {
    FfiNetworkKind.WIFI -> NetworkKind.WIFI
    FfiNetworkKind.CELL -> NetworkKind.CELL
    FfiNetworkKind.VPN -> NetworkKind.VPN
    FfiNetworkKind.OTHER -> NetworkKind.OTHER
}

internal fun FfiObserver.toModel(): Observer = when (this) {
    FfiObserver.RESOLVER -> Observer.RESOLVER
    FfiObserver.PROVIDER -> Observer.PROVIDER
    FfiObserver.PROXY -> Observer.PROXY
    FfiObserver.EXIT -> Observer.EXIT
    FfiObserver.PLATFORM -> Observer.PLATFORM
}

internal fun FfiPostState.toModel(): PostState = when (this) {
    FfiPostState.PUBLISHED -> PostState.PUBLISHED
    FfiPostState.REMOVED -> PostState.REMOVED
    FfiPostState.WITHHELD -> PostState.WITHHELD
}

internal fun FfiReadFrom.toModel(): ReadFrom = when (this) {
    FfiReadFrom.NETWORK -> ReadFrom.NETWORK
    FfiReadFrom.STORE -> ReadFrom.STORE
}

internal fun FfiStage.toModel(): Stage = when (this) {
    FfiStage.DNS -> Stage.DNS
    FfiStage.TCP -> Stage.TCP
    FfiStage.PROXY -> Stage.PROXY
    FfiStage.TLS -> Stage.TLS
    FfiStage.FIRST_BYTE -> Stage.FIRST_BYTE
    FfiStage.PROGRESS -> Stage.PROGRESS
}

internal fun FfiStartReason.toModel(): StartReason = when (this) {
    FfiStartReason.FIRST -> StartReason.FIRST
    FfiStartReason.FAILURE -> StartReason.FAILURE
    FfiStartReason.SILENCE -> StartReason.SILENCE
    FfiStartReason.SLOW -> StartReason.SLOW
}

internal fun FfiTorStall.toModel(): TorStall = when (this) {
    FfiTorStall.NO_CONNECTION -> TorStall.NO_CONNECTION
    FfiTorStall.FILTERED -> TorStall.FILTERED
    FfiTorStall.DIRECTORY -> TorStall.DIRECTORY
    FfiTorStall.CLOCK -> TorStall.CLOCK
    FfiTorStall.BRIDGE -> TorStall.BRIDGE
    FfiTorStall.TRANSPORT -> TorStall.TRANSPORT
    FfiTorStall.STORAGE -> TorStall.STORAGE
    FfiTorStall.IN_USE -> TorStall.IN_USE
    FfiTorStall.OUTDATED -> TorStall.OUTDATED
    FfiTorStall.ENDED -> TorStall.ENDED
    FfiTorStall.NETWORK_CHANGED -> TorStall.NETWORK_CHANGED
    FfiTorStall.UNKNOWN -> TorStall.UNKNOWN
}

internal fun FfiTrustState.toModel(): TrustState = when (this) {
    FfiTrustState.VERIFIED -> TrustState.VERIFIED
    FfiTrustState.STALE -> TrustState.STALE
    FfiTrustState.DISPUTED -> TrustState.DISPUTED
    FfiTrustState.CLAIMED -> TrustState.CLAIMED
    FfiTrustState.COPIED -> TrustState.COPIED
    FfiTrustState.UNSIGNED -> TrustState.UNSIGNED
}

internal fun FfiVerdictCode.toModel(): VerdictCode = when (this) {
    FfiVerdictCode.REACHABLE -> VerdictCode.REACHABLE
    FfiVerdictCode.DNS_TAMPERED -> VerdictCode.DNS_TAMPERED
    FfiVerdictCode.TCP_BLOCKED -> VerdictCode.TCP_BLOCKED
    FfiVerdictCode.TLS_INTERFERED -> VerdictCode.TLS_INTERFERED
    FfiVerdictCode.HTTP_INTERFERED -> VerdictCode.HTTP_INTERFERED
    FfiVerdictCode.TLS_MITM -> VerdictCode.TLS_MITM
    FfiVerdictCode.BLOCK_PAGE -> VerdictCode.BLOCK_PAGE
    FfiVerdictCode.LEGAL451 -> VerdictCode.LEGAL_451
    FfiVerdictCode.PLATFORM_BLOCKED -> VerdictCode.PLATFORM_BLOCKED
    FfiVerdictCode.FROZEN -> VerdictCode.FROZEN
    FfiVerdictCode.THROTTLED -> VerdictCode.THROTTLED
    FfiVerdictCode.CAPTIVE_PORTAL -> VerdictCode.CAPTIVE_PORTAL
    FfiVerdictCode.OFFLINE -> VerdictCode.OFFLINE
    FfiVerdictCode.WHITELIST_ONLY -> VerdictCode.WHITELIST_ONLY
    FfiVerdictCode.ORIGIN_DOWN -> VerdictCode.ORIGIN_DOWN
    FfiVerdictCode.ORIGIN_FAULT -> VerdictCode.ORIGIN_FAULT
    FfiVerdictCode.GONE -> VerdictCode.GONE
    FfiVerdictCode.ROUTE_FAILED -> VerdictCode.ROUTE_FAILED
    FfiVerdictCode.UNKNOWN -> VerdictCode.UNKNOWN
}

internal fun Exposure.toNative(): FfiExposure = when (this) {
    Exposure.OPEN -> FfiExposure.OPEN
    Exposure.PROXIED -> FfiExposure.PROXIED
    Exposure.TOR -> FfiExposure.TOR
}

internal fun NetworkKind.toNative(): FfiNetworkKind = when (this) {
    NetworkKind.WIFI -> FfiNetworkKind.WIFI
    NetworkKind.CELL -> FfiNetworkKind.CELL
    NetworkKind.VPN -> FfiNetworkKind.VPN
    NetworkKind.OTHER -> FfiNetworkKind.OTHER
}

internal fun FfiLanguage.toModel(): Language = when (this) {
    FfiLanguage.EN -> Language.ENGLISH
    FfiLanguage.RU -> Language.RUSSIAN
}

internal fun Language.toNative(): FfiLanguage = when (this) {
    Language.ENGLISH -> FfiLanguage.EN
    Language.RUSSIAN -> FfiLanguage.RU
}

internal fun FfiMoveKind.toModel(): MoveKind = when (this) {
    FfiMoveKind.MOVED -> MoveKind.MOVED
    FfiMoveKind.ON_YOUR_WORD -> MoveKind.ON_YOUR_WORD
    FfiMoveKind.MOVED_ON -> MoveKind.MOVED_ON
    FfiMoveKind.LEFT_ON_YOUR_WORD -> MoveKind.LEFT_ON_YOUR_WORD
    FfiMoveKind.WAITS -> MoveKind.WAITS
    FfiMoveKind.ASKED -> MoveKind.ASKED
    FfiMoveKind.UNREAD -> MoveKind.UNREAD
    FfiMoveKind.ONE_SIDED -> MoveKind.ONE_SIDED
    FfiMoveKind.CLAIMED -> MoveKind.CLAIMED
    FfiMoveKind.DISPUTED -> MoveKind.DISPUTED
    FfiMoveKind.DECLINED -> MoveKind.DECLINED
    FfiMoveKind.LOOP -> MoveKind.LOOP
    FfiMoveKind.TOO_LONG -> MoveKind.TOO_LONG
    FfiMoveKind.CONTINUES -> MoveKind.CONTINUES
    FfiMoveKind.CLAIMS_TO_CONTINUE -> MoveKind.CLAIMS_TO_CONTINUE
    FfiMoveKind.CONTINUES_UNKNOWN -> MoveKind.CONTINUES_UNKNOWN
}
