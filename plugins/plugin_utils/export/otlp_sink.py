# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenTelemetry logs over OTLP/HTTP, by the SDK and the exporter of the OpenTelemetry project."""

from __future__ import annotations

import logging
import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Refused
from ansible_collections.mailops.email.plugins.module_utils.version import VERSION
from ansible_collections.mailops.email.plugins.plugin_utils.export.forms import ERROR, WARNING, moment, severity
from ansible_collections.mailops.email.plugins.plugin_utils.export.http_sink import check_url, retry_after, session_of
from ansible_collections.mailops.email.plugins.plugin_utils.export.sink import Item, Sink, SinkError

NEEDS = "pip install 'opentelemetry-sdk>=1.39' 'opentelemetry-exporter-otlp-proto-http>=1.39'"
_NUMBERS = {ERROR: 17, WARNING: 13}
_INFORMATIONAL = 9
_PASSING = frozenset((408, 425, 429, 500, 502, 503, 504))


class Otlp(Sink):
    """A collector's ``/v1/logs``. Further headers come from ``OTEL_EXPORTER_OTLP_HEADERS``, as for any other program.

    :raises Refused: ``otlp_url``, ``export_tls``, ``library_missing``.
    """

    name = "otlp"

    def __init__(self, url: str, token: str = "", ca: str = "", cert: str = "", key: str = "") -> None:
        check_url(url, "otlp_url", token, ca)
        self.target = url
        try:
            from opentelemetry._logs import LogRecord, SeverityNumber
            from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
            from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
            from opentelemetry.sdk._logs import ReadableLogRecord
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.util.instrumentation import InstrumentationScope
        except ImportError as error:
            raise Refused("library_missing", "Python libraries of OpenTelemetry are missing.", NEEDS) from error
        self._record, self._readable, self._number = LogRecord, ReadableLogRecord, SeverityNumber
        self._answer_type = ExportLogsServiceResponse
        self._resource = Resource({"service.name": "mailops.email", "service.version": VERSION})
        self._scope = InstrumentationScope("mailops.audit", VERSION)
        self._session = session_of(token, ca, cert, key)
        self._session.hooks["response"].append(self._look)
        self._exporter_type, self._tls = OTLPLogExporter, (ca, cert, key)
        # What the receiver said last; the exporter only says yes or no, and takes a redirection for a yes.
        self._status = 0
        self._wait: float | None = None
        self._rejected = ""
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)

    def close(self) -> None:
        self._session.close()

    def send(self, items: t.Sequence[Item], seconds: float) -> None:
        self._status, self._wait, self._rejected = 0, None, ""
        ca, cert, key = self._tls
        exporter = self._exporter_type(
            endpoint=self.target,
            certificate_file=ca or None,
            client_certificate_file=cert or None,
            client_key_file=key or None,
            timeout=max(1, int(seconds)),
            session=self._session,
        )
        self._session.failure = None
        result = exporter.export([self._of(item) for item in items])
        if self._session.failure is not None:
            raise self._session.failure
        if self._rejected:
            raise SinkError(self._rejected, final=True)
        if 200 <= self._status < 300 and result.name == "SUCCESS":
            return
        raise SinkError("it answers %d" % self._status, final=self._status not in _PASSING, wait=self._wait)

    def _look(self, answer: t.Any, *dummy: t.Any, **more: t.Any) -> None:
        self._status, self._wait = answer.status_code, retry_after(answer.headers)
        if self._status != 200 or not answer.content:
            return
        try:
            partial = self._answer_type.FromString(answer.content).partial_success
        except Exception:  # noqa: BLE001 - the library has an error of its own for each version
            return
        if partial.rejected_log_records:
            self._rejected = "it rejected %d events: %s" % (partial.rejected_log_records, partial.error_message[:200])

    def _of(self, item: Item) -> t.Any:
        record = item.record
        level = severity(record)
        event = record.event
        attributes: dict[str, t.Any] = {"mailops.id": record.id, "mailops.action": str(event.get("action"))}
        for name in ("stream", "phase", "outcome", "request_id", "op_id"):
            if event.get(name):
                attributes["mailops." + name] = str(event[name])
        if isinstance(event.get("seq"), int):
            attributes["mailops.seq"] = event["seq"]
        if record.digest:
            attributes["mailops.digest"] = record.digest
        inner = self._record(
            timestamp=int(moment(record).timestamp() * 1000) * 1_000_000,
            observed_timestamp=time.time_ns(),
            severity_text=level.upper(),
            severity_number=self._number(_NUMBERS.get(level, _INFORMATIONAL)),
            body=item.body,
            attributes=attributes,
            event_name="mailops." + str(event.get("action")),
        )
        return self._readable(log_record=inner, resource=self._resource, instrumentation_scope=self._scope)
