# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DMARC policy records, read as RFC 9989 section 4.7 and 4.8 say, and held against the approved one (R-DNS-18, D-DMARC-1, D-DMARC-2)."""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import POLICIES, Dmarc
from ansible_collections.mailops.email.plugins.module_utils.dns.codes import found
from ansible_collections.mailops.email.plugins.module_utils.dns.findings import SILENT, DnsFinding
from ansible_collections.mailops.email.plugins.module_utils.dns.near import near_miss, nearest

OBSOLETE = ("pct", "rf", "ri")
POLICY_TAGS = ("p", "sp", "np")
_VALUES = {
    "p": POLICIES,
    "sp": POLICIES,
    "np": POLICIES,
    "adkim": ("r", "s"),
    "aspf": ("r", "s"),
    "t": ("y", "n"),
    "psd": ("y", "n", "u"),
}
_DEFAULTS = {"adkim": "r", "aspf": "r", "t": "n", "psd": "u", "fo": "0"}
_KNOWN = frozenset((*_VALUES, "v", "rua", "ruf", "fo"))
_VERSION = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")
_MEANT = re.compile(r"\W*v?[ \t]*=?[ \t]*dmarc", re.IGNORECASE)
_FO = re.compile(r"[01ds](?::[01ds])*")
# RFC 3986, as much of it as matters: a scheme and something after it, without white space; obsolete size limit after "!".
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:[^\s!,;]+)(?:![0-9]+[kmgtKMGT]?)?")
_MAILTO = re.compile(r"mailto:[^@\s?]+@([A-Za-z0-9._-]+)(?:\?.*)?", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Policy:
    """A DMARC policy record.

    :param tags: as they are written, names in lower case, of known tags only when their value is valid.
    :param problems: ``(code, evidence)`` of what is wrong with it, such as ``("dmarc_obsolete_tag", "pct=50")``.
    """

    text: str
    tags: t.Mapping[str, str]
    problems: tuple[tuple[str, str], ...] = ()

    def get(self, tag: str) -> str:
        return self.tags.get(tag, _DEFAULTS.get(tag, ""))

    @functools.cached_property
    def rua(self) -> tuple[str, ...]:
        return uris(self.tags.get("rua", ""))

    @functools.cached_property
    def ruf(self) -> tuple[str, ...]:
        return uris(self.tags.get("ruf", ""))

    @property
    def applies(self) -> bool:
        """Without a valid policy it counts as ``none`` when it asks for reports, and not at all otherwise (section 4.10.1)."""
        return not self._broken or bool(self.rua)

    @property
    def _broken(self) -> bool:
        return "p" not in self.tags or any(code == "dmarc_policy_missing" for code, dummy in self.problems)

    @property
    def policy(self) -> str:
        return "none" if self._broken else self.tags["p"]

    @property
    def subdomain_policy(self) -> str:
        return "none" if self._broken else self.tags.get("sp", self.policy)

    @property
    def nonexistent_policy(self) -> str:
        return "none" if self._broken else self.tags.get("np", self.subdomain_policy)

    @property
    def strength(self) -> int:
        """0 for ``none``, 1 for ``quarantine``, 2 for ``reject``; one less while it is tested (``t=y``)."""
        return applied(self.policy, self.get("t") == "y")

    @property
    def testing(self) -> bool:
        return self.get("t") == "y"


def applied(policy: str, testing: bool = False) -> int:
    """How strict a policy is when it is applied: 0 to 2."""
    step = POLICIES.index(policy)
    return max(0, step - 1) if testing else step


def is_record(text: str) -> bool:
    """Whether receivers take it for a DMARC record at all: the version stands first, in these very letters."""
    return bool(_VERSION.match(text))


def is_meant(text: str) -> bool:
    """Whether somebody wanted it to be one."""
    return bool(_MEANT.match(text))


def uris(value: str) -> tuple[str, ...]:
    """The valid ones of a list, without an obsolete size limit."""
    matches = [_URI.fullmatch(one.strip()) for one in value.split(",")]
    return tuple(match.group(1) for match in matches if match)


def domain_of(uri: str) -> str:
    """Domain of a ``mailto:`` URI; empty for any other."""
    match = _MAILTO.fullmatch(uri)
    return match.group(1).rstrip(".").lower() if match else ""


def parse(text: str) -> Policy:
    """The record of a text for which `is_record` holds. Never fails: what cannot be read is a problem, and is ignored as receivers do."""
    tags: dict[str, str] = {}
    problems: list[tuple[str, str]] = []
    for part in text.split(";")[1:]:
        name, equals, value = part.partition("=")
        name, value = name.strip().lower(), value.strip()
        if not part.strip():
            continue
        if not (equals and name.isalpha() and name.isascii() and value):
            problems.append(("dmarc_syntax", "%r is no tag" % part.strip()[:60]))
        elif name in tags:
            problems.append(("dmarc_syntax", "%s stands twice" % name))
        elif name in OBSOLETE:
            problems.append(("dmarc_obsolete_tag", "%s=%s" % (name, value)))
        elif name not in _KNOWN:
            problems.append(("dmarc_unknown_tag", "%s=%s" % (name, value)))
        else:
            problem = _problem(name, value)
            if problem:
                problems.append(problem)
            if problem is None or name in ("rua", "ruf"):
                tags[name] = value.lower() if name in _VALUES else value
    if "p" not in tags and not any(code == "dmarc_policy_missing" for code, dummy in problems):
        problems.insert(0, ("dmarc_policy_missing", "there is no p="))
    if len(uris(tags.get("rua", ""))) == 0:
        tags.pop("rua", None)
    return Policy(text, tags, tuple(problems))


def _problem(name: str, value: str) -> tuple[str, str] | None:
    shown = "%s=%s" % (name, value)
    if name in POLICY_TAGS:
        return None if value.lower() in POLICIES else ("dmarc_policy_missing", shown)
    if name in _VALUES:
        return None if value.lower() in _VALUES[name] else ("dmarc_syntax", shown)
    if name == "fo":
        good = _FO.fullmatch(value.lower()) and not {"0", "1"} <= set(value)
        return None if good else ("dmarc_syntax", shown)
    if name in ("rua", "ruf"):
        wrong = [one.strip() for one in value.split(",") if not _good_uri(one.strip())]
        return ("dmarc_rua_invalid", "%s=%s" % (name, ", ".join(wrong))) if wrong else None
    return ("dmarc_syntax", "%s stands twice" % name)


def _good_uri(value: str) -> bool:
    match = _URI.fullmatch(value)
    if match is None:
        return False
    return not value.lower().startswith("mailto:") or bool(_MAILTO.fullmatch(match.group(1)))


def of_baseline(approved: Dmarc) -> Policy:
    """What the approved step says, in the same form."""
    letters = {"relaxed": "r", "strict": "s"}
    tags = {"p": approved.policy, "adkim": letters[approved.dkim_alignment], "aspf": letters[approved.spf_alignment]}
    for tag, value in (("sp", approved.subdomain_policy), ("np", approved.nonexistent_policy)):
        if value:
            tags[tag] = value
    for tag, addresses in (("rua", approved.aggregate_reports), ("ruf", approved.failure_reports)):
        if addresses:
            tags[tag] = ",".join(one if ":" in one else "mailto:" + one for one in addresses)
    tags["t"] = "y" if approved.testing else "n"
    return Policy("v=DMARC1; " + "; ".join("%s=%s" % pair for pair in tags.items()), tags)


def records(texts: t.Iterable[str]) -> list[str]:
    """Those of the texts at a name that receivers take for a DMARC record."""
    return [text for text in texts if is_record(text)]


def judge(domain: str, approved: Dmarc | None, texts: t.Sequence[str]) -> tuple[Policy | None, list[DnsFinding]]:
    """The record at ``_dmarc`` of a domain, and what is wrong with it.

    :param texts: of all TXT records at the name.
    :return: the record that receivers use, None when they use none.
    """
    name = "_dmarc." + domain
    usable = records(texts)
    if not usable:
        return None, _unusable(name, approved, texts)
    if len(usable) > 1:
        return None, [found("dmarc_multiple", name, "%d records: %s." % (len(usable), " | ".join(usable)))]
    policy = parse(usable[0])
    findings = [_own(name, policy, code, evidence, approved) for code, evidence in policy.problems]
    findings += _weak(name, policy)
    if approved is not None:
        findings += _compared(name, policy, of_baseline(approved))
    return policy, findings


def _unusable(name: str, approved: Dmarc | None, texts: t.Sequence[str]) -> list[DnsFinding]:
    meant = [text for text in texts if is_meant(text) or near_miss(text[:8], "v=DMARC1", numbers=True)]
    if not meant:
        return [found("dmarc_missing", name, "No DMARC record at %s." % name)]
    evidence = "%s: receivers know it by v=DMARC1 at its beginning." % meant[0]
    if approved is not None:
        return [found("record_typo", name, evidence, breaks=SILENT, record_class="dmarc")]
    return [found("dmarc_syntax", name, evidence)]


def _own(name: str, policy: Policy, code: str, evidence: str, approved: Dmarc | None) -> DnsFinding:
    """A problem of the record; one that is an approved value with a slip is a typing mistake."""
    tag, dummy, value = evidence.partition("=")
    wanted = of_baseline(approved).tags.get(tag, "") if approved is not None else ""
    if wanted and code in ("dmarc_policy_missing", "dmarc_syntax") and nearest([value], wanted):
        shown = "%s, approved is %s=%s." % (evidence, tag, wanted)
        return found("record_typo", name, shown, breaks=SILENT, record_class="dmarc")
    return found(code, name, "%s, in %s" % (evidence, policy.text))


def _weak(name: str, policy: Policy) -> list[DnsFinding]:
    findings = []
    if policy.policy == "none" and "p" in policy.tags:
        findings.append(found("dmarc_policy_none", name, "p=none."))
    elif policy.testing:
        findings.append(found("dmarc_testing", name, "p=%s; t=y." % policy.policy))
    weakest = min(POLICIES.index(policy.subdomain_policy), POLICIES.index(policy.nonexistent_policy))
    if weakest < POLICIES.index(policy.policy):
        evidence = "p=%s, sp=%s, np=%s." % (policy.policy, policy.subdomain_policy, policy.nonexistent_policy)
        findings.append(found("dmarc_subdomains_weaker", name, evidence))
    if not policy.rua and not any(code == "dmarc_rua_invalid" for code, dummy in policy.problems):
        findings.append(found("dmarc_rua_missing", name, policy.text))
    if policy.get("psd") == "y":
        findings.append(found("dmarc_psd", name, policy.text))
    return findings


def _compared(name: str, published: Policy, approved: Policy) -> list[DnsFinding]:
    findings = []
    for what, one, other in (
        ("p", published.policy, approved.policy),
        ("sp", published.subdomain_policy, approved.subdomain_policy),
        ("np", published.nonexistent_policy, approved.nonexistent_policy),
        ("t", published.get("t"), approved.get("t")),
    ):
        if one != other and (what != "t" or "none" != published.policy == approved.policy):
            findings.append(found("dmarc_policy_differs", name, "%s=%s, approved is %s=%s." % (what, one, what, other)))
    if any(code == "dmarc_policy_missing" for code, dummy in published.problems):
        findings = []
    elif len({one.evidence.partition(", approved")[0].partition("=")[2] for one in findings}) == 1 < len(findings):
        # sp and np follow p: said once.
        findings = findings[:1]
    for what, mine, theirs in (
        ("rua", published.rua, approved.rua),
        ("ruf", published.ruf, approved.ruf),
        ("adkim", (published.get("adkim"),), (approved.get("adkim"),)),
        ("aspf", (published.get("aspf"),), (approved.get("aspf"),)),
    ):
        if {one.lower() for one in mine} == {one.lower() for one in theirs}:
            continue
        shown = [",".join(one) or "nothing" for one in (mine, theirs)]
        evidence = "%s=%s, approved is %s." % (what, *shown)
        slips = [
            one for one in theirs if one not in mine and nearest([each for each in mine if each not in theirs], one)
        ]
        if slips:
            findings.append(found("record_typo", name, evidence, breaks="reports are lost", record_class="dmarc"))
        else:
            findings.append(found("dmarc_tag_differs", name, evidence))
    return findings
