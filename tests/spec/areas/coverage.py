from __future__ import annotations

from tests.spec.case import Area, Case, Row, Rows, Rule

ANA: Row = {"line": "ANA-OCT26", "of": "ana"}
LATE_ON = "2026-10-20T12:00:00-06:00"


def uncovered(why: str, reason: str, given: Rows, policy: Row | None = None) -> Case:
    """A case about what becomes of Ana's line, the only one due in October unless it says otherwise."""
    lines = {"capture_lines": [ANA]} | given
    expected = {"who": "ana", "line": "ANAOCT26", "amount_due": "500.00", "reason": reason}
    return Case(why, lines, {"coverage_exceptions": [expected]}, policy=policy or {})


def transfer(concept: str, **more: str) -> Row:
    """A bank transfer."""
    return {"key": "T1", "concept": concept, **more}


RETURNED: Row = {"operating_date": "2026-10-05", "status": "returned"}

AREA = Area(
    "Coverage",
    "Who is covered from the first day of the next month; and for every other issued line due in the month, why not.",
    (
        Rule(
            "Activations",
            "§10",
            "One row for each registrant with a line due in the month that is paid and stands; never two for one NSS.",
            (
                Case(
                    "Ana has a clinic; Beto's is pending.",
                    {
                        "bank_transfers": [
                            transfer("ANAOCT26"),
                            {"key": "T2", "concept": "BETOOCT26", "credited_at": "2026-10-15T12:00:00-06:00"},
                        ]
                    },
                    {
                        "coverage_activations": [
                            {
                                "who": "ana",
                                "full_name": "Ana Alba",
                                "umf": "12",
                                "clinic_status": "assigned",
                                "coverage_month": "2026-11",
                                "coverage_start": "2026-11-01",
                                "coverage_end": "2026-11-30",
                                "paid_on": "2026-10-05",
                                "month": "2026-10",
                            },
                            {
                                "who": "beto",
                                "full_name": "Beto Bravo",
                                "umf": "",
                                "clinic_status": "pending",
                                "coverage_month": "2026-11",
                                "coverage_start": "2026-11-01",
                                "coverage_end": "2026-11-30",
                                "paid_on": "2026-10-15",
                                "month": "2026-10",
                            },
                        ],
                        "coverage_exceptions": [],
                    },
                ),
                Case(
                    "A line due in November belongs to November's run, also when it is paid in October.",
                    {
                        "capture_lines": [{**ANA, "coverage_month": "2026-12"}],
                        "bank_transfers": [transfer("ANAOCT26")],
                    },
                    {"coverage_activations": [], "coverage_exceptions": []},
                ),
                Case(
                    "Due in December: covered in January, to its last day.",
                    {
                        "capture_lines": [{**ANA, "coverage_month": "2027-01"}],
                        "bank_transfers": [transfer("ANAOCT26")],
                    },
                    {
                        "coverage_activations": [
                            {
                                "who": "ana",
                                "coverage_month": "2027-01",
                                "coverage_start": "2027-01-01",
                                "coverage_end": "2027-01-31",
                            }
                        ]
                    },
                    month="2026-12",
                ),
            ),
            es="alta de cobertura",
        ),
        Rule(
            "unknown_registrant",
            "§10",
            "The line's NSS is not registered.",
            (
                uncovered(
                    "Nobody paid, and she is not registered: this reason comes first.",
                    "unknown_registrant",
                    {"registrants": []},
                ),
                uncovered(
                    "Before `held`: the payment waits for the same reason.",
                    "unknown_registrant",
                    {"registrants": [], "bank_transfers": [transfer("ANAOCT26")]},
                ),
            ),
            entry="coverage.unknown_registrant",
        ),
        Rule(
            "already_covered",
            "§10",
            "Another line of her NSS is activated for the month.",
            (
                uncovered(
                    "Her second line is paid; nobody paid this one.",
                    "already_covered",
                    {"capture_lines": [ANA, {**ANA, "line": "ANA-OCT-2B"}], "bank_transfers": [transfer("ANAOCT2B")]},
                ),
                uncovered(
                    "Before `held`.",
                    "already_covered",
                    {
                        "capture_lines": [ANA, {**ANA, "line": "ANA-OCT-2B"}],
                        "bank_transfers": [transfer("ANAOCT2B"), {"key": "T2", "concept": "ANAOCT26 <beto.nss>"}],
                    },
                ),
            ),
            entry="coverage.already_covered",
        ),
        Rule(
            "held",
            "§10",
            "The deciding step of a held payment found the line; or, finding no line, its registrant, with its "
            "civil date in the month.",
            (
                uncovered(
                    "An identity conflict on her line.", "held", {"bank_transfers": [transfer("ANAOCT26 <beto.nss>")]}
                ),
                uncovered(
                    "An amount that is not hers.", "held", {"bank_transfers": [transfer("<ana.nss>", amount="1.00")]}
                ),
                uncovered(
                    "Two registrants named, one of them Ana.",
                    "held",
                    {"bank_transfers": [transfer("<ana.nss> <beto.nss>")]},
                ),
                uncovered(
                    "The same, but of November: it does not wait for October's line.",
                    "unpaid",
                    {"bank_transfers": [transfer("<ana.nss> <beto.nss>", credited_at="2026-11-05T12:00:00-06:00")]},
                ),
                uncovered(
                    "A line that was found counts whatever the payment's month.",
                    "held",
                    {"bank_transfers": [transfer("ANAOCT26 <beto.nss>", credited_at="2026-11-05T12:00:00-06:00")]},
                ),
                uncovered(
                    "Dollars that name her line.", "held", {"bank_transfers": [transfer("ANAOCT26", currency="USD")]}
                ),
                uncovered(
                    "A remittance that waits for its settlement.",
                    "held",
                    {"remittances": [{"key": "R1", "capture_line": "ANAOCT26"}]},
                    {"require_settlement": "true"},
                ),
                uncovered(
                    "Before `late`.",
                    "held",
                    {
                        "bank_transfers": [
                            transfer("ANAOCT26", credited_at=LATE_ON),
                            {"key": "T2", "concept": "ANAOCT26 <beto.nss>"},
                        ]
                    },
                ),
                uncovered(
                    "Before `short`.",
                    "held",
                    {
                        "bank_transfers": [
                            transfer("ANAOCT26", amount="100.00"),
                            {"key": "T2", "concept": "ANAOCT26 <beto.nss>"},
                        ]
                    },
                ),
            ),
            entry="coverage.held",
        ),
        Rule(
            "late",
            "§10",
            "Full only with its late money.",
            (
                uncovered(
                    "All of it came on the 20th.",
                    "late",
                    {"bank_transfers": [transfer("ANAOCT26", credited_at=LATE_ON)]},
                ),
                uncovered(
                    "Before `returned`.",
                    "late",
                    {
                        "bank_transfers": [
                            transfer("ANAOCT26", credited_at=LATE_ON),
                            {"key": "T2", "concept": "ANAOCT26", **RETURNED},
                        ]
                    },
                ),
            ),
            entry="coverage.late",
        ),
        Rule(
            "short",
            "§10",
            "Some money, not enough even with what came late.",
            (
                uncovered("400.00 on time.", "short", {"bank_transfers": [transfer("ANAOCT26", amount="400.00")]}),
                uncovered(
                    "400.00 late.",
                    "short",
                    {"bank_transfers": [transfer("ANAOCT26", amount="400.00", credited_at=LATE_ON)]},
                ),
                uncovered(
                    "Before `returned`.",
                    "short",
                    {
                        "bank_transfers": [
                            transfer("ANAOCT26", amount="400.00"),
                            {"key": "T2", "concept": "ANAOCT26", **RETURNED},
                        ]
                    },
                ),
            ),
            entry="coverage.short",
        ),
        Rule(
            "returned",
            "§10",
            "A payment in bucket `returned` would be confirmed to it.",
            (
                uncovered("It came back.", "returned", {"bank_transfers": [transfer("ANAOCT26", **RETURNED)]}),
                uncovered(
                    "It was refunded; it names her, with the right amount.",
                    "returned",
                    {"remittances": [{"key": "R1", "status": "refunded", "nss": "<ana.nss>"}]},
                ),
                uncovered(
                    "Dollars came back: they would have been held.",
                    "unpaid",
                    {"bank_transfers": [transfer("ANAOCT26", **RETURNED, currency="USD")]},
                ),
                uncovered(
                    "It came back, and would not have been confirmed.",
                    "unpaid",
                    {"bank_transfers": [transfer("ANAOCT26 <beto.nss>", **RETURNED)]},
                ),
                uncovered(
                    "Cancelled before its settlement was balanced, which the policy requires: it would not have "
                    "been confirmed.",
                    "unpaid",
                    {"remittances": [{"key": "R1", "status": "cancelled", "capture_line": "ANAOCT26"}]},
                    {"require_settlement": "true"},
                ),
            ),
            entry="coverage.returned",
        ),
        Rule(
            "unpaid",
            "§10",
            "None of these.",
            (
                uncovered("Nobody paid.", "unpaid", {}),
                uncovered(
                    "Announced only.",
                    "unpaid",
                    {"remittances": [{"key": "R1", "status": "pending", "capture_line": "ANAOCT26"}]},
                ),
                uncovered(
                    "Lines that are cancelled, in conflict or due in another month are not listed.",
                    "unpaid",
                    {
                        "capture_lines": [
                            ANA,
                            {"line": "BETO-OCT26", "of": "beto", "status": "cancelled"},
                            {"line": "BETO-OLD26", "of": "beto"},
                            {"line": "BETO-OLD26", "of": "beto", "amount_due": "1.00"},
                            {"line": "BETO-NOV26", "of": "beto", "coverage_month": "2026-12"},
                        ]
                    },
                ),
            ),
        ),
    ),
)
