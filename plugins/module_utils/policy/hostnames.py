# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Host names as mail domains: one normal form, and messages that say what to remove (R-FORM-01, R-BULK-07).

The normal form is the lower-case A-label form of IDNA 2008 (RFC 5890 to 5892, mapped by UTS 46 non-transitional). The
codec ``str.encode("idna")`` is IDNA 2003 and turns some names into a *different* domain, so it is never used.
"""

from __future__ import annotations

import functools
import ipaddress
import re
import typing as t
import unicodedata

from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError, Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.characters import (
    describe_character,
    shown,
    unseen_character,
)

idna: t.Any
try:
    import idna
except ImportError:
    idna = None

try:
    from publicsuffixlist import PublicSuffixList

    HAS_PSL = True
except ImportError:
    HAS_PSL = False

# RFC 1035 section 2.3.4 and RFC 5321 section 4.5.3.1.2: 255 octets on the wire are 253 characters of text.
NAME_MAX = 253
LABEL_MAX = 63

_LDH = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_PLAIN = re.compile(r"(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-)[a-z0-9-]{1,63}(?<!-)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/{1,2}|(?:https?|mailto|smtp|imap):", re.IGNORECASE)
_PORT = re.compile(r":[0-9]*$")

# Scripts that are written together in one label (UTS 39 section 5.2, highly restrictive).
_MIXES = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
)


def normalise_hostname(text: str, www_purpose: str = "") -> str:
    """A host name in its normal form.

    :param text: what a person wrote.
    :param www_purpose: recorded purpose of a ``www`` subdomain; without one the prefix is refused (R-CONF-13).
    :raises Refused: ``hostname_invalid``; the message names what is wrong and what to remove.
    :raises MailopsError: ``library_missing`` when an internationalised name needs a package that is not installed.
    """
    if not isinstance(text, str):
        raise _refused(repr(text), "is not text", "Write the host name, such as example.com.")
    return _normalise(text, bool(www_purpose.strip()))


@functools.lru_cache(maxsize=65536)
def _normalise(text: str, allow_www: bool) -> str:
    lowered = text.lower()
    if _is_plain(lowered) and (allow_www or not lowered.startswith("www.")):
        return lowered
    core = _strip_wrapping(text, allow_www)
    return _name_of(core, text)


def host_of_address(text: str) -> str:
    """Normal form of the domain of an address; ``www.`` may stand there, nothing else is forgiven.

    :raises Refused: ``hostname_invalid``.
    """
    return _normalise(text, True)


def normalise_label(text: str, purpose: str = "") -> str:
    """One DNS label in normal form: LDH, 1 to 63 octets, IDNA 2008, no dots (R-FORM-08).

    :param purpose: recorded purpose; the label ``www`` is only taken with one (R-CONF-13).
    :raises Refused: ``label_invalid``.
    """
    if not isinstance(text, str) or not text:
        raise Refused("label_invalid", "A label is empty.", "Write one label, such as sales.")
    if any(mark in text for mark in ".\u3002\uff0e\uff61"):
        raise Refused(
            "label_invalid",
            "%s: a label holds no dots." % shown(text),
            "Give the label only, such as %s, and the parent domain apart." % (text.split(".")[0] or "sales"),
        )
    label = _label_of(text, text, "label_invalid")
    if label == "www" and not purpose.strip():
        raise Refused(
            "label_invalid",
            "www: this label usually is a web address pasted by mistake.",
            "Remove it, or record the purpose of a mail subdomain named www.",
        )
    return label


def split_labels(value: str | t.Sequence[str], purpose: str = "") -> list[str]:
    """Labels of a form field: one a line, or a list; run-together input is not split by guesswork (R-FORM-06).

    :raises Refused: ``label_invalid`` for a bad, empty or repeated label.
    """
    if isinstance(value, str):
        entries = [line.strip() for line in value.splitlines() if line.strip()]
    else:
        entries = [entry.strip() if isinstance(entry, str) else entry for entry in value]
    if not entries:
        raise Refused("label_invalid", "No label is given.", "Write one label a line.")
    labels = [normalise_label(entry, purpose) for entry in entries]
    for position, label in enumerate(labels):
        if label in labels[:position]:
            raise Refused("label_invalid", "%s: this label stands twice in the list." % label, "Remove one of the two.")
    return labels


class Boundary:
    """The domains of a client, and every name below them (R-VAL-02)."""

    def __init__(self, domains: t.Iterable[str]) -> None:
        self._domains = frozenset(normalise_hostname(name) for name in domains)

    def __contains__(self, name: object) -> bool:
        labels = str(name).split(".")
        return any(".".join(labels[start:]) in self._domains for start in range(len(labels)))


def is_root_domain(name: str) -> bool | None:
    """Whether *name* is what one registers, by the Public Suffix List (R-FORM-02).

    :returns: None when the optional package ``publicsuffixlist`` is not installed.
    """
    if not HAS_PSL:
        return None
    return bool(_suffixes().privatesuffix(name) == name)


@functools.lru_cache(maxsize=1)
def _suffixes() -> t.Any:
    return PublicSuffixList()


def _is_plain(name: str) -> bool:
    """Whether a lower-case name needs no further look: LDH labels, no A-label to check, no number as top level."""
    if len(name) > NAME_MAX or "--" in name or not _PLAIN.fullmatch(name):
        return False
    return not name.rpartition(".")[2].isdigit()


def _refused(text: str, problem: str, hint: str, code: str = "hostname_invalid") -> Refused:
    return Refused(code, "%s: %s." % (shown(text) or "(empty)", problem), hint)


def _strip_wrapping(text: str, allow_www: bool) -> str:
    """Refuse what people paste round a host name, all of it in one message.

    :returns: *text* when there is nothing to remove.
    """
    if not text.strip():
        raise _refused(text, "a host name is empty", "Write the root host name, such as example.com.")
    if "@" in text:
        raise _refused(text, "this is an address, not a host name", "Write what stands after the @ only.")
    if any(c.isspace() for c in text):
        raise _refused(text, "a host name holds no spaces", "Remove the spaces.")
    remove: list[str] = []
    core = text
    unseen = unseen_character(text)
    if unseen:
        # UTS 46 would drop it without a word, and what one reads would not be what was written.
        raise _refused(
            text, "it holds the invisible character %s" % describe_character(unseen), "Type it again by hand."
        )
    found = _SCHEME.match(core)
    if found:
        remove.append(found.group())
        core = core[found.end() :]
    _refuse_ip(core.split("/")[0], text)
    for mark in "/?#\\":
        head, slash, tail = core.partition(mark)
        if slash:
            remove.append(slash + tail)
            core = head
    port = _PORT.search(core)
    if port:
        remove.append(port.group())
        core = core[: port.start()]
    while core.lower().startswith("www.") and not allow_www:
        remove.append(core[:4])
        core = core[4:]
    if core.endswith("."):
        remove.append(".")
        core = core.rstrip(".")
    if remove:
        keep = "and keep %s" % core.lower() if core else "and write the root host name, such as example.com"
        raise _refused(
            text,
            "a domain is a host name only, without %s" % " and ".join("'%s'" % part for part in remove),
            "Remove %s %s." % (" and ".join("'%s'" % shown(part) for part in remove), shown(keep)),
        )
    return core


def _refuse_ip(host: str, text: str) -> None:
    bare = host.strip("[]")
    if bare.lower().startswith("ipv6:"):
        bare = bare[5:]
    for candidate in (bare, bare.rpartition(":")[0]):
        try:
            ipaddress.ip_address(candidate)
        except ValueError:
            continue
        raise _refused(text, "this is an IP address", "Write the host name of the domain.")
    if host.startswith("["):
        raise _refused(text, "this is an address literal", "Write the host name of the domain.")


def _name_of(core: str, text: str) -> str:
    if core.startswith("*."):
        raise _refused(text, "a wildcard is not a domain", "Remove '*.'.")
    mapped = core if core.isascii() else _remapped(core, text)
    labels = mapped.split(".")
    if "" in labels:
        raise _refused(text, "an empty label (two dots, or a dot in front)", "Remove the extra dot.")
    if len(labels) < 2:
        raise _refused(text, "a single label is not a mail domain", "Write the whole name, such as example.com.")
    name = ".".join(_label_of(label, text, "hostname_invalid") for label in labels)
    if len(name) > NAME_MAX:
        raise _refused(text, "%d characters, at most %d" % (len(name), NAME_MAX), "Use a shorter name.")
    if name.rpartition(".")[2].isdigit():
        raise _refused(text, "the last label is a number", "Write the host name of the domain.")
    return name


def _label_of(label: str, text: str, code: str) -> str:
    """One label in A-label form; *text* is what the message names."""
    lowered = label.lower()
    if "_" in lowered:
        raise _refused(
            text, "an underscore (in '%s') is not allowed in a mail host name" % shown(label), "Use a hyphen.", code
        )
    if lowered.isascii() and not lowered.startswith("xn--"):
        if len(lowered) > LABEL_MAX:
            raise _refused(
                text, "a label of %d characters, at most %d" % (len(lowered), LABEL_MAX), "Shorten it.", code
            )
        if not _LDH.fullmatch(lowered):
            bad = sorted({c for c in lowered if not re.match("[a-z0-9-]", c)})
            what = "'%s' is not allowed" % shown("".join(bad)) if bad else "a label starts or ends with a hyphen"
            raise _refused(text, what, "Use letters, digits and inner hyphens.", code)
        if lowered[2:4] == "--":
            raise _refused(text, "the label '%s' has the reserved form ??--" % lowered, "Use another label.", code)
        return lowered
    return _alabel_of(lowered, text, code)


def _alabel_of(label: str, text: str, code: str) -> str:
    _need_idna(text)
    try:
        unicode_label = idna.ulabel(label) if label.startswith("xn--") else _remapped(label, text, code)
        alabel = idna.alabel(unicode_label).decode("ascii")
    except (idna.IDNAError, UnicodeError) as exc:
        raise _refused(
            text, "not a valid IDNA 2008 name (%s)" % shown(exc), "Check the spelling of the name.", code
        ) from exc
    if label.startswith("xn--") and alabel != label:
        raise _refused(text, "%s is not the normal form of its name" % label, "Write %s." % alabel, code)
    scripts = {_script(c) for c in unicode_label} - {""}
    if len(scripts) > 1 and not any(scripts <= mix for mix in _MIXES):
        odd = next(c for c in unicode_label if _script(c) not in ("", "LATIN"))
        raise _refused(
            text,
            "a label mixes scripts (%s), among them %s" % (", ".join(sorted(scripts)).lower(), describe_character(odd)),
            "Type the name again by hand; look-alike letters make another domain.",
            code,
        )
    return alabel


def _remapped(name: str, text: str, code: str = "hostname_invalid") -> str:
    _need_idna(text)
    try:
        return idna.uts46_remap(name, std3_rules=False, transitional=False)
    except (idna.IDNAError, UnicodeError) as exc:
        raise _refused(
            text, "not a valid internationalised name (%s)" % shown(exc), "Check its spelling.", code
        ) from exc


def _need_idna(text: str) -> None:
    if idna is None:
        raise MailopsError(
            "library_missing",
            "%s: an internationalised name needs the Python package idna." % shown(text),
            "pip install 'idna>=3.7'",
        )


def _script(character: str) -> str:
    """Script of a letter, by the first word of its Unicode name; empty for what belongs to all scripts."""
    if not character.isalpha():
        return ""
    word = unicodedata.name(character, "").split(" ")[0]
    return "HAN" if word == "CJK" else word
