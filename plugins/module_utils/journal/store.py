# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a journal is kept: what every store gives to those who write, read and wait for each other.

Runs of chained lines, documents beside them, and locks that all writers of the journal see. Nothing above this floor
knows whether they are files or rows.
"""

from __future__ import annotations

import abc
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.journal.event import Event
from ansible_collections.mailops.email.plugins.module_utils.model import canonical_json


class Writer(t.Protocol):
    """Appends the events of one task to its run.

    :ivar path: what names the run to people and to those who read it back.
    """

    path: str

    def open(self) -> None:
        """Prove that the run can be written.

        :raises JournalError: ``journal_not_writable``, ``journal_damaged``.
        """

    def append(self, events: t.Sequence[t.Mapping[str, t.Any]]) -> list[Event]:
        """Write events as one block and return them complete, with id, seq, timestamp and prev, once they are durable.

        :raises JournalError: nothing may be changed after it; the writer stays unusable.
        """

    def close(self) -> None:
        """Say how far the run has come, and let go of it."""


class Lock(t.Protocol):
    """A lock that ends with the process, or the connection, that holds it."""

    def take(self, holder: t.Mapping[str, str]) -> bool:
        """Try once, without waiting; False while somebody else has it.

        :param holder: told to whoever finds it taken.
        :raises OSError:
        """

    def holder(self) -> dict[str, str]:
        """What the one who has it said of itself; empty when that is not known."""

    def release(self) -> None:
        """Let go of it."""


class Store(abc.ABC):
    """One journal.

    :ivar place: where it is, as people know it; holds no secret.
    :ivar local: folder of this controller for what its runs need not share with others.
    """

    place: str
    local: str

    @abc.abstractmethod
    def runs(self) -> list[str]:
        """Names of all runs, in a stable order that says nothing of time.

        :raises JournalError: ``journal_not_readable``.
        """

    @abc.abstractmethod
    def events(self, run: str, must_hold: bytes = b"") -> t.Iterator[Event]:
        """Events of one run in order; with *must_hold*, only those whose line has these bytes.

        The chain is followed, so that a line which was changed cannot pass for one of no interest.

        :raises JournalError: ``journal_damaged``, ``journal_not_readable``; a torn last line is passed over.
        """

    def all_events(self, must_hold: bytes = b"") -> t.Iterator[Event]:
        """The same of all runs, one after the other.

        :raises JournalError: ``journal_damaged``, ``journal_not_readable``.
        """
        for run in self.runs():
            yield from self.events(run, must_hold)

    @abc.abstractmethod
    def holding(self, words: bytes) -> list[str]:
        """Names of the runs of which a line has these bytes: a quick look before the chains are followed.

        :raises JournalError: ``journal_not_readable``.
        """

    def ends(self) -> dict[str, int]:
        """By run, the place behind its last event: another one as soon as it has more.

        :raises JournalError: ``journal_not_readable``, ``journal_damaged``.
        """
        return {run: max((event["seq"] for event in self.events(run)), default=0) for run in self.runs()}

    def since(self, run: str, place: int) -> t.Iterator[tuple[int, bytes]]:
        """Whole lines behind a place, for who copies or counts them: each with the place behind it, without its line feed.

        The chain is not followed: what is copied is taken as it is.

        :param place: 0, or a place that was given with a line.
        :raises JournalError: ``journal_not_readable``, ``journal_damaged``.
        """
        for event in self.events(run):
            if event["seq"] > place:
                yield event["seq"], canonical_json(event)

    def at_work(self) -> frozenset[str]:
        """Runs that some controller is writing to at this moment, as far as the store can tell.

        :raises JournalError: ``journal_not_readable``, ``journal_damaged``.
        """
        return frozenset()

    def close(self) -> None:
        """Let go of what reading has opened; nothing else ends by it, and reading opens it again."""

    @abc.abstractmethod
    def writer(self, run_id: str, common: t.Mapping[str, t.Any]) -> Writer:
        """A writer for a run; forks of one run share its name.

        :param common: fields that every event of this writer carries (actor, request_id, run, tool_version, …).
        """

    @abc.abstractmethod
    def lock(self, name: str) -> Lock:
        """A lock that all controllers see which share this journal.

        :raises JournalError: ``journal_not_writable``.
        """

    @abc.abstractmethod
    def keep(self, path: str, data: bytes) -> None:
        """Put a document beside the journal, durably. What is there already under this name is replaced.

        :param path: relative, of plain names with slashes between them.
        :raises OSError:
        """

    @abc.abstractmethod
    def load(self, path: str) -> bytes:
        """A document that was kept.

        :raises OSError: FileNotFoundError when there is none.
        """
