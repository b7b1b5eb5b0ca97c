# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applies the schemas: the whole of jsonschema for the request, and a compiled form of the row schema for many rows.

jsonschema takes some 60 us a row; ten thousand rows would wait most of a second for an answer that is nearly always
yes. So every cell first passes a predicate made *from* its property in the schema, and what fails is given to
jsonschema for the verdict. A test holds both to the same answers.
"""

from __future__ import annotations

import functools
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.intake.rules import finding
from ansible_collections.mailops.email.plugins.module_utils.intake.schemas import (
    OPTIONAL_COLUMNS,
    REQUEST_SCHEMA,
    ROW_SCHEMA,
)
from ansible_collections.mailops.email.plugins.module_utils.model import Finding, MailopsError
from ansible_collections.mailops.email.plugins.module_utils.policy.characters import shown

jsonschema: t.Any
try:
    import jsonschema
except ImportError:
    jsonschema = None

# Parts of a name that say it could hold a secret (R-NEVER-02); pin and key only as whole words.
_SECRET_PARTS = (
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "credential",
    "recovery",
    "otp",
    "apikey",
)
_SECRET_WORDS = frozenset({"pass", "pin", "key", "mfa", "2fa", "seed", "pw"})
# Texts that read like a secret, wherever they stand.
SECRET_TEXT = re.compile(
    r"\b(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|pin|otp|recovery code)\b\s*(?:[:=]|is\b)\s*\S"
    r"|AGE-SECRET-KEY-|-----BEGIN [A-Z ]*PRIVATE KEY|\btm_live_[A-Za-z0-9]",
    re.IGNORECASE,
)

# One of these stands in every text that the pattern finds; looking for them first is ten times as fast.
_SECRET_HINTS = ("pass", "pwd", "secret", "token", "pin", "otp", "recovery code", "private key", "tm_live_")

Predicate = t.Callable[[t.Any], bool]
_KEYWORDS = frozenset({"type", "minLength", "maxLength", "pattern", "enum", "description"})


def could_hold_secret(name: str) -> bool:
    """Whether a column or field of that name could hold a secret."""
    lowered = name.casefold()
    words = re.split(r"[^a-z0-9]+", lowered)
    flat = "".join(words)
    return any(part in flat for part in _SECRET_PARTS) or not _SECRET_WORDS.isdisjoint(words)


def reads_like_secret(text: str) -> bool:
    """Whether *text* holds something like ``password: …``, a private key or a token (R-NEVER-02)."""
    lowered = text.lower()
    return any(hint in lowered for hint in _SECRET_HINTS) and SECRET_TEXT.search(text) is not None


def cell_predicates() -> dict[str, Predicate]:
    """For each column a predicate that is true exactly when the schema accepts a cell of text."""
    return dict(_predicates())


@functools.lru_cache(maxsize=1)
def _predicates() -> dict[str, Predicate]:
    return {name: _predicate(schema) for name, schema in ROW_SCHEMA["properties"].items()}


def _predicate(schema: dict[str, t.Any]) -> Predicate:
    unknown = set(schema) - _KEYWORDS
    if unknown or schema.get("type") != "string":
        raise ValueError("a column's schema may use only %s" % ", ".join(sorted(_KEYWORDS)))
    if "enum" in schema:
        return frozenset(schema["enum"]).__contains__
    minimum, maximum = schema.get("minLength", 0), schema.get("maxLength", 1 << 30)
    if "pattern" not in schema:
        return lambda text: minimum <= len(text) <= maximum
    search = re.compile(schema["pattern"]).search
    return lambda text: minimum <= len(text) <= maximum and search(text) is not None


def row_document(cells: t.Mapping[str, str]) -> dict[str, str]:
    """The instance of the row schema for a row: an empty optional cell is one that is not given."""
    return {name: text for name, text in cells.items() if text or name not in OPTIONAL_COLUMNS}


def bad_cells(cells: t.Mapping[str, str]) -> list[tuple[str, str]]:
    """Columns of a row that its schema refuses, with what the schema says of them.

    :param cells: text by column; columns that are missing are the header's business and are not named here.
    """
    predicates = _predicates()
    suspects = [name for name, text in cells.items() if not predicates[name](text)]
    suspects = [name for name in suspects if cells[name] or name not in OPTIONAL_COLUMNS]
    if not suspects:
        return []
    properties = ROW_SCHEMA["properties"]
    validators = {name: _validator_class()(properties[name]) for name in suspects}
    return [(name, properties[name]["description"]) for name in suspects if not validators[name].is_valid(cells[name])]


def need_jsonschema() -> None:
    """:raises MailopsError: ``library_missing``, naming the pip line."""
    if jsonschema is None:
        raise MailopsError(
            "library_missing",
            "Requests are validated with the Python package jsonschema, which is not installed.",
            "pip install 'jsonschema>=4.18'",
        )


def _validator_class() -> t.Any:
    need_jsonschema()
    return jsonschema.Draft202012Validator


@functools.lru_cache(maxsize=1)
def _request_validator() -> t.Any:
    return _validator_class()(REQUEST_SCHEMA)


def request_findings(document: t.Any, name: str) -> list[Finding]:
    """What the request schema says against *document*, all of it.

    :param name: file name, for the findings' objects.
    """
    found: dict[tuple[str, str], Finding] = {}
    for error in _request_validator().iter_errors(document):
        for one in _findings_of(error, name):
            found.setdefault((one.code, one.object), one)
    return sorted(found.values(), key=lambda one: one.object)


def _findings_of(error: t.Any, name: str) -> list[Finding]:
    place = name + ":" + pointer(error.absolute_path)
    base = place.rstrip("/")
    description = str(error.schema.get("description", "")) if isinstance(error.schema, dict) else ""
    if error.validator == "required":
        properties = error.schema.get("properties", {})
        missing = [key for key in error.validator_value if key not in error.instance]
        return [
            finding(
                "value_missing",
                "%s/%s" % (base, key),
                "%s is missing." % key,
                "Add %s: %s" % (key, properties.get(key, {}).get("description", "")),
            )
            for key in missing
        ]
    if error.validator == "additionalProperties":
        extra = [key for key in error.instance if key not in error.schema.get("properties", {})]
        return [_extra_field(base, str(key)) for key in extra]
    if error.validator == "oneOf":
        both = "owner_email" in error.instance
        code = "value_invalid" if both else "value_missing"
        said = "has both owner_email and owners" if both else "has neither owner_email nor owners"
        return [
            finding(code, base + "/owner_email", "The batch %s." % said, "Give exactly one of the two (R-CONF-07).")
        ]
    if error.validator == "not":
        return [
            finding("value_invalid", base + "/batch", "Both mailboxes and batch are given.", "Give one of the two.")
        ]
    if error.instance is None or error.instance == "":
        return [finding("value_missing", place, "It is empty.", description)]
    return [finding("value_invalid", place, _said(error), description)]


def _extra_field(base: str, key: str) -> Finding:
    place = "%s/%s" % (base, shown(key))
    if could_hold_secret(key):
        return finding(
            "forbidden_column", place, "The field %s could hold a secret; its value is not shown." % shown(key)
        )
    return finding("unknown_field", place, "There is no field %s here." % shown(key))


def _said(error: t.Any) -> str:
    if isinstance(error.instance, (dict, list)):
        kind = {"dict": "a mapping", "list": "a list"}[type(error.instance).__name__]
        if error.validator == "type":
            return "It is %s, wanted is %s." % (kind, error.validator_value)
        return "%s breaks %s." % (kind.capitalize(), error.validator)
    value = shown(repr(error.instance) if isinstance(error.instance, str) else error.instance)
    if error.validator == "type":
        return "It is %s, wanted is %s." % (value, error.validator_value)
    if error.validator == "enum":
        return "It is %s, allowed are %s." % (value, ", ".join(str(one) for one in error.validator_value))
    if error.validator in ("minimum", "maximum"):
        return "It is %s, the %s is %s." % (value, error.validator, error.validator_value)
    return "It is %s." % value


def pointer(path: t.Iterable[t.Any]) -> str:
    """JSON pointer (RFC 6901) of a path; ``/`` for the whole document."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in path]
    return "/" + "/".join(parts)
