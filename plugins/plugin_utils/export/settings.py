# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the callback's options say of exports, looked at before anything is run."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.plugin_utils.export.http_sink import Http, check_url
from ansible_collections.mailops.email.plugins.plugin_utils.export.otlp_sink import NEEDS, Otlp
from ansible_collections.mailops.email.plugins.plugin_utils.export.sink import Sink
from ansible_collections.mailops.email.plugins.plugin_utils.export.syslog_sink import Syslog
from ansible_collections.mailops.email.plugins.plugin_utils.journals import journal_name

SINKS = ("syslog", "http", "otlp")
_VERSION = re.compile(r"1\.\d+\.\d+(-dev)?\Z")

Get = t.Callable[[str], t.Any]


@dataclasses.dataclass(frozen=True)
class SinkSettings:
    """One sink that is switched on.

    :param build: makes it, in the process that sends.
    """

    name: str
    target: str
    form: str
    build: t.Callable[[], Sink] = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class Settings:
    """All of them.

    :param journal: where journals are looked for before a task has named one.
    :param budget: seconds for sending at the end of the run.
    :param secrets: what must not be in anything that leaves.
    """

    sinks: tuple[SinkSettings, ...]
    journal: str
    budget: float
    ocsf_version: str
    required: frozenset[str]
    pseudonym_dir: str = ""
    secrets: tuple[str, ...] = dataclasses.field(default=(), repr=False)


def settings_of(get: Get) -> Settings:
    """From the options of the callback, by name.

    :raises Refused: for an option that makes no sense; a library that is missing is no such thing.
    """
    tls = tuple(
        os.path.expanduser(get(name) or "") for name in ("export_ca", "export_client_cert", "export_client_key")
    )
    ca, cert, key = tls
    version = str(get("export_ocsf_version"))
    if not _VERSION.match(version):
        raise Refused("export_ocsf_version", "%r is no version of OCSF." % version, "Write it as 1.8.0.")
    sinks = []
    if get("syslog_url"):
        limit, enterprise = int(get("syslog_max_size")), int(get("syslog_enterprise_id"))
        if limit < 480:
            raise Refused("syslog_max_size", "syslog_max_size is %d." % limit, "RFC 5424 wants 480 bytes at least.")
        build_syslog = _maker(Syslog, get("syslog_url"), ca, cert, key, limit, enterprise)
        # Making it opens nothing, and says what is wrong with it.
        build_syslog()
        sinks.append(SinkSettings("syslog", get("syslog_url"), _form(get, "syslog"), build_syslog))
    http_token = token_of(get, "http")
    if get("http_url"):
        check_url(get("http_url"), "http_url", http_token, ca)
        build_http = _maker(Http, get("http_url"), http_token, ca, cert, key, get("http_lines"))
        sinks.append(SinkSettings("http", get("http_url"), _form(get, "http"), build_http))
    otlp_token = token_of(get, "otlp")
    if get("otlp_url"):
        check_url(get("otlp_url"), "otlp_url", otlp_token, ca)
        build_otlp = _maker(Otlp, get("otlp_url"), otlp_token, ca, cert, key)
        sinks.append(SinkSettings("otlp", get("otlp_url"), _form(get, "otlp"), build_otlp))
    required = frozenset(get("required_sinks") or ())
    off = sorted(required - {one.name for one in sinks})
    if off:
        raise Refused(
            "required_sinks",
            "required_sinks names %s, which is not switched on." % ", ".join(off),
            "Set %s_url, or take it out." % off[0],
        )
    known = (os.environ.get("MAILOPS_API_TOKEN", ""), http_token, otlp_token)
    return Settings(
        sinks=tuple(sinks),
        journal=journal_name(os.path.expanduser(get("journal_dir") or "")),
        budget=float(get("export_budget")),
        ocsf_version=version,
        required=required,
        pseudonym_dir=os.path.expanduser(get("export_pseudonym_dir") or ""),
        secrets=tuple(one for one in known if one),
    )


def missing_libraries(settings: Settings) -> dict[str, str]:
    """By sink, what to install."""
    found = {}
    names = {one.name for one in settings.sinks}
    if "otlp" in names and not _installed("opentelemetry.exporter.otlp.proto.http._log_exporter"):
        found["otlp"] = NEEDS
    if "http" in names and not _installed("requests"):
        found["http"] = "pip install 'requests>=2.31'"
    return found


def token_of(get: Get, sink: str) -> str:
    """From the environment, or from a file.

    :raises Refused: ``http_token_file``, ``otlp_token_file``.
    """
    option = sink + "_token_file"
    path = get(option)
    if not path:
        return str(get(sink + "_token") or "")
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            return file.read().strip()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise Refused(
            option, "%s %s cannot be read: %s." % (option, path, why), "Name a file with the token."
        ) from error


def _form(get: Get, sink: str) -> str:
    return str(get(sink + "_form") or get("export_form"))


def _maker(kind: t.Callable[..., Sink], *arguments: t.Any) -> t.Callable[[], Sink]:
    return lambda: kind(*arguments)


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False
