# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files and folders that only their owner may read."""

from __future__ import annotations

import contextlib
import errno
import os


def private_folder(*parts: str) -> str:
    """Make a folder with mode 0700 and return its path; so is each folder between the first part and it.

    :raises OSError:
    """
    path = ""
    for part in parts:
        path = os.path.join(path, part)
        try:
            os.makedirs(path, mode=0o700, exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path) from error
    return path


def open_private(path: str, flags: int) -> int:
    """Open a file with mode 0600, never through a symbolic link, never inherited by another program.

    :raises OSError:
    """
    handle = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    os.fchmod(handle, 0o600)
    return handle


def write_private(path: str, data: bytes) -> None:
    """Put *data* into a file in one step: readers see the old file or the new one, and it is on disk on return.

    :raises OSError: the old file is as it was.
    """
    new = "%s.%d.new" % (path, os.getpid())
    try:
        with os.fdopen(open_private(new, os.O_WRONLY | os.O_TRUNC), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(new)
        raise
    # The name is part of what has to be on disk.
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
