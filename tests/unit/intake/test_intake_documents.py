# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Schemas, the table of rules and the example requests agree with each other and with what is documented."""

from __future__ import annotations

import pathlib
import re
import typing as t

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mailops.email.plugins.module_utils.intake import rules, schema_check, schemas
from ansible_collections.mailops.email.plugins.module_utils.intake.load import load_request
from ansible_collections.mailops.email.plugins.module_utils.intake.schema_check import bad_cells, cell_predicates
from ansible_collections.mailops.email.plugins.module_utils.intake.shapes import IntakePolicy
from ansible_collections.mailops.email.plugins.module_utils.model import MailopsError

ROOT = pathlib.Path(__file__).resolve().parents[3]
REQUESTS = ROOT / "requests"
SOURCES = sorted((ROOT / "plugins/module_utils/intake").glob("*.py"))

_COLUMN = st.sampled_from(sorted(schemas.ROW_SCHEMA["properties"]))
_CELL = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "true", "false", "yes", "sealed", "720", "721", "REQ-2026-001", "REQ-2026-001\n", "a@b", "a@b\n"]
    ),
    st.from_regex(schemas.REQUEST_ID),
    st.integers(-5, 10**10).map(str),
    st.integers(0, 600).map("x".__mul__),
)


@pytest.mark.parametrize("schema", [schemas.REQUEST_SCHEMA, schemas.ROW_SCHEMA])
def test_schemas_are_schemas(schema: dict[str, t.Any]) -> None:
    """R-INTAKE-01: draft 2020-12, and every property says what it is."""
    jsonschema.Draft202012Validator.check_schema(schema)
    for name, one in schema["properties"].items():
        assert one.get("description") or name in ("batch", "approval"), name


@given(_COLUMN, _CELL)
def test_predicates_agree_with_the_schema(column: str, cell: str) -> None:
    """R-CSV-03: the quick way and jsonschema give the same verdict on every cell."""
    schema = schemas.ROW_SCHEMA["properties"][column]
    assert cell_predicates()[column](cell) == jsonschema.Draft202012Validator(schema).is_valid(cell)


@given(st.dictionaries(_COLUMN, _CELL))
def test_rows_agree_with_the_schema(cells: dict[str, str]) -> None:
    """R-CSV-03: a whole row is good exactly when the whole schema says so."""
    row = {**dict.fromkeys(schemas.REQUIRED_COLUMNS, "x"), **cells}
    validator = jsonschema.Draft202012Validator(schemas.ROW_SCHEMA)
    wanted = {error.absolute_path[0] for error in validator.iter_errors(schema_check.row_document(row))}
    assert {name for name, _description in bad_cells(row)} == wanted


def test_without_jsonschema(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is guarded, and its absence names the pip line."""
    monkeypatch.setattr(schema_check, "jsonschema", None)
    with pytest.raises(MailopsError) as caught:
        schema_check.need_jsonschema()
    assert caught.value.hint == "pip install 'jsonschema>=4.18'"


@pytest.mark.parametrize(
    ("name", "schema"),
    [("request.schema.json", schemas.REQUEST_SCHEMA), ("mailboxes-row.schema.json", schemas.ROW_SCHEMA)],
)
def test_json_copies(name: str, schema: dict[str, t.Any]) -> None:
    """The copies for editors are the schemas themselves."""
    assert (REQUESTS / "schemas" / name).read_text(encoding="utf-8") == schemas.as_json(schema)


def test_readme_has_the_rules() -> None:
    """R-CSV-03: what a finding means and asks for is documented, for every rule there is."""
    text = (REQUESTS / "README.md").read_text(encoding="utf-8")
    assert text.endswith("\n" + rules.as_markdown())
    for name in (*schemas.ROW_SCHEMA["properties"], *schemas.REQUEST_SCHEMA["properties"]):
        assert "`%s" % name in text, name
    for name in schemas.REQUEST_SCHEMA["properties"]["approval"]["properties"]:
        assert "`%s`" % name in text, name


def test_every_rule_is_used_and_known() -> None:
    """R-VAL-10: no rule is only on paper, none is found without being in the table."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES if path.name != "rules.py")
    policy = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "plugins/module_utils/policy").glob("*.py"))
    for code, rule in rules.RULES.items():
        assert '"%s"' % code in source + policy, code
        assert rule.requirements and rule.meaning.endswith(".") and rule.next.endswith(".")
        assert all(re.fullmatch(r"R-[A-Z]+-[A-E0-9][0-9]", one) for one in rule.requirements)
    for code in re.findall(r'finding\(\s*"([a-z_]+)"', source):
        assert code in rules.RULES, code


def test_every_rule_has_a_test() -> None:
    """R-VAL-10: each rule's fixture is somewhere in these tests, or in those of the policy."""
    tests = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests/unit").glob("*/test_*.py"))
    assert [code for code in rules.RULES if '"%s"' % code not in tests] == []


@pytest.mark.parametrize(
    ("name", "client", "domains", "rows"),
    [
        ("REQ-2026-001", "acme", ("example.com", "example.net"), 12),
        ("REQ-2026-002", "globex", ("example.org",), 10),
    ],
)
def test_examples(name: str, client: str, domains: tuple[str, ...], rows: int, now: t.Any) -> None:
    """The requests that are shipped pass as they are, and for no other client (R-VAL-02)."""
    path = str(REQUESTS / name)
    intake = load_request(path, client=client, client_domains=domains, now=now, versioned=False, policy=IntakePolicy())
    assert intake.findings == []
    assert len(intake.rows) == rows
    other = load_request(path, client="initech", client_domains=["example.edu"], now=now, versioned=False)
    assert {one.code for one in other.findings} == {"client_boundary"}
    assert other.rows == []
