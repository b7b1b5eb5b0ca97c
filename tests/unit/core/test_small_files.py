# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small files that join the tasks of a run: snapshots, predictions, private files (design 4.4)."""

from __future__ import annotations

import datetime
import os
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from fakes import Desk, FakeDriver, invite

from ansible_collections.mailops.email.plugins.module_utils import files
from ansible_collections.mailops.email.plugins.module_utils.engine import snapshot
from ansible_collections.mailops.email.plugins.module_utils.engine.predictions import KEPT_SECONDS, Predictions
from ansible_collections.mailops.email.plugins.module_utils.journal.index import INDEX
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, Operation, Refused
from ansible_collections.mailops.email.plugins.module_utils.resources.base import Scene

NOW = datetime.datetime(2026, 1, 28, 12, 0, tzinfo=datetime.timezone.utc)
LISTINGS = {"domain": (set(), {"example.com": {"name": "example.com", "id": 1}}), "mailbox": ({"example.com"}, {})}


def save(path: Path, **more: Any) -> str:
    snapshot.save(str(path), more.get("account", "a@b"), more.get("now", NOW), more.get("listings", LISTINGS))
    return str(path)


def test_a_snapshot_is_used_once_while_it_is_young(tmp_path: Path) -> None:
    path = save(tmp_path / "s" / "x.json")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    found = snapshot.load(path, "a@b", NOW + datetime.timedelta(seconds=60))
    assert found["domain"]["records"] == LISTINGS["domain"][1]
    assert snapshot.covers(found, "domain", ()) and snapshot.covers(found, "mailbox", {"example.com"})
    assert not snapshot.covers(found, "mailbox", {"example.net"}) and not snapshot.covers(found, "alias", ())
    assert snapshot.load(path, "a@b", NOW) == {} and not os.path.exists(path)


@pytest.mark.parametrize(
    ("account", "seconds"), [("other@b", 10), ("a@b", snapshot.MAX_AGE_SECONDS + 1), ("a@b", -10), ("a@b", 10**6)]
)
def test_a_snapshot_that_is_not_for_us(tmp_path: Path, account: str, seconds: int) -> None:
    path = save(tmp_path / "x.json")
    assert snapshot.load(path, account, NOW + datetime.timedelta(seconds=seconds)) == {}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", '{"account": "a@b"}', '{"account": "a@b", "taken_at": 7, "listings": {}}', "\x00"]
    + ['{"account": "a@b", "taken_at": "soon", "listings": {}}', "[" * 100_000],
)
def test_a_damaged_snapshot_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(Refused) as found:
        snapshot.load(str(path), "a@b", NOW)
    assert found.value.code == "snapshot_damaged" and str(path) in found.value.message and found.value.hint


def test_a_snapshot_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused) as found:
        save(tmp_path / "file" / "x.json")
    assert found.value.code == "snapshot_not_writable" and "file" in found.value.message and found.value.hint


def scene() -> Scene:
    return Scene(FakeDriver(), {"mailbox": {}, "invite": {}, "domain": {}}, {}, NOW)


def created(key: str, after: Any = None, kind: str = "domain", verb: str = "create") -> Operation:
    return Operation(0, kind, verb, key, kind + ".created", None, after or {"status": "pending_dns"})


def test_predictions_are_seen_by_later_tasks_of_the_run(tmp_path: Path) -> None:
    Predictions(str(tmp_path), "run", "a@b").add([created("n.example"), created("m.example", kind="alias")])
    found = scene()
    Predictions(str(tmp_path), "run", "a@b").apply_to(found)
    assert found.records["domain"] == {"n.example": {"name": "n.example", "status": "pending_dns"}}
    for run, account in (("other", "a@b"), ("run", "c@d")):
        untouched = scene()
        Predictions(str(tmp_path), run, account).apply_to(untouched)
        assert untouched.records == scene().records
    (path,) = (tmp_path / ".predictions").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_dry_run_leaves_no_journal(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    driver = FakeDriver()
    report = desk.run(driver, invite(), check_mode=True)
    assert len(report.plan.operations) == 1 and driver.calls == [] and desk.events() == []
    assert not list((tmp_path / "journal").glob("*.jsonl")) and not (tmp_path / "journal" / INDEX).exists()


def test_a_task_that_changes_nothing_costs_the_index_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run(FakeDriver(), invite())
    before = (tmp_path / "journal" / INDEX).read_bytes()
    assert desk.run(FakeDriver(), invite()).plan.operations == []
    assert (tmp_path / "journal" / INDEX).read_bytes() == before and before.count(b"\n") == 2


def test_hosts_that_are_planned_side_by_side(tmp_path: Path) -> None:
    """Whole lines of all of them, however long their plans are."""

    def work(number: int) -> None:
        for turn in range(5):
            operations = [created("n%d-%d-%d.example" % (number, turn, row), {"note": "x" * 500}) for row in range(50)]
            Predictions(str(tmp_path), "run", "a@b").add(operations)

    children = []
    for number in range(4):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                work(number)
                status = 0
            finally:
                os._exit(status)
        children.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0] * 4
    found = scene()
    Predictions(str(tmp_path), "run", "a@b").apply_to(found)
    assert len(found.records["domain"]) == 1000


def test_old_predictions_are_forgotten_by_several_at_once(tmp_path: Path) -> None:
    folder = tmp_path / ".predictions"
    folder.mkdir()
    for number in range(300):
        old = folder / ("r%d.jsonl" % number)
        old.touch()
        os.utime(old, (1, time.time() - KEPT_SECONDS - 60))
    errors: list[Exception] = []

    def work(number: int) -> None:
        try:
            Predictions(str(tmp_path), "new%d" % number, "a@b").add([created("n.example")])
        except JournalError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and len(list(folder.iterdir())) == 8


@pytest.mark.parametrize("torn", ["{", '{"account": "a@b", "kind": "dom', "x" * 9000])
def test_a_prediction_that_its_task_did_not_live_to_write(tmp_path: Path, torn: str) -> None:
    """R-LOG-18: a worker that is killed while it writes keeps no other task of the run from its work."""
    Predictions(str(tmp_path), "run", "a@b").add([created("n.example")])
    (path,) = (tmp_path / ".predictions").iterdir()
    with path.open("a") as file:
        file.write(torn)
    found = scene()
    Predictions(str(tmp_path), "run", "a@b").apply_to(found)
    assert set(found.records["domain"]) == {"n.example"}
    Predictions(str(tmp_path), "run", "a@b").add([created("m.example")])
    Predictions(str(tmp_path), "run", "a@b").apply_to(found)
    assert set(found.records["domain"]) == {"n.example", "m.example"}


@pytest.mark.parametrize("text", ["{\n", "[]\n", "7\n", '{"account": "a@b"}\n', "null\n", "\xff\n"])
def test_damaged_predictions_are_named(tmp_path: Path, text: str) -> None:
    (tmp_path / ".predictions").mkdir()
    (tmp_path / ".predictions" / "run.jsonl").write_text(text, encoding="latin-1")
    with pytest.raises(JournalError) as found:
        Predictions(str(tmp_path), "run", "a@b").apply_to(scene())
    assert ".predictions" in found.value.message and found.value.hint


def test_predictions_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "j").write_text("")
    with pytest.raises(JournalError) as found:
        Predictions(str(tmp_path / "j"), "run", "a@b").add([created("n.example")])
    assert found.value.code == "journal_not_writable"


def test_private_files_replace_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "x")
    files.write_private(path, b"old")
    files.write_private(path, b"new")
    assert Path(path).read_bytes() == b"new" and os.listdir(tmp_path) == ["x"]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600

    def fails(*_unused: Any) -> None:
        raise OSError(28, "No space left on device")

    for broken in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(files.os, broken, fails)
            with pytest.raises(OSError):
                files.write_private(path, b"newer")
        assert Path(path).read_bytes() == b"new" and os.listdir(tmp_path) == ["x"]


def test_private_files_are_not_written_through_links(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("precious")
    link = tmp_path / "x"
    link.symlink_to(target)
    files.write_private(str(link), b"new")
    assert target.read_text() == "precious" and not link.is_symlink()
    (tmp_path / "y").symlink_to(target)
    with pytest.raises(OSError):
        files.open_private(str(tmp_path / "y"), os.O_RDWR)
    assert target.read_text() == "precious"


def test_a_private_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("")
    for parts in ((str(tmp_path / "f"),), (str(tmp_path / "f"), "x")):
        with pytest.raises(OSError) as found:
            files.private_folder(*parts)
        assert found.value.strerror == "Not a directory"
