# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents are true: what they name exists, their tables are those of the code, and their snippets do what they say."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import docfacts
import pytest
import yaml
from docfacts import PAGES, ROOT, names, table, text

from ansible_collections.mailops.email.plugins.module_utils.engine.events import (
    common_fields,
    intent_event,
    outcome_event,
)
from ansible_collections.mailops.email.plugins.module_utils.engine.types import Context
from ansible_collections.mailops.email.plugins.module_utils.engine.verdict import Subject, verification_event
from ansible_collections.mailops.email.plugins.module_utils.journal.event import parse_time
from ansible_collections.mailops.email.plugins.module_utils.journal.writer import JournalWriter
from ansible_collections.mailops.email.plugins.module_utils.model import Operation, ProviderError, Result
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.driver import TrekMail
from ansible_collections.mailops.email.plugins.module_utils.resources.registry import RESOURCES
from ansible_collections.mailops.email.plugins.module_utils.shell.info import INFO
from ansible_collections.mailops.email.plugins.module_utils.shell.spec import info_spec, resource_spec

every_page = pytest.mark.parametrize("page", PAGES, ids=docfacts.name)
TREKMAIL = "docs/provider-trekmail.md"
MODULES = {path.stem for path in (ROOT / "plugins/modules").glob("*.py")}
ROLES = {path.name for path in (ROOT / "roles").iterdir() if path.is_dir()}
PLAYBOOKS = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
CALLBACKS = {path.stem for path in (ROOT / "plugins/callback").glob("*.py")}


@every_page
def test_names_of_the_collection_exist(page: Path) -> None:
    """Modules, roles, playbooks, callback, and the action group."""
    found = set(re.findall(r"(?<!ansible_collections\.)\bmailops\.email\.([a-z_]+)", text(page)))
    assert found <= MODULES | ROLES | PLAYBOOKS | CALLBACKS | {"all"}


@every_page
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", text(page), re.MULTILINE)) <= targets


@every_page
def test_relative_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", text(page))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


@every_page
def test_no_page_names_a_machine(page: Path) -> None:
    assert not re.findall(r"(?<![\w.])/(?:root|tmp|home/(?!sam))/?\w", text(page))


@every_page
def test_tasks_in_examples_take_the_options_of_their_modules(page: Path) -> None:
    for block in re.findall(r"```yaml\n(.*?)```", text(page), re.DOTALL):
        for module, options in _tasks(yaml.safe_load(block)):
            spec = resource_spec(module) if module in RESOURCES else info_spec(module)
            assert set(options) <= set(spec["argument_spec"])


def _tasks(node: Any) -> list[tuple[str, dict[str, Any]]]:
    if isinstance(node, list):
        return [task for one in node for task in _tasks(one)]
    if not isinstance(node, dict):
        return []
    found = [task for value in node.values() for task in _tasks(value)]
    for key, value in node.items():
        module = str(key).removeprefix("mailops.email.")
        if module != key and module in {*RESOURCES, *INFO}:
            found.append((module, value or {}))
    return found


@every_page
def test_codes_exist(page: Path) -> None:
    """A code in brackets, in the column of codes, or said to be what something is refused with."""
    said = re.findall(r"^\[([a-z_]+)\]|\b(?:refused|fails) (?:with|as) `([a-z_]+)`", text(page), re.MULTILINE)
    found = {one for pair in said for one in pair if one}
    if "\n| code |" in text(page):
        found.update(code for row in table(docfacts.name(page), "code |") for code in names(row[0]))
    assert found <= docfacts.codes()


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "sandbox.md"], ids=docfacts.name)
def test_words_in_backticks_are_words_of_the_project(page: Path) -> None:
    """A snake_case word that no file of the project has is a misspelt or a former name. The sandbox has tests of its own."""
    words = set(re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", text(page)))
    known = set(re.findall(r"\w+", "\n".join(text(path) for path in _project_files())))
    assert not words - known


def _project_files() -> list[Path]:
    folders = [
        ROOT / name
        for name in ("roles", "playbooks", "inventories", "requests", "tests/support", "tests/sandbox", "tests/dns")
    ]
    found = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".yml", ".csv")]
    found += sorted((ROOT / "extensions/audit").glob("*.*"))
    return [*docfacts.sources(), *found, ROOT / "tests/conftest.py", ROOT / "meta/runtime.yml"]


def test_all_environment_variables_are_told_and_no_others() -> None:
    told = set(re.findall(r"\bMAILOPS_[A-Z_]*[A-Z]\b", "\n".join(text(page) for page in PAGES)))
    assert told == docfacts.variables()


def test_the_variables_page_has_them_all() -> None:
    rows = table("docs/awx-semaphore.md", "variable |")
    assert {one for row in rows for one in names(row[0])} == docfacts.variables()


def test_the_readme_lists_what_there_is() -> None:
    listed = {names(row[0])[0].removeprefix("mailops.email."): row[1] for row in table("README.md", "module |")}
    real = {
        path.stem: re.search(r"^short_description: (.*)$", text(path), re.MULTILINE)
        for path in (ROOT / "plugins/modules").glob("*.py")
    }
    assert listed == {module: found.group(1) for module, found in real.items() if found}
    also = dict(row for row in table("README.md", "also |"))
    assert set(re.findall(r"\[([a-z_]+)\]", also["roles"])) == ROLES
    assert {one.removeprefix("mailops.email.") for one in names(also["playbooks"])} == PLAYBOOKS


def test_every_role_has_a_readme_that_names_its_options() -> None:
    for role in ROLES:
        spec = yaml.safe_load(text(ROOT / "roles" / role / "meta/argument_specs.yml"))
        readme = text(ROOT / "roles" / role / "README.md")
        assert not [option for option in spec["argument_specs"]["main"]["options"] if "`%s`" % option not in readme]


def test_the_runbook_fits_a_screen() -> None:
    """R-SCOPE-08, and the issue for what is done at night."""
    assert len(text(ROOT / "docs/rollback.md").splitlines()) <= 60
    assert len(text(ROOT / "docs/onboarding.md").splitlines()) <= 60
    assert len(text(ROOT / "README.md").splitlines()) < 120


def test_the_tables_of_trekmail_are_those_of_the_driver() -> None:
    told = [one for row in table(TREKMAIL, "capability | option") for one in names(row[0])]
    assert sorted(told) == sorted(TrekMail.capabilities)
    instead = {names(row[0])[0]: row[1] for row in table(TREKMAIL, "capability | instead")}
    assert instead == dict(TrekMail.workarounds)
    sizes = {names(row[0])[0]: int(row[1]) for row in table(TREKMAIL, "operation |")}
    assert sizes == {".".join(operation): size for operation, size in TrekMail._BATCHES.items()}


def test_what_the_page_says_is_missing_is_missing() -> None:
    """Nothing is told to be beyond the API that the driver can do."""
    page = text(ROOT / TREKMAIL).partition("## What it cannot do")[2].partition("## Requests")[0]
    told = {one for one in names(page) if re.fullmatch(r"(?:%s)\.[a-z_]+" % "|".join(RESOURCES), one)}
    assert told and told.isdisjoint(TrekMail.capabilities)


def test_every_dependency_has_its_reason() -> None:
    page = text(ROOT / "docs/dependencies.md")
    told = {
        one.strip().lower()
        for row in re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE)
        for one in row.split(",")
        if one.strip() not in ("package", "---") and not one.startswith("-")
    }
    files = (
        "requirements.txt",
        "requirements-dev.txt",
        "tests/requirements.txt",
        "extensions/sandbox/requirements.txt",
    )
    assert told - {"ansible-core"} == docfacts.packages(*files)


def test_the_journal_page_tells_of_every_field(tmp_path: Path) -> None:
    told = {one for row in table("docs/journal.md", "field |") for one in names(row[0])}
    event = _write(tmp_path)[0]
    written = set(event)
    operation = Operation(
        0, "invite", "create", "a@example.com", "invite.sent", None, {}, {"via": "x"},
        {"method": "one_time_setup_link", "rank": 1}, {"reason": "r"},
    )  # fmt: skip
    context = Context("REQ-1", "acme", {}, "", "run", parse_time("2026-01-01T00:00:00Z"))
    failed = Result(operation, "failed", error=ProviderError("timeout", "No answer."))
    written |= set(intent_event(context, operation, "key", 0, 1)) | set(outcome_event(context, failed, "id"))
    written |= set(
        common_fields(
            dataclasses.replace(context, approval_id="A", rollback={"id": "R/acme/1", "of": ""}),
            "trekmail@host",
            "sha256:",
        )
    )
    subject = Subject("example.com", "p@example.com", known_good={"digest": "d", "path": "p"})
    written |= set(verification_event(context, subject, "seed", 1))
    assert not written - told - {"check_mode"}


def _write(folder: Path) -> list[dict[str, Any]]:
    writer = JournalWriter(str(folder), "run", {})
    events = writer.append(
        [{"action": "invite.sent", "phase": "intent"}, {"action": "invite.sent", "phase": "outcome"}]
    )
    writer.close()
    return events


def test_the_digest_can_be_computed_as_the_page_says() -> None:
    """R-SCOPE-06: what is approved can be checked without this collection."""
    page = text(ROOT / "docs/approvals.md")
    program = re.search(r"python3 -c '\n(.*?)'", page, re.DOTALL)
    assert program
    folder = ROOT / "requests/REQ-2026-001"
    approved = yaml.safe_load(text(folder / "request.yml"))["approval"]["digest"]
    assert _run(program.group(1), str(folder)).stdout.strip() == approved


def test_the_chain_can_be_checked_as_the_page_says(tmp_path: Path) -> None:
    page = text(ROOT / "docs/journal.md")
    program = re.search(r"<<'EOF'\n(.*?)EOF", page, re.DOTALL)
    assert program
    _write(tmp_path)
    path = tmp_path / "run.jsonl"
    good = _run(program.group(1), str(path))
    assert (good.returncode, good.stdout[:8]) == (0, "2 events")
    path.write_text(path.read_text().replace('"phase":"intent"', '"phase":"note"', 1))
    assert _run(program.group(1), str(path)).returncode == 1


def _run(program: str, argument: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program, argument], capture_output=True, text=True, check=False)
