#!/usr/bin/env python3
"""A second reader of signed communities, written from docs/format.md alone.

    pip install coincurve==21.0.0
    python3 verify.py vectors/*.json        every vector has the result that it states
    python3 verify.py mirror DIRECTORY ID   a folder with the files of a mirror, offline

It exists so that the format is what the page says and not what one program does. It is no program for reading
communities: it keeps nothing between two runs, so it can't notice a rollback.
"""

import base64
import binascii
import collections
import datetime
import hashlib
import hmac
import ipaddress
import itertools
import json
import pathlib
import re
import sys
import time
import unicodedata
import urllib.parse
import zoneinfo

from coincurve import PublicKeyXOnly

FORMAT = 1
MAX_NUMBER = 2**53 - 1
MAX_DEPTH = 8
EARLIEST, LATEST = 946684800, 4102444800
DAY = 86400
MAX_CHAIN = 1048576
MAX_MOVES = 16
KINDS = {  # by media type: the largest payload and the largest envelope
    "application/vnd.byway.charter+json": (32768, 52908),
    "application/vnd.byway.head+json": (98304, 140288),
    "application/vnd.byway.freeze+json": (1024, 10584),
    "application/vnd.byway.routes+json": (24576, 41984),
}
CHARTER, HEAD, FREEZE, ROUTES = KINDS
REPLACEABLE = {30023, 31922, 31923}
MONTH = r"events-[2-9][0-9]{3}-(0[1-9]|1[0-2])\.jsonl"
EVENT_KINDS = {1, 5, 1111} | REPLACEABLE


class Refused(Exception):
    """A rule is broken. The first argument is its code."""


def need(holds, code):
    if not holds:
        raise Refused(code)


def digest(data):
    return hashlib.sha256(data).hexdigest()


# Bytes, numbers and texts


def is_hex(text, length):
    return isinstance(text, str) and re.fullmatch(f"[0-9a-f]{{{length}}}", text) is not None


def is_key(text):
    if not is_hex(text, 64):
        return False
    try:
        PublicKeyXOnly(bytes.fromhex(text))
        return True
    except ValueError:
        return False


def has_signed(key, message, signature):
    try:
        return PublicKeyXOnly(bytes.fromhex(key)).verify(signature, message)
    except ValueError:
        return False


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_time(value):
    return EARLIEST <= value <= LATEST


def is_line(text, most=200):
    return 1 <= len(text.encode()) <= most and not any(unicodedata.category(c) == "Cc" for c in text)


def is_text(text, most=4000):
    return len(text.encode()) <= most and not any(unicodedata.category(c) == "Cc" and c != "\n" for c in text)


def is_address(text, *beginnings):
    rest = next((text[len(start) :] for start in beginnings if text.startswith(start)), None)
    if rest is None or not re.fullmatch(r"[!-~]{1,512}", text):
        return False
    host = re.split(r"[/?]", rest)[0]
    return host != "" and "@" not in host and "#" not in rest


# Strict JSON


def parse_number(text):
    value = int(text)
    if text.startswith("-"):
        raise ValueError("a sign")
    return value


def refuse(_):
    raise ValueError("not a whole number")


def once(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name occurs twice")
    return dict(pairs)


def load(data, code):
    """One JSON value in UTF-8 with each name once and no fractions, signs or lone surrogates."""
    try:
        text = data.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=once, parse_int=parse_number, parse_float=refuse, parse_constant=refuse
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")
        return value
    except (ValueError, RecursionError):
        raise Refused(code) from None


def check_document(value, depth=1):
    if is_number(value):
        return value <= MAX_NUMBER
    if isinstance(value, (dict, list)):
        inner = value.values() if isinstance(value, dict) else value
        return depth <= MAX_DEPTH and all(check_document(one, depth + 1) for one in inner)
    return True


def strict(data, code):
    need(data[:1] == b"{", code)
    value = load(data, code)
    need(check_document(value), code)
    return value


# Envelopes


class Envelope:
    """The bytes of a document as they were signed, and who signed them."""

    def __init__(self, data, media_type):
        most_payload, most_envelope = KINDS[media_type]
        need(len(data) <= most_envelope, "document_too_large")
        written = strict(data, "envelope_form")
        need(written.keys() == {"payload", "payloadType", "signatures"}, "envelope_form")
        listed = written["signatures"]
        need(isinstance(written["payload"], str) and isinstance(written["payloadType"], str), "envelope_form")
        need(isinstance(listed, list), "envelope_form")
        for one in listed:
            need(isinstance(one, dict) and one.keys() == {"keyid", "sig"}, "envelope_form")
            need(isinstance(one["keyid"], str) and isinstance(one["sig"], str), "envelope_form")
        need(written["payloadType"] == media_type, "document_kind")
        self.payload = unbase64(written["payload"])
        need(len(self.payload) <= most_payload, "document_too_large")
        need(1 <= len(listed) <= 32, "signature_count")
        self.signatures = {}
        for one in listed:
            need(is_key(one["keyid"]), "signer_key")
            signature = unbase64(one["sig"])
            need(len(signature) == 64, "signature_length")
            need(one["keyid"] not in self.signatures, "repeated_signer")
            self.signatures[one["keyid"]] = signature
        kind = media_type.encode()
        encoded = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(self.payload), self.payload)
        self.message = hashlib.sha256(encoded).digest()
        self.digest = digest(self.payload)

    def is_signed_by(self, keys, threshold):
        signers = [k for k in keys if k in self.signatures and has_signed(k, self.message, self.signatures[k])]
        return len(signers) >= threshold


def unbase64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("base64") from None
    need(base64.b64encode(data).decode() == text, "base64")
    return data


# Documents


class Fields:
    """The fields of an object, by type. A field that is null is absent."""

    def __init__(self, value, code):
        need(isinstance(value, dict), code)
        self.value, self.code = value, code

    def get(self, name, check, default=None, required=True):
        value = self.value.get(name)
        if value is None:
            # An optional field may be null; one with a default of its own may only be absent.
            need(not required and (name not in self.value or default is None), self.code)
            return default
        need(check(value), self.code)
        return value

    def number(self, name):
        return self.get(name, is_number)

    def text(self, name, **optional):
        return self.get(name, lambda value: isinstance(value, str), **optional)

    def digest(self, name, **optional):
        return self.get(name, lambda value: is_hex(value, 64), **optional)

    def list(self, name, **optional):
        return self.get(name, lambda value: isinstance(value, list), **optional)

    def keys(self, name, **optional):
        return self.get(name, lambda value: isinstance(value, list) and all(map(is_key, value)), **optional)

    def objects(self, name, **optional):
        return [Fields(value, self.code) for value in self.list(name, **optional)]

    def object(self, name, required=False):
        value = self.get(name, lambda value: isinstance(value, dict), required=required)
        return None if value is None else Fields(value, self.code)


EMPTY = {"default": [], "required": False}


def is_distinct(keys):
    return len(set(keys)) == len(keys)


def is_key_set(keys, threshold):
    return len(keys) <= 16 and 1 <= threshold <= len(keys) and is_distinct(keys)


def homes(fields, name):
    return [(home.text("kind"), home.text("url")) for home in fields.objects(name, **EMPTY)]


def are_homes(listed):
    schemes = {
        "mirror": ("https://", "http://"),
        "page": ("https://", "http://"),
        "relay": ("wss://", "ws://"),
    }
    return len(listed) <= 32 and all(
        is_address(url, *schemes[kind]) if kind in schemes else len(url.encode()) <= 512 for kind, url in listed
    )


def is_ip(text):
    try:
        return isinstance(text, str) and "%" not in text and ipaddress.ip_address(text) is not None
    except ValueError:
        return False


class Charter:
    """A charter within the limits of the format."""

    def __init__(self, envelope):
        self.envelope, self.digest = envelope, envelope.digest
        form = "charter_form"
        document = Fields(strict(envelope.payload, form), form)
        need(document.number("format") == FORMAT, "charter_format")
        # Types first, then limits.
        self.version = document.number("version")
        self.previous = document.digest("previous", required=False)
        name, description = document.text("name"), document.text("description", default="", required=False)
        self.issued, self.expires = document.number("issued"), document.number("expires")
        root = document.object("root", required=True)
        self.root = (root.keys("keys"), root.number("threshold"))
        recovery = document.object("recovery")
        self.recovery = recovery and ((recovery.keys("keys"), recovery.number("threshold")), recovery.number("wait"))
        self.routine = document.keys("routine")
        self.authors, self.moderators = document.keys("authors", **EMPTY), document.keys("moderators", **EMPTY)
        self.members_may_post = document.get(
            "members_may_post", lambda value: isinstance(value, bool), default=False, required=False
        )
        bans = document.objects("banned", **EMPTY)
        self.banned = [(ban.get("key", is_key), ban.number("since")) for ban in bans]
        listed = homes(document, "homes")
        hints = document.get("hints", lambda value: isinstance(value, dict), default={}, required=False)
        hints = Fields(hints, form)
        addresses = [
            (hint.text("host"), hint.get("addresses", lambda value: isinstance(value, list) and all(map(is_ip, value))))
            for hint in hints.objects("addresses", **EMPTY)
        ]
        resolvers = hints.list("resolvers", **EMPTY)
        need(all(isinstance(url, str) for url in resolvers), form)
        restrictions = [
            (one.text("text"), [one.text(field, required=False) for field in ("jurisdiction", "authority", "number", "date")])
            for one in document.objects("restrictions", **EMPTY)
        ]
        self.predecessor = document.digest("predecessor", required=False)
        successor = document.object("successor")
        self.successor = successor and successor.digest("community")
        next_homes = homes(successor, "homes") if successor else []
        copy = document.object("copy")
        self.copy = copy and (copy.text("of"), copy.text("by"))

        need(1 <= self.version <= 1000 and (self.previous is not None) == (self.version > 1), "charter_version")
        need(is_line(name) and is_text(description), "charter_text")
        need(is_time(self.issued) and is_time(self.expires), "charter_times")
        need(1 <= self.expires - self.issued <= 3660 * DAY, "charter_times")
        need(is_key_set(*self.root), "charter_threshold")
        if self.recovery:
            keys, wait = self.recovery
            need(is_key_set(*keys) and 7 * DAY <= wait <= 366 * DAY, "charter_recovery")
            need(self.root[1] == 1 or keys[1] > 1, "charter_recovery")
        for keys, least, most in ((self.routine, 1, 16), (self.authors, 0, 64), (self.moderators, 0, 64)):
            need(least <= len(keys) <= most and is_distinct(keys), "charter_keys")
        need(len(self.banned) <= 128 and is_distinct([key for key, _ in self.banned]), "charter_keys")
        need(all(is_time(since) for _, since in self.banned), "charter_keys")
        need(are_homes(listed), "charter_homes")
        need(len(addresses) <= 16 and len(resolvers) <= 16, "charter_hints")
        need(all(re.fullmatch(r"[!-~]{1,253}", host) and 1 <= len(ips) <= 16 for host, ips in addresses), "charter_hints")
        need(all(is_address(url, "https://") for url in resolvers), "charter_hints")
        need(len(restrictions) <= 16, "charter_restrictions")
        for text, others in restrictions:
            need(text != "" and is_text(text), "charter_restrictions")
            need(all(other is None or is_line(other) for other in others), "charter_restrictions")
        need(are_homes(next_homes), "charter_successor")
        need(copy is None or (is_address(self.copy[0], "https://", "http://") and is_line(self.copy[1])), "charter_copy")

    def is_signed_by_itself(self):
        return self.envelope.is_signed_by(*self.root)


class Head:
    """A head within the limits of the format."""

    def __init__(self, envelope):
        self.envelope, self.digest = envelope, envelope.digest
        form = "head_form"
        document = Fields(strict(envelope.payload, form), form)
        need(document.number("format") == FORMAT, "head_format")
        self.community, self.charter_digest = document.digest("community"), document.digest("charter_digest")
        self.charter, self.sequence = document.number("charter"), document.number("sequence")
        self.issued, self.expires = document.number("issued"), document.number("expires")
        files = [(f.text("name"), f.number("bytes"), f.digest("sha256")) for f in document.objects("files")]
        need(1 <= self.sequence, "head_sequence")
        need(is_time(self.issued) and is_time(self.expires), "head_times")
        need(1 <= self.expires - self.issued <= 90 * DAY, "head_times")
        need(len(files) <= 601 and is_distinct([name for name, _, _ in files]), "head_files")
        for name, length, _ in files:
            need(name == "newest.jsonl" or re.fullmatch(MONTH, name), "head_files")
            need(length <= 67108864, "head_files")
        self.files = {name: (length, sha256) for name, length, sha256 in files}

    def rank(self):
        return self.charter, self.sequence


# The reader


class Chain:
    """The charters of one community."""

    def __init__(self, community, data, now):
        charter = Envelope(data, CHARTER)
        need(charter.digest == community, "other_community")
        charter = Charter(charter)
        need(charter.version == 1, "other_community")
        need(charter.is_signed_by_itself(), "charter_unsigned")
        self.id, self.since = community, now
        # Where two charters differ for good, and where two recoveries differ that neither came into force.
        self.differs = self.contested = None
        # The freeze that counts: its time, and the charter whose root signed it.
        self.freeze = None
        # The time of the newest statement that was verified.
        self.stated = charter.issued
        # Each: the charter, how it was first seen, and how long a recovery waits, or None.
        self.links = [(charter, self.sighting(now), None)]

    def sighting(self, now):
        """When a charter is seen, whether that is by the device's clock, and whether it came with the first reading."""
        return [max(now, self.stated), now >= self.stated, now == self.since]

    def has_head(self, issued, now):
        """The key of a head is on a machine: alone it moves a waiting time by a week at most."""
        end = max(charter.expires for charter, _, _ in self.links)
        self.stated = max(self.stated, min(issued, end, now + 7 * DAY))

    def correct(self, now):
        """What was seen by a clock that was far ahead counts as seen now."""
        for _, sighting, _ in self.links if now >= self.stated else []:
            if sighting[0] > now + 7 * DAY:
                sighting[0] = now

    @property
    def dispute(self):
        return min((number for number in (self.differs, self.contested) if number), default=None)

    def extend(self, data, now):
        envelope = Envelope(data, CHARTER)
        if any(charter.digest == envelope.digest for charter, _, _ in self.links):
            return "known"
        charter = Charter(envelope)
        need(charter.version > 1, "other_community")
        need(charter.version - 1 <= len(self.links), "charter_gap")
        before = self.links[charter.version - 2][0]
        need(charter.previous == before.digest, "charter_previous")
        need(charter.issued >= before.issued, "charter_issued_earlier")
        need(charter.copy == before.copy, "charter_copy_changed")
        need(charter.is_signed_by_itself(), "charter_unsigned")
        if envelope.is_signed_by(*before.root):
            wait = None
        elif before.recovery and envelope.is_signed_by(*before.recovery[0]):
            wait = before.recovery[1]
        else:
            raise Refused("charter_not_approved")
        need(not self.is_ended(charter), "charter_frozen")
        sighting = self.sighting(now)
        if charter.issued > sighting[0]:
            sighting[:2] = charter.issued, False
        now = sighting[0]
        link = (charter, sighting, wait)
        if charter.version > len(self.links):
            need(self.dispute is None, "charter_disputed")
            need(sum(len(one.envelope.payload) for one, _, _ in self.links) + len(envelope.payload) <= MAX_CHAIN, "chain_too_long")
            self.links.append(link)
            self.stated = max(self.stated, charter.issued)
            return "newer" if wait is None else "recovering"
        rival = self.links[charter.version - 1]
        is_open = rival[2] is not None and (self.contested == charter.version or now < self.waits_until(rival))
        if is_open and wait is None:
            self.links[charter.version - 1 :] = [link]
            self.stated = max(self.stated, charter.issued)
            self.differs, self.contested = (
                number if number and number < charter.version else None for number in (self.differs, self.contested)
            )
            return "recovery_ended"
        need(rival[2] is not None or wait is None, "recovery_void")
        if is_open:
            self.contested = min(charter.version, self.contested or charter.version)
        else:
            # A second recovery beside one that is in force, too: the order of arrival proves nothing.
            self.differs = min(charter.version, self.differs or charter.version)
        raise Refused("charter_disputed")

    def is_ended(self, charter):
        """Whether the charter follows what the freeze trusts."""
        return self.freeze is not None and (charter.issued > self.freeze[0] or charter.version > self.freeze[1])

    def take_freeze(self, after, number):
        self.freeze = min((after, number), self.freeze or (after, number))
        ended = [at for at, (charter, _, _) in enumerate(self.links) if at > 0 and self.is_ended(charter)]
        if ended:
            del self.links[ended[0] :]
        self.differs, self.contested = (
            number if number and number <= len(self.links) else None for number in (self.differs, self.contested)
        )

    def counts_from(self, link):
        charter, (seen, _, with_first), _ = link
        return charter.issued if with_first else seen

    def settled_before(self, first):
        """The newest charter that had been in force for a week when the reader first saw this one, by a clock that was not behind."""
        named, by_clock, with_first = self.links[first - 1][1]
        settled = 1
        for charter, (seen, was_by_clock, _), wait in self.links[: first - 1] if by_clock and not with_first else []:
            if was_by_clock and seen + (wait or 0) + 7 * DAY <= named:
                settled = charter.version
        return settled

    def waits_until(self, link):
        return None if link[2] is None else self.counts_from(link) + link[2]

    def counted(self, now):
        """The links up to the one in force."""
        links = []
        for link in self.links:
            until = self.waits_until(link)
            if until is not None and until > now:
                break
            if self.dispute is not None and link[0].version >= self.dispute:
                break
            links.append(link)
        return links

    def in_force(self, now):
        return self.counted(now)[-1][0]

    def at_time(self, when, now):
        earlier = [self.links[0]]
        for link in self.counted(now):
            if link[0].issued > when:
                break
            earlier.append(link)
        return earlier[-1][0]

    def recovers(self, now):
        return any((self.waits_until(link) or now) > now for link in self.links)


def succession(old, new, now):
    before, after = old.in_force(now), new.in_force(now)
    if old.id == new.id:
        return "none"
    names, named = before.successor == new.id, after.predecessor == old.id
    if not (names and named):
        return "old_side_only" if names else "new_side_only" if named else "none"
    if old.dispute or new.dispute:
        return "disputed"
    first = before.version
    while first > 1 and old.links[first - 2][0].successor == before.successor:
        first -= 1
    if all(charter.root[1] > 1 for charter, _, _ in old.links[old.settled_before(first) - 1 : before.version]):
        return {"by_itself": old.counts_from(old.links[first - 1]) + 7 * DAY}
    return "asked"


def walk(chains, start, now):
    """The communities to which a reader moves by itself, one after another, and why it goes no further."""
    path = [start]
    while True:
        here = chains[path[-1]]
        following = here.in_force(now).successor
        if following is None:
            end = "newest"
        elif following in path:
            end = "loop"
        elif len(path) > MAX_MOVES:
            end = "too_long"
        else:
            step = succession(here, chains[following], now) if following in chains else None
            if isinstance(step, dict) and step["by_itself"] <= now:
                path.append(following)
                continue
            end = "not_followed"
        return {"path": path, "end": end}


def may_be_in_pack(text):
    """A route that a pack may have. How each is written in full is a matter of its own page."""
    if match := re.match(r"(?:socks5|https?|ss)://(?:[^/?#]*@)?(\[[^]]*\]|[^/?#:]+)", text):
        return not is_own_network(match[1])
    if not text.startswith("tor:?"):
        return False
    options = urllib.parse.parse_qsl(text[5:].partition("#")[0], keep_blank_values=True)
    bridges = [value.split() for name, value in options if name == "bridge"]
    return bool(bridges) and all(map(is_public_bridge, bridges))


def is_public_bridge(words):
    """A bridge outside the reader's own network: an address with a port, perhaps after the name of a transport."""
    has_transport = bool(words) and ":" not in words[0]
    words = words[1:] if has_transport else words
    host = words[0].rpartition(":")[0] if words else ""
    if not is_ip(host.strip("[]")):
        return False
    address = ipaddress.ip_address(host.strip("[]"))
    is_placeholder = has_transport and address.version == 4 and address.packed[0] == 0 and not address.is_unspecified
    return is_placeholder or not is_own_network(host)


def is_own_network(host):
    """Whether the spelling of a host shows that it is this device, or in the reader's own network."""
    name = host.strip("[]").lower()
    if is_ip(name):
        return not is_public(ipaddress.ip_address(name))
    name = name.removesuffix(".")
    return "." not in name or re.search(OWN_NAMES, f".{name}") is not None


def is_public(address):
    if address.version == 4:
        return not any(address in network for network in NOT_PUBLIC)
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
    if address in NAT64:
        inner = ipaddress.IPv4Address(address.packed[12:])
    return is_public(inner) if inner else address in ipaddress.ip_network("2000::/3")


NAT64 = ipaddress.ip_network("64:ff9b::/96")
NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 "
        "198.18.0.0/15 224.0.0.0/4 240.0.0.0/4"
    ).split()
]
OWN_NAMES = r"\.(localhost|localdomain|local|home\.arpa|internal|lan|home|corp)$"


class Proposal:
    """A charter or a freeze that admins sign before it is published. Readers never see one."""

    def __init__(self, data):
        form = "proposal_form"
        need(len(data) <= 131072, form)
        try:
            lines = [line.removesuffix("\r") for line in data.decode().split("\n")]
        except UnicodeDecodeError:
            raise Refused(form) from None
        need(len(lines) >= 3 and lines[0] == "byway proposal 1" and not "".join(lines[3:]).strip(" \t\r"), form)
        try:
            self.read(*lines[1:3])
        except Refused:
            raise Refused(form) from None
        written = as_written(self.document.payload, self.next is not None)
        need(written == self.document.payload, "proposal_unknown")

    def read(self, base, document):
        form = "proposal_form"
        self.base = self.freeze = None
        if base != "-":
            self.base = Charter(Envelope(base.encode(), CHARTER))
            need(self.base.is_signed_by_itself(), form)
        try:
            self.document, kind = Envelope(document.encode(), CHARTER), CHARTER
        except Refused:
            self.document, kind = Envelope(document.encode(), FREEZE), FREEZE
        self.next = Charter(self.document) if kind == CHARTER else None
        if self.next is None:
            self.freeze = freeze_in(self.document)
            need(self.base is not None and self.freeze[1] == self.base.version, form)
            need(self.base.version > 1 or self.freeze[0] == self.base.digest, form)
        elif self.base is None:
            need(self.next.version == 1, form)
        else:
            need(self.next.version == self.base.version + 1 and self.next.previous == self.base.digest, form)
            need(self.next.issued >= self.base.issued and self.next.copy == self.base.copy, form)
        self.counted = set(self.next.root[0] if self.next else []) | set(self.base.root[0] if self.base else [])
        if self.next and self.base and self.base.recovery:
            self.counted |= set(self.base.recovery[0][0])
        need(self.document.is_signed_by(self.counted, 1), form)

    def is_recovery(self):
        if self.next is None or self.base is None or not self.base.recovery:
            return False
        others = [key for key in self.base.recovery[0][0] if key not in self.base.root[0]]
        return not self.document.is_signed_by(*self.base.root) and self.document.is_signed_by(others, 1)

    def missing(self):
        """How many more have to sign it, at least."""
        old = self.base and (self.base.recovery[0] if self.is_recovery() else self.base.root)
        sets = [keys for keys in (old, self.next and self.next.root) if keys]
        return max(max(0, threshold - self.signed(keys)) for keys, threshold in sets)

    def signed(self, keys):
        return sum(self.document.is_signed_by([key], 1) for key in keys)

    def result(self):
        return {"missing": self.missing(), "recovery": self.is_recovery()}


# The form of each document: the names in their order, and what is within each. A list is of objects if its form is in brackets.
KEYS = {"keys": None, "threshold": None}
HOMES = [{"kind": None, "url": None}]
CHARTER_FORM = {
    **dict.fromkeys(("format", "version", "previous", "name", "description", "issued", "expires")),
    "root": KEYS,
    "recovery": {**KEYS, "wait": None},
    **dict.fromkeys(("routine", "authors", "moderators", "members_may_post")),
    "banned": [{"key": None, "since": None}],
    "homes": HOMES,
    "hints": {"addresses": [{"host": None, "addresses": None}], "resolvers": None},
    "restrictions": [dict.fromkeys(("text", "jurisdiction", "authority", "number", "date"))],
    "predecessor": None,
    "successor": {"community": None, "homes": HOMES},
    "copy": {"of": None, "by": None},
}
FREEZE_FORM = dict.fromkeys(("format", "community", "charter", "after"))
HOME_KINDS = ("mirror", "relay", "page", "other")


def spelled(value, form):
    """A part of a document as a program writes it that knows these names: the only spelling that admins sign."""
    if isinstance(form, list):
        return [spelled(one, form[0]) for one in value]
    if form is None:
        return value
    written = {name: spelled(value[name], inner) for name, inner in form.items() if value.get(name) is not None}
    # Lists are left out if they are empty, except for the addresses of one host; so are the defaults.
    return {name: part for name, part in written.items() if part not in ([], "") and part is not False}


def as_written(payload, is_charter):
    """The bytes of a document of which the rest was checked."""
    document = json.loads(payload)
    if not is_charter:
        return dump(spelled(document, FREEZE_FORM))
    for home in document.get("homes", []) + (document.get("successor") or {}).get("homes", []):
        home["kind"] = home["kind"] if home["kind"] in HOME_KINDS else "other"
    for hint in document.get("hints", {}).get("addresses", []):
        hint["addresses"] = [spelled_ip(text) for text in hint["addresses"]]
    # The hints are written even if they are empty.
    return dump(spelled({"hints": {}, **document}, CHARTER_FORM))


def spelled_ip(text):
    """RFC 5952, and an address of IPv4 in one of IPv6 in dots."""
    address = ipaddress.ip_address(text)
    mapped = address.version == 6 and address.ipv4_mapped
    return f"::ffff:{mapped}" if mapped else str(address)


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def freeze_in(envelope):
    form = "freeze_form"
    document = Fields(strict(envelope.payload, form), form)
    community, charter, after = document.digest("community"), document.number("charter"), document.number("after")
    need(document.number("format") == FORMAT and is_time(after), form)
    return community, charter, after


class Reader:
    """What one reader holds of one community."""

    def __init__(self, community):
        self.community = community
        self.chain = self.other = self.head = self.freeze = self.head_dispute = None
        self.events = {}  # by id: the event and the role of its author

    def read_charter(self, data, now):
        if self.chain:
            return self.chain.extend(data, now)
        self.chain = Chain(self.community, data, now)
        return "begun"

    def read_other(self, community, data, now):
        if self.other:
            return self.other.extend(data, now)
        self.other = Chain(community, data, now)
        return "begun"

    def read_head(self, data, now):
        envelope = Envelope(data, HEAD)
        head = Head(envelope)
        need(head.community == self.chain.id, "head_other_community")
        in_force = self.chain.in_force(now)
        need(head.charter <= in_force.version, "head_unknown_charter")
        is_there = 1 <= head.charter and self.chain.links[head.charter - 1][0].digest == head.charter_digest
        need(is_there, "head_other_charter")
        need(envelope.is_signed_by(in_force.routine, 1), "head_unsigned")
        need(self.freeze is None or head.issued <= self.freeze, "head_frozen")
        if self.head:
            if head.digest == self.head.digest:
                return "known"
            if head.rank() == self.head.rank():
                self.head_dispute = head.rank()
                raise Refused("head_disputed")
            need(head.rank() > self.head.rank(), "head_rollback")
        need(self.head_dispute is None or head.charter > self.head_dispute[0], "head_disputed")
        self.head_dispute, self.head = None, head
        self.chain.has_head(head.issued, now)
        return "newer"

    def read_freeze(self, data, now):
        envelope = Envelope(data, FREEZE)
        community, charter, after = freeze_in(envelope)
        need(community == self.chain.id, "freeze_other_community")
        need(1 <= charter <= self.chain.in_force(now).version, "freeze_unknown_charter")
        need(envelope.is_signed_by(*self.chain.links[charter - 1][0].root), "freeze_unsigned")
        self.chain.take_freeze(after, charter)
        self.freeze = self.chain.freeze[0]
        if self.head and (self.head.issued > self.freeze or self.head.charter > len(self.chain.links)):
            # As if it had not been read: what was read of it before is another program's to keep.
            self.head = self.head_dispute = None
        return "frozen"

    def read_routes(self, data, now):
        """The envelope inside of a pack of routes. What is sealed around it is age, and not read here."""
        form = "routes_form"
        try:
            envelope = Envelope(data, ROUTES)
        except Refused:
            raise Refused(form) from None
        document = Fields(strict(envelope.payload, form), form)
        community, strategies = document.digest("community"), document.list("strategies")
        issued, expires = document.number("issued"), document.number("expires")
        need(document.number("format") == FORMAT and is_time(issued) and is_time(expires), form)
        need(1 <= expires - issued <= 366 * DAY and 1 <= len(strategies) <= 32, form)
        need(all(isinstance(text, str) and re.fullmatch(r"[!-~]{1,2048}", text) for text in strategies), form)
        need(self.chain is not None and community == self.chain.id, "routes_other_community")
        charter = self.chain.in_force(now)
        is_signed = envelope.is_signed_by(charter.root[0], 1) or envelope.is_signed_by(charter.routine, 1)
        need(is_signed, "routes_unsigned")
        is_frozen = self.freeze is not None and self.freeze < issued
        need(self.chain.dispute is None and not is_frozen, "routes_disputed")
        need(issued <= now + DAY, "routes_ahead")
        need(now <= expires, "routes_expired")
        need(all(map(may_be_in_pack, strategies)), "routes_strategy")
        return "routes"

    def admit(self, line, now):
        """The event of a line, and the role of its author."""
        event = read_event(line)
        created, author = event["created_at"], event["pubkey"]
        need(created <= self.head.issued + DAY, "event_future")
        need(self.freeze is None or created <= self.freeze, "event_frozen")
        named = [tag[1] for tag in event["tags"] if tag[0] in ("i", "I") and len(tag) > 1]
        need(f"byway:{self.chain.id}" in named, "event_other_community")
        banned = self.chain.in_force(now).banned
        need(not any(key == author and since <= created for key, since in banned), "event_banned")
        charter = self.chain.at_time(created, now)
        if author in charter.authors:
            role = "community"
        elif author in charter.moderators:
            role = "moderator"
        else:
            need(charter.members_may_post and event["kind"] in (1, 5, 1111), "event_not_allowed")
            role = "member"
        signed = has_signed(author, bytes.fromhex(event["id"]), bytes.fromhex(event["sig"]))
        need(signed, "event_signature")
        return event, role

    def read_line(self, line, now):
        event, role = self.admit(line, now)
        need(event["id"] not in self.events, "event_duplicate")
        self.events[event["id"]] = event, role
        return role

    def read_file(self, name, data, now):
        need(self.head_dispute is None, "head_disputed")
        length, sha256 = self.head.files[name]
        if name != "newest.jsonl":
            data = data[:length]  # What follows is newer than the head.
        need(len(data) <= length, "file_too_long")
        lines = data.split(b"\n")
        need(all(len(line) <= 65536 for line in lines), "file_line")
        need(len(lines) - 1 <= 100000, "file_too_many_events")
        need(len(data) == length, "file_too_short")
        need(digest(data) == sha256, "file_digest")
        need(lines.pop() == b"", "file_line")
        return [code_of(lambda line=line: self.admit(line, now)[1]) for line in lines]

    def trust(self, now):
        charter, reasons = self.chain.in_force(now), []
        if self.chain.dispute:
            reasons.append("two_charters")
        if self.head_dispute:
            reasons.append("two_heads")
        if self.freeze is not None:
            reasons.append("frozen")
        state = "disputed" if reasons else "verified"
        if self.chain.recovers(now):
            reasons.append("recovering")
        stale = []
        if charter.expires < now:
            stale.append("charter_expired")
        if self.head is None:
            stale.append("no_head")
        elif self.head.expires < now:
            stale.append("head_expired")
        newest = max(charter.issued, self.head.issued if self.head else charter.issued)
        if now + DAY < newest:
            stale.append("clock_behind")
        if stale and state == "verified":
            state = "stale"
        reasons += stale
        return {"state": "copied" if charter.copy else state, "reasons": reasons}


# Content: what is shown of the events that were read


def tags(event, name):
    return [tag[1] for tag in event["tags"] if tag[0] == name and len(tag) > 1]


def first(event, name):
    return next(iter(tags(event, name)), None)


def coordinate(event):
    return f"{event['kind']}:{event['pubkey']}:{first(event, 'd')}"


def whole_seconds(text):
    return int(text) if text is not None and re.fullmatch("[0-9]{1,12}", text) else None


def whole_day(text):
    try:
        return datetime.date.fromisoformat(text) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text or "") else None
    except ValueError:
        return None


def gathering(event):
    """A gathering as it is shown. None if it has no title or no start: then the event is no version."""
    title, begins, ends = first(event, "title"), first(event, "start"), first(event, "end")
    shown = {"title": title, "start": None, "end": None, "days": None, "zone": None}
    if event["kind"] == 31922:
        day, after = whole_day(begins), whole_day(ends)
        if title is None or day is None:
            return None
        # The end is the day after the last one.
        last = max(day, after - datetime.timedelta(1)) if after else day
        shown["days"] = [str(day), str(last)]
        shown["start"] = int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.timezone.utc).timestamp())
    else:
        shown["start"], shown["end"] = whole_seconds(begins), whole_seconds(ends)
        if title is None or shown["start"] is None:
            return None
        zone = first(event, "start_tzid")
        shown["zone"] = zone if zone in zoneinfo.available_timezones() else None
    shown["place"], shown["text"] = first(event, "location"), event["content"] or None
    shown["cancelled"] = first(event, "status") == "cancelled"
    return shown


def post(event, role):
    at, text, is_article = event["created_at"], event["content"], event["kind"] == 30023
    created, edited = at, at
    if is_article:
        title = first(event, "title")
        text = text if title is None else f"{title}\n\n{text}"
        published = whole_seconds(first(event, "published_at"))
        if first(event, "published_at") == "0":
            created = None
        elif published is not None and is_time(published) and published <= at:
            created = published
        if first(event, "edited_at") is not None:
            edited = whole_seconds(first(event, "edited_at"))
    if edited is None or not (is_time(edited) and edited <= at and (created is None or created < edited)):
        edited = None
    by = "community" if role == "community" else "person"
    return {"text": text, "created": created, "edited": edited, "links": tags(event, "r"), "by": by}


def content(events):
    """Each item by its id: the version that counts, or that it was removed. The order of the events has no part in it."""
    versions, deletions = {}, []
    for event, role in events:
        if event["kind"] == 5:
            deletions.append((event, role))
            continue
        is_gathering = event["kind"] in (31922, 31923)
        shown = gathering(event) if is_gathering else post(event, role)
        if shown is not None:
            name = coordinate(event) if event["kind"] in REPLACEABLE else event["id"]
            versions.setdefault(name, []).append((-event["created_at"], event["id"], event, shown))
    items = []
    for name, of_item in versions.items():
        _, _, event, shown = min(of_item, key=lambda version: version[:2])
        is_removed = any(deletes(deletion, role, event) for deletion, role in deletions)
        items.append({"id": f"nostr:{name}", **({"removed": True} if is_removed else shown)})
    return sorted(items, key=lambda item: item["id"])


def deletes(deletion, role, event):
    """Whether a deletion counts for this version."""
    if role == "member" and deletion["pubkey"] != event["pubkey"]:
        return False
    if event["id"] in tags(deletion, "e"):
        return True
    is_named = event["kind"] in REPLACEABLE and coordinate(event) in tags(deletion, "a")
    return is_named and event["created_at"] <= deletion["created_at"]


# Bundles

BUNDLE = b"byway bundle 1\n"
MAX_BUNDLE, MAX_FILE, MAX_PICTURE = 134217728, 67108864, 8388608


def place_of(name):
    """Where a part with this name stands, and which of two of the same kind comes first."""
    if match := re.fullmatch("charter/([1-9][0-9]{0,3})\\.json", name):
        return (0, int(match[1])) if int(match[1]) <= 1000 else None
    if name in ("head.json", "freeze.json", "newest.jsonl"):
        return {"head.json": 1, "freeze.json": 2, "newest.jsonl": 3}[name], 0
    if re.fullmatch(MONTH, name):
        return 4, name
    return (5, name) if is_picture(name) else None


def is_picture(name):
    return re.fullmatch("files/[0-9a-f]{64}", name) is not None


def next_part(data, at):
    """The name and the bytes of the part that begins there, and where it ends."""
    end = data.find(b"\n", at, at + 96)
    need(end >= 0, "bundle_form" if len(data) - at >= 96 else "bundle_truncated")
    try:
        name, _, length = data[at:end].decode().partition(" ")
    except UnicodeDecodeError:
        raise Refused("bundle_form") from None
    need(re.fullmatch("0|[1-9][0-9]*", length, re.ASCII) and int(length) < 2**64, "bundle_form")
    length, begin = int(length), end + 1
    need(length <= (MAX_PICTURE if is_picture(name) else MAX_FILE), "bundle_too_large")
    need(begin + length < len(data), "bundle_truncated")
    need(data[begin + length] == 10, "bundle_form")
    return name, data[begin : begin + length], begin + length + 1


def read_bundle(data):
    """The parts of a bundle. What is in them is verified as if it came from a mirror."""
    need(data.startswith(BUNDLE), "bundle_form")
    need(len(data) <= MAX_BUNDLE, "bundle_too_large")
    at, before, parts = len(BUNDLE), (0, 0), {}
    while at < len(data):
        name, part, at = next_part(data, at)
        place = place_of(name)
        need(place is not None and place > before, "bundle_name")
        need(place[0] > 0 or place[1] == before[1] + 1, "bundle_name")
        kind = {0: CHARTER, 1: HEAD, 2: FREEZE}.get(place[0])
        try:
            parts[name] = Envelope(part, kind) if kind else part
        except Refused:
            raise Refused("bundle_form") from None
        before = place
    charters = [name for name in parts if name.startswith("charter/")]
    need(charters and "head.json" in parts, "bundle_truncated")
    files = {name: len(part) for name, part in parts.items() if isinstance(part, bytes)}
    first = parts["charter/1.json"].digest
    return {"id": first, "charters": len(charters), "freeze": "freeze.json" in parts, "files": files}


# Links

MAX_LINK, MAX_WEB_FORM, MAX_MIRRORS = 331, 1024, 4
EXPOSURES = ("open", "proxied", "tor")
# What Unicode calls White_Space.
WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
PORTS = {"https": "443", "http": "80"}


def lower(text):
    """In small letters, those of ASCII alone."""
    return re.sub("[A-Z]+", lambda letters: letters[0].lower(), text)


def exposure_of(word):
    need(lower(word) in EXPOSURES, "exposure")
    return EXPOSURES.index(lower(word))


def exposure_in(address):
    """The strictest exposure that the address before a link asks for."""
    asked = 0
    for part in re.split("[?&#;/]", urllib.parse.unquote(address, errors="replace")):
        name, is_parameter, word = part.partition("=")
        if is_parameter and lower(name.strip(WHITE).removeprefix("amp;")) == "exposure":
            asked = max(asked, exposure_of(word.strip(WHITE)))
    return asked


def read_link(text):
    text = text.strip(WHITE)
    need(len(text.encode()) <= MAX_WEB_FORM, "too_long")
    address, link = "", text
    if lower(text[:6]) != "byway:":
        address, _, link = text.partition("#")
        need(lower(address).startswith(("https://", "http://")), "no_link")
        link = urllib.parse.unquote(link, errors="replace")
        need(lower(link[:6]) == "byway:", "no_link")
    exposure = exposure_in(address)
    need(len(link.encode()) <= MAX_LINK, "too_long")
    identifier, *parameters = re.split("[?&]", link[6:], maxsplit=1)
    need(is_hex(lower(identifier), 64), "id")
    link = {"id": lower(identifier), "exposure": 0, "key": None, "mirrors": []}
    for parameter in parameters[0].split("&") if parameters else []:
        name, is_parameter, value = parameter.partition("=")
        need(is_parameter, "parameter")
        if name == "exposure":
            link["exposure"] = max(link["exposure"], exposure_of(value))
        elif name == "key":
            key = lower(value.replace("-", "").replace(" ", ""))
            need(is_hex(key, 20) and link["key"] in (None, key), "key")
            link["key"] = key
        elif name == "mirror":
            mirror = mirror_of(value)
            if mirror not in link["mirrors"]:
                need(len(link["mirrors"]) < MAX_MIRRORS, "too_many_mirrors")
                link["mirrors"].append(mirror)
        else:
            raise Refused("parameter")
        need(len(printed(link)) <= MAX_LINK, "too_long")
    link["exposure"] = max(link["exposure"], exposure)
    need(len(printed(link)) <= MAX_LINK, "too_long")
    return {"link": printed(link), "exposure": EXPOSURES[link["exposure"]], "web": web_form(link)}


def printed(link):
    parameters = [f"exposure={EXPOSURES[link['exposure']]}"] if link["exposure"] else []
    parameters += [f"key={link['key']}"] if link["key"] else []
    parameters += [f"mirror={mirror.removeprefix('https://')}" for mirror in link["mirrors"]]
    return f"byway:{link['id']}" + ("?" if parameters else "") + "&".join(parameters)


def web_form(link):
    for mirror in link["mirrors"]:
        if link["exposure"] == 0 or re.match("https?://[^/]*\\.onion(:[0-9]+)?/", mirror):
            form = f"{mirror}#{printed(link).replace('%', '%25')}"
            return form if len(form) <= MAX_WEB_FORM else None
    return None


def mirror_of(text):
    """The address of a folder, as the URL Standard parses and prints it. What is rare in such an address is not read here."""
    wrong = "mirror"
    if not lower(text).startswith(("https://", "http://")):
        need("://" not in text, wrong)
        text = "https://" + text
    scheme, _, rest = text.partition("://")
    scheme = lower(scheme)
    match = re.fullmatch("([^/?#@]+)(/[^?#]*)?", rest)
    need(match, wrong)
    host, _, port = match[1].rpartition(":") if re.search(":[0-9]*$", match[1]) else (match[1], "", "")
    try:
        if host.startswith("["):
            host = f"[{ipaddress.IPv6Address(host.strip('[]'))}]"
        else:
            host = lower(host).encode("idna").decode()
    except ValueError:
        raise Refused(wrong) from None
    need(host and not re.search(r"[\0-\x20#%/:<>?@\\^|\x7f]", host.strip("[]").replace(":", "")), wrong)
    need(port == "" or int(port) < 65536, wrong)
    port = str(int(port)) if port else ""
    path = []
    for part in (match[2] or "/")[1:].split("/"):
        step = lower(part).replace("%2e", ".")
        path = path[:-1] if step == ".." else path if step == "." else path + [part]
    is_folder = not path or path[-1] == "" or step in (".", "..")
    path = urllib.parse.quote("/".join(path), safe="!$%&'()*+,-./:;=@[]_|~\\^")
    url = f"{scheme}://{host}" + (f":{port}" if port and port != PORTS[scheme] else "") + f"/{path}"
    url = url if url.endswith("/") else url + "/"
    hidden = lower(urllib.parse.unquote(url, errors="replace"))
    need("&" not in hidden and "exposure=" not in hidden, wrong)
    return url


# Lines that admins send each other


def unbase64url(text, scheme, code):
    need(text.startswith(scheme), code)
    digits = text[len(scheme) :]
    try:
        data = base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4))
    except ValueError:
        raise Refused(code) from None
    need(base64.urlsafe_b64encode(data).decode().rstrip("=") == digits, code)
    return data


def approve(proposal, line):
    """The proposal with the signature of a line."""
    data = unbase64url(line.strip(WHITE), "byway-approval:", "approval")
    need(len(data) == 128, "approval")
    document, key, signature = data[:32].hex(), data[32:64].hex(), data[64:]
    need(document == proposal.document.digest and key in proposal.counted, "approval")
    need(has_signed(key, proposal.document.message, signature), "approval")
    proposal.document.signatures[key] = signature
    return proposal.result()


def read_keys(line):
    """The fingerprints of an admin's keys: the one that decides, the one that signs heads, the one that writes."""
    data = unbase64url(line.strip(WHITE), "byway-keys:", "public_keys")
    keys, check = data[:96], data[96:]
    need(hashlib.sha256(b"byway-keys:" + keys).digest()[:4] == check, "public_keys")
    keys = [keys[at : at + 32] for at in (0, 32, 64)]
    need(all(is_key(key.hex()) for key in keys), "public_keys")
    return {"fingerprints": [hashlib.sha256(key).digest()[:10].hex(" ", 2) for key in keys]}


# Recovery cards

CARD, CARD_BYTES, CARD_DIGITS = "byway-card:", 53, 85
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def times(one, other):
    """Multiplication in GF(256) with the polynomial 0x11d."""
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one = one << 1 ^ (0x11D if one & 0x80 else 0)
        other >>= 1
    return product


def inverse(one):
    return next(other for other in range(1, 256) if times(one, other) == 1)


def read_card(text):
    mistyped = "card_mistyped"
    digits = [c for c in text if not c.isspace() and c != "-"][:CARD_DIGITS]
    digits = [{"o": "0", "i": "1", "l": "1"}.get(c, c) for c in digits]
    need(len(digits) == CARD_DIGITS and all(c in DIGITS for c in digits), mistyped)
    value = 0
    for c in digits:
        value = value << 5 | DIGITS.index(c)
    rest = CARD_DIGITS * 5 - CARD_BYTES * 8
    need(value & (1 << rest) - 1 == 0, mistyped)
    data = (value >> rest).to_bytes(CARD_BYTES, "big")
    body, check = data[:-4], data[-4:]
    need(hashlib.sha256(CARD.encode() + body).digest()[:4] == check, mistyped)
    needed, of, number = body[:3]
    need(2 <= of <= 16 and 2 <= needed <= of and 1 <= number <= of, mistyped)
    return {"belongs": (needed, of, body[3:7], body[7:17]), "number": number, "share": body[17:]}


def seed_of(cards):
    """What these cards make, all together. None if two of them have one number."""
    if len({card["number"] for card in cards}) < len(cards):
        return None
    seed = bytearray(32)
    for card in cards:
        factor = 1
        for other in cards:
            if other is not card:
                factor = times(factor, times(other["number"], inverse(other["number"] ^ card["number"])))
        for at, byte in enumerate(card["share"]):
            seed[at] ^= times(byte, factor)
    return bytes(seed)


def fingerprint_of(seed):
    if seed is None:
        return None
    extracted = hmac.digest(b"byway community keys 1", seed, "sha256")
    root = PublicKeyXOnly.from_secret(hmac.digest(extracted, b"root 1\x01", "sha256")).format()
    return hashlib.sha256(root).digest()[:10]


def restore(text):
    """The fingerprint of the key that cards make."""
    cards = []
    for card in text.encode().lower().decode().split(CARD)[1:]:
        cards.append(read_card(card))
        need(len(cards) <= 16, "card_numbers")
    need(cards, "cards_too_few")
    need(all(card["belongs"] == cards[0]["belongs"] for card in cards), "card_mixed")
    for at, card in enumerate(cards):
        need(card not in cards[:at], "card_repeated")
    needed, _, _, keys = cards[0]["belongs"]
    need(len(cards) >= needed, "cards_too_few")
    choices = itertools.combinations(cards, needed)
    chosen = next((choice for choice in choices if fingerprint_of(seed_of(choice)) == keys), None)
    need(chosen is not None, "cards_wrong")
    for card in cards:
        need(card in chosen or seed_of((card, *chosen[1:])) == seed_of(chosen), "card_changed")
    made = fingerprint_of(seed_of(chosen))
    return {"made": made.hex(" ", 2)}


def read_event(line):
    need(len(line) <= 65536, "event_too_long")
    event, form = load(line, "event_form"), "event_form"
    need(isinstance(event, dict), form)
    need(event.keys() == {"id", "pubkey", "created_at", "kind", "tags", "content", "sig"}, form)
    texts, numbers = ("id", "pubkey", "content", "sig"), ("created_at", "kind")
    need(all(isinstance(event[name], str) for name in texts), form)
    need(all(is_number(event[name]) and event[name] < 2**64 for name in numbers), form)
    tags = event["tags"]
    need(isinstance(tags, list) and all(isinstance(tag, list) for tag in tags), form)
    need(all(isinstance(text, str) for tag in tags for text in tag), form)
    need(event["kind"] in EVENT_KINDS, "event_kind")
    need(EARLIEST <= event["created_at"] <= 253402207200, "event_time")
    need(len(tags) <= 100 and all(1 <= len(tag) <= 20 for tag in tags), "event_tags")
    need(all(len(text.encode()) <= 2048 for tag in tags for text in tag), "event_tags")
    all_texts = [event["content"]] + [text for tag in tags for text in tag]
    need(not any(c < " " and c not in "\n\t" for text in all_texts for c in text), "event_text")
    need(is_hex(event["id"], 64) and is_key(event["pubkey"]) and is_hex(event["sig"], 128), form)
    if event["kind"] in REPLACEABLE:
        identifier = next((tag[1] for tag in tags if tag[0] == "d" and len(tag) > 1), "")
        need(re.fullmatch(r"[!-~]{1,64}", identifier), "event_identifier")
    canonical = [0, event["pubkey"], event["created_at"], event["kind"], tags, event["content"]]
    text = json.dumps(canonical, ensure_ascii=False, separators=(",", ":"))
    need(digest(text.encode()) == event["id"], "event_id")
    return event


def code_of(deed):
    try:
        return deed()
    except Refused as refused:
        return refused.args[0]


# Programs


def step_result(reader, step):
    now = step["now"]
    if reader.chain:
        reader.chain.correct(now)
    if "charter" in step:
        return code_of(lambda: reader.read_charter(step["charter"].encode(), now))
    if "other_charter" in step:
        other = step["other_charter"]
        return code_of(lambda: reader.read_other(other["community"], other["charter"].encode(), now))
    if "head" in step:
        return code_of(lambda: reader.read_head(step["head"].encode(), now))
    if "freeze" in step:
        return code_of(lambda: reader.read_freeze(step["freeze"].encode(), now))
    if "line" in step:
        return code_of(lambda: reader.read_line(step["line"].encode(), now))
    if "file" in step:
        data = step["file"]["text"].encode()
        result = code_of(lambda: reader.read_file(step["file"]["name"], data, now))
        return {"end": "whole", "lines": result} if isinstance(result, list) else {"end": result}
    if "long_charter" in step:
        return code_of(lambda: reader.read_charter(in_full(step["long_charter"]), now))
    if "long_file" in step:
        data = in_full(step["long_file"]["pieces"])
        result = code_of(lambda: reader.read_file(step["long_file"]["name"], data, now))
        return {"end": "whole", "lines": dict(collections.Counter(result))} if isinstance(result, list) else {"end": result}
    if "content" in step:
        return content(reader.events.values())
    if "link" in step:
        return code_of(lambda: read_link(step["link"]))
    if "bundle" in step:
        return code_of(lambda: read_bundle(step["bundle"].encode()))
    if "long_bundle" in step:
        return code_of(lambda: read_bundle(in_full(step["long_bundle"])))
    if "approval" in step:
        proposal = Proposal(step["approval"]["proposal"].encode())
        return code_of(lambda: approve(proposal, step["approval"]["line"]))
    if "keys" in step:
        return code_of(lambda: read_keys(step["keys"]))
    if "walk" in step:
        return walk({reader.chain.id: reader.chain, **read_now(step["walk"], now)}, reader.chain.id, now)
    if "routes" in step:
        return code_of(lambda: reader.read_routes(step["routes"].encode(), now))
    if "proposal" in step:
        return code_of(lambda: Proposal(step["proposal"].encode()).result())
    if "cards" in step:
        return code_of(lambda: restore(step["cards"]))
    if "succession" in step:
        return succession(reader.chain, reader.other, now)
    return reader.trust(now)


def in_full(pieces):
    return b"".join(text.encode() * times for text, times in pieces)


def read_now(communities, now):
    """The chains of communities whose charters are all read now."""
    chains = {}
    for one in communities:
        begun, *later = one["charters"]
        chain = chains[one["community"]] = Chain(one["community"], begun.encode(), now)
        for charter in later:
            chain.extend(charter.encode(), now)
    return chains


def run_vectors(paths):
    steps, wrong = 0, 0
    for path in paths:
        for story in json.loads(pathlib.Path(path).read_text(encoding="utf-8")):
            reader = Reader(story["community"])
            for number, step in enumerate(story["steps"]):
                steps += 1
                result = step_result(reader, step)
                if result != step["result"]:
                    wrong += 1
                    print(f"{path}: {story['name']}: step {number}: {result!r}, and not {step['result']!r}")
    print(f"{steps} steps, {wrong} with another result")
    return 1 if wrong or not steps else 0


def run_mirror(directory, community):
    folder, now = pathlib.Path(directory), int(time.time())
    reader = Reader(community.removeprefix("byway:"))
    faults, version = 0, 1
    while (path := folder / f"charter/{version}.json").exists():
        code = code_of(lambda: reader.read_charter(path.read_bytes(), now))
        print(f"charter {version}:", code)
        if reader.chain is None:
            return 1
        faults += code not in ("begun", "newer", "recovering")
        version += 1
    if reader.chain is None:
        print("there is no charter/1.json")
        return 1
    if (path := folder / "head.json").exists():
        code = code_of(lambda: reader.read_head(path.read_bytes(), now))
    else:
        code = "absent"
    print("head:", code)
    faults += code != "newer"
    if (path := folder / "freeze.json").exists():
        code = code_of(lambda: reader.read_freeze(path.read_bytes(), now))
        print("freeze:", code)
        faults += code != "frozen"
    for name in reader.head.files if reader.head else []:
        path = folder / name
        lines = code_of(lambda: reader.read_file(name, path.read_bytes(), now)) if path.exists() else "absent"
        refused = [line for line in lines if line.startswith("event_")] if isinstance(lines, list) else []
        faults += len(refused) + isinstance(lines, str)
        print(f"{name}:", lines if isinstance(lines, str) else f"{len(lines)} events, {len(refused)} refused")
    trust = reader.trust(now)
    today = datetime.date.today()
    print(f"{today}:", trust["state"], *trust["reasons"], *(["and refused or absent files"] if faults else []))
    return 0 if trust["state"] in ("verified", "copied") and not faults else 1


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if len(arguments) == 3 and arguments[0] == "mirror":
        sys.exit(run_mirror(*arguments[1:]))
    if not arguments or arguments[0].startswith("-"):
        sys.exit(__doc__)
    sys.exit(run_vectors(arguments))
