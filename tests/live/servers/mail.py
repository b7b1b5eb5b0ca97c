# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Postfix, Dovecot and the sink as one mail system over a store."""

from __future__ import annotations

from pathlib import Path

from .certificates import Authority
from .dovecot import Dovecot
from .postfix import Postfix
from .processes import stop_all
from .sink import Sink
from .stores import Store


class MailServers:
    """Everything below ``folder``. ``ca_path`` verifies the servers, ``wrong_ca_path`` is another authority's.

    :param internal_port: where the platform's own mail goes in, when that had to be known earlier.
    """

    def __init__(self, folder: Path, store: Store, internal_port: int = 0) -> None:
        for name in ("certificates", "dovecot", "postfix", "sink"):
            (folder / name).mkdir(parents=True)
        folder.chmod(0o711)
        authority = Authority(folder / "certificates", "ca")
        self.ca_path = authority.path
        self.wrong_ca_path = Authority(folder / "certificates", "wrong-ca").path
        certificate, key = authority.server("server")
        self.sink = Sink(folder / "sink")
        here = folder / "dovecot"
        self.dovecot = Dovecot(here, store.queries(here), certificate, key, store.after_login(here))
        self.postfix = Postfix(
            folder / "postfix", store.maps(folder / "maps"), certificate=certificate, key=key, sasl=self.dovecot.sasl,
            lmtp_port=self.dovecot.lmtp_port, sink_port=self.sink.port, internal_port=internal_port,
        )  # fmt: skip
        self.sink.reply_port = self.postfix.smtp_port

    def start(self) -> None:
        """Start all and wait until all are ready."""
        self.dovecot.server.launch()
        self.postfix.launch()
        self.sink.start()
        self.dovecot.server.ready()
        self.postfix.ready()

    def stop(self) -> None:
        stop_all(self.postfix.stop, self.sink.stop, self.dovecot.stop)
