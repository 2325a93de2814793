from __future__ import annotations

from tests.spec.case import Area, Case, Rule

LATER = "2026-09-20T12:00:00Z"

AREA = Area(
    "Registries",
    "Which row of a registrant or of a capture line stands when several were sent.",
    (
        Rule(
            "The latest row stands",
            "§3",
            "Per key (NSS; line after normalising) the row with the latest `updated_at`, whatever the order of "
            "the files.",
            (
                Case(
                    "The row of 20 September says 600.00; it does not matter that it came first.",
                    {
                        "capture_lines": [
                            {"line": "ANA-OCT26", "of": "ana", "amount_due": "600.00", "updated_at": LATER},
                            {"line": "ANA-OCT26", "of": "ana", "amount_due": "500.00"},
                        ]
                    },
                    {
                        "capture_lines": [
                            {"line": "ANAOCT26", "who": "ana", "due_month": "2026-10", "amount_due": "600.00"}
                        ],
                        "registry_rejections": [],
                    },
                ),
                Case(
                    "`ana-oct26` and `ANAOCT26` normalise alike: one key, and the later row stands as written.",
                    {
                        "capture_lines": [
                            {"line": "ana-oct26", "of": "ana"},
                            {"line": "ANAOCT26", "of": "ana", "status": "cancelled", "updated_at": LATER},
                        ]
                    },
                    {
                        "capture_lines": [
                            {"line": "ANAOCT26", "capture_line_written": "ANAOCT26", "status": "cancelled"}
                        ]
                    },
                ),
                Case(
                    "Ana's later row gives her another clinic.",
                    {"registrants": [{"who": "ana", "umf": "31", "updated_at": LATER}, {"who": "ana"}]},
                    {"registrants": [{"who": "ana", "umf": "31"}], "registry_rejections": []},
                ),
                Case(
                    "One instant written with two offsets is one instant, so these rows are equally late; they "
                    "agree in "
                    "what is used, so one of them stands.",
                    {
                        "registrants": [
                            {"who": "ana", "updated_at": "2026-09-20T12:00:00Z", "email": "a@example.mx"},
                            {"who": "ana", "updated_at": "2026-09-20T06:00:00-06:00", "email": "b@example.mx"},
                        ]
                    },
                    {"registrants": [{"who": "ana", "umf": "12"}], "registry_rejections": []},
                ),
            ),
        ),
        Rule(
            "Two versions at once: a conflict",
            "§3",
            "Rows of one key with the same latest `updated_at` that differ in what is used are all rejected. The "
            "line is "
            "no issued line, the registrant counts as not registered, and no older row comes back.",
            (
                Case(
                    "Two amounts at one instant. The older row is not rejected, and does not come back.",
                    {
                        "capture_lines": [
                            {"line": "ANA-OCT26", "of": "ana", "amount_due": "500.00", "updated_at": LATER},
                            {"line": "ANA-OCT26", "of": "ana", "amount_due": "700.00", "updated_at": LATER},
                            {"line": "ANA-OCT26", "of": "ana", "amount_due": "400.00"},
                        ]
                    },
                    {
                        "capture_lines": [{"line": "ANAOCT26", "nss": "", "due_month": "", "status": "conflict"}],
                        "registry_rejections": [
                            {"row": "2", "column": "capture_line", "rule": "registry_conflict"},
                            {"row": "3", "column": "capture_line", "rule": "registry_conflict"},
                        ],
                    },
                ),
                Case(
                    "Issued and cancelled at one instant.",
                    {
                        "capture_lines": [
                            {"line": "ANA-OCT26", "of": "ana"},
                            {"line": "ANA-OCT26", "of": "ana", "status": "cancelled"},
                        ]
                    },
                    {"capture_lines": [{"line": "ANAOCT26", "status": "conflict"}]},
                ),
                Case(
                    "The rows differ in the date of expiry only, which informs: no conflict.",
                    {
                        "capture_lines": [
                            {"line": "ANA-OCT26", "of": "ana", "expires_on": "2026-10-15"},
                            {"line": "ANA-OCT26", "of": "ana"},
                        ]
                    },
                    {"capture_lines": [{"line": "ANAOCT26", "status": "issued"}], "registry_rejections": []},
                ),
                Case(
                    "Two clinics at one instant: Ana counts as not registered. A third row equal to the first is "
                    "rejected with them.",
                    {
                        "registrants": [
                            {"who": "ana"},
                            {"who": "ana", "umf": "31"},
                            {"who": "ana"},
                            {"who": "beto"},
                        ]
                    },
                    {
                        "registrants": [{"who": "beto"}],
                        "registry_rejections": [
                            {"row": "2", "column": "nss", "rule": "registry_conflict"},
                            {"row": "3", "column": "nss", "rule": "registry_conflict"},
                            {"row": "4", "column": "nss", "rule": "registry_conflict"},
                        ],
                    },
                ),
                Case(
                    "A later row settles it.",
                    {
                        "registrants": [
                            {"who": "ana"},
                            {"who": "ana", "umf": "31"},
                            {"who": "ana", "umf": "40", "updated_at": LATER},
                        ]
                    },
                    {"registrants": [{"who": "ana", "umf": "40"}], "registry_rejections": []},
                ),
            ),
        ),
    ),
)
