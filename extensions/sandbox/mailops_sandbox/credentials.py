# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets: made here, kept only as salted digests."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string

_MIXED = string.ascii_letters + string.digits
_SCHEME = "{PBKDF2}$1$"


def digest(secret: str) -> str:
    """Return the SHA-256 of a random token: tokens are long and random, so a salt or stretching adds nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hash_password(password: str, iterations: int) -> str:
    """Return ``{PBKDF2}$1$salt$iterations$hash``; ``iterations`` 1 is for secrets that we generated at random.

    The form is the one that Dovecot 2.3 writes and reads (PBKDF2 with HMAC-SHA-1 over the salt as text, 20 bytes in hex), so a
    mail server joined to this database lets the same password in.
    """
    salt = secrets.token_hex(8)
    rounds = max(1, iterations)
    return f"{_SCHEME}{salt}${rounds}${_stretched(password, salt, rounds)}"


def verify_password(password: str, stored: str | None) -> bool:
    """Say whether ``password`` matches a digest of hash_password."""
    if not stored or not stored.startswith(_SCHEME):
        return False
    salt, rounds, made = stored.removeprefix(_SCHEME).split("$")
    return hmac.compare_digest(_stretched(password, salt, int(rounds)), made)


def _stretched(password: str, salt: str, rounds: int) -> str:
    return hashlib.pbkdf2_hmac("sha1", password.encode(), salt.encode(), rounds).hex()


def new_password() -> str:
    """Return 20 random characters that pass the password rule."""
    while True:
        made = "".join(secrets.choice(_MIXED) for dummy in range(20))
        if password_problem(made) is None:
            return made


def new_app_password() -> str:
    """Return 16 lowercase letters (contract 7.10)."""
    return "".join(secrets.choice(string.ascii_lowercase) for dummy in range(16))


def new_recovery_code() -> str:
    """Return four groups of five, without letters that look like digits."""
    letters = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
    return "-".join("".join(secrets.choice(letters) for dummy in range(5)) for dummy in range(4))


def password_problem(password: object) -> str | None:
    """Return why ``password`` breaks the rule (>= 12 with upper, lower and digit; contract 7.3), or None."""
    if not isinstance(password, str) or len(password) < 12:
        return "must have at least 12 characters"
    if len(password) > 255:
        return "must have at most 255 characters"
    if not any(c.isupper() for c in password):
        return "needs an uppercase letter"
    if not any(c.islower() for c in password):
        return "needs a lowercase letter"
    if not any(c.isdigit() for c in password):
        return "needs a digit"
    return None
