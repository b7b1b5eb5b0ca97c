# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exit codes that Ansible does not have, and how a callback makes the process end with one.

A callback's exception is only a warning. SystemExit does end the run, but callbacks that come after it never write their
last lines: that is for a run that must not go on. Whoever only has something to say waits until all others are done.
"""

from __future__ import annotations

import atexit
import os
import sys
import typing as t

# By process: callbacks of one run share this module.
_decided: list[int] = []


def stop(code: int) -> t.NoReturn:
    """End the run here and now."""
    _decided.append(code)
    raise SystemExit(code)


def finally_say(code: int) -> None:
    """Let a run that ends well end with *code*, after everything else that the process does at its end."""
    atexit.register(_say, code)


def _say(code: int) -> None:
    atexit.unregister(_say)
    if _decided:
        return
    # No exit handler can change the exit code of a process that ends by itself.
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
