# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of runs: what the forks of one ``ansible-playbook`` agree on without talking to each other."""

from __future__ import annotations

import os
import re
import socket
import time

from ansible_collections.mailops.email.plugins.module_utils.model import Refused

RUN_ID_VARIABLE = "MAILOPS_RUN_ID"
_VALID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")


def run_id(main: int = 0) -> str:
    """The id of this run, as a controller has set it, else made from the main process.

    :param main: process id of ansible-playbook, by default the parent: a task runs in a child of it.

    :raises Refused: when the variable holds something that is no file name.
    """
    given = os.environ.get(RUN_ID_VARIABLE, "")
    if given:
        if not _VALID.match(given):
            raise Refused("run_id", "%s is no run id." % RUN_ID_VARIABLE, "Use letters, digits, dot, dash, underscore.")
        return given
    return new_run_id(main or os.getppid())


def execution() -> str:
    """What tells two runs apart that a controller has given one id; empty when the id is made from the process."""
    return new_run_id(os.getppid()) if os.environ.get(RUN_ID_VARIABLE) else ""


def new_run_id(pid: int) -> str:
    """``<start of the process, UTC>-<host>-<pid>``: the same in each child of that process."""
    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname().split(".")[0]) or "host"
    return "%s-%s-%d" % (_started(pid), host, pid)


def _started(pid: int) -> str:
    try:
        with open("/proc/%d/stat" % pid, "rb") as handle:
            ticks = int(handle.read().rsplit(b")", 1)[1].split()[19])
        with open("/proc/stat", "rb") as handle:
            boot = next(int(line.split()[1]) for line in handle if line.startswith(b"btime"))
    except (OSError, ValueError, IndexError, StopIteration):
        # Without /proc the day must do: at worst a run past midnight has two files.
        return time.strftime("%Y%m%d", time.gmtime())
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(boot + ticks // os.sysconf("SC_CLK_TCK")))
