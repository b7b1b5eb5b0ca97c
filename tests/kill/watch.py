# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sees what a process does to its journal and to its provider, and kills it at a chosen point of that.

It hooks `os` and the HTTP connection from outside; nothing in the collection knows of it. What it saw is in a log that
outlives the process: a kill takes no bytes that were written.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import mmap
import os
import signal
import struct
import threading
import typing as t

import requests
import urllib3.connection

# What a block of lines is, by what weighs most in it, and the four places round its way to the disk.
BLOCKS = ("intent", "retry", "outcome", "settled", "note", "index.opened", "index.closed", "index.recovered")
PLACES = ("before", "torn", "written", "synced")
POINTS: tuple[str, ...] = (
    *("%s.%s" % (block, place) for block in BLOCKS for place in PLACES),
    "cut.before",
    "cut.after",
    "folder.synced",
    "seal.before",
    "seal.named",
    "seal.synced",
    "read.before",
    "read.answered",
    "request.before",
    "request.torn",
    "request.sent",
    "answer.lost",
    "answer.taken",
)
_NUMBER = {name: number for number, name in enumerate(POINTS)}
WHO = ("module", "parent", "group", "power")


@dataclasses.dataclass(frozen=True)
class Kill:
    """Where, how often passed before, and whom.

    :param point: one of POINTS, or empty for any of them.
    :param nth: from 1.
    :param who: ``module`` (the worker), ``parent`` (the playbook's process; its worker goes on), ``group`` (both), or
        ``power`` (both, and what was not on disk is lost).
    :param part: of a block that is torn, how much of it is written.
    """

    point: str
    nth: int
    who: str
    part: float = 0.5

    def plain(self) -> dict[str, t.Any]:
        return dataclasses.asdict(self)


class Counters:
    """How often each point was passed, shared by the workers that are forked later."""

    def __init__(self) -> None:
        self._map = mmap.mmap(-1, 4 * (len(POINTS) + 1))

    def add(self, point: str) -> tuple[int, int]:
        """Passes of this point, and of all."""
        return self._bump(_NUMBER[point]), self._bump(len(POINTS))

    def _bump(self, slot: int) -> int:
        (count,) = struct.unpack_from("I", self._map, 4 * slot)
        struct.pack_into("I", self._map, 4 * slot, count + 1)
        return int(count) + 1

    def plain(self) -> dict[str, int]:
        found = {name: struct.unpack_from("I", self._map, 4 * slot)[0] for name, slot in _NUMBER.items()}
        return {name: count for name, count in found.items() if count}


class Watch:
    """Watches the process that it is installed in, and those forked from it.

    :param root: folder of all that the collection keeps: journal, sealed files.
    :param log: what was seen, a JSON object a line; outside of *root*.
    :param parent: stands for the playbook's process.
    """

    def __init__(self, root: str, log: str, counters: Counters, kill: Kill | None = None, parent: int = 0) -> None:
        self._root = os.path.realpath(root)
        self._counters = counters
        self._kill = kill
        self._parent = parent
        self._lock = threading.RLock()
        self._blocks: dict[tuple[int, str], str] = {}
        self._here = threading.local()
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._true = {
            name: getattr(os, name) for name in ("write", "fsync", "ftruncate", "replace", "open", "mkdir", "unlink")
        }

    def install(self) -> None:
        for name in self._true:
            setattr(os, name, getattr(self, "_" + name))
        self._hook_connection()
        self._hook_session()

    # what was seen

    def say(self, event: str, **facts: t.Any) -> None:
        thread = "%d.%d" % (os.getpid(), threading.get_ident())
        line = json.dumps({"e": event, "t": thread, **facts}, separators=(",", ":")) + "\n"
        self._true["write"](self._log, line.encode())

    def point(self, name: str) -> None:
        with self._lock:
            if self._due(name):
                self._die(name)

    def _due(self, name: str) -> bool:
        mine, every = self._counters.add(name)
        if self._kill is None:
            return False
        return mine == self._kill.nth if self._kill.point == name else not self._kill.point and every == self._kill.nth

    def _die(self, name: str) -> None:
        who = t.cast(Kill, self._kill).who
        self.say("kill", point=name, who=who, worker=os.getpid())
        self._kill = None
        if who != "module" and self._parent:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._parent, signal.SIGKILL)
        if who != "parent":
            os.kill(os.getpid(), signal.SIGKILL)

    # files

    def _path(self, handle: int) -> str:
        try:
            path = os.readlink("/proc/self/fd/%d" % handle)
        except OSError:
            return ""
        return path if path.startswith(self._root + "/") or path == self._root else ""

    def _write(self, handle: int, data: bytes) -> int:
        path = self._path(handle)
        if not path:
            return t.cast(int, self._true["write"](handle, data))
        block = _block(path, bytes(data))
        if not block:
            count = self._true["write"](handle, data)
            self.say("write", path=path, data=bytes(data[:count]).decode("latin-1"))
            return t.cast(int, count)
        self.point(block + ".before")
        with self._lock:
            if self._due(block + ".torn"):
                part = bytes(data)[: max(1, min(len(data) - 1, int(len(data) * t.cast(Kill, self._kill).part)))]
                self._true["write"](handle, part)
                self.say("write", path=path, data=part.decode("latin-1"))
                self._die(block + ".torn")
                return len(part)
        count = self._true["write"](handle, data)
        self.say("write", path=path, data=bytes(data[:count]).decode("latin-1"))
        self._blocks[threading.get_ident(), path] = block
        self.point(block + ".written")
        return t.cast(int, count)

    def _fsync(self, handle: int) -> None:
        path = self._path(handle)
        if not path:
            self._true["fsync"](handle)
            return
        self.say("sync", path=path)
        self._true["fsync"](handle)
        self.say("synced", path=path)
        if os.path.isdir(path):
            self.point("seal.synced" if "/sealed" in path else "folder.synced")
        elif block := self._blocks.pop((threading.get_ident(), path), ""):
            self.point(block + ".synced")

    def _ftruncate(self, handle: int, size: int) -> None:
        path = self._path(handle)
        cut = path.endswith((".jsonl", ".index"))
        if cut:
            self.point("cut.before")
        self._true["ftruncate"](handle, size)
        if path:
            self.say("truncate", path=path, size=size)
        if cut:
            self.point("cut.after")

    def _open(self, path: t.Any, flags: int, *rest: t.Any, **more: t.Any) -> int:
        name = os.path.realpath(os.fspath(path)) if flags & os.O_CREAT else ""
        new = isinstance(name, str) and name.startswith(self._root + "/") and not os.path.lexists(name)
        handle = self._true["open"](path, flags, *rest, **more)
        if new:
            self.say("made", path=name)
        return t.cast(int, handle)

    def _mkdir(self, path: t.Any, *rest: t.Any, **more: t.Any) -> None:
        self._true["mkdir"](path, *rest, **more)
        name = os.path.realpath(os.fspath(path))
        if name.startswith(self._root + "/"):
            self.say("made", path=name, folder=True)

    def _replace(self, source: t.Any, target: t.Any, **more: t.Any) -> None:
        name = os.path.realpath(os.fspath(target))
        inside = name.startswith(self._root + "/")
        sealed = inside and name.endswith(".age")
        if sealed:
            self.point("seal.before")
        old = None
        if inside and os.path.exists(name):
            with open(name, "rb") as file:
                old = file.read().decode("latin-1")
        self._true["replace"](source, target, **more)
        if inside:
            self.say("replaced", path=name, source=os.path.realpath(os.fspath(source)), old=old)
        if sealed:
            self.point("seal.named")

    def _unlink(self, path: t.Any, **more: t.Any) -> None:
        name = os.path.realpath(os.fspath(path))
        self._true["unlink"](path, **more)
        if name.startswith(self._root + "/"):
            self.say("gone", path=name)

    # requests

    def _hook_connection(self) -> None:
        watch, kind = self, urllib3.connection.HTTPConnection
        true_request, true_response, true_send = kind.request, kind.getresponse, http.client.HTTPConnection.send

        def request(
            self: t.Any, method: str, url: str, body: t.Any = None, headers: t.Any = None, **more: t.Any
        ) -> None:
            key = dict(headers or {}).get("Idempotency-Key", "")
            watch._here.method = method
            if method == "GET":
                watch.point("read.before")
            else:
                watch.say("request", method=method, url=url, key=key)
                watch.point("request.before")
                with watch._lock:
                    watch._here.torn = watch._due("request.torn")
            true_request(self, method, url, body, headers, **more)
            if method != "GET":
                watch.say("sent", key=key)
                watch.point("request.sent")

        def send(self: t.Any, data: t.Any) -> None:
            if getattr(watch._here, "torn", False):
                watch._here.torn = False
                true_send(self, bytes(data)[: len(data) // 2])
                watch._die("request.torn")
                raise OSError("torn")
            true_send(self, data)

        def getresponse(self: t.Any) -> t.Any:
            response = true_response(self)
            watch.say("answer", method=watch._here.method, status=response.status)
            watch.point("read.answered" if watch._here.method == "GET" else "answer.lost")
            return response

        kind.request, kind.getresponse = request, getresponse
        http.client.HTTPConnection.send = send  # type: ignore[method-assign]

    def _hook_session(self) -> None:
        watch, true = self, requests.Session.send

        def send(self: t.Any, prepared: t.Any, **more: t.Any) -> t.Any:
            response = true(self, prepared, **more)
            if prepared.method != "GET":
                watch.point("answer.taken")
            return response

        requests.Session.send = send  # type: ignore[method-assign]


def _block(path: str, data: bytes) -> str:
    """What is being written, or nothing for a file that is no part of the record."""
    if path.endswith(".index"):
        for event in ("recovered", "closed", "opened"):
            if b'"event":"%s"' % event.encode() in data:
                return "index." + event
        return ""
    if not path.endswith(".jsonl"):
        return ""
    for phase in ("intent", "retry", "outcome"):
        if b'"phase":"%s"' % phase.encode() in data:
            # Settled by reading: there is no answer to tell of.
            return "settled" if phase == "outcome" and b'"http":' not in data else phase
    return "note"
