# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Driver for the TrekMail REST API v1."""

from __future__ import annotations

import collections
import datetime
import threading
import typing as t
from urllib.parse import urlsplit

from ansible_collections.mailops.email.plugins.module_utils.model import (
    MailopsError,
    Operation,
    ProviderError,
    Refused,
    Result,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.base import (
    Connection,
    Driver,
    Progress,
    Record,
)
from ansible_collections.mailops.email.plugins.module_utils.providers.http import HttpClient
from ansible_collections.mailops.email.plugins.module_utils.providers.http_answer import Answer, moment
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail import answers, calls
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.access import AccessListings
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.cloudflare import Cloudflare
from ansible_collections.mailops.email.plugins.module_utils.providers.trekmail.login_access import MOST, LoginAccess

# Kinds of access paths, by mailbox; sessions stand beside.
ACCESS = frozenset(("app_password", "token", "delegate", "device", "rule"))

_DASHBOARD = "In TrekMail's dashboard: Mailboxes, the row marked 'Setup pending'. "

# Reason of a refused row -> what to do next.
_ROW_HINTS = {
    "already_exists": "An alias, a forward or a pending invite that this run could not see holds the address. Look in the "
    "dashboard; wait for the invite's expiry or choose another address.",
    "domain_hosts_no_mailboxes": "The domain is send-only; switch its mail_hosting first.",
    "domain_already_connected": "Another account holds the domain; it has to be removed there first.",
    "plan_limit_reached": "Free places on the plan or have it raised, then run again.",
    "storage_pool_exceeded": "Lower quota_mb or free storage, then run again.",
}


class TrekMail(Driver):
    """One account, seen with one token; objects outside the token's domains do not exist for it (section 2.2)."""

    name = "trekmail"
    default_api_url = "https://trekmail.net/api/v1"
    capabilities = frozenset(
        "domain.create domain.annotate domain.set_hosting domain.delete domain.dns_requirements "
        "mailbox.create mailbox.update mailbox.annotate mailbox.set_password mailbox.suspend mailbox.pause mailbox.resume "
        "mailbox.restore mailbox.delete invite.create invite.link alias.create alias.update alias.delete "
        "forward.mailbox forward.address catch_all.enable catch_all.disable "
        "app_password.list app_password.revoke token.list token.revoke delegate.list delegate.create delegate.revoke "
        "device.list device.revoke rule.list rule.create rule.delete".split()
    )
    invite_form = "setup_link"
    suspend_ends_sessions = True
    suspend_revokes = frozenset(("app_password", "device"))
    keeps_last_member = True
    new_domain_status = "pending_dns"
    workarounds = {
        "invite.cancel": _DASHBOARD + "Cancel there and run again with done_by_hand, or let the link expire by itself.",
        "invite.resend": _DASHBOARD
        + "Resend there and run again with done_by_hand, or wait for the expiry and run again: a new invite is sent then.",
        "invite.change_recipient": _DASHBOARD
        + "Edit the recipient there and run again with done_by_hand, or wait for the expiry and run again with the new owner_email.",
        "session.list": "TrekMail shows no sessions; it ends them when it suspends the login: mailops.email.mailbox with "
        "state=suspended.",
        "api_token.list": "API tokens of the account and OAuth connections are seen by the account's owner alone: look in the "
        "dashboard, under AI Agents & API, and revoke what is theirs.",
        "administrator.set": "Who else may sign in to the dashboard is seen there alone: look under White Label, Members.",
        "mailbox.set_quota": "Change the allocation in the dashboard, then set quota_mb to the same number.",
    }
    # Section 7: documented sizes of the batch calls.
    _BATCHES = {
        ("invite", "create"): 100,
        ("mailbox", "create"): 100,
        ("mailbox", "suspend"): MOST,
        ("mailbox", "resume"): MOST,
        ("domain", "create"): 20,
    }

    def __init__(self, connection: Connection, *, read_only: bool, progress: Progress, user_agent: str) -> None:
        self._http = HttpClient(connection, read_only=read_only, progress=progress, user_agent=user_agent)
        self.concurrency = connection.concurrency
        # As long as we would have waited for its answer.
        self.lands_within = connection.timeout
        self._host = urlsplit(connection.api_url).hostname or ""
        self._ids: dict[str, dict[str, t.Any]] = collections.defaultdict(dict)
        # Mailboxes that can be restored and deleted, but have neither aliases nor forwards to ask for.
        self._in_bin: set[str] = set()
        self._domains: dict[str, Record] | None = None
        self._lock = threading.Lock()
        self._read = AccessListings(self._http, connection.concurrency, self.id_of)
        self.unseen = self._read.unseen
        self._logins = LoginAccess(self._http, self, self._read_mailboxes, self._alone)
        self.record_writer = Cloudflare(self._http, self.id_of)
        self._listed: set[str] = set()
        self._shared: set[str] = set()

    @property
    def account(self) -> str:
        return "%s@%s" % (self.name, self._host)

    @property
    def request_counts(self) -> collections.Counter[str]:
        return self._http.counts

    def close(self) -> None:
        super().close()
        self._http.close()

    def replay_hours(self) -> int:
        return 24  # section 5

    def id_of(self, kind: str, key: str) -> int:
        """:raises ProviderError: ``not_found`` when the object was neither listed nor created."""
        value = self._ids[kind].get(key)
        if value is None:
            raise ProviderError(
                "not_found", "%s %s is not known to this account." % (kind, key), "Is it outside the token's domains?"
            )
        return t.cast(int, value)

    # reading

    def observe(self, kind: str, scope: t.Collection[str]) -> dict[str, Record]:
        readers: dict[str, t.Callable[[t.Collection[str]], list[Record]]] = {
            "domain": lambda dummy: self._read.domains(),
            "mailbox": self._observe_mailboxes,
            "alias": self._observe_aliases,
            "forward": self._observe_forwards,
            "catch_all": lambda domains: self._read.catch_alls(
                [name for name in domains if name in self._domain_names()]
            ),
        }
        if kind == "account":
            return {"account": self._read.account()}
        if kind in ACCESS:
            found = self._observe_access(kind, scope)
        else:
            found = readers[kind](scope)
        key = {"domain": "name", "catch_all": "domain"}.get(kind, "key" if kind in ACCESS else "address")
        records = {record[key]: record for record in found}
        self.adopt(kind, records)
        return records

    def adopt(self, kind: str, records: t.Mapping[str, Record]) -> None:
        with self._lock:
            self._ids[kind].update((key, record["id"]) for key, record in records.items() if record.get("id"))
            if kind == "mailbox":
                self._in_bin.update(key for key, record in records.items() if record["state"] == "trashed")
                self._shared.update(key for key, record in records.items() if record.get("type") == "shared")
            if kind == "domain":
                self._domains = dict(records)

    def dns_requirements(self, domain: str) -> list[dict[str, t.Any]]:
        return self._read.dns_requirements(domain)

    def _domain_names(self) -> dict[str, Record]:
        if self._domains is None:
            self.observe("domain", ())
        return self._domains or {}

    def _observe_mailboxes(self, domains: t.Collection[str]) -> list[Record]:
        found = self._read.mailboxes(domains, self._domain_names())
        self._listed.update(domains)
        return found

    def _observe_aliases(self, mailboxes: t.Collection[str]) -> list[Record]:
        domains = {record["id"]: name for name, record in self._domain_names().items()}
        return self._read.aliases(self._usable(mailboxes), domains)

    def _observe_forwards(self, scope: t.Collection[str]) -> list[Record]:
        """*scope* holds addresses, or domains for all forwards that need no mailbox."""
        domains = {one.rsplit("@", 1)[-1] for one in scope} & set(self._domain_names())
        return self._read.address_forwards(domains) + self._read.mailbox_forwards(self._usable(scope))

    def _observe_access(self, kind: str, addresses: t.Collection[str]) -> list[Record]:
        """Who may read which shared mailbox is only known from those, wherever they are."""
        if kind == "delegate" and not set(addresses) <= self._shared:
            everywhere = set(self._domain_names())
            if not everywhere <= self._listed:
                self.observe("mailbox", everywhere)
        return self._read.access(kind, self._usable(addresses), self._usable(self._shared))

    def _usable(self, names: t.Iterable[str]) -> list[str]:
        return [one for one in names if one in self._ids["mailbox"] and one not in self._in_bin]

    # writing

    def batch_key(self, operation: Operation) -> t.Hashable | None:
        after = operation.after or {}
        if (operation.kind, operation.verb) == ("invite", "create"):
            # Only the single call is known to answer with the link; a batch shares one expiry.
            return None if "seal_to" in operation.delivery else after["expires_in_hours"]
        if (operation.kind, operation.verb) == ("mailbox", "create"):
            return "user_supplied"
        if (operation.kind, operation.verb) == ("domain", "create"):
            return "provider" if after["mail_hosting"] == "provider" else None
        if LoginAccess.fits(operation) and operation.key not in self._shared:
            return "login:%s" % operation.request.get("reason", "")
        return None

    def batch_size(self, kind: str, verb: str) -> int:
        return self._BATCHES.get((kind, verb), 1)

    def apply(self, operations: t.Sequence[Operation], idempotency_key: str) -> list[Result]:
        first = operations[0]
        try:
            if first.verb == "delete" and first.kind == "mailbox":
                return [self._delete_mailbox(first, idempotency_key)]
            if LoginAccess.fits(first):
                if len(operations) == 1:
                    return [self._single(first, idempotency_key)]
                return self._logins.apply(operations, idempotency_key)
            if self.batch_key(first) is not None:
                return self._batch(operations, idempotency_key)
            return [self._single(first, idempotency_key)]
        except ProviderError as error:
            if first.kind in ACCESS and first.after is None and error.status in (404, 409):
                # Somebody else may have closed it, which is as good: reading tells.
                error.in_doubt = True
            return [_failed(one, error) for one in operations]
        except MailopsError as error:
            return [_failed(one, error) for one in operations]

    def _single(self, operation: Operation, key: str) -> Result:
        call = calls.call_for(operation)
        answer = self._http.call(
            call.method,
            calls.path_of(call, operation, self),
            json=call.body(operation, self),
            key=key if call.keyed else "",
            repeatable=not call.keyed,
            lost=bool(operation.retry_of),
        )
        body = answers.unwrap(answer.body)
        return self._applied(operation, answer, body if isinstance(body, dict) else {})

    def _alone(self, operation: Operation, key: str) -> Result:
        try:
            return self._single(operation, key)
        except MailopsError as error:
            return _failed(operation, error)

    def _read_mailboxes(self, domains: t.Collection[str]) -> dict[str, Record]:
        return {record["address"]: record for record in self._read.mailboxes(domains, self._domain_names())}

    def _batch(self, operations: t.Sequence[Operation], key: str) -> list[Result]:
        kind = operations[0].kind
        paths = {"invite": "/mailboxes/invites:bulk", "mailbox": "/mailboxes:bulk", "domain": "/domains:bulk-add"}
        body, lost = self._batch_body(operations), bool(operations[0].retry_of)
        answer = self._http.call("POST", paths[kind], json=body, key=key, row_results=True, lost=lost)
        return self._rows(operations, answer)

    def _batch_body(self, operations: t.Sequence[Operation]) -> dict[str, t.Any]:
        first = operations[0]
        if first.kind == "domain":
            return {"domains": [one.key for one in operations]}
        if first.kind == "mailbox":
            items = [calls.mailbox_item(one, self) for one in operations]
            return {"items": items, "password_mode": "user_supplied"}
        items = [calls.invite_item(one, self) for one in operations]
        hours = (first.after or {})["expires_in_hours"]
        return {"domain_id": items[0]["domain_id"], "items": items, "expires_in_hours": hours}

    def _rows(self, operations: t.Sequence[Operation], answer: Answer) -> list[Result]:
        """One result per operation; rows are matched by name where they have one, else by place (section 4)."""
        rows = answers.rows(answer.body, "results")
        keys = {operation.key for operation in operations}
        named = {_row_name(row): row for row in rows}
        results = []
        for position, operation in enumerate(operations):
            row = named.get(operation.key)
            if row is None and len(rows) == len(operations) and _row_name(rows[position]) not in keys:
                row = rows[position]
            if not row or not (row.get("status") or row.get("id") or row.get("mailbox_id")):
                error = ProviderError("row_missing", "%s: the answer has no row for it." % operation.key, in_doubt=True)
                results.append(_failed(operation, error))
            elif row.get("status") in ("failed", "error") or row.get("reason") or answer.status == 422:
                results.append(self._refused_row(operation, row, answer))
            else:
                results.append(self._applied(operation, answer, row))
        return results

    def _refused_row(self, operation: Operation, row: dict[str, t.Any], answer: Answer) -> Result:
        code = answer.clean(row.get("reason"), 60) or "refused"
        text = answer.clean(row.get("error"), 300)
        error = ProviderError(
            code,
            "%s: refused by the provider, %s%s" % (operation.key, code, ": " + text if text else ""),
            _ROW_HINTS.get(code, "Read the provider's reason, correct the row, then run again."),
            status=answer.status,
            provider_request_id=answer.request_id,
            # It may exist because of the attempt whose answer was lost.
            in_doubt=code == "already_exists" and answer.after_lost and not answer.replayed,
        )
        return Result(operation, "in_doubt" if error.in_doubt else "failed", error=error, http=_http(answer))

    def _applied(self, operation: Operation, answer: Answer, body: dict[str, t.Any]) -> Result:
        after = dict(operation.after) if operation.after is not None else None
        identity = answers.identity(body.get("mailbox_id") if operation.kind == "mailbox" else None)
        identity = identity or answers.identity(body.get("id"))
        if operation.verb == "create" and identity:
            with self._lock:
                self._ids[operation.kind][operation.key] = identity
        result = Result(operation, "applied", after, http=_http(answer))
        if operation.kind == "invite" and after is not None:
            after["id"] = identity
            after["expires_at"] = _expiry(body, after["expires_in_hours"])
            link = body.get("invite_url")
            once = not answer.replayed and "seal_to" in operation.delivery
            result.secret = link if once and isinstance(link, str) and "<redacted>" not in link else ""
        elif operation.kind == "domain" and operation.verb == "create" and after is not None:
            after["status"] = body.get("status") if body.get("status") in ("pending_dns", "active") else after["status"]
        return result

    def _delete_mailbox(self, operation: Operation, key: str) -> Result:
        """Section 7.4: an intent, then its confirmation, each with a key of its own."""
        path = "/mailboxes/%d:delete-intent" % self.id_of("mailbox", operation.key)
        intent = answers.unwrap(self._http.call("POST", path, key=key).body)
        number = answers.identity(intent.get("id")) if isinstance(intent, dict) else None
        if number is None:
            raise Refused("delete_intent", "%s: the provider gave no delete intent." % operation.key, "Run again.")
        answer = self._http.call(
            "POST", "/delete-intents/%d:confirm" % number, key=key + ":confirm", headers={"X-Confirm-Delete": "true"}
        )
        return Result(operation, "applied", None, http=_http(answer))


def _failed(operation: Operation, error: MailopsError) -> Result:
    if not isinstance(error, ProviderError):
        return Result(operation, "failed", error=error)
    # What could not even be asked again is as open as it was.
    unasked = bool(operation.retry_of) and not error.status
    status = "in_doubt" if error.in_doubt or unasked else "failed"
    return Result(operation, status, error=error, http={"status": error.status, "attempts": error.attempts})


def _http(answer: Answer) -> dict[str, t.Any]:
    facts: dict[str, t.Any] = {"status": answer.status, "attempts": answer.attempts}
    if answer.request_id:
        facts["request_ids"] = [answer.request_id]
    if answer.replayed:
        facts["replayed"] = True
    return facts


def _row_name(row: dict[str, t.Any]) -> str:
    name = row.get("email") or row.get("address") or row.get("domain")
    return name.lower() if isinstance(name, str) else ""


def _expiry(body: dict[str, t.Any], hours: int) -> str:
    """The provider's word, else our own reckoning from what was asked for."""
    ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return moment(body.get("expires_at")) or ends.strftime("%Y-%m-%dT%H:%M:%SZ")
