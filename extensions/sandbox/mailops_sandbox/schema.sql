-- Copyright (c) 2026, The mailops.email authors
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later
-- State of the sandbox. Times are epoch seconds on the sandbox clock; secrets are digests, never clear text
-- (the one exception is outbox: a mail to the owner holds the setup link).

CREATE TABLE IF NOT EXISTS kv (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, name TEXT NOT NULL, prefix TEXT NOT NULL, digest TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL, domains TEXT, mailboxes TEXT, permissions TEXT, mailbox_id INTEGER,
    created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER);

CREATE TABLE IF NOT EXISTS domain (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE, status TEXT NOT NULL, mail_hosting TEXT NOT NULL, note TEXT,
    catch_all_enabled INTEGER NOT NULL DEFAULT 0, catch_all_destination TEXT,
    dkim_generation INTEGER NOT NULL DEFAULT 1, dns TEXT NOT NULL DEFAULT '{}',
    created_at INTEGER NOT NULL, verified_at INTEGER, last_recheck_at INTEGER);
CREATE TABLE IF NOT EXISTS foreign_domain (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dns_check (
    id INTEGER PRIMARY KEY AUTOINCREMENT, domain_id INTEGER NOT NULL, started_at INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0);

CREATE TABLE IF NOT EXISTS mailbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    domain_id INTEGER NOT NULL, local_part TEXT NOT NULL, email TEXT NOT NULL,
    type TEXT NOT NULL DEFAULT 'regular', status TEXT NOT NULL DEFAULT 'active',
    login_suspended INTEGER NOT NULL DEFAULT 0, suspend_reason TEXT,
    display_name TEXT, note TEXT, used_mb INTEGER NOT NULL DEFAULT 0, allocation_mb INTEGER,
    conversation_view INTEGER NOT NULL DEFAULT 1, drive_access TEXT NOT NULL DEFAULT 'full',
    client_auth_mode TEXT NOT NULL DEFAULT 'password_or_app_password', imap_enabled INTEGER NOT NULL DEFAULT 0,
    fwd_enabled INTEGER NOT NULL DEFAULT 0, fwd_keep_copy INTEGER NOT NULL DEFAULT 1, fwd_targets TEXT NOT NULL DEFAULT '[]',
    password TEXT, password_set_by TEXT, password_set_at INTEGER, recovery TEXT,
    created_via TEXT NOT NULL, created_at INTEGER NOT NULL,
    trashed_from TEXT, trashed_at INTEGER, purge_at INTEGER);
CREATE UNIQUE INDEX IF NOT EXISTS mailbox_live ON mailbox (email) WHERE status <> 'trashed';
CREATE INDEX IF NOT EXISTS mailbox_email ON mailbox (email);
CREATE INDEX IF NOT EXISTS mailbox_status ON mailbox (status, id, domain_id);
CREATE INDEX IF NOT EXISTS mailbox_domain ON mailbox (domain_id, status, id);
CREATE INDEX IF NOT EXISTS mailbox_alloc ON mailbox (allocation_mb) WHERE allocation_mb IS NOT NULL;
CREATE INDEX IF NOT EXISTS mailbox_purge ON mailbox (purge_at) WHERE purge_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS retired_address (email TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS delete_intent (
    id INTEGER PRIMARY KEY AUTOINCREMENT, mailbox_id INTEGER NOT NULL, status TEXT NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL);

CREATE TABLE IF NOT EXISTS invite (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    domain_id INTEGER NOT NULL, local_part TEXT NOT NULL, email TEXT NOT NULL, recipient_email TEXT NOT NULL,
    status TEXT NOT NULL, link_digest TEXT NOT NULL UNIQUE, allocation_mb INTEGER, mailbox_id INTEGER,
    created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, closed_at INTEGER);
CREATE UNIQUE INDEX IF NOT EXISTS invite_pending ON invite (email) WHERE status = 'pending';
CREATE INDEX IF NOT EXISTS invite_due ON invite (expires_at) WHERE status = 'pending';
CREATE INDEX IF NOT EXISTS invite_domain ON invite (domain_id, status);
CREATE INDEX IF NOT EXISTS invite_alloc ON invite (allocation_mb) WHERE status = 'pending' AND allocation_mb IS NOT NULL;

CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, recipient TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
    invite_id INTEGER, link TEXT, sent_at INTEGER NOT NULL);

CREATE TABLE IF NOT EXISTS alias (
    id INTEGER PRIMARY KEY AUTOINCREMENT, mailbox_id INTEGER NOT NULL, domain_id INTEGER NOT NULL, local_part TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE, can_receive INTEGER NOT NULL, can_send INTEGER NOT NULL, is_active INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS alias_mailbox ON alias (mailbox_id);
CREATE TABLE IF NOT EXISTS forwarding_address (
    id INTEGER PRIMARY KEY AUTOINCREMENT, domain_id INTEGER NOT NULL, local_part TEXT NOT NULL, email TEXT NOT NULL UNIQUE,
    recipients TEXT NOT NULL, is_active INTEGER NOT NULL, created_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS forwarding_domain ON forwarding_address (domain_id);
CREATE TABLE IF NOT EXISTS forwarding_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT, forwarding_id INTEGER NOT NULL, at INTEGER NOT NULL, sender TEXT, outcome TEXT);
CREATE TABLE IF NOT EXISTS app_password (
    id INTEGER PRIMARY KEY AUTOINCREMENT, mailbox_id INTEGER NOT NULL, name TEXT NOT NULL, password TEXT NOT NULL,
    created_at INTEGER NOT NULL, created_via TEXT NOT NULL, revoked_at INTEGER, revoked_reason TEXT);
CREATE INDEX IF NOT EXISTS app_password_mailbox ON app_password (mailbox_id);
CREATE TABLE IF NOT EXISTS drive_device (
    id INTEGER PRIMARY KEY AUTOINCREMENT, mailbox_id INTEGER NOT NULL, name TEXT NOT NULL, password TEXT NOT NULL,
    created_at INTEGER NOT NULL, revoked_at INTEGER);
CREATE INDEX IF NOT EXISTS drive_device_mailbox ON drive_device (mailbox_id);
CREATE TABLE IF NOT EXISTS filter_rule (
    id INTEGER PRIMARY KEY AUTOINCREMENT, mailbox_id INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT,
    match_type TEXT NOT NULL, conditions TEXT NOT NULL, actions TEXT NOT NULL, stop INTEGER NOT NULL, enabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS filter_rule_mailbox ON filter_rule (mailbox_id);
CREATE TABLE IF NOT EXISTS sieve_script (mailbox_id INTEGER PRIMARY KEY, script TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS member (
    id INTEGER PRIMARY KEY AUTOINCREMENT, mailbox_id INTEGER NOT NULL, member_mailbox_id INTEGER NOT NULL,
    can_send INTEGER NOT NULL, custom_label TEXT, created_at INTEGER NOT NULL, UNIQUE (mailbox_id, member_mailbox_id));

-- zones of the name server (--dns); names in lower case without the final dot, values as in a zone file
CREATE TABLE IF NOT EXISTS cloudflare_token (
    id INTEGER PRIMARY KEY AUTOINCREMENT, prefix TEXT NOT NULL, digest TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS cloudflare_zone (
    domain_id INTEGER PRIMARY KEY, token_id INTEGER NOT NULL, zone TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dns_zone (name TEXT PRIMARY KEY, serial INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dns_record (
    zone TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, ttl INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (zone, name, type, value)) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS history (
    id INTEGER PRIMARY KEY AUTOINCREMENT, token_id INTEGER NOT NULL, route TEXT NOT NULL, path TEXT NOT NULL, key TEXT,
    status INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS history_token ON history (token_id);

CREATE TABLE IF NOT EXISTS idempotency (
    token_id INTEGER NOT NULL, route TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, created_at INTEGER NOT NULL,
    PRIMARY KEY (token_id, route, key)) WITHOUT ROWID;
