# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test suite of RFC 7208: fetched from the source distribution of pyspf when it is not in the cache, and its zones as a table that answers.

It is not part of this repository. What is fetched is compared with the digest that was looked at.
"""

from __future__ import annotations

import ensurepip
import functools
import importlib.util
import subprocess
import sys
import tarfile
import tempfile
import typing as t
from pathlib import Path

import yaml

from ansible_collections.mailops.email.plugins.module_utils.dns import txt
from ansible_collections.mailops.email.plugins.module_utils.dns.asking import (
    FAILED,
    FOUND,
    NODATA,
    NXDOMAIN,
    Answer,
    Question,
)
from ansible_collections.mailops.email.plugins.module_utils.dns.record import normal_value

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "rfc7208"
VERSION = "2.0.14"
DIGEST = "57a7ef01bda090173aafb6af0106251686ed73f03db4e911fcd34c57fc347186"
MEMBER = "pyspf-%s/test/rfc7208-tests.yml" % VERSION
# The suite gives no names for these; queries below them time out.
TIMES_OUT = "error."


class Table:
    """Answers from a zone of the suite, as `Eyes`."""

    def __init__(self, zone: t.Mapping[str, t.Sequence[t.Any]]) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.silent: set[tuple[str, str]] = set()
        self.names: set[str] = set()
        self.asked: list[Question] = []
        for name, rows in zone.items():
            self.add(name.lower().removesuffix("."), rows)

    def add(self, name: str, rows: t.Sequence[t.Any]) -> None:
        self.names.add(name)
        pairs = [("", row) if isinstance(row, str) else next(iter(row.items())) for row in rows]
        # The suite writes one record for both types, unless TXT is said too.
        kinds = {kind for kind, dummy in pairs}
        for kind, value in pairs:
            if value == "TIMEOUT":
                self.silent.add((name, kind))
            elif kind == "SPF" and "TXT" not in kinds:
                self.put(name, "TXT", value)
            elif kind != "SPF" and value != "NONE":
                self.put(name, kind, value)

    def put(self, name: str, kind: str, value: t.Any) -> None:
        if kind == "TXT":
            strings = [value] if isinstance(value, str) else value
            shown = txt.join([one.encode("utf-8") for one in strings or [""]])
        elif kind == "MX":
            # not by the normal form, which refuses what some of these zones hold on purpose
            shown = "%d %s." % (value[0], str(value[1]).lower().removesuffix("."))
        elif kind in ("CNAME", "PTR"):
            shown = value.lower().removesuffix(".") + "."
        else:
            shown = normal_value(kind, value)
        self.records.setdefault((name, kind), []).append(shown)

    def answer(self, questions: t.Sequence[Question]) -> list[Answer]:
        self.asked += questions
        return [self.one(question) for question in questions]

    def one(self, question: Question) -> Answer:
        name, aliases = question.name, []
        while (name, "CNAME") in self.records and len(aliases) < 8:
            name = self.records[name, "CNAME"][0].removesuffix(".")
            aliases.append(name)
        values = tuple(sorted(self.records.get((name, question.type), ())))
        if values:
            return Answer(question, FOUND, values, 300, aliases=tuple(aliases))
        if name.startswith(TIMES_OUT) or {(name, ""), (name, question.type)} & self.silent:
            return Answer(question, FAILED, why="timeout")
        return Answer(question, NODATA if name in self.names else NXDOMAIN, aliases=tuple(aliases))


@functools.cache
def scenarios() -> tuple[dict[str, t.Any], ...]:
    """Description, tests and zone data of each part, with unique names of tests."""
    path = CACHE / ("%s.yml" % VERSION)
    if not path.is_file():
        fetch(path)
    with path.open("rb") as text:
        return tuple(one for one in yaml.safe_load_all(text) if one)


def fetch(path: Path) -> None:
    """By the ordinary client of the package index. Tests that run side by side may do it at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        wanted = Path(folder) / "requirements.txt"
        wanted.write_text("pyspf==%s --hash=sha256:%s\n" % (VERSION, DIGEST), encoding="ascii")
        pip = [sys.executable, "-m", "pip"]
        if importlib.util.find_spec("pip") is None:
            bundled = (Path(ensurepip.__file__).parent / "_bundled", Path("/usr/share/python-wheels"))
            wheel = next((one for place in bundled for one in place.glob("pip-*.whl")), None)
            pip = [sys.executable, "%s/pip" % wheel] if wheel else ["pip3"]
        line = [*pip, "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", "pyspf"]
        done = subprocess.run(
            [*line, "--require-hashes", "--dest", folder, "-r", str(wanted)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(
                "The suite of RFC 7208 is not in %s and cannot be fetched: %s" % (path.parent, done.stderr)
            )
        (archive,) = Path(folder).glob("*.tar.gz")
        with tarfile.open(archive) as packed:
            member = packed.extractfile(MEMBER)
            if member is None:
                raise RuntimeError("%s is not in %s" % (MEMBER, archive.name))
            fresh = Path(folder) / "suite.yml"
            fresh.write_bytes(member.read())
        fresh.replace(path)


def policies() -> list[tuple[str, str, str]]:
    """Domains whose tests all say the same of the policy itself: scenario, domain, ``valid`` or ``broken``.

    It is broken when every sender gets ``permerror``, valid when every one gets a verdict; where both happen, or the domain has no
    policy, or a server fails, nothing is said.
    """
    wanted: dict[tuple[str, str], list[set[str]]] = {}
    for scenario in scenarios():
        for test in scenario["tests"].values():
            domain = test["mailfrom"].rpartition("@")[2] or test["helo"]
            results = test["result"] if isinstance(test["result"], list) else [test["result"]]
            wanted.setdefault((scenario["description"], domain), []).append(set(results))
    found = []
    for (scenario, domain), results in wanted.items():
        if all(one == {"permerror"} for one in results):
            found.append((scenario, domain, "broken"))
        elif set().union(*results) <= {"pass", "fail", "softfail", "neutral"}:
            found.append((scenario, domain, "valid"))
    return found
