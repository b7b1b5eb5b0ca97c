# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options by which every module reaches the provider's account."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
requirements:
  - python >= 3.10
  - requests >= 2.31
  - idna >= 3.7
options:
  provider:
    description:
      - The mail platform that holds the domains and mailboxes.
      - If not set, the value of the environment variable E(MAILOPS_PROVIDER) is used.
    type: str
    choices:
      modoboa: A Modoboa of your own, by its API version 2.
      trekmail: TrekMail, by its REST API version 1.
    default: trekmail
  api_url:
    description:
      - Base URL of the provider's API, with its version. For O(provider=modoboa) it is that of the installation, such as
        V(https://mail.example.com/api/v2), and has to be set; for O(provider=trekmail) it is V(https://trekmail.net/api/v1) when it
        is not set.
      - It has to be an C(https) URL. Plain C(http) is only taken for a loopback address, such as that of a local sandbox.
      - If not set, the value of the environment variable E(MAILOPS_API_URL) is used.
    type: str
  api_token:
    description:
      - Token for the provider's API. Objects that it may not see do not exist for the module, so give it exactly the domains
        and scopes that the playbook needs.
      - If not set, the value of the environment variable E(MAILOPS_API_TOKEN) is used, so that a credential of the
        controller can supply it and no file of the project holds it.
      - Without one the task is refused.
      - It is never part of a result, a journal line or a message.
    type: str
  doveadm_url:
    description:
      - URL of Dovecot's doveadm over HTTP, such as V(https://imap.example.com:8081/doveadm/v1), where the mail of the provider's
        account lies on a Dovecot of your own. With it a suspension ends the sessions that are open, whatever the provider.
      - If not set, the value of the environment variable E(MAILOPS_DOVEADM_URL) is used. Without either, sessions stay open, and
        the plan says so where the provider does not end them itself.
    type: str
  doveadm_key:
    description:
      - The C(doveadm_api_key) of that Dovecot. With a wrong one it never answers, so that the task fails after some seconds.
      - If not set, the value of the environment variable E(MAILOPS_DOVEADM_KEY) is used.
      - It is never part of a result, a journal line or a message.
    type: str
  ca_path:
    description:
      - Path of a file with certificates of authorities, for an API behind a private certificate authority.
      - If not set, the value of the environment variable E(MAILOPS_CA_PATH) is used.
    type: path
  validate_certs:
    description:
      - Whether the certificate of the API is checked. Only ever switch it off for a test server.
      - If not set, the value of the environment variable E(MAILOPS_VALIDATE_CERTS) is used.
    type: bool
    default: true
  timeout:
    description:
      - Seconds to wait for one answer.
      - If not set, the value of the environment variable E(MAILOPS_TIMEOUT) is used.
    type: int
    default: 30
  deadline:
    description:
      - Seconds that one request may take altogether, with all its retries and the waits that the provider asks for.
      - If not set, the value of the environment variable E(MAILOPS_DEADLINE) is used.
    type: int
    default: 300
  requests_per_minute:
    description:
      - Pace of the requests, over all forks and runs on this controller that share O(journal_dir).
      - With V(0) requests are sent as fast as the provider lets us; its own limits and C(Retry-After) are always honoured.
      - If not set, the value of the environment variable E(MAILOPS_REQUESTS_PER_MINUTE) is used.
    type: int
    default: 0
  concurrency:
    description:
      - How many requests that do not depend on each other may be under way at a time.
      - If not set, the value of the environment variable E(MAILOPS_CONCURRENCY) is used.
    type: int
    default: 8
  journal_dir:
    description:
      - Folder of the journals on the controller. Before any request that changes something leaves, its intent is on disk
        there; after the answer its outcome follows.
      - Keep it for as long as you keep mailboxes. Where the provider has no field for something, such as who owns a forward
        or which invites are pending, the journal is the only place that knows.
      - All runs for an account should use the same folder.
      - With O(journal_url) the journal is kept in a database, and this folder holds only what runs need not share, such as the pace of
        their requests and what a dry run has predicted.
      - If not set, the value of the environment variable E(MAILOPS_JOURNAL_DIR) is used.
    type: path
    default: ~/.local/state/mailops/journal
  journal_url:
    description:
      - URL of a PostgreSQL database that keeps the journal in place of O(journal_dir), for jobs in containers that are thrown away
        and for several controllers at once. It is read as libpq reads it, such as
        V(postgresql://controller@db.example.com/mailops?sslmode=verify-full&sslrootcert=/etc/ssl/db-ca.pem).
      - The tables are made once, with C(extensions/audit/journal.sql) of this collection.
      - Needs the Python library C(psycopg) 3.1 or newer.
      - If not set, the value of the environment variable E(MAILOPS_JOURNAL_URL) is used. Prefer that, because a URL may hold a
        password.
      - No result, journal line or message has more of it than host, port and database.
    type: str
  client:
    description:
      - Name of the client that the task works for, as the journal and the plan shall name it.
      - If not set, the value of the environment variable E(MAILOPS_CLIENT) is used.
    type: str
  client_domains:
    description:
      - Domains that belong to the client; host names below them belong to it too.
      - A module that changes something refuses every item whose domain is not among them, with the code
        V(client_boundary), before it asks the provider anything. An empty list lets nothing pass.
      - A module that only reads lists these domains when the task names none itself. It does not refuse others that
        the task names.
      - Without this option there is no such boundary; the token's own limits remain.
    type: list
    elements: str
"""
