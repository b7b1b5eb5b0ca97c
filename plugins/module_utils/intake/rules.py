# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every rule that an intake can break: its requirement, what it means, what to do (R-CSV-03)."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils.model import Finding


class Rule(t.NamedTuple):
    """One rule.

    :param requirements: ids of the requirements it serves.
    :param meaning: what is wrong when it is found, one sentence.
    :param next: what to do, one sentence.
    """

    requirements: tuple[str, ...]
    meaning: str
    next: str


def _rule(requirements: str, meaning: str, following: str) -> Rule:
    return Rule(tuple(requirements.split()), meaning, following)


RULES: dict[str, Rule] = {
    # files
    "file_missing": _rule("R-SCOPE-04", "A file of the request is not there.", "Add the file, or correct its name."),
    "file_too_large": _rule("R-PLANLIM-06", "A file is larger than intake reads.", "Split the request."),
    "wrong_encoding": _rule("R-CSV-14", "A file is not UTF-8.", "Save it again as UTF-8 (in Excel: CSV UTF-8)."),
    "input_not_versioned": _rule(
        "R-CSV-01",
        "A file of the request is not, byte for byte, in the last commit of its git repository.",
        "Commit it, or record an exception with the rule input_not_versioned.",
    ),
    "frozen": _rule(
        "R-IRB-A1",
        "Changes of the client, of a domain or of the request are frozen while an incident is under way.",
        "Wait for the end of the freeze, or have it lifted, or have the request named in its except_requests.",
    ),
    # request.yml
    "yaml_syntax": _rule("R-GOAL-02", "The request is not plain YAML.", "Correct the line."),
    "duplicate_key": _rule(
        "R-GOAL-02", "A key stands twice, so one value would hide the other.", "Remove one of the two."
    ),
    "ambiguous_value": _rule(
        "R-GOAL-02 R-CSV-10", "A value can be read in two ways.", "Write true or false, or put text in quotes."
    ),
    "unknown_field": _rule("R-GOAL-02", "A field that intake does not know.", "Correct the name, or remove the field."),
    "value_missing": _rule(
        "R-GOAL-02 R-SCOPE-01 R-SCOPE-05 R-INTAKE-01 R-INTAKE-02 R-CSV-08 R-CSV-11",
        "A mandatory value is missing or empty.",
        "Fill it in; nothing is guessed.",
    ),
    "value_invalid": _rule(
        "R-CSV-03 R-CSV-05 R-INTAKE-03",
        "A value does not have the form that the schema asks for.",
        "Correct the value.",
    ),
    "batch_pattern_invalid": _rule(
        "R-FORM-16 R-FORM-18",
        "A pattern of a batch does not give each mailbox a name of its own.",
        "Use {n} or {n:02} exactly once in name_pattern.",
    ),
    "batch_owners_mismatch": _rule(
        "R-CONF-07 R-FORM-17",
        "A batch has not one owner for each mailbox.",
        "Give as many owners as count says, or one owner_email.",
    ),
    # form of mailboxes.csv
    "csv_syntax": _rule("R-CSV-14", "The file is not well-formed CSV.", "Correct the quotes in that line."),
    "wrong_delimiter": _rule("R-CSV-14", "The columns are not separated by commas.", "Save it again with commas."),
    "unknown_column": _rule(
        "R-CSV-04", "A column that intake does not know.", "Remove the column, or correct its name."
    ),
    "missing_column": _rule("R-CSV-04 R-INTAKE-05", "A mandatory column is missing.", "Add the column."),
    "repeated_column": _rule("R-CSV-04", "A column stands twice.", "Remove one of the two."),
    "misspelt_column": _rule("R-CSV-04", "A column name is misspelt.", "Correct the name."),
    "column_order": _rule(
        "R-CSV-04", "The columns are in another order.", "Put the columns in the order of the template."
    ),
    "forbidden_column": _rule(
        "R-NEVER-02 R-NEVER-03",
        "A column or field that could hold a secret.",
        "Remove it, and change every secret that was written there.",
    ),
    "secret_in_cell": _rule(
        "R-NEVER-02", "A text that reads like a secret.", "Remove it, and change the secret; it is known to others now."
    ),
    "cell_count": _rule(
        "R-CSV-14", "A row has more or fewer cells than the header.", "Check commas and quotes of that row."
    ),
    "no_rows": _rule("R-SCOPE-04", "The file names no mailbox.", "Add at least one row."),
    "control_character": _rule(
        "R-CSV-14",
        "An invisible character: control, zero width, or one that turns the text round.",
        "Type the text again by hand.",
    ),
    "formula_cell": _rule(
        "R-CSV-14", "A cell that a spreadsheet would run as a formula.", "Start the cell with a letter or a digit."
    ),
    "surrounding_space": _rule("R-CSV-14 R-GOAL-02", "Space before or after a value.", "Remove the space."),
    # scope
    "client_boundary": _rule(
        "R-VAL-02 R-CSV-06 R-SCOPE-06",
        "A domain or the request belongs to another client than the one of this run.",
        "Run it for the right client, or correct the domain.",
    ),
    "scope_mismatch": _rule(
        "R-SCOPE-03", "The domains stated up front are not exactly those of the rows.", "Make domains and rows agree."
    ),
    "request_id_mismatch": _rule("R-CSV-05", "A row belongs to another request.", "Use one request id in all rows."),
    # rows
    "hostname_invalid": _rule(
        "R-CSV-06 R-FORM-01 R-FORM-08 R-BULK-07", "A domain is not a plain host name.", "Write the host name only."
    ),
    "local_part_invalid": _rule(
        "R-CSV-07 R-VAL-04 R-FORM-11", "A local part breaks the naming policy.", "Choose another name."
    ),
    "address_invalid": _rule("R-CSV-09 R-CSV-12", "A contact is not a plain valid address.", "Write name@domain."),
    "display_name_invalid": _rule(
        "R-CSV-08 R-FORM-14 R-CONF-08",
        "A display name says nothing, or not what it should.",
        "Name the person, or describe the role account.",
    ),
    "role_account_not_flagged": _rule(
        "R-VAL-09 R-CSV-10", "The name of a function is not flagged as role account.", "Set role_account to true."
    ),
    "high_risk_unapproved": _rule(
        "R-VAL-05 R-VAL-06",
        "A name that carries authority, without an approval for that very address.",
        "Have the address added to approval.high_risk, or choose another name.",
    ),
    "duplicate_row": _rule("R-VAL-07", "Two rows name the same mailbox.", "Remove one of the two."),
    "owner_unreachable": _rule(
        "R-CSV-09",
        "The owner cannot be reached before the mailbox exists.",
        "Give an address that the owner reads today.",
    ),
    "seal_to_missing": _rule(
        "R-DELIV-02", "Sealed delivery for nobody.", "Give the recipient's age or ssh public key in seal_to."
    ),
    "exception_missing": _rule(
        "R-DELIV-04 R-GOAL-03",
        "Something that only a recorded exception allows.",
        "Record it under exceptions with reason, approver and expires_at.",
    ),
    "exception_incomplete": _rule(
        "R-GOAL-03 R-PWD-05", "An exception lacks reason, approver or end.", "Fill in all three."
    ),
    "exception_expired": _rule(
        "R-CREATE-07", "An exception has ended.", "Close what it allowed, or have a new one approved."
    ),
    "time_invalid": _rule(
        "R-GOAL-02", "A time is not UTC with Z, or lies in the past.", "Write it as 2030-01-31T12:00:00Z."
    ),
    # size
    "max_batch": _rule("R-PLANLIM-06 R-FORM-17", "More rows than one request may have.", "Split the request."),
    "blast_radius": _rule(
        "R-BULK-03",
        "A large batch is larger than what was approved.",
        "Have the exact number approved in approval.rows.",
    ),
    # approval
    "approval_missing": _rule(
        "R-SCOPE-02 R-INTAKE-06 R-INTAKE-07",
        "Nobody authorised this batch.",
        "Have it approved; the digest to approve is shown.",
    ),
    "approval_not_last": _rule(
        "R-SCOPE-06",
        "The approval is not the last block of the file.",
        "Move the line approval: and its block to the end.",
    ),
    "approval_digest_mismatch": _rule(
        "R-SCOPE-06 R-CONF-15",
        "Request or rows were changed after the approval.",
        "Have the files approved as they are now.",
    ),
    "approval_expired": _rule("R-INTAKE-07", "The approval has ended.", "Have the request approved again."),
    "approval_not_yet_valid": _rule(
        "R-INTAKE-07", "The approval lies in the future, or ends before it starts.", "Correct its times."
    ),
    "approval_rows_mismatch": _rule(
        "R-BULK-03 R-SCOPE-06", "The approval is for another number of rows.", "Have the exact number approved."
    ),
    "approver_is_requester": _rule(
        "R-SCOPE-02 R-INTAKE-07", "The one who asks has approved it.", "Have somebody else approve it."
    ),
    "reviewer_is_author": _rule("R-CSV-02", "The one who asks has reviewed it.", "Have somebody else review it."),
    # provider, before the first write
    "domain_missing": _rule("R-VAL-01 R-FORM-03", "The provider does not know the domain.", "Add the domain first."),
    "domain_not_verified": _rule(
        "R-VAL-03 R-FORM-10",
        "The domain is not verified.",
        "Publish its records and wait until the provider shows it active.",
    ),
    "domain_suspended": _rule(
        "R-VAL-03", "The provider has suspended the domain.", "Clear that with the provider first."
    ),
    "domain_send_only": _rule(
        "R-VAL-03", "The domain takes no mailboxes.", "Change its mail hosting, or use another domain."
    ),
    "already_exists": _rule(
        "R-VAL-07",
        "The mailbox or an invite for it exists, and not from this request.",
        "Remove the row, or choose another name.",
    ),
    "alias_collision": _rule(
        "R-VAL-08", "The address is an alias of another mailbox.", "Remove the alias, or choose another name."
    ),
    "forward_collision": _rule("R-VAL-08", "The address is forwarded.", "Remove the forward, or choose another name."),
    "plan_limit": _rule(
        "R-PLANLIM-01 R-PLANLIM-02 R-PLANLIM-03",
        "More than the provider's plan allows.",
        "Ask for less, or change the plan first.",
    ),
    "plan_limit_unknown": _rule(
        "R-PLANLIM-04", "A limit of the plan is not known.", "Set it in the client's plan limits."
    ),
    "storage_pool": _rule(
        "R-PLANLIM-05", "More storage than the account's pool has.", "Dedicate less, or enlarge the pool."
    ),
}


def finding(code: str, place: str, evidence: str, following: str = "") -> Finding:
    """A blocking finding of one of :data:`RULES` (R-VAL-10: these rules are not warnings).

    :param place: ``mailboxes.csv:ROW:COLUMN`` or ``request.yml:/json/pointer``.
    :param following: what to do, when more can be said than the rule's own sentence.
    :raises KeyError: for a code that has no rule.
    """
    return Finding(code, "error", place, evidence, following or RULES[code].next)


def as_markdown() -> str:
    """The table of all rules for a document."""
    lines = ["| code | requirements | what is wrong | what to do |", "|---|---|---|---|"]
    for code in sorted(RULES):
        rule = RULES[code]
        lines.append("| `%s` | %s | %s | %s |" % (code, ", ".join(rule.requirements), rule.meaning, rule.next))
    return "\n".join(lines) + "\n"
