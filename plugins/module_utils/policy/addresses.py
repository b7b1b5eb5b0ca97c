# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses: local parts by the provider's rules, contacts by those of RFC 5321, names that need more than a nod.

Stored form: lower case. RFC 5321 section 2.4 lets a local part be case-sensitive on paper and discourages use of it; so
what differs by case only is the same mailbox here (R-FORM-15, R-VAL-07).
"""

from __future__ import annotations

import functools
import itertools
import re
import typing as t
import unicodedata

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.characters import describe_character, shown
from ansible_collections.mailops.email.plugins.module_utils.policy.hostnames import host_of_address, normalise_hostname
from ansible_collections.mailops.email.plugins.module_utils.policy.names import CONFUSABLES, HIGH_RISK, ROLE

# RFC 5321 section 4.5.3.1.1 and erratum 1690 of RFC 3696.
LOCAL_MAX = 64
ADDRESS_MAX = 254

# Local part of a mailbox, an invite or an alias as TrekMail takes it: runs of a-z 0-9 _ - with single dots between.
_LOCAL = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
# The provider renames retired mailboxes to this pattern, so it takes no new ones of this form.
_ARCHIVED = re.compile(r".*_archived_[0-9]{8}_[0-9]{6}(?:_[0-9]+_[0-9]+)?")
# dot-atom of RFC 5322 section 3.2.3: what a sane external address looks like.
_CONTACT_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_WRAPPING = re.compile(r"[<>,;\s]")
# 0 and 1 inside a word stand for letters; a number at the end of a name (kiosk-01) is a number.
_INNER_DIGITS = re.compile(r"[01]+(?=[a-z])")
_FOLD = str.maketrans(CONFUSABLES)


class Address(t.NamedTuple):
    """A mailbox address in normal form."""

    local: str
    domain: str

    @property
    def address(self) -> str:
        return self.local + "@" + self.domain


def normalise_local_part(text: str, alias: bool = False) -> str:
    """A local part in normal form (R-VAL-04, R-CSV-07).

    :param alias: an alias may start with a hyphen, a mailbox or an invite may not.
    :raises Refused: ``local_part_invalid``, naming the character or the rule.
    """
    if not isinstance(text, str) or not text:
        raise _bad_local("(empty)", "a local part is empty", "Write what stands before the @.")
    return _local_part(text, alias)


@functools.lru_cache(maxsize=65536)
def _local_part(text: str, alias: bool) -> str:
    local = text.lower()
    if text.isascii() and len(local) <= LOCAL_MAX and _LOCAL.fullmatch(local):
        if local[0] == "-" and not alias:
            raise _bad_local(text, "a local part does not start with a hyphen", "Start with a letter or a digit.")
        if "_archived_" in local and not alias and _ARCHIVED.fullmatch(local):
            raise _bad_local(text, "the provider keeps this form for retired mailboxes", "Use another name.")
        return local
    raise _why_not_local(text, local)


def _why_not_local(text: str, local: str) -> Refused:
    if "@" in text:
        return _bad_local(
            text, "a local part holds no @", "Write what stands before the @ only; the domain goes apart."
        )
    for character in text:
        if not character.isascii():
            folded = unicodedata.normalize("NFKC", text).lower()
            hint = "Type it again with plain letters."
            if folded.isascii() and _LOCAL.fullmatch(folded):
                hint = "Write %s." % folded
            return _bad_local(text, "the character %s is not allowed" % describe_character(character), hint)
    if len(local) > LOCAL_MAX:
        return _bad_local(text, "%d characters, at most %d" % (len(local), LOCAL_MAX), "Use a shorter name.")
    if "+" in text:
        return _bad_local(text, "a + (sub-address) makes no mailbox of its own", "Leave out the + and what follows.")
    for character in local:
        if not re.match(r"[a-z0-9._-]", character):
            what = "a space" if character == " " else shown("'%s'" % character)
            return _bad_local(text, "%s is not allowed" % what, "Use a-z, 0-9, '.', '_' and '-'.")
    return _bad_local(
        text, "a dot at the start or the end, or two in a row", "Put single dots between the parts of the name."
    )


def _bad_local(text: str, problem: str, hint: str) -> Refused:
    return Refused("local_part_invalid", "local part %s: %s." % (shown(text), problem), hint)


def parse_address(text: str, alias: bool = False) -> Address:
    """A mailbox address, taken apart and in normal form.

    :raises Refused: ``address_invalid``, ``local_part_invalid`` or ``hostname_invalid``.
    """
    if not isinstance(text, str) or text.count("@") != 1:
        raise Refused("address_invalid", "%s: an address has exactly one @." % shown(text), "Write name@domain.")
    local, _at, domain = text.partition("@")
    address = Address(normalise_local_part(local, alias), normalise_hostname(domain, "given with the address"))
    if len(address.address) > ADDRESS_MAX:
        raise Refused(
            "address_invalid", "%s: longer than %d characters." % (shown(text), ADDRESS_MAX), "Use a shorter one."
        )
    return address


def normalise_address(text: str, alias: bool = False) -> str:
    """A mailbox address in normal form; raises as :func:`parse_address`."""
    return parse_address(text, alias).address


def normalise_contact(text: str) -> str:
    """An external address that people write to (owner, manager, approver) in normal form (R-CSV-09, R-CSV-12).

    Plain addresses only: no display name, no quotes, no comments, no list. A ``+tag`` is fine; the domain is
    given as A-label.

    :raises Refused: ``address_invalid``.
    """
    if not isinstance(text, str) or not text:
        raise Refused("address_invalid", "An address is empty.", "Write name@domain.")
    return _contact(text)


@functools.lru_cache(maxsize=65536)
def _contact(text: str) -> str:
    local, _at, domain = text.partition("@")
    problem = _contact_problem(text, local)
    if problem:
        raise Refused("address_invalid", "%s: %s." % (shown(text), problem[0]), problem[1])
    try:
        address = local.lower() + "@" + host_of_address(domain)
    except Refused as exc:
        raise Refused("address_invalid", "%s: %s" % (shown(text), exc.message), exc.hint) from exc
    if len(address) > ADDRESS_MAX:
        said = "%s: longer than %d characters." % (shown(text), ADDRESS_MAX)
        raise Refused("address_invalid", said, "Check the address.")
    return address


def _contact_problem(text: str, local: str) -> tuple[str, str] | None:
    """What is wrong before the @, or with the whole; None when nothing is. The domain is looked at apart."""
    if text.isascii() and len(local) <= LOCAL_MAX and _CONTACT_LOCAL.fullmatch(local) and not _WRAPPING.search(text):
        return None if text.count("@") == 1 else ("an address has exactly one @", "Write name@domain.")
    if any(mark in text for mark in "<>,;") or any(c.isspace() for c in text):
        return "one plain address is wanted, without name, list or spaces", "Write name@domain."
    if text.count("@") != 1:
        return "an address has exactly one @", "Write name@domain."
    for character in local:
        if not character.isascii():
            return "the character %s stands before the @" % describe_character(character), "Type it again by hand."
    if not _CONTACT_LOCAL.fullmatch(local):
        return "what stands before the @ is not a plain local part", "Use letters, digits, '.', '_', '-' and '+'."
    if len(local) > LOCAL_MAX:
        return "%d characters before the @, at most %d" % (len(local), LOCAL_MAX), "Check the address."
    return None


def same_person(first: str, second: str) -> bool:
    """Whether two contacts reach the same inbox: compared without case and without ``+tag``.

    Text that is no address is compared without case and surrounding space.
    """
    return identity(first) == identity(second)


def identity(text: str) -> str:
    """What is equal for two contacts of one person, see `same_person`."""
    try:
        local, _at, domain = normalise_contact(text.strip()).partition("@")
    except Refused:
        return text.strip().casefold()
    return (local.partition("+")[0] or local) + "@" + domain


@functools.lru_cache(maxsize=65536)
def skeleton(local: str) -> str:
    """What a local part looks like to a hasty reader (R-VAL-06).

    NFKC, case folded, ``+tag`` and accents removed, look-alike letters and the digits 0 and 1 inside a word folded to
    Latin. For comparing only; never stored.
    """
    return _INNER_DIGITS.sub(lambda found: found.group().replace("0", "o").replace("1", "i"), _folded(local))


def _folded(local: str) -> str:
    if local.isascii():
        return local.lower().partition("+")[0].strip()
    text = unicodedata.normalize("NFKC", local).casefold().translate(_FOLD)
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c) and _visible(c))
    return text.translate(_FOLD).partition("+")[0].strip()


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cf", "Cc")


@functools.lru_cache(maxsize=65536)
def _looks(local: str) -> frozenset[str]:
    """All readings of a local part; more than one only where it holds a 0 or a 1."""
    base = _folded(local)
    if "0" not in base and "1" not in base:
        return frozenset({base})
    zero = base.replace("0", "o")
    ones = zero.count("1")
    if ones > 4:  # no name on a list holds so many; keeps the readings few
        return frozenset({base, zero})
    parts = zero.split("1")
    readings = {base, zero}
    for letters in itertools.product("il", repeat=ones):
        readings.add(parts[0] + "".join(letter + part for letter, part in zip(letters, parts[1:], strict=True)))
    return frozenset(readings)


def is_high_risk(local: str, extra: t.Iterable[str] = ()) -> bool:
    """Whether a local part is, or looks like, one that needs an approval for that very address (R-VAL-05, R-VAL-06).

    :param extra: the client's own additions.
    """
    looks = _looks(local)
    return not looks.isdisjoint(HIGH_RISK) or any(skeleton(name) in looks for name in extra)


def is_role(local: str, extra: t.Iterable[str] = ()) -> bool:
    """Whether a local part is, or looks like, that of a function rather than a person (R-VAL-09).

    :param extra: the client's own additions.
    """
    looks = _looks(local)
    return not looks.isdisjoint(ROLE) or any(skeleton(name) in looks for name in extra)
