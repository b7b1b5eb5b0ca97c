# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The job by hand: what a careful person would write with ``requests``, in the fewest calls that the API allows.

It checks what has to be known before the first write (domains active, addresses free, limits kept), then invites a hundred
owners a call. It keeps no record, retries nothing and cannot be taken back: it is the floor that the playbook is measured
against, not a tool.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import csv
import os
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import requests

PAGE = 100
BATCH = 100


class Account:
    """One account, asked by one or several threads."""

    def __init__(self, url: str, token: str, threads: int) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = "Bearer " + token
        self._session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=threads))
        self._pool = concurrent.futures.ThreadPoolExecutor(threads) if threads > 1 else None

    def each(self, work: Callable[[Any], Any], things: Iterable[Any]) -> list[Any]:
        return list(self._pool.map(work, things) if self._pool else map(work, things))

    def get(self, path: str, **params: Any) -> Any:
        answer = self._session.get(self._url + path, params=params, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def pages(self, path: str, **params: Any) -> list[dict[str, Any]]:
        first = self.get(path, page=1, per_page=PAGE, **params)
        rest = self.each(
            lambda page: self.get(path, page=page, per_page=PAGE, **params)["data"],
            range(2, first.get("meta", {}).get("last_page", 1) + 1),
        )
        return first["data"] + [row for rows in rest for row in rows]

    def invite(self, items: list[dict[str, Any]]) -> None:
        body = {"domain_id": items[0]["domain_id"], "items": items, "expires_in_hours": 72}
        answer = self._session.post(
            self._url + "/mailboxes/invites:bulk",
            json=body,
            headers={"Idempotency-Key": str(uuid.uuid4())},
            timeout=60,
        )
        answer.raise_for_status()
        failed = [row for row in answer.json()["results"] if row["status"] == "failed"]
        if failed:
            raise SystemExit("refused: %s" % failed)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("table")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    account = Account(os.environ["MAILOPS_API_URL"], os.environ["MAILOPS_API_TOKEN"], options.threads)
    with open(options.table, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    ids = {row["name"]: row["id"] for row in account.pages("/domains") if row["status"] == "active"}
    counts = collections.Counter(row["domain"] for row in rows)
    missing = sorted(set(counts) - set(ids))
    if missing:
        raise SystemExit("no active domain: %s" % missing)
    taken = {row["email"] for row in account.pages("/mailboxes")}
    in_use = collections.Counter(address.rpartition("@")[2] for address in taken)
    # A mailbox in the recycle bin still holds its address.
    taken |= {row["email"] for row in account.pages("/mailboxes", status="trashed")}
    limit = account.get("/account")["limits"]["mailboxes_per_domain"]
    over = [name for name, count in counts.items() if limit is not None and in_use[name] + count > limit]
    if over:
        raise SystemExit("too many mailboxes: %s" % over)
    for name, answer in zip(
        counts,
        account.each(lambda name: account.get("/domains/%d/forwarding-addresses" % ids[name]), counts),
        strict=True,
    ):
        taken |= {"%s@%s" % (row["local_part"], name) for row in answer["data"]}
    clashes = sorted({"%(local_part)s@%(domain)s" % row for row in rows} & taken)
    if clashes:
        raise SystemExit("taken: %s" % clashes)

    items = [
        {"domain_id": ids[row["domain"]], "local_part": row["local_part"], "recipient_email": row["owner_email"]}
        for row in rows
    ]
    account.each(account.invite, [items[start : start + BATCH] for start in range(0, len(items), BATCH)])


if __name__ == "__main__":
    main()
