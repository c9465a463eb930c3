package org.byway

import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlinx.coroutines.runBlocking
import org.byway.testing.Lab
import org.byway.testing.code
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir

/** What several admins decide together, recovery cards, packs of routes, and how each mirror behaved. */
@Timeout(240)
class AdminsTest {
    @TempDir
    lateinit var folder: Path

    private val zavod: Path get() = folder.resolve("zavod")

    /** The keys of an admin, whose passphrase is the name. */
    private fun keys(name: String) = CommunityKeys(folder.resolve("$name.keys"), name.toByteArray())

    /** Two admins, `anna` and `boris`, who both must sign; `vera` may recover with `gleb` in a week. */
    private suspend fun founded(): CommunityPublisher {
        val parts = listOf("anna", "boris", "vera", "gleb").associateWith { keys(it).create().line }
        val decided = KeyChanges(
            root = listOf(parts.getValue("boris")),
            threshold = 2,
            publishers = listOf(parts.getValue("boris")),
            recovery = listOf(parts.getValue("vera"), parts.getValue("gleb")),
            recoveryDays = 7,
        )
        val founding = CommunityProposal.founding(keys("anna"), CommunityStatement("Zavod", keys = decided))
        assertEquals(Triple(1, true, null), Triple(founding.missing, founding.isFounding, founding.rootKeys))
        assertEquals("too_few_signed", code { CommunityPublisher.open(zavod, founding, keys("anna")) })
        val approved = founding.approve(keys("boris"))
        assertEquals(approved.proposal, founding.withApprovals(listOf(approved.line)))
        return CommunityPublisher.open(zavod, approved.proposal, keys("anna"))
    }

    @Test
    fun `two admins decide and one alone does not`() = runBlocking {
        val first = founded()
        first.post("We meet on Friday.")
        assertEquals("too_few_signed", code { first.restate(CommunityStatement("Mine")) })
        first.shutdown()
        val renamed = CommunityPublisher.statementOf(zavod).copy(name = "The new Zavod")
        val anna = keys("anna")
        val proposal = CommunityProposal.make(zavod, anna, ProposedChange.Restate(renamed))
        assertTrue(anna.passphrase.bytes.all { it == 0.toByte() })
        assertEquals("passphrase_used", code { anna.publicKeys() }, "never sealed or opened with zeros")
        val received = CommunityProposal.read(proposal.file, folder = zavod)
        assertTrue(received.changes.any { "The new Zavod" in it })
        assertEquals(Triple("Zavod", 1, false), Triple(received.community, received.missing, received.isRecovery))
        assertEquals("proposal_rival", code {
            CommunityProposal.make(zavod, keys("anna"), ProposedChange.Restate(renamed.copy(name = "Other")))
        })
        keys("eva").create()
        assertEquals("proposal_foreign", code { received.approve(keys("eva"), zavod) })
        val approved = received.approve(keys("boris"), zavod).proposal
        assertTrue(keys("boris").publicKeys().decides in approved.signers)
        CommunityPublisher.open(zavod, approved, keys("boris")).use { assertEquals("The new Zavod", it.statement().name) }
        val torn = approved.file.also { it[it.size / 2] = (it[it.size / 2] + 1).toByte() }
        assertEquals("proposal_form", code { CommunityProposal.read(torn) })
        assertEquals("CommunityProposal(2 signed, 0 missing)", "$approved")
    }

    @Test
    fun `a recovery waits, and the root keys object`() = runBlocking {
        founded().shutdown()
        val dina = keys("dina").create()
        val new = KeyChanges(root = listOf(dina.line), threshold = 1)
        val made = CommunityProposal.make(zavod, keys("vera"), ProposedChange.Recover(new))
        val recovery = made.approve(keys("dina"), zavod).proposal.approve(keys("gleb"), zavod).proposal
        assertTrue(recovery.isRecovery && recovery.missing == 0)
        assertEquals("recovery_waits", code { CommunityPublisher.open(zavod, recovery, keys("dina")) })
        val until = recovery.placeRecovery(zavod)
        val days = Duration.between(Instant.now(), until).toDays()
        assertTrue(days in 6..7, "it takes effect in $days days")
        CommunityPublisher.open(zavod, keys("anna")).use { community ->
            val waiting = checkNotNull(community.recovery())
            assertEquals(until to 2, waiting.until to waiting.signers.size)
            assertEquals(listOf(dina.decides), waiting.root)
            community.shutdown()
        }
        val objected = CommunityProposal.make(zavod, keys("anna"), ProposedChange.Objection)
        val objection = objected.approve(keys("boris"), zavod).proposal
        CommunityPublisher.open(zavod, objection, keys("anna")).shutdown()
        assertEquals("proposal_outdated", code { recovery.placeRecovery(zavod) })
        val rotated = ProposedChange.Rotate(keys("anna2"))
        assertEquals(2, CommunityProposal.make(zavod, keys("anna"), rotated).signers.size, "both files sign")
        assertTrue(folder.resolve("anna2.keys").exists() && rotated.keys.passphrase.bytes.all { it == 0.toByte() })
    }

    @Test
    fun `a freeze ends the trust in what is signed later`() = runBlocking {
        founded().shutdown()
        Lab().use { lab ->
            Byway.open(lab.configuration()).use { byway ->
                suspend fun trust() =
                    byway.standing(byway.takeBundle(CommunityPublisher.bundleOf(zavod).bytes).community.id).trust.state
                assertEquals(TrustState.VERIFIED, trust())
                val freeze = ProposedChange.Freeze(Instant.now().minusSeconds(3600))
                val made = CommunityProposal.make(zavod, keys("anna"), freeze)
                assertEquals("too_few_signed", code { made.placeFreeze(zavod) })
                made.approve(keys("boris"), zavod).proposal.placeFreeze(zavod)
                assertEquals(TrustState.DISPUTED, trust())
                CommunityPublisher.open(zavod, keys("anna")).use { community ->
                    assertTrue(checkNotNull(community.frozen()) <= freeze.after)
                    assertEquals("community_frozen", code { community.post("Late") })
                    community.shutdown()
                }
            }
        }
    }

    @Test
    fun `cards make the key again, and are overwritten`() = runBlocking {
        val anna = keys("anna").create()
        val cards = keys("anna").split(needed = 2, of = 3)
        assertEquals(listOf(1, 2, 3), cards.map { it.info.number })
        assertEquals(setOf(anna.decides), cards.map { it.info.keys }.toSet())
        assertEquals(listOf(cards[1].info), RecoveryCard.read(cards[1].rows))
        assertEquals("cards_too_few", code { RecoveryCard.restore(cards[0].line.copyOf(), keys("again")) })
        val typed = cards[2].line + cards[0].line
        assertEquals(anna, RecoveryCard.restore(typed, keys("again")))
        assertTrue(typed.all { it == 0.toByte() })
        cards.forEach { it.close() }
        assertTrue(cards.all { card -> (card.line + card.rows + card.page).all { it == 0.toByte() } })
        assertEquals("card_numbers", code { keys("anna").split(1, 3) })
        CommunityPublisher.found(zavod, keys("own"), CommunityStatement("Zavod")).shutdown()
        val inside = { CommunityKeys(zavod.resolve("k"), "k".toByteArray()) }
        assertEquals("key_served", code { inside().create() })
        assertTrue(!zavod.resolve("k").exists())
    }

    @Test
    fun `a pack of routes is signed and sealed`() = runBlocking {
        val link = founded().let { community -> community.link().text.also { community.shutdown() } }
        val (expires, route) = Instant.now().plusSeconds(86_400) to "socks5://name:word@192.0.2.1:1080"
        suspend fun pack(strategy: String, by: String) =
            RoutePack.make(link, keys(by), listOf(strategy), expires, "circle".toByteArray())
        assertEquals("routes_strategy", code { pack("direct:", "anna") })
        val packed = pack(route, "anna")
        Lab().use { lab ->
            Byway.open(lab.configuration()).use { byway ->
                val given = "circle".toByteArray()
                assertEquals("routes_other_community", code { byway.importRoutePack(packed, given) })
                assertTrue(given.all { it == 0.toByte() })
                byway.takeBundle(CommunityPublisher.bundleOf(zavod).bytes)
                assertEquals("routes_passphrase", code { byway.importRoutePack(packed, "square".toByteArray()) })
                val taken = byway.importRoutePack(packed, "circle".toByteArray())
                assertEquals(listOf(route), taken.routes.map { it.secretText })
                assertTrue("word" !in "$taken")
                val stranger = pack(route, "vera")
                assertEquals("routes_unsigned", code { byway.importRoutePack(stranger, "circle".toByteArray()) })
            }
        }
    }

    @Test
    fun `each mirror says how it behaved`() = runBlocking {
        val hosts = mapOf("good.example" to folder.resolve("zavod"), "empty.example" to folder.resolve("empty"))
        hosts.values.forEach { it.createDirectories() }
        Lab(folders = hosts).use { lab ->
            val mirrors = hosts.keys.map(lab::origin)
            val community = CommunityPublisher.found(zavod, keys("anna"), CommunityStatement("Zavod", mirrors = mirrors))
            val signed = community.link()
            val link = signed.text
            community.shutdown()
            assertEquals(1, CommunityLink.parse(link).mirrors.size)
            Byway.open(lab.configuration()).use { byway ->
                assertEquals(listOf(1), byway.preview(link).others.map { it.routes.size })
                val opened = byway.open(link)
                val states = opened.homes.associate { home -> home.standing.home.contains("good") to home.standing.state }
                assertEquals(mapOf(true to MirrorState.CURRENT, false to MirrorState.GONE), states)
                val standing = byway.standing(opened.community.id)
                assertEquals(2 to TrustState.VERIFIED, standing.homes.size to standing.trust.state)
                assertTrue(standing.homes.none { it.isFault || it.sentence.isBlank() })
                // A list names the second mirror as an address that nobody asked for.
                val listed = byway.importFeeds(byway.exportFeeds().toByteArray()).entries
                val asked = listed.first { !it.isUnasked }
                assertEquals(opened.community.id, byway.openListed(asked).community.id)
                // The list has the mirrors that the user opened, and the keys.
                val keys = checkNotNull(signed.key).replace(" ", "")
                assertTrue(hosts.keys.all { it in asked.link } && keys in asked.link, asked.link)
                val other = byway.openListed(asked.copy(link = asked.link.replace(keys, "0".repeat(keys.length))))
                assertTrue("link_keys" in other.notes.map(Note::code), "other keys than those of the list")
            }
        }
    }

    @Test
    fun `the fake answers as the library does`() = runBlocking {
        val id = FakeByway.SAMPLE.first().community.id
        val home = MirrorStanding("https://mirror.example/", MirrorState.ROLLED_BACK, "It went back.", Instant.EPOCH, isFault = true)
        val fake = FakeByway(FakeByway.SAMPLE.map { it.copy(mirrors = listOf(HomeAccess(home))) })
        assertEquals(emptyList<MirrorStanding>(), fake.standing(id).homes)
        val pack = fake.routePack(id, "circle", Instant.now().plusSeconds(60))
        suspend fun import(bytes: ByteArray, word: String) = fake.importRoutePack(bytes, word.toByteArray())
        assertEquals("routes_other_community", code { import(pack, "circle") })
        assertEquals(listOf(HomeAccess(home)), fake.openListed(ListedFeed("vk.com/club", "The club")).homes)
        assertTrue(fake.standing(id).homes.single().isFault)
        assertEquals("routes_passphrase", code { import(pack, "square") })
        assertEquals("routes_form", code { import("no pack".toByteArray(), "circle") })
        assertEquals("routes_expired", code { import(fake.routePack(id, "circle", Instant.EPOCH), "circle") })
        assertEquals(id, import(pack, "circle").community)
        val unasked = FakeByway(FakeByway.SAMPLE.map { it.copy(isUnasked = true) })
        unasked.takeBundle(unasked.bundle(CommunityId("vk:-1000")))
        val listed = unasked.importFeeds(unasked.exportFeeds().toByteArray()).entries.single()
        assertTrue(listed.isUnasked)
        assertEquals("unreached", unasked.openListed(listed).fault?.code, "nobody asked for this address")
    }
}
