/** What a fake says of an access. */
package org.byway.internals

import org.byway.Account
import org.byway.BywayException
import org.byway.EngineEventKind
import org.byway.FakeCommunity
import org.byway.Observer
import org.byway.PreviewContact
import org.byway.Reachability
import org.byway.Strategy
import org.byway.Verdict
import org.byway.VerdictCode
import org.byway.Weights

internal fun reachability(found: FakeCommunity?, code: VerdictCode, sentence: String, by: Strategy?): Reachability {
    val weights = if (by == null) Weights(blocked = 0.0, down = 1.0, ok = 0.0) else Weights(0.0, 0.0, 1.0)
    val shareable = Account(Verdict(code, null, "fake", weights, sentence), reachedBy = by?.redacted)
    val community = found?.community
    val full = shareable.copy(url = community?.homes?.firstOrNull(), restrictions = community?.restrictions.orEmpty())
    return Reachability(sentence, by != null, blames = false, full, shareable, "{}")
}

internal fun notTried(found: FakeCommunity?) =
    reachability(found, VerdictCode.UNKNOWN, "No strategy is allowed by this exposure, so nothing was sent.", null)

internal fun judged(verdict: Verdict) = EngineEventKind.Judged(verdict.code, verdict.layer, verdict.rule, again = false)

internal fun notStored() = BywayException.NotStored("This community is not on the device.", "not_stored")

internal fun notPermitted(code: String = "unreached") =
    BywayException.NotPermitted("No strategy is allowed by this exposure.", code, notTried(null))

internal fun ownNetwork() =
    BywayException.NotPermitted("This address of the list is one of your own network.", "own_network")

internal fun unreached() = BywayException.Unreached(
    "There is no network.",
    "unreached",
    reachability(null, VerdictCode.OFFLINE, "There is no network.", null),
)

internal fun contact(strategy: Strategy) = PreviewContact(
    Observer.PROVIDER,
    if (strategy.isDirect) "Your provider sees that you connect to vk.com." else "Your provider does not see whom you connect to.",
)
