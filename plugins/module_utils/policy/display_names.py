# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Display names that say something: a person, or the function of a role account (R-FORM-14, R-CONF-08)."""

from __future__ import annotations

import functools
import re
import unicodedata

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.policy.characters import (
    describe_character,
    shown,
    unseen_character,
)
from ansible_collections.mailops.email.plugins.module_utils.policy.names import BARE_DISPLAY_WORDS, FUNCTION_WORDS

# Limit of the provider's API for display_name, in characters.
DISPLAY_NAME_MAX = 255

_NUMBER_TAIL = re.compile(r"[\d._#-]+$")


def check_display_name(text: str, role_account: bool = False) -> str:
    """A display name in normal form (NFC, single inner spaces).

    :param role_account: True for a mailbox of a function; then a descriptive name is wanted, else that of a person.
    :raises Refused: ``display_name_invalid``.
    """
    if not isinstance(text, str) or not text.strip():
        raise Refused("display_name_invalid", "A display name is empty.", _hint(role_account))
    return _check(text, role_account)


@functools.lru_cache(maxsize=65536)
def _check(text: str, role_account: bool) -> str:
    unseen = unseen_character(text)
    if unseen:
        raise Refused(
            "display_name_invalid",
            "display name %s: it holds the invisible character %s." % (shown(text), describe_character(unseen)),
            "Type the name again by hand.",
        )
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if len(name) > DISPLAY_NAME_MAX:
        raise _refused(name, "%d characters, at most %d" % (len(name), DISPLAY_NAME_MAX), role_account)
    if "@" in name:
        raise _refused(name, "an address is not a name", role_account)
    words = [_NUMBER_TAIL.sub("", word.strip(".,:;!?()[]'\"").casefold()) for word in name.split(" ")]
    words = [word for word in words if any(c.isalpha() for c in word)]
    if not words:
        raise _refused(name, "it holds no letters", role_account)
    if all(word in BARE_DISPLAY_WORDS for word in words):
        raise _refused(name, "this says nothing about who reads it", role_account)
    if role_account:
        if name.casefold() in FUNCTION_WORDS:
            raise _refused(name, "a single word is not a description", role_account)
        return name
    if all(word in FUNCTION_WORDS or word in BARE_DISPLAY_WORDS for word in words):
        raise _refused(name, "this is a function, not a person", role_account)
    if len(words) < 2 and any(c.isdigit() for c in name):
        raise _refused(name, "this is a label, not a person", role_account)
    return name


def _refused(name: str, problem: str, role_account: bool) -> Refused:
    return Refused("display_name_invalid", "display name %s: %s." % (shown(name), problem), _hint(role_account))


def _hint(role_account: bool) -> str:
    if role_account:
        return "Write what the mailbox is for, such as Billing Team."
    return "Write the person's name, such as Josh Smith; for a function set role_account to true."
