package org.byway.internals

import java.time.Instant
import java.time.ZoneOffset
import org.byway.Claim
import org.byway.Community
import org.byway.CommunityId
import org.byway.Event
import org.byway.EventStatus
import org.byway.FakeCommunity
import org.byway.Field
import org.byway.Members
import org.byway.Place
import org.byway.Post

/** A small community with three posts, an event, and a claimed successor. */
internal fun fakeSample(): List<FakeCommunity> = listOf(
    FakeCommunity(
        Community(
            id = CommunityId("vk:-1000"),
            name = "The workers' club",
            screenName = "club",
            description = "We read together. Our new group: vk.com/club_new",
            members = Members(389, Instant.parse("2026-11-01T15:00:00Z")),
            homes = listOf("https://vk.com/club", "https://vk.com/club1000"),
            successor = Claim("https://vk.com/club_new", Field.DESCRIPTION, "Our new group: vk.com/club_new"),
        ),
        posts = listOf(
            Post("vk:-1000_3", "Сбор в субботу 🎉", created = Instant.parse("2026-11-01T14:00:00Z"), isPinned = true),
            Post("vk:-1000_2", "Come to the evening.", created = Instant.parse("2026-11-01T12:00:00Z")),
            Post("vk:-1000_1", "Hello.", created = Instant.parse("2026-11-01T10:00:00Z")),
        ),
        events = listOf(
            Event(
                CommunityId("vk:-2000"),
                "An evening",
                start = Instant.parse("2027-01-01T10:00:00Z").atZone(ZoneOffset.UTC),
                end = Instant.parse("2027-01-01T12:00:00Z").atZone(ZoneOffset.UTC),
                status = EventStatus.SCHEDULED,
                place = Place("The reading room", "1 Long Street"),
            ),
        ),
    ),
)
