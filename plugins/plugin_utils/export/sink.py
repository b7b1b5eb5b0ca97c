# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every sink is to those who send: a batch is taken whole, or the next try sends it again."""

from __future__ import annotations

import abc
import dataclasses
import errno
import socket
import typing as t

from ansible_collections.mailops.email.plugins.plugin_utils.export.record import Record


class SinkError(Exception):
    """The sink did not take a batch.

    :param text: why, for people; holds no secret.
    :param final: trying again is of no use before somebody has changed something.
    :param wait: seconds that the sink asks for, None when it does not say.
    :param absent: nobody is there, which seldom changes within seconds.
    """

    def __init__(self, text: str, final: bool = False, wait: float | None = None, absent: bool = False) -> None:
        super().__init__(text)
        self.final = final
        self.wait = wait
        self.absent = absent


def is_absent(error: BaseException | None) -> bool:
    """Whether a failed connection says that nobody is there: refused, no such name, no way to it."""
    while error is not None:
        if isinstance(error, (ConnectionRefusedError, socket.gaierror)):
            return True
        if isinstance(error, OSError) and error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
            return True
        error = error.__cause__ or error.__context__
    return False


@dataclasses.dataclass(frozen=True)
class Item:
    """One event to be sent.

    :param body: in the form that was asked for.
    :param data: the same as JSON in ASCII, without anything secret.
    """

    record: Record
    body: dict[str, t.Any]
    data: bytes


class Sink(abc.ABC):
    """One place that events go to.

    :ivar name: ``syslog``, ``http`` or ``otlp``.
    :ivar target: its URL as people know it.
    :ivar events: the most in a batch.
    :ivar size: the most bytes in a batch.
    """

    name = ""
    target = ""
    events = 500
    size = 1 << 20

    @abc.abstractmethod
    def send(self, items: t.Sequence[Item], seconds: float) -> None:
        """Hand a batch over.

        :param seconds: after which nobody waits any more.
        :raises SinkError: it has to be sent again, whole.
        """

    def close(self) -> None:
        """Let go of what is open."""
