# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Input is code: each file of a request is, byte for byte, in a commit (R-CSV-01)."""

from __future__ import annotations

import os
import subprocess
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.intake.rules import finding
from ansible_collections.mailops.email.plugins.module_utils.model import Finding

# A repository's own configuration must not make this run a program.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat")
_TIMEOUT = 30


def check_versioned(paths: t.Sequence[str]) -> tuple[str, list[Finding]]:
    """The commit that last touched the files, and a finding ``input_not_versioned`` for each that differs from it.

    The bytes on disk are compared with those in ``HEAD``; index flags that hide a change make no difference.

    :returns: the commit, empty when there is any finding; the findings.
    """
    findings = []
    for path in paths:
        problem = _problem(os.path.abspath(path))
        if problem:
            name = os.path.basename(path)
            findings.append(finding("input_not_versioned", "%s:/" % name if name.endswith(".yml") else name, problem))
    if findings or not paths:
        return "", findings
    folder = os.path.dirname(os.path.abspath(paths[0]))
    names = [os.path.relpath(os.path.abspath(path), folder) for path in paths]
    _code, commit, _said = _git(folder, "log", "-1", "--format=%H", "HEAD", "--", *names)
    return commit.decode("ascii", "replace").strip(), []


def _problem(path: str) -> str:
    """Why the file is not in the last commit; empty when it is."""
    folder, name = os.path.split(path)
    code, _out, said = _git(folder, "rev-parse", "--verify", "HEAD")
    if code:
        return "The folder is no git repository with a commit (%s)." % (said or "git says nothing")
    code, blob, _said = _git(folder, "cat-file", "blob", "HEAD:./" + name)
    if code:
        return "%s is not in the last commit." % name
    try:
        with open(path, "rb") as stream:
            same = stream.read() == blob
    except OSError as exc:
        return "%s cannot be read: %s." % (name, exc.strerror)
    return "" if same else "%s differs from the last commit." % name


def _git(folder: str, *arguments: str) -> tuple[int, bytes, str]:
    """Exit code, output and the last line that git said; 127 when git cannot be run."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment.update(GIT_OPTIONAL_LOCKS="0", LC_ALL="C", GIT_TERMINAL_PROMPT="0")
    try:
        done = subprocess.run(
            [*_GIT, "-C", folder, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
            env=environment,
        )
    except (OSError, subprocess.SubprocessError) as exc:
        return 127, b"", "git cannot be run: %s" % exc.__class__.__name__
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return done.returncode, done.stdout, said[-1] if said else ""
