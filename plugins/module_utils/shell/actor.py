# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The human and the system behind a run (R-LOG-02)."""

from __future__ import annotations

import getpass
import os
import socket
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Refused

# R-LOG-17: a name that many people log in with is nobody's.
SHARED_ACTORS = frozenset(
    "root admin administrator ansible awx semaphore shared ubuntu debian ec2-user deploy jenkins gitlab-runner".split()
)


def actor_of(given: str, run: t.Mapping[str, str], client: str = "") -> dict[str, str]:
    """``human``, ``system`` and, for a client, ``on_behalf_of``: named by the task, else by the controller that launched it, else by the login.

    :param run: ``launched_by`` and ``job`` as a controller tells them, see `launch_of`.
    :param client: for whom it is done.
    :raises Refused: ``actor_unknown`` when all there is is a shared login (R-LOG-17).
    """
    human = (given or run.get("launched_by") or os.environ.get("SUDO_USER") or _login()).strip()
    if not human or human.lower() in SHARED_ACTORS:
        raise Refused(
            "actor_unknown",
            "Nobody is named as the actor: %r is a shared login." % (human or "(none)"),
            "Set actor, or MAILOPS_ACTOR, to the person who runs this.",
        )
    actor = {"human": human, "system": "%s@%s" % (run.get("job") or "ansible", socket.gethostname())}
    return dict(actor, on_behalf_of="client:" + client) if client else actor


def launch_of(variables: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Job, person, address of the job and commit of the project, as far as they are in the extra variables that AWX, AAP and
    Semaphore give to each playbook that they launch."""
    details = variables.get("semaphore_vars")
    details = details.get("task_details") if isinstance(details, t.Mapping) else None
    if isinstance(details, t.Mapping):
        found = {"job": "semaphore:task/%s" % details.get("id"), "launched_by": str(details.get("username") or "")}
        return _with(found, job_url=details.get("url"))
    for prefix in ("awx", "tower"):
        if variables.get(prefix + "_job_id"):
            person = str(variables.get(prefix + "_user_name") or "")
            found = {"job": "awx:job/%s" % variables[prefix + "_job_id"], "launched_by": person}
            return _with(found, project_commit=variables.get(prefix + "_project_revision"))
    return {}


def _with(found: dict[str, str], **more: t.Any) -> dict[str, str]:
    return {**found, **{name: str(value) for name, value in more.items() if value}}


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
