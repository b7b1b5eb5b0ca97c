# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML of a request to plain types, with nothing left to the reader's luck (R-GOAL-02).

Only a node tree is composed by the safe loader, no object is ever constructed by it. Plain scalars become true, false,
null, a whole number or text; what YAML 1.1 and 1.2 read differently (``yes``, ``010``, ``12:30``, ``1_000``) is a
finding, as are repeated keys, anchors, aliases, merge keys and tags.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.intake.rules import finding
from ansible_collections.mailops.email.plugins.module_utils.intake.schema_check import reads_like_secret
from ansible_collections.mailops.email.plugins.module_utils.model import Finding, MailopsError
from ansible_collections.mailops.email.plugins.module_utils.policy.characters import (
    describe_character,
    shown,
    unseen_character,
)

yaml: t.Any
try:
    import yaml
except ImportError:
    yaml = None

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# Booleans of YAML 1.1 that YAML 1.2 reads as text, in the spellings of its type repository.
_AMBIGUOUS_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false"})
# Numbers that the two versions read differently: leading zero, sexagesimal, underscores, other bases, a plus sign.
_AMBIGUOUS_NUMBER = re.compile(
    r"[-+]?0[0-9_]+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+|[-+]?[0-9]+_[0-9_]*|0[xob][0-9a-fA-F_]+|\+[0-9]+"
)


@dataclasses.dataclass
class Document:
    """A YAML mapping.

    :param value: plain types; empty when it cannot be read.
    :param last_key: the last key of the top level, empty when there is none.
    :param starts: for each key of the top level the index of its first character.
    """

    value: dict[str, t.Any]
    findings: list[Finding]
    last_key: str = ""
    starts: dict[str, int] = dataclasses.field(default_factory=dict)


def read_document(text: str, name: str) -> Document:
    """The one mapping that *text* holds.

    :param name: file name, for the findings.
    :raises MailopsError: ``library_missing`` without PyYAML.
    """
    if yaml is None:
        raise MailopsError(
            "library_missing", "Requests are read with PyYAML, which is not installed.", "pip install PyYAML"
        )
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            problem = _forbidden(event)
            if problem:
                line = event.start_mark.line + 1
                said = "Line %d: %s." % (line, problem)
                return Document({}, [finding("yaml_syntax", name + ":/", said, "Write the value out.")])
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as exc:
        return Document({}, [finding("yaml_syntax", name + ":/", _explain(exc))])
    except RecursionError:
        return Document({}, [finding("yaml_syntax", name + ":/", "It is nested too deep.")])
    if not isinstance(node, yaml.MappingNode):
        return Document({}, [finding("yaml_syntax", name + ":/", "It is not a mapping of fields.")])
    reader = _Reader(name)
    value = reader.mapping(node, "")
    keys = [(str(key.value), key.start_mark.index) for key, _value in node.value]
    return Document(value, reader.findings, keys[-1][0] if keys else "", dict(reversed(keys)))


def _forbidden(event: t.Any) -> str:
    if isinstance(event, yaml.AliasEvent):
        return "an alias (*%s) is not allowed" % shown(event.anchor)
    if getattr(event, "anchor", None):
        return "an anchor (&%s) is not allowed" % shown(event.anchor)
    if getattr(event, "tag", None):
        return "a tag (%s) is not allowed" % shown(event.tag)
    return ""


def _explain(exc: t.Any) -> str:
    """Where and what, without the text round it, which may hold anything."""
    mark = getattr(exc, "problem_mark", None)
    where = "Line %d, column %d: " % (mark.line + 1, mark.column + 1) if mark else ""
    return "%s%s." % (where, shown(getattr(exc, "problem", None) or exc.__class__.__name__))


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.findings: list[Finding] = []

    def mapping(self, node: t.Any, path: str) -> dict[str, t.Any]:
        out: dict[str, t.Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.value == "<<":
                said = "Line %d: a key is not plain text." % (key_node.start_mark.line + 1)
                self._add("yaml_syntax", path or "/", said)
                continue
            key = str(key_node.value)
            place = "%s/%s" % (path, shown(key).replace("~", "~0").replace("/", "~1"))
            if key in out:
                said = "Line %d: the key %s stands twice." % (key_node.start_mark.line + 1, shown(key))
                self._add("duplicate_key", place, said)
                continue
            out[key] = self.value(value_node, place)
        return out

    def value(self, node: t.Any, path: str) -> t.Any:
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(entry, "%s/%d" % (path, index)) for index, entry in enumerate(node.value)]
        return self.scalar(node, path)

    def scalar(self, node: t.Any, path: str) -> t.Any:
        text = str(node.value)
        if node.style is not None:
            self._check_text(text, path)
            return text
        if text in ("true", "false"):
            return text == "true"
        if text in _NULLS:
            return None
        if _INTEGER.fullmatch(text):
            return int(text)
        if text.casefold() in _AMBIGUOUS_WORDS:
            self._add("ambiguous_value", path, "%s is read as yes-or-no by some and as text by others." % shown(text))
        elif _AMBIGUOUS_NUMBER.fullmatch(text):
            self._add("ambiguous_value", path, "%s is read as different numbers, or as text." % shown(text))
        self._check_text(text, path)
        return text

    def _check_text(self, text: str, path: str) -> None:
        if reads_like_secret(text):
            self._add("secret_in_cell", path, "The text reads like a secret; it is not shown.")
        unseen = unseen_character(text.replace("\n", " ").replace("\t", " "))
        if unseen:
            self._add("control_character", path, "%s holds %s." % (shown(text), describe_character(unseen)))

    def _add(self, code: str, path: str, evidence: str) -> None:
        self.findings.append(finding(code, "%s:%s" % (self.name, path), evidence))
