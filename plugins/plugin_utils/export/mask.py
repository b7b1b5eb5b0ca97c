# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last look at a line before it is written or leaves: events hold no secrets, and should one all the same, it goes."""

from __future__ import annotations

import json
import typing as t

try:
    # From ansible-core 2.22 on the controller knows what was marked as secret.
    from ansible.module_utils.secrets import mask_secrets  # type: ignore[import-not-found,unused-ignore]
except ImportError:

    def mask_secrets(value: str) -> str:
        return value


_HIDDEN = "$REDACTED$"


class Mask:
    """Takes known secrets out of lines of JSON.

    :param secrets: what this process holds itself, such as tokens of sinks and of the provider.
    """

    def __init__(self, secrets: t.Iterable[str]) -> None:
        # A short one stands in every second line by chance.
        self._secrets = sorted({one for one in secrets if len(one) >= 8}, key=len, reverse=True)
        # As JSON spells them.
        self._spelled = {json.dumps(one, ensure_ascii=way)[1:-1] for one in self._secrets for way in (True, False)}

    def text(self, line: str) -> str:
        """A line of JSON, rebuilt only where it holds a secret."""
        if str(mask_secrets(line)) == line and not any(one in line for one in self._spelled):
            return line
        return json.dumps(self._walk(json.loads(line)), sort_keys=True, ensure_ascii=line.isascii())

    def _walk(self, value: t.Any) -> t.Any:
        if isinstance(value, str):
            return self._hide(value)
        if isinstance(value, dict):
            return {self._hide(str(key)): self._walk(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._walk(one) for one in value]
        return value

    def _hide(self, text: str) -> str:
        for one in self._secrets:
            text = text.replace(one, _HIDDEN)
        return str(mask_secrets(text))
