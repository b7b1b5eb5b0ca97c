# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files and folders that only their owner may read."""

from __future__ import annotations

import contextlib
import errno
import os
import typing as t


def private_folder(*parts: str) -> str:
    """Make a folder with mode 0700 and return its path; so is each folder between the first part and it.

    When the first is made, its name is on disk on return, and so are those above it that were made for it.

    :raises OSError:
    """
    made = []
    above = os.path.abspath(parts[0])
    while not os.path.isdir(above):
        above = os.path.dirname(above)
        made.append(above)
    path = ""
    for part in parts:
        path = os.path.join(path, part)
        try:
            os.makedirs(path, mode=0o700, exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path) from error
    _sync_names(reversed(made))
    return path


def durable_folder(*parts: str) -> str:
    """The same, for what must outlive a power cut: the names of all of them are on disk on return.

    Of those too that were there already: whoever made them may have been killed before that.

    :raises OSError:
    """
    path = private_folder(*parts)
    paths = [os.path.join(*parts[:number]) for number in range(1, len(parts) + 1)]
    _sync_names(os.path.dirname(os.path.abspath(one)) for one in paths)
    return path


def _sync_names(folders: t.Iterable[str]) -> None:
    for folder in folders:
        # One that may be written to and not read was given to us by somebody who has made its names durable.
        with contextlib.suppress(PermissionError):
            sync_folder(folder)


def sync_folder(path: str) -> None:
    """Put the names in a folder on disk.

    :raises OSError:
    """
    folder = os.open(path or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def open_private(path: str, flags: int) -> int:
    """Open a file with mode 0600, never through a symbolic link, never inherited by another program.

    :raises OSError:
    """
    handle = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    os.fchmod(handle, 0o600)
    return handle


def append(handle: int, data: bytes) -> None:
    """Put whole lines at the end of a file, durably, or leave it as it was.

    :raises OSError:
    """
    size = os.fstat(handle).st_size
    try:
        while data:
            data = data[os.write(handle, data) :]
        os.fsync(handle)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(handle, size)
        raise


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
    sync_folder(os.path.dirname(path))
