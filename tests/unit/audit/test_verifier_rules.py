# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-alone verifier agrees with the collection about bytes and digests, stands alone, and trusts only valid keys."""

from __future__ import annotations

import ast
import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journal_book import VERIFIER, Book, the_verifier
from openssh import need_openssh

from ansible_collections.mailops.email.plugins.module_utils.journal.event import event_digest, line_digest
from ansible_collections.mailops.email.plugins.module_utils.journal.index_lines import index_digest
from ansible_collections.mailops.email.plugins.module_utils.model import canonical_json

VERIFY = the_verifier()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_both_make_the_same_bytes(value: Any) -> None:
    """Or both refuse: floats, keys that are not ASCII, half a surrogate pair."""
    try:
        ours = canonical_json(value)
    except (TypeError, ValueError):
        with pytest.raises(ValueError):
            VERIFY.canonical(value)
        return
    assert VERIFY.canonical(value) == ours
    assert VERIFY.digest_of(ours, b"mailops-event-v1") == line_digest(ours)
    assert VERIFY.digest_of(ours, b"mailops-index-v1") == index_digest(ours)
    if isinstance(value, dict):
        assert VERIFY.digest_of(VERIFY.canonical(value), b"mailops-event-v1") == event_digest(value)


def test_it_needs_nothing_but_python() -> None:
    """Only the standard library, in the grammar of Python 3.8."""
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"), feature_version=(3, 8))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module).partition(".")[0])
    assert names <= set(sys.stdlib_module_names)


def test_it_changes_nothing(book: Book) -> None:
    before = {path: path.stat().st_mtime_ns for path in book.folder.rglob("*")}
    assert book.verify().returncode == 0
    assert {path: path.stat().st_mtime_ns for path in book.folder.rglob("*")} == before


@pytest.mark.parametrize("options", [["--checkpoint", "/nowhere/c.txt"], ["--no-such-option"]])
def test_what_cannot_be_verified_has_no_verdict(book: Book, options: list[str]) -> None:
    done = book.verify(*options)
    assert done.returncode == 2 and done.stderr and not done.stdout


def test_a_folder_without_a_journal(tmp_path: Path) -> None:
    assert Book(tmp_path / "nowhere").verify().returncode == 2
    done = Book(tmp_path).verify("--seal")
    assert done.returncode == 2 and "no index" in done.stderr


def test_a_checkpoint_is_made_of_what_holds(book: Book) -> None:
    done = book.verify("--seal")
    (path,) = (book.folder / "checkpoints").iterdir()
    assert str(path) in done.stdout and stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = path.read_text().splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "mailops.checkpoint/1", "origin", "time", "runs", "index", "digest",
    ]  # fmt: skip
    assert lines[3:5] == ["runs: 3", "index: 6"]
    book.put("two", book.lines("two")[:2])
    done = book.verify("--seal", "--json")
    assert done.returncode == 5 and json.loads(done.stdout)["sealed"] == ""
    assert len(list((book.folder / "checkpoints").iterdir())) == 1
    path.write_text("no checkpoint")
    assert book.verdicts("--checkpoint", str(path))[path.stem] == "invalid"


class Keys:
    """Keys of ssh-keygen and the file of those that are allowed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.allowed = folder / "allowed_signers"
        self.allowed.touch()

    def make(self, name: str, options: str) -> None:
        self._run("-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(self.folder / name))
        public = (self.folder / (name + ".pub")).read_text()
        with open(self.allowed, "a", encoding="utf-8") as file:
            file.write("%s %s %s" % (name, options, public))

    def sign(self, name: str, path: Path, namespace: str = "mailops-audit") -> None:
        Path(str(path) + ".sig").unlink(missing_ok=True)
        self._run("-Y", "sign", "-q", "-f", str(self.folder / name), "-n", namespace, str(path))

    def _run(self, *arguments: str) -> None:
        subprocess.run(["ssh-keygen", *arguments], check=True, capture_output=True)


def test_only_a_key_that_was_valid_at_the_time_counts(book: Book, tmp_path: Path) -> None:
    """An old checkpoint sealed again with the key of today is refused, as is a signature for another purpose."""
    need_openssh()
    keys = Keys(tmp_path)
    keys.make("auditor", 'namespaces="mailops-audit"')
    keys.make("later", 'namespaces="mailops-audit",valid-after="20990101"')
    keys.make("earlier", 'namespaces="mailops-audit",valid-before="20200101"')
    keys.make("stranger", "")
    keys.allowed.write_text("".join(keys.allowed.read_text().splitlines(keepends=True)[:3]))
    kept = book.seal()
    options = ["--checkpoint", str(kept), "--allowed-signers", str(keys.allowed)]
    assert book.verdicts(*options)[kept.stem] == "invalid", "it is not signed"
    keys.sign("auditor", kept)
    assert book.verdicts(*options) == {} and book.verdicts(*options, "--signer", "auditor") == {}
    assert book.verdicts(*options, "--signer", "later")[kept.stem] == "invalid"
    whole = kept.read_text()
    kept.write_text(whole.replace("runs: 3", "runs: 2"))
    found = book.verdicts(*options)
    assert found[kept.stem] == "invalid" and found["one"] == "unanchored", "nothing that can be trusted covers it"
    kept.write_text(whole)
    for name in ("later", "earlier", "stranger"):
        keys.sign(name, kept)
        assert book.verdicts(*options)[kept.stem] == "invalid", name
    keys.sign("auditor", kept, "file")
    assert book.verdicts(*options)[kept.stem] == "invalid", "signed for another purpose"
    keys.sign("auditor", kept)
    moved = tmp_path / "elsewhere.sig"
    Path(str(kept) + ".sig").rename(moved)
    assert book.verdicts(*options, "--signature", str(moved)) == {}
