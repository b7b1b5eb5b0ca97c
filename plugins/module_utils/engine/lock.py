# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One writer at a time for a client at an account (R-IRB-A1): what another run has under way is not in doubt."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context
from ansible_collections.mailops.email.plugins.module_utils.files import open_private, private_folder
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, Refused
from ansible_collections.mailops.email.plugins.module_utils.providers.base import Progress

# Two runs that overlap by a moment wait for each other; one that hangs does not hold up the next for ever.
PATIENCE_SECONDS = 30.0
STEP_SECONDS = 0.1


@contextlib.contextmanager
def sole_writer(directory: str, account: str, context: Context, progress: Progress) -> t.Iterator[None]:
    """Hold the lock of the context's client at *account*; the kernel lets go of it when the process dies.

    :param directory: the journal's folder.
    :raises Refused: ``locked_by``, naming the run and the person who hold it.
    :raises JournalError: ``journal_not_writable``.
    """
    client = context.client or context.run.get("host", "")
    name = hashlib.sha256(("%s %s" % (account, client)).encode("utf-8")).hexdigest()[:24]
    try:
        path = os.path.join(private_folder(directory, ".locks"), name + ".lock")
        handle = open_private(path, os.O_RDWR)
    except OSError as error:
        raise JournalError(
            "journal_not_writable",
            "The journal's folder %s cannot be used: %s. Nothing was changed." % (directory, error.strerror or error),
            "Make room or give access to the folder, then run again.",
        ) from error
    try:
        _take(handle, progress)
        holder = {"run_id": context.run_id, "actor": context.actor["human"], "request_id": context.request_id}
        # The lock is the kernel's; who holds it is only told to people, and may not fit on a full disk.
        with contextlib.suppress(OSError):
            os.ftruncate(handle, 0)
            os.pwrite(handle, json.dumps(holder).encode("utf-8"), 0)
        yield
    finally:
        os.close(handle)


def _take(handle: int, progress: Progress) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    told = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > ends:
                raise _refusal(handle) from None
        if not told:
            progress.waiting("another run changes the same client", PATIENCE_SECONDS)
            told = True
        time.sleep(STEP_SECONDS)


def _refusal(handle: int) -> Refused:
    try:
        holder = json.loads(os.pread(handle, 4096, 0))
        holder = holder if isinstance(holder, dict) else {}
    except (ValueError, OSError):
        holder = {}
    return Refused(
        "locked_by",
        "Another run changes the same client: %s of %s for request %s."
        % (holder.get("run_id", "(unknown)"), holder.get("actor", "(unknown)"), holder.get("request_id", "(unknown)")),
        "Wait until it has ended, then run again.",
    )
