# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the quick look takes, Ansible's validator takes too, and leaves as it is."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.mailops.email.plugins.module_utils.resources.registry import RESOURCES
from ansible_collections.mailops.email.plugins.module_utils.shell.plain_items import plain
from ansible_collections.mailops.email.plugins.module_utils.shell.spec import resource_spec

VALUES: list[Any] = [
    "text",
    "",
    "present",
    "suspended",
    "yes",
    "1",
    1,
    0,
    -3,
    True,
    False,
    None,
    1.5,
    ["a"],
    {"a": "b"},
]


def validated(kind: str, items: Any) -> tuple[list[str], Any]:
    """Errors of the validator for a list of items, and what it makes of them, without what it filled in."""
    plural = RESOURCES[kind].plural
    spec = {plural: resource_spec(kind)["argument_spec"][plural]}
    result = ArgumentSpecValidator(spec).validate({plural: items})
    made = result.validated_parameters[plural]
    if result.error_messages:
        return result.error_messages, None
    return [], [{name: value for name, value in item.items() if value is not None} for item in made]


@pytest.mark.parametrize("kind", sorted(RESOURCES))
def test_what_is_plain_is_valid_and_stays_as_it_is(kind: str) -> None:
    """Every option of every kind with good and odd values."""
    resource = RESOURCES[kind]
    option = resource_spec(kind)["argument_spec"][resource.plural]
    base = {resource.key_option: option["options"][resource.key_option].get("choices", ["a@example.com"])[0]}
    taken = int(plain([base], option))
    for name in [*option["options"], "unknown_option"]:
        for value in VALUES:
            items = [base, {**base, name: value}]
            if plain(items, option):
                taken += 1
                errors, made = validated(kind, items)
                assert not errors, (name, value)
                assert made == items and [list(map(type, one.values())) for one in made] == [
                    list(map(type, one.values())) for one in items
                ], (name, value)
    assert taken, "nothing was ever plain"


@pytest.mark.parametrize(
    "items",
    ["text", None, [1], ["a=b"], [{"address": "a@example.com", "no_such_option": "x"}], [{"quota_mb": True}]],
)
def test_the_validator_judges_what_is_odd(items: Any) -> None:
    """False leaves the decision, the conversion, and the message to the validator."""
    assert not plain(items, resource_spec("mailbox")["argument_spec"]["mailboxes"])


def test_an_item_without_its_key_is_not_plain() -> None:
    assert not plain([{"state": "present"}], resource_spec("invite")["argument_spec"]["invites"])


def test_a_secret_option_is_never_passed_by() -> None:
    """The validator has to hear of a no_log value, or it could not be taken out of the result."""
    option = {"type": "list", "elements": "dict", "options": {"key": {"type": "str", "no_log": True}}}
    assert not plain([{"key": "secret"}], option)
