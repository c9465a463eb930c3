package org.byway.internals

import java.time.Duration
import org.byway.Access
import org.byway.Account
import org.byway.AddressVerdict
import org.byway.Attempt
import org.byway.EngineEvent
import org.byway.EngineEventKind
import org.byway.Lookup
import org.byway.LookupAnswer
import org.byway.Reachability
import org.byway.Statement
import org.byway.Verdict
import org.byway.Weights
import org.byway.ffi.Account as FfiAccount
import org.byway.ffi.AccountAttempt as FfiAttempt
import org.byway.ffi.AccountVerdict as FfiVerdict
import org.byway.ffi.EngineEventKind as FfiKind

internal fun org.byway.ffi.Reachability.toModel() =
    Reachability(sentence, isDirect, blames, full.toModel(), shareable.toModel(), shareableJson)

internal fun org.byway.ffi.Access.toModel() = Access(at, action.toModel(), full.toModel(), shareable.toModel())

private fun FfiAccount.toModel() = Account(
    verdict = verdict.toModel(),
    attempts = attempts.map { it.toModel() },
    reachedBy = reachedBy,
    url = url,
    at = at,
    action = action?.toModel(),
    restrictions = restrictions.map { it.toModel() },
)

private fun FfiVerdict.toModel() = Verdict(
    code = code.toModel(),
    layer = layer?.toModel(),
    rule = rule,
    weights = weights.toModel(),
    sentence = sentence,
    statement = statement?.let { Statement(it.authority, it.text, it.link) },
    evidence = evidence,
    addresses = addresses.map {
        AddressVerdict(it.address, it.code.toModel(), it.layer?.toModel(), it.rule, it.weights.toModel())
    },
)

private fun org.byway.ffi.Weights.toModel() = Weights(blocked, down, ok)

private fun FfiAttempt.toModel() = Attempt(
    id = id,
    strategy = strategy,
    stage = stage.toModel(),
    outcome = outcome,
    address = address,
    started = Duration.ofMillis(startedMs),
    took = Duration.ofMillis(ms),
    firstByte = firstByteMs?.let(Duration::ofMillis),
    bytes = bytes,
    hop = hop,
    isReused = reused,
    provedName = provedName,
    ech = ech.toModel(),
    lookups = lookups.map { lookup ->
        Lookup(
            lookup.resolver,
            lookup.answers.map { LookupAnswer(it.asked, it.outcome, it.count, it.addresses, Duration.ofMillis(it.ms)) },
        )
    },
    sentence = sentence,
)

internal fun org.byway.ffi.EngineEvent.toModel() = EngineEvent(access, at, code, sentence, kind.toModel())

private fun FfiKind.toModel(): EngineEventKind = when (this) {
    is FfiKind.Began -> EngineEventKind.Began(action.toModel())
    is FfiKind.Started -> EngineEventKind.Started(attempt, strategy, destination, hop, why.toModel())
    is FfiKind.Entered -> EngineEventKind.Entered(attempt, stage.toModel())
    is FfiKind.Dialled -> EngineEventKind.Dialled(attempt, address)
    is FfiKind.FirstByte -> EngineEventKind.FirstByte(attempt)
    is FfiKind.TorStarts -> EngineEventKind.TorStarts(attempt, percent, stall?.toModel())
    is FfiKind.Continued -> EngineEventKind.Continued(attempt, from)
    is FfiKind.Ended -> EngineEventKind.Ended(attempt, outcome, stage.toModel(), took)
    is FfiKind.Won -> EngineEventKind.Won(attempt, strategy, took)
    is FfiKind.Judged -> EngineEventKind.Judged(code.toModel(), layer?.toModel(), rule, again)
    is FfiKind.AnsweredFromStore -> EngineEventKind.AnsweredFromStore(age)
    is FfiKind.Abandoned -> EngineEventKind.Abandoned
    is FfiKind.DialsPaused -> EngineEventKind.DialsPaused(lasts)
    is FfiKind.NetworkChanged -> EngineEventKind.NetworkChanged
    is FfiKind.Suspended -> EngineEventKind.Suspended
    is FfiKind.Resumed -> EngineEventKind.Resumed
    is FfiKind.Missed -> EngineEventKind.Missed(events)
    is FfiKind.Other -> EngineEventKind.Other
}
