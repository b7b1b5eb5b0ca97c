# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check what a built collection archive holds: ``archive.py ROOT ARCHIVE``; exit 1 and one line per fault.

The archive is what users and importers get, and `build_ignore` in galaxy.yml is the only thing between it and the rest
of the checkout. Also compared here, because only the whole repository shows it: the action groups with the modules, and
the two lists of Python requirements.
"""

from __future__ import annotations

import re
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path

import yaml

from sanity import known_files

REQUIRED = (
    "CHANGELOG.rst",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "meta/ee-bindep.txt",
    "meta/ee-requirements.txt",
    "meta/execution-environment.yml",
    "meta/runtime.yml",
    "requirements.txt",
    "tests/config.yml",
)
# written by `ansible-galaxy collection build` itself
GENERATED = {"FILES.json", "MANIFEST.json"}
FORBIDDEN = re.compile(r"(^|/)(\.|__pycache__)|^(dist|tests/(?!config\.yml$|sanity/))")


def content_faults(members: Iterable[str], known: Iterable[str]) -> list[str]:
    """Faults in the list of files of an archive, compared with the files that git knows."""
    inside, ours = set(members), set(known)
    faults = [f"missing from the archive: {name}" for name in REQUIRED if name not in inside]
    faults += [f"does not belong in the archive: {name}" for name in sorted(inside) if FORBIDDEN.search(name)]
    strangers = sorted(name for name in inside - ours - GENERATED if not FORBIDDEN.search(name))
    faults += [f"in the archive, but git does not know it: {name}" for name in strangers]
    return faults


def group_faults(runtime: dict, modules: Iterable[str]) -> list[str]:
    """Faults between meta/runtime.yml and the modules: each module is in the group `all`, and nothing else is."""
    listed = runtime.get("action_groups", {}).get("all", [])
    present = set(modules)
    faults = [f"module {name} is not in the action group all" for name in sorted(present - set(listed))]
    faults += [f"the action group all names {name}, which is no module" for name in listed if name not in present]
    if len(set(listed)) != len(listed):
        faults.append("the action group all names a module twice")
    return [f"meta/runtime.yml: {fault}" for fault in faults]


def requirement_lines(text: str) -> set[str]:
    """The requirements of a file, without comments and empty lines."""
    return {line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")}


def main(argv: list[str]) -> int:
    """Check and print; 1 if anything is wrong."""
    root = Path(argv[0]).resolve()
    with tarfile.open(argv[1]) as archive:
        members = [member.name for member in archive.getmembers() if not member.isdir()]
    faults = content_faults(members, known_files(root))
    runtime = yaml.safe_load((root / "meta/runtime.yml").read_text(encoding="utf-8"))
    modules = [path.stem for path in (root / "plugins/modules").glob("*.py") if path.stem != "__init__"]
    faults += group_faults(runtime, modules)
    lists = [(root / name).read_text(encoding="utf-8") for name in ("requirements.txt", "meta/ee-requirements.txt")]
    if requirement_lines(lists[0]) != requirement_lines(lists[1]):
        faults.append("requirements.txt and meta/ee-requirements.txt do not hold the same lines")
    for fault in faults:
        print(fault)
    if not faults:
        print(f"{Path(argv[1]).name}: {len(members)} files, as they should be")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
