# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The version that events carry is the version of the collection (R-LOG-07)."""

from __future__ import annotations

from pathlib import Path

import yaml

from ansible_collections.mailops.email.plugins.module_utils.version import TOOL_VERSION, VERSION

ROOT = Path(__file__).resolve().parents[3]


def test_version_equals_galaxy_yml() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert VERSION == galaxy["version"]
    assert TOOL_VERSION == "%s.%s@%s" % (galaxy["namespace"], galaxy["name"], VERSION)
