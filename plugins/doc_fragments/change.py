# -*- coding: utf-8 -*-
# Copyright (c) 2026, The mailops.email authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of every module that changes something: on whose behalf, why, and how far it may go."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
requirements:
  - pyrage >= 1.2 (only to seal something)
notes:
  - A task takes one object, or a list of them that is planned and carried out as one. A list of a thousand costs little
    more than a single object, a C(loop) over the module costs a whole task for each, so give a list. An option that an item of
    the list leaves out takes the value that stands beside the list.
  - When any item is refused while the task is validated or planned, nothing at all is changed, and every refused item is named
    with its rule and what to do next.
  - Once the plan is carried out each operation stands for itself. Those that the provider refuses make the task fail, the
    others are done and stay done; the result says which is which. Running the task again finishes the rest.
  - Nothing is removed because it is missing from a list. Each removal names its object with O(ignore:state=absent).
  - Before a request that changes something leaves, its intent is on disk in O(journal_dir). When the journal cannot be
    written, nothing is changed and the task fails. What a killed run left in doubt is settled by the next one.
  - Secrets are in no result, diff, message, journal or file in clear.
  - With C(--check) or C(--diff) a table of the plan is printed.
seealso:
  - module: mailops.email.account_info
  - plugin: mailops.email.audit
    plugin_type: callback
options:
  request_id:
    description:
      - Id of the change request that authorises the task, such as V(REQ-2026-001) or the key of a ticket. There is no change
        without one, and in check mode it is needed too.
      - It stands in every line of the journal, and is the folder of sealed files.
      - If not set, the value of the environment variable E(MAILOPS_REQUEST_ID) is used.
    type: str
    required: true
  approval_id:
    description:
      - Id of the approval, for the journal. The module records it and does not check it;
        M(mailops.email.request_info) checks the approval of a request.
      - If not set, the value of the environment variable E(MAILOPS_APPROVAL_ID) is used.
    type: str
  input:
    description:
      - Which files asked for the change, for the journal.
    type: dict
    suboptions:
      git_commit:
        description:
          - The commit that holds them.
        type: str
      digest:
        description:
          - What was approved of them, as M(mailops.email.request_info) returns it.
        type: str
      dns_exception:
        description:
          - Who let the change through although nobody has approved what the domains need in the DNS, why, and until when.
            It stands in every line of the journal that the task writes. The person who runs the task cannot approve it.
        type: dict
        suboptions:
          reason:
            description: Why.
            type: str
          approver:
            description: Who approved it.
            type: str
          expires_at:
            description: When it ends, in UTC with V(Z).
            type: str
  actor:
    description:
      - The person who runs the task, preferably an e-mail address.
      - If not set, the value of the environment variable E(MAILOPS_ACTOR) is used, then that of E(SUDO_USER), then the
        login name of the process.
      - A login that many people share, such as V(root), V(ansible), V(awx) or V(jenkins), names nobody and is refused with
        the code V(actor_unknown). In AWX or Semaphore, hand over the name of the person who started the job.
    type: str
  sealed_dir:
    description:
      - Folder on the controller for files that are sealed for their recipient.
      - A secret goes to V(<sealed_dir>/<request_id>/<address>.age), mode V(0600) in folders of mode V(0700). Only the
        holder of the private key of O(ignore:seal_to) can open it; the operator who carries it cannot.
      - If not set, the value of the environment variable E(MAILOPS_SEALED_DIR) is used.
    type: path
    default: ~/.local/state/mailops/sealed
  max_changes:
    description:
      - The most operations that the plan of this task may have. A larger plan is refused as a whole with the code
        V(blast_radius), in check mode too.
      - Without it the number is not limited.
    type: int
  max_removals:
    description:
      - The most operations that delete or switch off something in the plan of this task. A plan with more is refused as a
        whole with the code V(too_many_removals).
    type: int
    default: 10
  max_listed:
    description:
      - The most entries that a list of the result may have. A longer one is left out, and RV(ignore:left_out) says so, because a
        result is copied for every display, record and database that a controller keeps.
      - Counts, the digest, and everything that failed, is unverified or was not attempted are always there. What was done stands
        in the journal.
      - With V(0) everything is listed, and so it always is by M(mailops.email.mail_probe), which works on samples.
      - If not set, the value of the environment variable E(MAILOPS_MAX_LISTED) is used.
    type: int
    default: 1000
  snapshot:
    description:
      - Path of a snapshot that M(mailops.email.request_info) wrote a moment ago. What it covers is not read again.
      - It is used only when it is at most five minutes old and speaks of the same account; otherwise, and when the file does
        not exist, the module reads from the provider. The provider decides on each operation all the same.
    type: path
"""
