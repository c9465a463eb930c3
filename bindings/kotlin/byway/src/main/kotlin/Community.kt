package org.byway

import java.time.Instant
import java.time.LocalDate

/** Names a community, an event or a group permanently, for example `vk:-1000`. */
@JvmInline
public value class CommunityId(public val value: String) {
    override fun toString(): String = value
}

/** What can be read of a community. */
public data class Community(
    val id: CommunityId,
    val name: String,
    /** The short name in its address, if it has one. */
    val screenName: String? = null,
    val state: CommunityState = CommunityState.ACTIVE,
    /** When [state] was last seen. */
    val stateSeen: Instant? = null,
    val description: String? = null,
    /** The line that the community shows under its name. */
    val status: String? = null,
    val members: Members? = null,
    /** The addresses at which the community can be read. */
    val homes: List<String> = emptyList(),
    val links: List<Link> = emptyList(),
    val restrictions: List<Restriction> = emptyList(),
    /** What the community says about how to read it, for example "only through Tor". */
    val accessAdvice: List<AccessAdvice> = emptyList(),
    /** The community that this one says it continues. */
    val predecessor: Claim? = null,
    /** The community that this one names as its successor. It is a claim; Byway never follows it by itself. */
    val successor: Claim? = null,
    /** The platform that marks the community as verified, such as `Telegram`. It is that platform's claim. */
    val verifiedBy: String? = null,
)

/** A community on the device, with the time of its last reading. */
public data class StoredCommunity(val community: Community, val syncedAt: Instant)

/** The state of a community. */
public enum class CommunityState(override val code: String) : Coded {
    ACTIVE("active"),
    RESTRICTED("restricted"),
    GONE("gone"),
    MOVED("moved"),
}

/** A number of members, and when it was read. */
public data class Members(val count: Long, val readAt: Instant)

/** A link in a text. */
public data class Link(val url: String, val text: String? = null)

/** What a community says about how it can be read. */
public data class AccessAdvice(val kind: AdviceKind, val text: String, val field: Field)

/** What [AccessAdvice] recommends. */
public enum class AdviceKind(override val code: String) : Coded {
    TOR("tor"),
    VPN("vpn"),
    PROXY("proxy"),
}

/** The part of a community's page that a statement was found in. */
public enum class Field(override val code: String) : Coded {
    NAME("name"),
    STATUS("status"),
    DESCRIPTION("description"),
    LINKS("links"),
    PINNED_POST("pinned_post"),
    ELSEWHERE("elsewhere"),
}

/** A statement of a community about another one. It is a claim of its page, and nothing has checked it. */
public data class Claim(val home: String, val field: Field, val text: String)

/** A restriction that a platform or an authority states. Each field is a statement, not a finding of Byway. */
public data class Restriction(
    val statedBy: String,
    val text: String,
    val authority: String? = null,
    /** [authority] in English, if a translation is known. */
    val authorityEnglish: String? = null,
    val basis: String? = null,
    val number: String? = null,
    val date: LocalDate? = null,
    val jurisdiction: String? = null,
    val observedIn: String? = null,
    val link: String? = null,
    /** The community itself states it, and no other party. */
    val isOwnWord: Boolean = false,
)
