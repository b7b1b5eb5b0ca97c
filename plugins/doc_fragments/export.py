# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the audit callback that say where events are sent."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  journal_dir:
    description:
      - Where the journal is. What earlier runs have left there is sent, and what they have left in doubt is named.
      - Journals that a task of the run names are added to it.
      - With the environment variable E(MAILOPS_JOURNAL_URL) the journal is in that database.
    type: str
    default: ~/.local/state/mailops/journal
    env:
      - name: MAILOPS_JOURNAL_DIR
    ini:
      - section: callback_mailops_audit
        key: journal_dir
  syslog_url:
    description:
      - A collector for syslog (RFC 5424), as V(tls://host:6514) or V(tcp://host:601), with octet counting.
      - UDP and local sockets are refused, because they lose messages without a word.
    type: str
    default: ""
    env:
      - name: MAILOPS_EXPORT_SYSLOG_URL
    ini:
      - section: callback_mailops_audit
        key: syslog_url
  syslog_max_size:
    description:
      - The most bytes in one message. Of a longer event only the keys of the runbook, its id and its digest are sent, with C(truncated);
        the whole event stays in the journal.
    type: int
    default: 8192
    env:
      - name: MAILOPS_EXPORT_SYSLOG_MAX_SIZE
    ini:
      - section: callback_mailops_audit
        key: syslog_max_size
  syslog_enterprise_id:
    description:
      - Private enterprise number behind the name of the structured data. The default is the number for examples (RFC 5612).
    type: int
    default: 32473
    env:
      - name: MAILOPS_EXPORT_SYSLOG_ENTERPRISE_ID
    ini:
      - section: callback_mailops_audit
        key: syslog_enterprise_id
  http_url:
    description:
      - An endpoint that takes events by C(POST). Only V(https://) is taken, or a server on this machine.
      - A batch counts as taken when the answer is 2xx. Its header C(Idempotency-Key) is the same whenever it is sent again.
    type: str
    default: ""
    env:
      - name: MAILOPS_EXPORT_HTTP_URL
    ini:
      - section: callback_mailops_audit
        key: http_url
  http_lines:
    description:
      - Send one JSON object a line (C(application/x-ndjson)) in place of a JSON array.
    type: bool
    default: false
    env:
      - name: MAILOPS_EXPORT_HTTP_LINES
    ini:
      - section: callback_mailops_audit
        key: http_lines
  http_token:
    description:
      - Bearer token for O(http_url). It has no place in a configuration file.
    type: str
    default: ""
    env:
      - name: MAILOPS_EXPORT_HTTP_TOKEN
  http_token_file:
    description:
      - File that holds the bearer token for O(http_url). It goes before O(http_token).
    type: path
    env:
      - name: MAILOPS_EXPORT_HTTP_TOKEN_FILE
    ini:
      - section: callback_mailops_audit
        key: http_token_file
  otlp_url:
    description:
      - An OpenTelemetry collector for logs over OTLP/HTTP, whole, as V(https://host:4318/v1/logs). Only V(https://) is taken, or a
        server on this machine.
      - Needs the Python libraries C(opentelemetry-sdk) and C(opentelemetry-exporter-otlp-proto-http), both 1.39 or newer.
    type: str
    default: ""
    env:
      - name: MAILOPS_EXPORT_OTLP_URL
    ini:
      - section: callback_mailops_audit
        key: otlp_url
  otlp_token:
    description:
      - Bearer token for O(otlp_url). Headers of other names come from E(OTEL_EXPORTER_OTLP_HEADERS).
    type: str
    default: ""
    env:
      - name: MAILOPS_EXPORT_OTLP_TOKEN
  otlp_token_file:
    description:
      - File that holds the bearer token for O(otlp_url). It goes before O(otlp_token).
    type: path
    env:
      - name: MAILOPS_EXPORT_OTLP_TOKEN_FILE
    ini:
      - section: callback_mailops_audit
        key: otlp_token_file
  export_form:
    description:
      - The form of the events. V(runbook) has the eight keys of the runbook with C(id), C(phase) and C(outcome); V(ocsf) is the Open
        Cybersecurity Schema Framework; V(ecs) the Elastic Common Schema.
    type: str
    choices: [runbook, ocsf, ecs]
    default: runbook
    env:
      - name: MAILOPS_EXPORT_FORM
    ini:
      - section: callback_mailops_audit
        key: export_form
  syslog_form:
    description:
      - The form for this sink, where it is not O(export_form).
    type: str
    choices: [runbook, ocsf, ecs]
    env:
      - name: MAILOPS_EXPORT_SYSLOG_FORM
    ini:
      - section: callback_mailops_audit
        key: syslog_form
  http_form:
    description:
      - The form for this sink, where it is not O(export_form).
    type: str
    choices: [runbook, ocsf, ecs]
    env:
      - name: MAILOPS_EXPORT_HTTP_FORM
    ini:
      - section: callback_mailops_audit
        key: http_form
  otlp_form:
    description:
      - The form for this sink, where it is not O(export_form).
    type: str
    choices: [runbook, ocsf, ecs]
    env:
      - name: MAILOPS_EXPORT_OTLP_FORM
    ini:
      - section: callback_mailops_audit
        key: otlp_form
  export_ocsf_version:
    description:
      - Version of the schema that V(ocsf) is written for. Up to 1.8 accounts are in class 3001, from 1.9 on in 3007.
    type: str
    default: 1.8.0
    env:
      - name: MAILOPS_EXPORT_OCSF_VERSION
    ini:
      - section: callback_mailops_audit
        key: export_ocsf_version
  export_budget:
    description:
      - Seconds for sending at the end of the run. What is not taken by then is sent by the next run.
    type: float
    default: 10
    env:
      - name: MAILOPS_EXPORT_BUDGET
    ini:
      - section: callback_mailops_audit
        key: export_budget
  required_sinks:
    description:
      - Sinks that have to take everything, of V(syslog), V(http) and V(otlp). When one does not take the first event, nothing is run
        (exit code 77); when one has not taken all at the end, the exit code is 78.
      - Any other sink that fails is told on the terminal and in C(audit.sink_degraded), and the run goes on.
    type: list
    elements: str
    default: []
    env:
      - name: MAILOPS_EXPORT_REQUIRED
    ini:
      - section: callback_mailops_audit
        key: required_sinks
  export_ca:
    description:
      - File with the authorities that may have signed the sinks' certificates, in place of those of the system.
      - Certificates are always verified.
    type: path
    env:
      - name: MAILOPS_EXPORT_CA
    ini:
      - section: callback_mailops_audit
        key: export_ca
  export_client_cert:
    description:
      - Certificate that is shown to the sinks, for those that ask for one.
    type: path
    env:
      - name: MAILOPS_EXPORT_CLIENT_CERT
    ini:
      - section: callback_mailops_audit
        key: export_client_cert
  export_client_key:
    description:
      - Key of O(export_client_cert), where it is not in the same file.
    type: path
    env:
      - name: MAILOPS_EXPORT_CLIENT_KEY
    ini:
      - section: callback_mailops_audit
        key: export_client_key
  export_pseudonym_dir:
    description:
      - Folder of keys, one for each client, made when absent. When it is set, addresses and names of people leave as C(h:) and an
        HMAC-SHA256 under the client's key.
      - The actor, the approver and the address that an event is about stay as they are.
    type: path
    env:
      - name: MAILOPS_EXPORT_PSEUDONYM_DIR
    ini:
      - section: callback_mailops_audit
        key: export_pseudonym_dir
"""
