# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Characters that mislead, and how text is shown in a message."""

from __future__ import annotations

import typing as t
import unicodedata

# Categories whose characters are invisible or change how others are shown: control, format (bidi, zero width),
# surrogate, private use, unassigned, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(text: t.Any) -> str:
    """*text* for a message: what cannot be printed is escaped, and it is never long."""
    value = str(text)
    if len(value) > 80:
        value = value[:77] + "..."
    return "".join(c if c.isprintable() else "\\u%04x" % ord(c) for c in value)


def describe_character(character: str) -> str:
    """A character by code point and name, such as ``U+0430 CYRILLIC SMALL LETTER A``."""
    return "U+%04X %s" % (ord(character), unicodedata.name(character, "(no name)"))


def unseen_character(text: str) -> str:
    """The first character of *text* that is invisible or redirects the others, empty when there is none."""
    if text.isprintable():
        return ""
    for character in text:
        if unicodedata.category(character) in _UNSEEN:
            return character
    return ""
