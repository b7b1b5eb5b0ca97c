# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the files of a journal: each line is followed along the chain, and parsed only when it can matter."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import (
    GENESIS,
    Event,
    check_shape,
    line_digest,
    parse_line,
)
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError

SUFFIX = ".jsonl"


def journal_files(directory: str) -> list[str]:
    """Paths of all runs in a journal folder, sorted by name; none when the folder is absent.

    :raises JournalError: ``journal_not_readable``.
    """
    try:
        names = sorted(name for name in os.listdir(directory) if name.endswith(SUFFIX))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise unreadable(directory, error) from error
    return [os.path.join(directory, name) for name in names]


def read_events(path: str, must_hold: bytes = b"") -> t.Iterator[Event]:
    """Events of one file in order; with *must_hold*, only lines with these bytes.

    The chain is followed over all lines, so that a line which was changed cannot pass for one of no interest.

    :raises JournalError: ``journal_damaged``; a torn last line is passed over.
    """
    prev = GENESIS.encode()
    try:
        with open(path, "rb") as handle:
            for number, line in enumerate(handle, 1):
                if not line.endswith(b"\n"):
                    continue
                if b'"prev":"%s"' % prev not in line:
                    raise _damaged(path, number, "it does not follow the line before it")
                prev = line_digest(line[:-1]).encode()
                if must_hold not in line:
                    continue
                try:
                    event = parse_line(line)
                    check_shape(event)
                except (ValueError, RecursionError) as error:
                    raise _damaged(path, number, str(error)) from error
                yield event
    except OSError as error:
        raise unreadable(path, error) from error


def lines_behind(path: str, place: int) -> t.Iterator[tuple[int, bytes]]:
    """Whole lines from a byte on, each with the byte behind it, without its line feed; none of a file that is not there.

    A byte that is no place behind a line is taken for the beginning.

    :raises JournalError: ``journal_not_readable``.
    """
    try:
        with open(path, "rb") as handle:
            if place:
                handle.seek(place - 1)
                if handle.read(1) != b"\n":
                    # The file was cut since, so that the place is none any more.
                    place = 0
                    handle.seek(0)
            for line in handle:
                if not line.endswith(b"\n"):
                    return
                place += len(line)
                yield place, line[:-1]
    except FileNotFoundError:
        return
    except OSError as error:
        raise unreadable(path, error) from error


def holds(path: str, words: bytes) -> bool:
    """:raises JournalError: ``journal_not_readable``."""
    try:
        with open(path, "rb") as handle:
            return words in handle.read()
    except OSError as error:
        raise unreadable(path, error) from error


def _damaged(path: str, number: int, why: str) -> JournalError:
    return JournalError(
        "journal_damaged",
        "The journal %s line %d is damaged: %s." % (path, number, why),
        "Put the file back from a copy. Without one, keep it elsewhere as evidence and compare with the provider by hand "
        "what its run did, before you run again.",
    )


def unreadable(path: str, error: OSError) -> JournalError:
    return JournalError(
        "journal_not_readable",
        "The journal %s cannot be read: %s." % (path, error.strerror or error),
        "Name the journal's folder in journal_dir, and give access to it.",
    )


def verify_chain(path: str) -> list[str]:
    """Problems of one file's chain: broken links, gaps of ``seq``, damage; empty when it holds."""
    problems: list[str] = []
    prev, seq = GENESIS, 0
    with open(path, "rb") as handle:
        for number, line in enumerate(handle, 1):
            if not line.endswith(b"\n"):
                problems.append("line %d: torn" % number)
                break
            try:
                event = parse_line(line)
            except ValueError as error:
                problems.append("line %d: %s" % (number, error))
                break
            if event.get("prev") != prev:
                problems.append("line %d: does not follow the line before it" % number)
            if event.get("seq") != seq + 1:
                problems.append("line %d: seq %r after %d" % (number, event.get("seq"), seq))
            prev, seq = line_digest(line[:-1]), event.get("seq", seq + 1)
    return problems
