# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the documentation of modules as Ansible does, and compares it with what the code says."""

from __future__ import annotations

import functools
import importlib
import typing as t
from pathlib import Path

import yaml

from ansible_collections.mailops.email.plugins.module_utils.resources.registry import RESOURCES
from ansible_collections.mailops.email.plugins.module_utils.shell.dns_baseline import DNS_BASELINE
from ansible_collections.mailops.email.plugins.module_utils.shell.info import INFO_MODULES
from ansible_collections.mailops.email.plugins.module_utils.shell.probe import PROBE
from ansible_collections.mailops.email.plugins.module_utils.shell.rollback import ROLLBACK
from ansible_collections.mailops.email.plugins.module_utils.shell.spec import (
    dns_baseline_spec,
    info_spec,
    probe_spec,
    resource_spec,
    rollback_spec,
)

ROOT = Path(__file__).resolve().parents[3]
PLUGINS = "ansible_collections.mailops.email.plugins."
COLLECTION = "mailops.email."
OF_THEIR_OWN: dict[str, t.Callable[[], dict[str, t.Any]]] = {
    PROBE: probe_spec,
    ROLLBACK: rollback_spec,
    DNS_BASELINE: dns_baseline_spec,
}
MODULES = sorted([*RESOURCES, *INFO_MODULES, *OF_THEIR_OWN])
_TEXT = ("description", "version_added")

Doc = dict[str, t.Any]


def spec_of(name: str) -> Doc:
    """Keyword arguments of the argument spec of a module."""
    if name in OF_THEIR_OWN:
        return OF_THEIR_OWN[name]()
    return resource_spec(name) if name in RESOURCES else info_spec(name)


@functools.cache
def source(name: str) -> t.Any:
    return importlib.import_module(PLUGINS + "modules." + name)


def documentation(name: str) -> Doc:
    """DOCUMENTATION of a module with its fragments in it: the module's own words win."""
    doc = yaml.safe_load(source(name).DOCUMENTATION)
    for fragment in doc.get("extends_documentation_fragment", ()):
        part = _fragment(fragment)
        for section in ("options", "attributes"):
            merged = dict(part.get(section) or {})
            for key, value in (doc.get(section) or {}).items():
                merged[key] = {**merged.get(key, {}), **value}
            doc[section] = merged
        for section in ("notes", "requirements", "seealso"):
            doc[section] = [*(doc.get(section) or ()), *(part.get(section) or ())]
    return doc


def _fragment(name: str) -> Doc:
    if not name.startswith(COLLECTION):
        raise ValueError("%s is not a fragment of this collection" % name)
    module, _dot, variable = name[len(COLLECTION) :].partition(".")
    fragment = importlib.import_module(PLUGINS + "doc_fragments." + module).ModuleDocFragment
    return t.cast(Doc, yaml.safe_load(getattr(fragment, (variable or "documentation").upper())))


def differences(options: Doc, spec: Doc, place: str = "") -> list[str]:
    """Where documented options and an argument spec disagree; empty when they say the same."""
    found = ["%s%s is not documented" % (place, name) for name in spec if name not in options]
    found += ["%s%s is documented and does not exist" % (place, name) for name in options if name not in spec]
    for name in sorted(set(options) & set(spec)):
        said, meant, here = options[name], spec[name], place + name
        for field, default in (("type", "str"), ("elements", None), ("required", False), ("default", None)):
            if said.get(field, default) != meant.get(field, default):
                found.append("%s: %s is %r, not %r" % (here, field, said.get(field), meant.get(field)))
        if list(said.get("choices") or ()) != list(meant.get("choices") or ()):
            found.append("%s: choices are %r, not %r" % (here, said.get("choices"), meant.get("choices")))
        if "no_log" in said:
            found.append("%s: no_log is no field of documentation" % here)
        found += differences(said.get("suboptions") or {}, meant.get("options") or {}, here + ".")
    return found


def texts(options: Doc, place: str = "") -> t.Iterator[tuple[str, str]]:
    """Every text of options, with its place."""
    for name, option in options.items():
        description = option.get("description") or [""]
        for line in [description] if isinstance(description, str) else description:
            yield place + name, line
        if isinstance(option.get("choices"), dict):
            for choice, line in option["choices"].items():
                yield "%s%s=%s" % (place, name, choice), line
        yield from texts(option.get("suboptions") or option.get("contains") or {}, place + name + ".")


def tasks(name: str) -> list[Doc]:
    """Tasks of this collection in EXAMPLES: ``{"name", "module", "arguments"}``, arguments with their module_defaults."""
    return list(_tasks(yaml.safe_load(source(name).EXAMPLES), {}))


def _tasks(entries: list[Doc], defaults: Doc) -> t.Iterator[Doc]:
    for entry in entries:
        mine = {**defaults, **(entry.get("module_defaults") or {})}
        if "block" in entry:
            yield from _tasks(entry["block"], mine)
            continue
        for key, arguments in entry.items():
            if key.startswith(COLLECTION):
                module = key[len(COLLECTION) :]
                # As Ansible does: a default of the group reaches every module, whether it has the option or not.
                common = {**mine.get("group/mailops.email.all", {}), **mine.get(key, {})}
                yield {"name": entry.get("name"), "module": module, "arguments": {**common, **(arguments or {})}}


def all_tasks(entries: list[Doc]) -> t.Iterator[Doc]:
    """Every task, those of other collections too."""
    for entry in entries:
        yield entry
        yield from all_tasks(entry.get("block") or [])
