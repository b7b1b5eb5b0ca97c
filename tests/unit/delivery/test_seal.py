# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sealed secrets: for the recipient alone, written in one step (R-DELIV-02, R-INV-06, R-PWD-01, R-PWD-02)."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pyrage
import pytest
from openssh import need_openssh

from ansible_collections.mailops.email.plugins.module_utils.delivery import seal as module
from ansible_collections.mailops.email.plugins.module_utils.delivery.seal import Sealer, check_recipient
from ansible_collections.mailops.email.plugins.module_utils.delivery.secrets import temporary_password
from ansible_collections.mailops.email.plugins.module_utils.model import JournalError, Refused

DOCUMENT = {"address": "ann@example.com", "secret": "Hunter2-\u00e4", "kind": "setup_link"}


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer(str(tmp_path / "sealed"), "REQ-1")


def test_only_the_recipient_can_read(sealer: Sealer) -> None:
    owner, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    sealer.prepare()
    path = sealer.seal("ann@example.com", str(owner.to_public()), DOCUMENT)
    data = Path(path).read_bytes()
    assert json.loads(pyrage.decrypt(data, [owner])) == DOCUMENT
    assert b"Hunter2" not in data
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(data, [other])


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_an_ssh_key_will_do(sealer: Sealer, tmp_path: Path, kind: str) -> None:
    need_openssh()
    key = tmp_path / "key"
    command = ["ssh-keygen", "-q", "-t", kind, "-b", "2048", "-N", "", "-f", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    sealer.prepare()
    path = sealer.seal("ann@example.com", key.with_suffix(".pub").read_text(), DOCUMENT)
    identity = pyrage.ssh.Identity.from_buffer(key.read_bytes())
    assert json.loads(pyrage.decrypt(Path(path).read_bytes(), [identity])) == DOCUMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "age1",
        "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq",
        "ssh-ed25519 AAAA",
        "ssh-rsa",
        "ssh-dss AAAAB3NzaC1kc3MAAACB",
        "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "age1\x00\ud800",
        "\u00e4" * 1000,
    ],
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(Refused) as found:
        check_recipient(text)
    assert found.value.code == "seal_to" and "age1" in found.value.hint and len(found.value.message) < 300


def test_a_private_key_is_not_repeated_in_the_message() -> None:
    secret = str(pyrage.x25519.Identity.generate())
    with pytest.raises(Refused) as found:
        check_recipient(secret)
    assert "AGE-SECRET-KEY-1" in found.value.message and secret[16:20] not in found.value.message


def test_files_and_folders_are_private(sealer: Sealer, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        sealer.prepare()
        path = sealer.seal("ann@example.com", str(pyrage.x25519.Identity.generate().to_public()), DOCUMENT)
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    for folder in (tmp_path / "sealed", tmp_path / "sealed" / "REQ-1"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert os.listdir(tmp_path / "sealed" / "REQ-1") == ["ann@example.com.age"], "the probe is gone"


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "a\x00b", "", ".", "a b"])
def test_names_stay_in_their_folder(tmp_path: Path, name: str) -> None:
    path = Path(Sealer(str(tmp_path), "../" + name).path(name)).resolve()
    assert tmp_path.resolve() in path.parents and path.name.endswith(".age")


def test_a_new_secret_replaces_the_old_in_one_step(sealer: Sealer, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = pyrage.x25519.Identity.generate()
    sealer.prepare()
    path = sealer.seal("ann@example.com", str(owner.to_public()), DOCUMENT)

    def fails(*_unused: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(JournalError) as found:
        sealer.seal("ann@example.com", str(owner.to_public()), {**DOCUMENT, "secret": "new"})
    monkeypatch.undo()
    assert found.value.code == "seal_not_writable" and "No space left" in found.value.message and found.value.hint
    assert json.loads(pyrage.decrypt(Path(path).read_bytes(), [owner])) == DOCUMENT
    sealer.seal("ann@example.com", str(owner.to_public()), {**DOCUMENT, "secret": "new"})
    assert json.loads(pyrage.decrypt(Path(path).read_bytes(), [owner]))["secret"] == "new"


def test_two_runs_may_prepare_one_folder(tmp_path: Path) -> None:
    children = []
    for _number in range(4):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                for _turn in range(50):
                    Sealer(str(tmp_path / "sealed"), "REQ-1").prepare()
                status = 0
            finally:
                os._exit(status)
        children.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0] * 4


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("")
    with pytest.raises(JournalError) as found:
        Sealer(str(tmp_path / "f"), "REQ-1").prepare()
    assert found.value.code == "seal_not_writable" and str(tmp_path / "f") in found.value.message and found.value.hint


def test_the_library_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HAS_PYRAGE", False)
    with pytest.raises(Refused) as found:
        check_recipient("age1x")
    assert found.value.code == "library_missing" and "pip install" in found.value.hint


def test_temporary_passwords() -> None:
    """R-PWD-01, R-PWD-02: 192 random bits, three classes, never twice."""
    made = [temporary_password() for _number in range(2000)]
    assert len(set(made)) == 2000
    for text in made:
        assert len(text) == 32 and text.isascii()
        assert any(c.isupper() for c in text) and any(c.islower() for c in text) and any(c.isdigit() for c in text)
