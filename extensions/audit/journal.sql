-- Copyright (c) 2026, The mailops.email authors
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Makes a journal in a database of its own; can be run again. PostgreSQL 13 or newer.
--   createdb mailops && psql -v ON_ERROR_STOP=1 -d mailops -f journal.sql
-- Run it as the role that shall own the tables, and that no controller logs in as. Then, for each controller and auditor:
--   CREATE ROLE controller LOGIN PASSWORD '…' IN ROLE mailops_journal_writer;
--   CREATE ROLE auditor LOGIN PASSWORD '…' IN ROLE mailops_journal_reader;

BEGIN;

CREATE SCHEMA IF NOT EXISTS mailops_journal;

-- One row a line. What counts is line: canonical JSON without its line feed, never changed. digest is checked against it, the columns
-- behind it are for people and their queries.
CREATE TABLE IF NOT EXISTS mailops_journal.event (
    run        text COLLATE "C" NOT NULL CHECK (run ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
    seq        bigint NOT NULL CHECK (seq > 0),
    id         text COLLATE "C" NOT NULL UNIQUE,
    digest     text COLLATE "C" NOT NULL CHECK (digest = 'sha256:' || encode(sha256('mailops-event-v1\012'::bytea || line), 'hex')),
    line       bytea NOT NULL,
    at         text COLLATE "C" NOT NULL,
    phase      text COLLATE "C",
    action     text COLLATE "C",
    request_id text COLLATE "C",
    provider   text COLLATE "C",
    kind       text COLLATE "C",
    key        text COLLATE "C",
    PRIMARY KEY (run, seq)
);
CREATE INDEX IF NOT EXISTS event_request ON mailops_journal.event (request_id);
CREATE INDEX IF NOT EXISTS event_object ON mailops_journal.event (key, kind);

-- The index over runs: a line before a run is written to, and one when its writer is done.
CREATE TABLE IF NOT EXISTS mailops_journal.index_line (
    seq  bigint PRIMARY KEY CHECK (seq > 0),
    line bytea NOT NULL
);

-- Documents beside the journal. The newest row of a path counts.
CREATE TABLE IF NOT EXISTS mailops_journal.document (
    path   text COLLATE "C" NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    data   bytea NOT NULL,
    PRIMARY KEY (path, number)
);

-- Who took which lock. The lock itself is an advisory lock, which ends with the connection.
CREATE TABLE IF NOT EXISTS mailops_journal.lock_taken (
    name   text COLLATE "C" NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    holder text NOT NULL,
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (name, number)
);

-- Writers may add and read, readers may read. Nobody but the owner may change or remove anything.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mailops_journal_writer') THEN
        CREATE ROLE mailops_journal_writer NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mailops_journal_reader') THEN
        CREATE ROLE mailops_journal_reader NOLOGIN;
    END IF;
END
$$;
REVOKE ALL ON SCHEMA mailops_journal FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA mailops_journal FROM PUBLIC, mailops_journal_writer, mailops_journal_reader;
GRANT USAGE ON SCHEMA mailops_journal TO mailops_journal_writer, mailops_journal_reader;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA mailops_journal TO mailops_journal_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA mailops_journal TO mailops_journal_reader;

COMMIT;
