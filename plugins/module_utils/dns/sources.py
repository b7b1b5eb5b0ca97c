# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A baseline from its sources: what the provider asks for, the client's template, and the domain's own values (R-DNS-22).

The provider says where mail goes, what SPF must include and which keys sign. Policies are never the provider's to choose: the SPF qualifier and the step
of the DMARC path come from the client, and from the provider only where the client is silent.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.dns import texts, txt
from ansible_collections.mailops.email.plugins.module_utils.dns.baseline import (
    POLICIES,
    Baseline,
    Bimi,
    Dane,
    DkimKey,
    Dmarc,
    MtaSts,
    Sender,
    Spf,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import (
    MAIL_TYPES,
    normal_name,
    normal_value,
)
from ansible_collections.mailops.email.plugins.module_utils.model import ProviderError, Refused

Row = t.Mapping[str, t.Any]

# An address (RFC 6068) or a web page. What separates tags, addresses and sizes in a record ends it (RFC 9989 section 4.7).
_HOST = r"[^\s;,!:@/\x00-\x1f\x7f]+"
_URI = re.compile(r"(?:mailto:)?[^\s;,!:@\x00-\x1f\x7f]+@%s|https://%s(?:[:/][^\s;,!\x00-\x1f\x7f]*)?" % (_HOST, _HOST))
_LAST = ("-all", "~all", "?all", "+all", "all")
# What providers call the fields of a row; none of them documents it.
_FIELDS = {
    "type": ("type", "record_type"),
    "name": ("name", "host", "hostname"),
    "value": ("value", "content", "data"),
    "priority": ("priority", "preference"),
}


def baseline_of(item: Row, rows: t.Sequence[Row], domain: str) -> Baseline:
    """What is approved for *domain*.

    :param item: the options of one domain, the template already laid under them.
    :param rows: the provider's requirements, empty when it is not asked.
    :raises Refused: ``baseline_invalid``, ``record_invalid``.
    """
    provider = _required(rows, domain)
    ttl = 3600 if item.get("ttl") is None else item["ttl"]
    if not 60 <= ttl <= 86400:
        raise _wrong(domain, "ttl is %d" % ttl, "Choose from 60 seconds to a day (86400).")
    dmarc = _dmarc(item.get("dmarc"), provider["dmarc"], domain)
    senders = tuple(_sender(one, domain) for one in item.get("senders") or ())
    remove = tuple(_removal(one, domain) for one in item.get("remove") or ())
    sending = item.get("sending")
    if sending is False:
        return Baseline(domain, sending=False, dmarc=dmarc, senders=senders, remove=remove, ttl=ttl)
    dkim = _keys(item.get("dkim") or (), provider["dkim"], domain)
    return Baseline(
        domain,
        mx=_mx(item.get("mx"), provider["mx"], domain),
        spf=_spf(item.get("spf"), provider["spf"], domain),
        dkim=dkim,
        dmarc=dmarc,
        mta_sts=_mta_sts(item.get("mta_sts"), domain),
        tls_rpt=_uris(item.get("tls_rpt"), "tls_rpt", ("mailto:", "https:"), domain),
        bimi=_bimi(item.get("bimi"), domain),
        dane=tuple(_dane(one, domain) for one in item.get("dane") or ()),
        senders=senders,
        remove=remove,
        ttl=ttl,
        signing_selectors=frozenset(key.selector for key in provider["dkim"]),
    )


def _required(rows: t.Sequence[Row], domain: str) -> dict[str, t.Any]:
    """The rows by class; what the provider only recommends is the client's to ask for."""
    found: dict[str, t.Any] = {"mx": [], "spf": "", "dkim": [], "dmarc": ""}
    for row in rows:
        if row.get("required") is False:
            continue
        kind = str(_field(row, "type") or "").upper()
        name = _absolute(str(_field(row, "name") or "@"), domain)
        value = str(_field(row, "value") or "").strip()
        if not value:
            continue
        if kind == "MX":
            words = value.split()
            preference = words[0] if len(words) == 2 else _field(row, "priority")
            found["mx"].append((_number(preference, value, domain), words[-1].rstrip(".").lower()))
            continue
        selector = name.removesuffix("._domainkey." + domain)
        if kind == "CNAME" and selector != name:
            found["dkim"].append(DkimKey(selector, cname=value.rstrip(".").lower()))
        elif kind == "TXT":
            text = _text_of(value)
            if selector != name:
                found["dkim"].append(DkimKey(selector, value=text))
            elif name == domain and text.casefold().startswith(texts.PREFIXES["spf"]):
                found["spf"] = text
            elif name == "_dmarc." + domain:
                found["dmarc"] = text
    return found


def _field(row: Row, name: str) -> t.Any:
    for spelling in _FIELDS[name]:
        if row.get(spelling) not in (None, ""):
            return row[spelling]
    return None


def _number(value: t.Any, text: str, domain: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ProviderError(
            "strange_answer", "%s: the provider asks for an MX %r without a preference." % (domain, text)
        ) from None


def _text_of(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return txt.text(value)
    except ValueError:
        return value


def _absolute(name: str, domain: str) -> str:
    """A provider's name may be relative to the domain."""
    plain = name.rstrip(".").lower()
    if plain in ("", "@"):
        return domain
    return plain if plain == domain or plain.endswith("." + domain) else "%s.%s" % (plain, domain)


# ---- classes


def _mx(
    given: t.Sequence[Row] | None, provider: list[tuple[int, str]], domain: str
) -> tuple[tuple[int, str], ...] | None:
    if given is not None:
        if not given:
            raise _wrong(domain, "mx is empty", "Name who takes the mail, or set sending to false.")
        return tuple(sorted((int(one["priority"]), normal_name(one["host"])) for one in given))
    return tuple(sorted(provider)) or None


def _spf(given: Row | None, provider: str, domain: str) -> Spf | None:
    includes: list[str] = []
    mechanisms: list[str] = []
    last = ""
    for term in provider.split()[1:]:
        if term.casefold() in _LAST:
            last = term.casefold()
        elif term.casefold().startswith("include:"):
            includes.append(term[8:].rstrip(".").lower())
        else:
            mechanisms.append(term)
    if given is not None:
        includes += [one.rstrip(".").lower() for one in given.get("includes") or ()]
        mechanisms += list(given.get("mechanisms") or ())
        last = (given.get("all") or last).casefold()
    if not (includes or mechanisms or last):
        return None
    if not last:
        raise _wrong(domain, "spf.all is not set", "Say with which qualifier the record ends, such as ~all (R-DNS-12).")
    if last not in _LAST:
        raise _wrong(domain, "spf.all is %r" % last, "Choose -all or ~all.")
    return Spf(tuple(dict.fromkeys(includes)), tuple(dict.fromkeys(mechanisms)), last)


def _keys(given: t.Sequence[Row], provider: list[DkimKey], domain: str) -> tuple[DkimKey, ...]:
    """The provider's, then those that are given; a given one wins."""
    keys = {key.selector: key for key in provider}
    for one in given:
        selector = str(one["selector"]).strip().lower()
        value, cname = str(one.get("value") or "").strip(), str(one.get("cname") or "").strip()
        if bool(value) == bool(cname):
            raise _wrong(
                domain,
                "the selector %s has %s" % (selector, "both value and cname" if value else "no key"),
                "Set value or cname.",
            )
        keys[selector] = DkimKey(selector, value=_text_of(value), cname=cname.rstrip(".").lower())
    return tuple(keys.values())


def _dmarc(given: Row | None, provider: str, domain: str) -> Dmarc | None:
    if not given:
        try:
            return texts.dmarc_of(provider) if provider else None
        except ValueError:
            raise ProviderError(
                "strange_answer", "%s: the provider asks for a DMARC record %r." % (domain, provider)
            ) from None
    policy = given.get("policy")
    if policy not in POLICIES:
        raise _wrong(domain, "dmarc.policy is %r" % policy, "Choose none, quarantine or reject.")
    return Dmarc(
        policy=policy,
        subdomain_policy=given.get("subdomain_policy") or "",
        nonexistent_policy=given.get("nonexistent_policy") or "",
        dkim_alignment=given.get("dkim_alignment") or "relaxed",
        spf_alignment=given.get("spf_alignment") or "relaxed",
        aggregate_reports=_uris(given.get("aggregate_reports"), "dmarc.aggregate_reports", ("mailto:",), domain),
        failure_reports=_uris(given.get("failure_reports"), "dmarc.failure_reports", ("mailto:",), domain),
        testing=bool(given.get("testing")),
    )


def _mta_sts(given: Row | None, domain: str) -> MtaSts | None:
    if not given:
        return None
    name = str(given.get("id") or "")
    if not (name.isalnum() and name.isascii() and len(name) <= 32):
        raise _wrong(
            domain,
            "mta_sts.id is %r" % name,
            "Choose up to 32 letters and digits, others with each change of the policy file.",
        )
    return MtaSts(
        name,
        mode=given.get("mode") or "testing",
        max_age=given.get("max_age") or 604800,
        mx=tuple(one.lower() for one in given.get("mx") or ()),
    )


def _uris(given: t.Sequence[str] | None, option: str, schemes: tuple[str, ...], domain: str) -> tuple[str, ...]:
    """A bare address is one too. With a semicolon or comma it would begin a tag or an address that nobody has approved."""
    for one in given or ():
        if not _URI.fullmatch(one) or not one.startswith(schemes if ":" in one else ""):
            raise _wrong(
                domain,
                "%s names %r" % (option, one),
                "Write an address, or a URI that begins with %s" % " or ".join(schemes),
            )
    return tuple(given or ())


def _bimi(given: Row | None, domain: str) -> Bimi | None:
    if not given:
        return None
    for name in ("location", "authority"):
        url = given.get(name) or ""
        if (url or name == "location") and not (url.startswith("https://") and _URI.fullmatch(url)):
            raise _wrong(domain, "bimi.%s is %r" % (name, url), "Name an https URL.")
    return Bimi(given["location"], given.get("selector") or "default", given.get("authority") or "")


def _dane(given: Row, domain: str) -> Dane:
    host = normal_name(given["host"])
    if host != domain and not host.endswith("." + domain):
        raise _wrong(
            domain,
            "dane.host %s lies in another zone" % host,
            "Whoever runs that server publishes its TLSA records (RFC 7672 section 2.2).",
        )
    if not given["values"]:
        raise _wrong(domain, "dane.values of %s is empty" % host, "Name its TLSA data, or leave the server out.")
    return Dane(host, tuple(normal_value("TLSA", one) for one in given["values"]), int(given.get("port") or 25))


def _sender(given: Row, domain: str) -> Sender:
    return Sender(
        name=given["name"],
        from_domain=(given.get("from_domain") or domain).lower(),
        mail_from=(given.get("mail_from") or "").lower(),
        addresses=tuple(given.get("addresses") or ()),
        dkim_domain=(given.get("dkim_domain") or "").lower(),
        dkim_selector=(given.get("dkim_selector") or "").lower(),
    )


def _removal(given: Row, domain: str) -> tuple[str, str, str]:
    kind = str(given["type"]).upper()
    if kind not in MAIL_TYPES:
        raise _wrong(domain, "remove names a %s record" % kind, "Mail records are %s." % ", ".join(MAIL_TYPES))
    value = given["value"] if kind != "TXT" or given["value"].startswith('"') else txt.encode(given["value"])
    name = normal_name(_absolute(given.get("name") or "@", domain))
    return name, kind, normal_value(kind, value)


def _wrong(domain: str, what: str, hint: str) -> Refused:
    return Refused("baseline_invalid", "%s: %s." % (domain, what), hint)
