# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an approved baseline to record sets: what is ours in each set, what goes beside what others have put there.

Only the values that we own are ever replaced: one SPF record among the TXT of the apex, one DMARC record at its name. MX hosts and TLSA records that
nobody has named for removal stay (R-DNS-19, requirements section 5).
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import texts, txt
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import Baseline
from ansible_collections.mailops.email.plugins.module_utils.dns.record import RecordSet, normal_name, normal_value
from ansible_collections.mailops.email.plugins.module_utils.dns.spf.merge import merged
from ansible_collections.mailops.email.plugins.module_utils.model import Refused

Sets = t.Mapping["tuple[str, str]", RecordSet]

# An empty key says that nothing is signed by any selector (RFC 6376 section 3.6.1, D-PARK-1).
NO_KEY = "v=DKIM1; p="
PARKED_SPF = "v=spf1 -all"
PARKED_DMARC = "v=DMARC1; p=reject"
NULL_MX = "0 ."


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What one class of records asks of one record set.

    :param owns: which values of the set are ours.
    :param make: the values that ours become, from those that are there.
    :param alone: nothing else may stand beside them: a CNAME, a null MX.
    :param ttl: seconds that the set shall have when it is all ours; None where it keeps its own.
    """

    record_class: str
    name: str
    type: str
    owns: t.Callable[[str], bool] = dataclasses.field(repr=False)
    make: t.Callable[[list[str]], list[str]] = dataclasses.field(repr=False)
    alone: bool = False
    ttl: int | None = None

    @property
    def place(self) -> tuple[str, str]:
        return self.name, self.type


@dataclasses.dataclass(frozen=True)
class Change:
    """One record set that has to change.

    :param before: as it was observed, None when there is none.
    :param after: as it is to be, None when nothing of it is left.
    :param classes: for which classes of records.
    """

    name: str
    type: str
    before: RecordSet | None
    after: RecordSet | None
    classes: tuple[str, ...]


def wanted_of(baseline: Baseline) -> list[Wanted]:
    """All that a baseline asks for, without looking at what is there.

    :raises Refused: ``record_invalid``.
    """
    found = _parked(baseline) if not baseline.sending else _sending(baseline)
    places = [one.place for one in found]
    twice = sorted({place for place in places if places.count(place) > 1 and place[1] == "CNAME"})
    if twice:
        raise Refused("record_invalid", "%s is wanted twice." % twice[0][0], "Name each selector once.")
    return found


def places_of(baseline: Baseline) -> list[tuple[str, str]]:
    """Names and types of the record sets that a baseline speaks of, and of those that would stand in their way."""
    places = [one.place for one in wanted_of(baseline)]
    places += [(name, kind) for name, kind, dummy in baseline.remove]
    # A host name with a CNAME has nothing else (RFC 1034 section 3.6.2).
    places += [(name, "TXT" if kind == "CNAME" else "CNAME") for name, kind in places if "._domainkey." in name]
    return list(dict.fromkeys(places))


def planned(
    wanted: t.Sequence[Wanted], remove: t.Sequence[tuple[str, str, str]], observed: Sets, ttl: int
) -> list[Change]:
    """The record sets that have to change, in the order in which they are wanted.

    :param observed: by name and type; what is missing there is absent.
    :param ttl: seconds, of sets that are made.
    :raises Refused: ``record_in_the_way``, ``several_records``.
    """
    goes: dict[tuple[str, str], set[str]] = {}
    for name, kind, value in remove:
        goes.setdefault((name, kind), set()).add(value)
    targets: dict[tuple[str, str], set[str]] = {}
    classes: dict[tuple[str, str], list[str]] = {}
    alone: set[tuple[str, str]] = set()
    ttls: dict[tuple[str, str], int] = {}
    for place, values in goes.items():
        have = observed.get(place)
        if have and values & set(have.values):
            targets[place] = set(have.values) - values
            classes.setdefault(place, []).append("removal")
    for one in wanted:
        have = observed.get(one.place)
        now = targets.setdefault(one.place, set(have.values) if have else set())
        mine = sorted(value for value in now if one.owns(value))
        now.difference_update(mine)
        foreign = bool(now)
        now.update(one.make(mine))
        classes.setdefault(one.place, []).append(one.record_class)
        if one.alone:
            alone.add(one.place)
        if one.ttl is not None and (have is None or not foreign):
            ttls[one.place] = one.ttl
    for place in alone:
        _refuse_company(place, targets[place])
    changes = [
        _change(place, values, observed.get(place), classes[place], ttl, ttls.get(place))
        for place, values in targets.items()
    ]
    found = [one for one in changes if one is not None]
    _refuse_neighbours(found, observed, {place for place, values in targets.items() if not values})
    return found


def _change(
    place: tuple[str, str],
    values: set[str],
    have: RecordSet | None,
    classes: list[str],
    ttl: int,
    fixed: int | None,
) -> Change | None:
    if set(have.values if have else ()) == values and (have is None or fixed in (None, have.ttl)):
        return None
    seconds = fixed if fixed is not None else have.ttl if have else ttl
    after = RecordSet.of(*place, seconds, values) if values else None
    return Change(*place, have, after, tuple(dict.fromkeys(classes)))


# ---- what each class asks for


def _sending(baseline: Baseline) -> list[Wanted]:
    domain, found = baseline.domain, []
    if baseline.mx is not None:
        found.append(_hosts("mx", domain, "MX", ["%d %s" % one for one in baseline.mx]))
    if baseline.spf is not None:
        pattern = baseline.spf
        found.append(_text("spf", domain, lambda mine: merged(mine, pattern)))
    for key in baseline.dkim:
        name = "%s._domainkey.%s" % (key.selector, domain)
        if key.cname:
            value = normal_value("CNAME", key.cname)
            found.append(Wanted("dkim", normal_name(name), "CNAME", _all, _to([value]), alone=True))
        else:
            found.append(_text("dkim", name, _fixed(key.value), owns=_all))
    if baseline.dmarc is not None:
        found.append(_text("dmarc", "_dmarc." + domain, _fixed(texts.dmarc_text(baseline.dmarc))))
    if baseline.mta_sts is not None:
        found.append(_text("mta_sts", "_mta-sts." + domain, _fixed(texts.mta_sts_text(baseline.mta_sts))))
    if baseline.tls_rpt:
        found.append(_text("tls_rpt", "_smtp._tls." + domain, _fixed(texts.tls_rpt_text(baseline.tls_rpt))))
    if baseline.bimi is not None:
        name = "%s._bimi.%s" % (baseline.bimi.selector, domain)
        found.append(_text("bimi", name, _fixed(texts.bimi_text(baseline.bimi))))
    for one in baseline.dane:
        found.append(_hosts("dane", "_%d._tcp.%s" % (one.port, one.host), "TLSA", one.values))
    return found


def _parked(baseline: Baseline) -> list[Wanted]:
    """D-PARK-1: no mail to it, none from it, and no key."""
    domain = baseline.domain
    dmarc = (
        PARKED_DMARC
        if baseline.dmarc is None
        else texts.dmarc_text(dataclasses.replace(baseline.dmarc, policy="reject"))
    )
    return [
        dataclasses.replace(_hosts("mx", domain, "MX", [NULL_MX]), alone=True),
        _text("spf", domain, _fixed(PARKED_SPF)),
        _text("dkim", "*._domainkey." + domain, _fixed(NO_KEY), owns=_all),
        _text("dmarc", "_dmarc." + domain, _fixed(dmarc)),
    ]


def restoring(snapshot: t.Iterable[RecordSet], absent: t.Iterable[tuple[str, str]]) -> list[Wanted]:
    """What a snapshot asks for: our values as they were recorded; those of others stay as they are today.

    The time to live comes back too, but of a set that others share: it is theirs as much as ours.

    :param absent: names and types of which the snapshot recorded that nothing was there.
    """
    found = []
    sets = {(one.name, one.type): one for one in snapshot}
    for place in dict.fromkeys([*sets, *absent]):
        name, kind = place
        values, ttl = (sets[place].values, sets[place].ttl) if place in sets else ((), None)
        record_class = class_of(name, kind)
        owns = owner_of(name, kind)
        mine = [value for value in values if owns(value)]
        found.append(Wanted(record_class, name, kind, owns, _to(mine), kind == "CNAME", ttl))
    return found


def owner_of(name: str, kind: str) -> t.Callable[[str], bool]:
    """Which values of a record set are mail's: of TXT those of its class, of all others each."""
    record_class = class_of(name, kind)
    return _all if kind != "TXT" or record_class == "dkim" else _is(record_class)


def class_of(name: str, kind: str) -> str:
    """For which class of records a record set stands, by its name."""
    if kind in ("MX", "TLSA"):
        return {"MX": "mx", "TLSA": "dane"}[kind]
    first, dummy, rest = name.partition(".")
    by_first = {"_dmarc": "dmarc", "_mta-sts": "mta_sts", "_smtp": "tls_rpt"}
    if first in by_first:
        return by_first[first]
    second = rest.partition(".")[0]
    return {"_domainkey": "dkim", "_bimi": "bimi"}.get(second, "spf")


# ---- how values come together


def _all(value: str) -> bool:
    return True


def _is(record_class: str) -> t.Callable[[str], bool]:
    return lambda value: texts.is_of(record_class, value)


def _to(values: list[str]) -> t.Callable[[list[str]], list[str]]:
    return lambda mine: list(values)


def _fixed(text: str) -> t.Callable[[str | None], str]:
    return lambda mine: text


def _hosts(record_class: str, name: str, kind: str, values: t.Iterable[str]) -> Wanted:
    """Records beside which those of others stay until somebody names them."""
    mine = {normal_value(kind, value) for value in values}
    return Wanted(record_class, normal_name(name), kind, mine.__contains__, _to(sorted(mine)))


def _text(
    record_class: str,
    name: str,
    make: t.Callable[[str | None], str],
    owns: t.Callable[[str], bool] | None = None,
) -> Wanted:
    """One TXT record of its class; one that means the same already stays as it is written."""

    def values(mine: list[str]) -> list[str]:
        if len(mine) > 1:
            raise Refused(
                "several_records",
                "%s has %d records of the class %s, of which receivers use none: %s"
                % (name, len(mine), record_class, "; ".join(mine)),
                "Name in remove those that go.",
            )
        wanted = txt.encode(make(txt.text(mine[0]) if mine else None))
        return mine if mine and texts.says_the_same(record_class, mine[0], wanted) else [wanted]

    return Wanted(record_class, normal_name(name), "TXT", owns or _is(record_class), values)


def _refuse_company(place: tuple[str, str], values: set[str]) -> None:
    if len(values) > 1:
        raise Refused(
            "record_in_the_way",
            "%s %s has to stand alone, there would be %s." % (*place, ", ".join(sorted(values))),
            "Name in remove those that go.",
        )


def _refuse_neighbours(changes: t.Sequence[Change], observed: Sets, emptied: set[tuple[str, str]]) -> None:
    """:raises Refused: where a CNAME would stand beside other records of its name (RFC 1034 section 3.6.2)."""
    for one in changes:
        if one.after is None:
            continue
        for name, kind in observed:
            other = name == one.name and kind != one.type and "CNAME" in (kind, one.type)
            if other and (name, kind) not in emptied:
                raise Refused(
                    "record_in_the_way",
                    "%s has a %s record, so it cannot have a %s record." % (name, kind, one.type),
                    "Name in remove what goes: %s." % ", ".join(observed[(name, kind)].values),
                )
