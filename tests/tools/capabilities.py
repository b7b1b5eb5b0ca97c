# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of docs/capabilities.md, made from the drivers:
``PYTHONPATH=.cache/tree .cache/venv/bin/python tests/tools/capabilities.py docs/capabilities.md`` renews them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.mailops.email.plugins.module_utils.providers.base import Driver
from ansible_collections.mailops.email.plugins.module_utils.providers.doveadm import DoveadmSessions
from ansible_collections.mailops.email.plugins.module_utils.providers.registry import DRIVERS

# Every capability there is: the option or the module that needs it.
WORDS = {
    "domain.create": "`domain`, `subdomain`: `state=present`",
    "domain.delete": "`domain`, `subdomain`: `state=absent`",
    "domain.annotate": "`domain`, `subdomain`: `note`",
    "domain.set_hosting": "`domain`, `subdomain`: `mail_hosting`",
    "domain.dns_requirements": "`domain_info`: `dns_requirements`",
    "administrator.set": "`domain`: `administrators`, `former_administrators`",
    "mailbox.create": "`mailbox`: `credential=generated_one_time`; with recovery links every mailbox",
    "mailbox.update": "`mailbox`: `display_name`",
    "mailbox.annotate": "`mailbox`: `note`",
    "mailbox.set_quota": "`mailbox`: another `quota_mb`",
    "mailbox.set_password": "`mailbox_owner`; the checks after a run, where they need a password of a mailbox of their own",
    "mailbox.forced_change": "`mailbox`: `credential=generated_one_time` without `accept_unforced_rotation`",
    "mailbox.suspend": "`mailbox`: `state=suspended`, `suspend=login`; without it the closer `all` is taken, with a warning",
    "mailbox.pause": "`mailbox`: `state=suspended`, `suspend=all`",
    "mailbox.resume": "`mailbox`: `state=present` of a suspended one",
    "mailbox.delete": "`mailbox`: `state=absent`",
    "mailbox.restore": "`mailbox`: `restore`, from a recycle bin",
    "invite.create": "`mailbox`, `invite`: `state=present`",
    "invite.link": "`mailbox`, `invite`: `delivery=sealed`",
    "invite.cancel": "`invite`, `mailbox`: `state=absent` of a pending one",
    "invite.resend": "`invite`: `resend`",
    "invite.change_recipient": "`mailbox`, `invite`: another `owner_email` of a pending one",
    "invite.list": "`invite_info` from the provider; without it from the journal",
    "alias.create": "`alias`: `state=present`",
    "alias.update": "`alias`: `can_receive`, `can_send`; switching one on again",
    "alias.delete": "`alias`: `state=absent`",
    "forward.mailbox": "`forward` of a mailbox",
    "forward.address": "`forward` of an address without a mailbox",
    "forward.expire": "`forward`: the provider itself keeps `expires_at`; without it a scheduled run does",
    "catch_all.enable": "`catch_all`: `state=present`",
    "catch_all.disable": "`catch_all`: `state=absent`",
    "catch_all.expire": "`catch_all`: the provider itself keeps `expires_at`; without it a scheduled run does",
    "session.list": "`mailbox`: `state=suspended` sees who is logged in; `mailbox_access_info`",
    "session.revoke": "`mailbox`: `state=suspended` ends open sessions; `mailbox_access`",
    "app_password.list": "`mailbox_access_info`: app passwords",
    "app_password.revoke": "`mailbox_access`: app passwords",
    "token.list": "`mailbox_access_info`: tokens of a mailbox",
    "token.revoke": "`mailbox_access`: tokens of a mailbox",
    "delegate.list": "`mailbox_access_info`: members of shared mailboxes",
    "delegate.create": "`rollback`: members of shared mailboxes come back",
    "delegate.revoke": "`mailbox_access`: members of shared mailboxes",
    "device.list": "`mailbox_access_info`: devices",
    "device.revoke": "`mailbox_access`: devices",
    "rule.list": "`mailbox_access_info`: filter rules that send mail elsewhere",
    "rule.create": "`rollback`: filter rules come back",
    "rule.delete": "`mailbox_access`: filter rules that send mail elsewhere",
}
# Class attributes of a driver, and what they say.
TRAITS = {
    "invite_form": "how an owner gets in first",
    "invite_hours": "hours that a link is good for, where the provider alone decides",
    "reads_back": "every write is read back, because a good answer proves little",
    "suspend_ends_sessions": "suspending ends open sessions",
    "suspend_revokes": "access paths that are gone for good when a login is suspended",
    "suspension_feeds_catch_all": "mail for a suspended mailbox goes to the catch-all of its domain",
    "no_such_paths": "access paths that the platform does not have at all",
    "keeps_last_member": "a shared mailbox cannot lose its last member",
    "new_domain_status": "status of a domain that was just added",
    "alias_flags": "what every alias can, where nobody can choose",
    "default_api_url": "address of the API when none is given",
}


def capabilities() -> str:
    """Return the table of capabilities: one column a driver, and one for what stands beside them."""
    columns: list[tuple[str, Iterable[str]]] = [(one.name, one.capabilities) for one in _drivers()]
    columns.append(("doveadm", DoveadmSessions.capabilities))
    rows = [["`%s`" % word, use, *("yes" if word in can else "-" for _name, can in columns)] for word, use in WORDS.items()]  # fmt: skip
    return _table(["capability", "what needs it", *("`%s`" % name for name, _can in columns)], rows)


def traits() -> str:
    """Return the table of the drivers' other attributes."""
    rows = [["`%s`" % name, meaning, *(_shown(getattr(one, name)) for one in _drivers())] for name, meaning in TRAITS.items()]  # fmt: skip
    return _table(["trait", "meaning", *("`%s`" % one.name for one in _drivers())], rows)


def workarounds() -> str:
    """Return the table of what an operator does instead."""
    rows = [
        ["`%s`" % one.name, "`%s`" % name, one.workarounds[name]] for one in _drivers() for name in sorted(one.workarounds)
    ]  # fmt: skip
    return _table(["driver", "capability", "instead"], rows)


def _drivers() -> list[type[Driver]]:
    return [DRIVERS[name] for name in sorted(DRIVERS)]


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return ", ".join("`%s`" % one for one in sorted(value)) or "-"
    return "`%s`" % (value if isinstance(value, (str, int)) else json.dumps(dict(value), sort_keys=True))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| %s |" % " | ".join(head), "|%s" % ("---|" * len(head))]
    return "\n".join(lines + ["| %s |" % " | ".join(row) for row in rows])


def renewed(text: str) -> str:
    """Return ``text`` with the parts between ``<!-- NAME begin -->`` and ``<!-- NAME end -->`` made new. Raises ValueError."""
    for name, made in (("capabilities", capabilities()), ("traits", traits()), ("workarounds", workarounds())):
        head, begin, rest = text.partition("<!-- %s begin -->\n" % name)
        _old, end, tail = rest.partition("<!-- %s end -->" % name)
        if not begin or not end:
            raise ValueError("the markers of %s are missing" % name)
        text = head + begin + made + "\n" + end + tail
    return text


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
