# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of DKIM keys (RFC 6376 section 3.6.1, RFC 8301, RFC 8463; R-DNS-04, R-DNS-05, R-DNS-17, D-DKIM-1 to D-DKIM-3)."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import FOUND, Asking, Question
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import DkimKey
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import ALIGNMENT, DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.near import near_miss

BITS_LEAST = 1024
BITS_GOOD = 2048
# Six months, as guidance for rotation is commonly given.
ROTATION = datetime.timedelta(days=183)
# A key that is missing is looked for in so many other domains of the portfolio, not in all of them.
PLACES_MOST = 30
_RSA_OID = bytes.fromhex("06092a864886f70d010101")


@dataclasses.dataclass(frozen=True)
class Key:
    """A key record.

    :param type: ``rsa``, ``ed25519``, or what else ``k=`` says.
    :param data: of ``p=``, empty when the key is revoked.
    :param bits: length of an RSA modulus, 256 for Ed25519, 0 when it is not known.
    """

    type: str
    data: bytes
    bits: int
    hashes: tuple[str, ...] = ()
    services: tuple[str, ...] = ("*",)
    flags: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether a receiver can verify a signature with it."""
        return (
            bool(self.data)
            and self.type in ("rsa", "ed25519")
            and self.bits >= (BITS_LEAST if self.type == "rsa" else 256)
            and (not self.hashes or "sha256" in self.hashes)
            and bool({"*", "email"} & set(self.services))
        )


def name_of(selector: str, domain: str) -> str:
    return "%s._domainkey.%s" % (selector, domain)


def parse(text: str) -> Key:
    """:raises ValueError: for what is no key record; the message says why."""
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        name = name.strip()
        if not part.strip():
            continue
        if not equals or not name:
            raise ValueError("%r is no tag" % part.strip()[:40])
        if name in tags:
            raise ValueError("the tag %s stands twice" % name)
        if name == "v" and (tags or value.strip() != "DKIM1"):
            raise ValueError("v= is DKIM1 and stands first")
        tags[name] = value.strip()
    if "p" not in tags:
        raise ValueError("there is no p=")
    kind = tags.get("k", "rsa")
    try:
        data = base64.b64decode("".join(tags["p"].split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("p= is no base64: a part of it is missing or too much") from error

    def words(tag: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in tags.get(tag, "").split(":") if word.strip())

    return Key(kind, data, _bits(kind, data), words("h"), words("s") or ("*",), words("t"))


def _bits(kind: str, data: bytes) -> int:
    """:raises ValueError: for data that is no key of its type."""
    if not data:
        return 0
    if kind == "ed25519":
        if len(data) != 32:
            raise ValueError("an Ed25519 key has 32 octets, not %d" % len(data))
        return 256
    return _rsa_bits(data) if kind == "rsa" else 0


def _rsa_bits(data: bytes) -> int:
    """Bits of the modulus, of a SubjectPublicKeyInfo or of the bare RSAPublicKey that some have (RFC 6376 erratum 3017)."""
    dummy, body, rest = _element(data, 0x30)
    if rest:
        raise ValueError("p= has %d octets too many" % len(rest))
    if body[:1] == b"\x30":
        dummy, algorithm, after = _element(body, 0x30)
        if not algorithm.startswith(_RSA_OID):
            raise ValueError("p= is no RSA key")
        dummy, bits, dummy2 = _element(after, 0x03)
        dummy, body, dummy2 = _element(bits[1:], 0x30)
    dummy, modulus, dummy2 = _element(body, 0x02)
    return int.from_bytes(modulus, "big").bit_length()


def _element(data: bytes, tag: int) -> tuple[int, bytes, bytes]:
    """Tag, content and rest of one element of DER."""
    if len(data) < 2 or data[0] != tag:
        raise ValueError("p= is no RSA key, or a part of it is missing")
    length, start = data[1], 2
    if length & 0x80:
        count = length & 0x7F
        length, start = int.from_bytes(data[2 : 2 + count], "big"), 2 + count
    if len(data) < start + length:
        raise ValueError("p= is cut off: %d octets of %d" % (len(data) - start, length))
    return tag, data[start : start + length], data[start + length :]


def judge(name: str, approved: DkimKey, values: t.Sequence[str]) -> list[DnsFinding]:
    """What is wrong with the key records at a name.

    :param values: TXT values in normal form.
    """
    if not values:
        return [found("dkim_selector_unpublished", name, "No TXT record at %s." % name)]
    texts = [txt.text(value) for value in values]
    if len(texts) > 1:
        return [found("dkim_multiple", name, "%d TXT records: %s." % (len(texts), _shown(texts)))]
    (text,) = texts
    if approved.value and _same(text, approved.value):
        return _quality(name, text)
    if approved.value and near_miss(_plain(text), _plain(approved.value), numbers=True):
        evidence = "%s, approved is %s." % (_shown(texts), _shown([approved.value]))
        return [found("record_typo", name, evidence, breaks=ALIGNMENT, record_class="dkim")]
    findings = _quality(name, text)
    if approved.value and not {one.code for one in findings} & {"dkim_syntax", "dkim_revoked"}:
        evidence = "%s, approved is %s." % (_shown(texts), _shown([approved.value]))
        findings.insert(0, found("dkim_key_differs", name, evidence))
    return findings


def _quality(name: str, text: str) -> list[DnsFinding]:
    try:
        key = parse(text)
    except ValueError as error:
        return [found("dkim_syntax", name, "%s: %s." % (_shown([text]), error))]
    if not key.data:
        return [found("dkim_revoked", name, _shown([text]) + ".")]
    seen = "k=%s, %d bits" % (key.type, key.bits)
    findings = []
    if key.type not in ("rsa", "ed25519"):
        findings.append(found("dkim_key_type_unknown", name, "k=%s." % key.type))
    elif key.type == "rsa" and key.bits < BITS_LEAST:
        findings.append(found("dkim_key_weak", name, seen + "."))
    elif key.type == "rsa" and key.bits < BITS_GOOD:
        findings.append(found("dkim_key_short", name, seen + "."))
    if key.hashes and "sha256" not in key.hashes:
        findings.append(found("dkim_hash_refused", name, "h=%s." % ":".join(key.hashes)))
    if not {"*", "email"} & set(key.services):
        findings.append(found("dkim_not_for_mail", name, "s=%s." % ":".join(key.services)))
    if "y" in key.flags:
        findings.append(found("dkim_testing", name, "t=%s." % ":".join(key.flags)))
    return findings


def _plain(text: str) -> str:
    return "".join(text.split()).rstrip(";")


def _same(one: str, other: str) -> bool:
    """The same key, however its record is written."""
    if _plain(one) == _plain(other):
        return True
    try:
        first, second = parse(one), parse(other)
    except ValueError:
        return False
    return (first.type, first.data) == (second.type, second.data) and bool(first.data)


def _shown(texts: t.Sequence[str]) -> str:
    return ", ".join(text if len(text) <= 60 else text[:40] + "…" + text[-16:] for text in texts)


def misplaced(domain: str, key: DkimKey, others: t.Sequence[str] = ()) -> Asking[str]:
    """The name at which a missing key is published instead (R-DNS-05); empty when it is nowhere.

    It is looked for where a form at a DNS host puts it by mistake, and at the same selector of other domains of the portfolio.
    """
    if not key.value:
        return ""
    name = name_of(key.selector, domain)
    places = [
        "%s.%s" % (name, domain),
        "%s.%s" % (key.selector, domain),
        "_domainkey.%s" % domain,
        domain,
        *[name_of(key.selector, other) for other in others if other != domain],
    ][:PLACES_MOST]
    answers = yield [Question(place, "TXT") for place in places]
    for place, answer in zip(places, answers, strict=True):
        if answer.status == FOUND and any(_same(txt.text(value), key.value) for value in answer.values):
            return place
    return ""


def aged(name: str, since: datetime.datetime, now: datetime.datetime) -> list[DnsFinding]:
    """Whether a key has been in use for longer than is usual (D-DKIM-3)."""
    if now - since <= ROTATION:
        return []
    shown = "The same key at least since %s, for %d days." % (since.date().isoformat(), (now - since).days)
    return [found("dkim_key_old", name, shown)]
