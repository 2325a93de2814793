from __future__ import annotations

from tests.spec.case import Area, Case, Row, Rows, Rule

ANA: Row = {"line": "ANA-OCT26", "of": "ana"}
BETO: Row = {"line": "BETO-OCT26", "of": "beto"}
IN_CONFLICT: list[Row] = [ANA, {**ANA, "amount_due": "600.00"}]
CANCELLED: Row = {**ANA, "status": "cancelled"}
FAR: Row = {**ANA, "coverage_month": "2027-03"}
SETTLED = {"require_settlement": "true"}


def held(why: str, reason: str, given: Rows, policy: Row | None = None) -> Case:
    """A case whose one payment is held."""
    payment = next(row["key"] for kind in ("bank_transfers", "remittances") for row in given.get(kind, []))
    expect = {"dispositions": [{"payment": payment, "bucket": "held", "reason": reason, "line": ""}], "matches": []}
    return Case(why, given, expect, policy=policy or {})


def transfer(concept: str, **more: str) -> Rows:
    """One bank transfer, with its text."""
    return {"bank_transfers": [{"key": "T1", "concept": concept, **more}]}


def remittance(**fields: str) -> Rows:
    """One remittance."""
    return {"remittances": [{"key": "R1", **fields}]}


AREA = Area(
    "What holds a payment",
    "A step found a line or a person, and yet something is not right: the payment waits for a person, with the "
    "first reason "
    "that applies. The reasons are asked in the order of this chapter.",
    (
        Rule(
            "registry_conflict",
            "§7",
            "The line is in conflict: two rows of the registry contradict each other.",
            (
                held(
                    "Nobody knows which amount is due.",
                    "registry_conflict",
                    {"capture_lines": IN_CONFLICT, **transfer("ANAOCT26")},
                ),
                held(
                    "It comes before an NSS field of another person (`identity_conflict`).",
                    "registry_conflict",
                    {"capture_lines": IN_CONFLICT, **remittance(capture_line="ANAOCT26", nss="<beto.nss>")},
                ),
                held(
                    "It comes before `line_cancelled` on the other line that the text names.",
                    "registry_conflict",
                    {
                        "capture_lines": [*IN_CONFLICT, {**BETO, "status": "cancelled"}],
                        **transfer("ANAOCT26 BETOOCT26", amount="1000.00"),
                    },
                ),
                held(
                    "A reason on one of several lines holds the whole payment, whatever the sum.",
                    "registry_conflict",
                    {"capture_lines": [*IN_CONFLICT, BETO], **transfer("ANAOCT26 BETOOCT26", amount="500.00")},
                ),
            ),
            entry="holds.registry_conflict",
        ),
        Rule(
            "line_cancelled",
            "§7",
            "The line was cancelled.",
            (
                held(
                    "Ana's line was cancelled.",
                    "line_cancelled",
                    {"capture_lines": [CANCELLED], **transfer("ANAOCT26")},
                ),
                held(
                    "It comes before an NSS in the text that is not the line's.",
                    "line_cancelled",
                    {"capture_lines": [CANCELLED], **transfer("ANAOCT26 <beto.nss>")},
                ),
                held(
                    "One of two lines is cancelled; the amount is the sum of both.",
                    "line_cancelled",
                    {"capture_lines": [CANCELLED, BETO], **transfer("ANAOCT26 BETOOCT26", amount="1000.00")},
                ),
            ),
            entry="holds.line_cancelled",
        ),
        Rule(
            "identity_conflict",
            "§7",
            "A filled `nss` or `curp` field, or without fields the only registrant named by the text, is not the "
            "line's.",
            (
                held(
                    "The NSS field is Beto's.",
                    "identity_conflict",
                    remittance(capture_line="ANAOCT26", nss="<beto.nss>"),
                ),
                held(
                    "The NSS field is Ana's, the CURP field is not.",
                    "identity_conflict",
                    remittance(capture_line="ANAOCT26", nss="<ana.nss>", curp="<beto.curp>"),
                ),
                held(
                    "A filled field that names nobody is not the line's either.",
                    "identity_conflict",
                    remittance(capture_line="ANAOCT26", nss="no lo sé"),
                ),
                held("The text names Ana's line, and Beto.", "identity_conflict", transfer("ANAOCT26 <beto.nss>")),
                held(
                    "The text names Ana's line, and Beto by his CURP.",
                    "identity_conflict",
                    transfer("ANAOCT26 <beto.curp>"),
                ),
                Case(
                    "Two registrants in the text: neither is the only one, so it holds nothing.",
                    transfer("ANAOCT26 <beto.nss> <carla.nss>"),
                    {"dispositions": [{"payment": "T1", "bucket": "applied", "line": "ANAOCT26"}]},
                ),
                Case(
                    "With the fields filled the text is not asked for persons.",
                    remittance(capture_line="ANAOCT26", nss="<ana.nss>", message="<beto.nss>"),
                    {"dispositions": [{"payment": "R1", "bucket": "applied", "line": "ANAOCT26"}]},
                ),
                Case(
                    "Fields and line agree, with separators in the field.",
                    remittance(capture_line="ANAOCT26", curp="<ana.curp>", nss=" <ana.nss> "),
                    {"dispositions": [{"payment": "R1", "bucket": "applied", "line": "ANAOCT26"}]},
                ),
                held(
                    "It comes before `several_lines`: the text names two lines and, as the only person, Ana.",
                    "identity_conflict",
                    transfer("ANAOCT26 BETOOCT26 <ana.nss>", amount="900.00"),
                ),
                held(
                    "It comes before `unknown_registrant`: the line's owner is not registered, the text names Beto.",
                    "identity_conflict",
                    {"registrants": [{"who": "beto"}], **transfer("ANAOCT26 <beto.nss>")},
                ),
                held(
                    "A line whose owner is not registered has no CURP, so a filled CURP field is not the line's.",
                    "identity_conflict",
                    {"registrants": [{"who": "beto"}], **remittance(capture_line="ANAOCT26", curp="<ana.curp>")},
                ),
            ),
            entry="holds.identity_conflict",
        ),
        Rule(
            "several_lines",
            "§7.2, §7.3",
            "Several lines are meant, and the amount does not say how it is to be shared; or one person has "
            "several lines due "
            "in the month.",
            (
                held(
                    "Two lines of 500.00 each; 900.00 were paid.",
                    "several_lines",
                    transfer("ANAOCT26 BETOOCT26", amount="900.00"),
                ),
                held(
                    "Ana has two lines due in October, one of them with exactly this amount.",
                    "several_lines",
                    {
                        "capture_lines": [ANA, {**ANA, "line": "ANA-OCT-2B", "amount_due": "700.00"}],
                        **transfer("<ana.nss>"),
                    },
                ),
                held(
                    "It comes before `out_of_window`.",
                    "several_lines",
                    {"capture_lines": [FAR, BETO], **transfer("ANAOCT26 BETOOCT26", amount="900.00")},
                ),
                held(
                    "It comes before `unknown_registrant`.",
                    "several_lines",
                    {"registrants": [], **transfer("ANAOCT26 BETOOCT26", amount="900.00")},
                ),
            ),
            entry="holds.several_lines",
        ),
        Rule(
            "several_registrants",
            "§7.3",
            "Several registrants are named, and no line.",
            (
                held("Two NSS in the text.", "several_registrants", transfer("<ana.nss> <beto.nss>")),
                held(
                    "An NSS and another person's CURP in the text.",
                    "several_registrants",
                    transfer("<ana.nss> <beto.curp>"),
                ),
                held(
                    "It comes before `no_line_for_month`: neither has a line.",
                    "several_registrants",
                    {"capture_lines": [], **transfer("<ana.nss> <beto.nss>")},
                ),
                held(
                    "It comes before `unsettled`.",
                    "several_registrants",
                    remittance(message="<ana.nss> <beto.nss>"),
                    SETTLED,
                ),
            ),
            entry="holds.several_registrants",
        ),
        Rule(
            "no_line_for_month",
            "§7.3",
            "One registrant is named, who has no issued line due in the payment's month.",
            (
                held("Carla has no line at all.", "no_line_for_month", transfer("<carla.nss>")),
                held(
                    "Her only line is due in November, the payment is of October.",
                    "no_line_for_month",
                    {"capture_lines": [{**ANA, "coverage_month": "2026-12"}], **transfer("<ana.nss>")},
                ),
                held(
                    "Her line was cancelled: no issued line.",
                    "no_line_for_month",
                    {"capture_lines": [CANCELLED], **transfer("<ana.nss>")},
                ),
                held(
                    "Her line is in conflict: no issued line.",
                    "no_line_for_month",
                    {"capture_lines": IN_CONFLICT, **transfer("<ana.nss>")},
                ),
                held("It comes before `unsettled`.", "no_line_for_month", remittance(nss="<carla.nss>"), SETTLED),
            ),
            entry="holds.no_line_for_month",
        ),
        Rule(
            "amount_mismatch",
            "§7.3",
            "The registrant's one line of the month has another amount due. (A payment that names the line itself "
            "may pay it in parts.)",
            (
                held("499.99 for a line of 500.00.", "amount_mismatch", transfer("<ana.nss>", amount="499.99")),
                held("500.01 for a line of 500.00.", "amount_mismatch", transfer("<ana.curp>", amount="500.01")),
                held(
                    "It comes before `unsettled`.",
                    "amount_mismatch",
                    remittance(nss="<ana.nss>", pay_amount="400.00"),
                    SETTLED,
                ),
            ),
            entry="holds.amount_mismatch",
        ),
        Rule(
            "out_of_window",
            "§2, §7",
            "The line's due month lies more than `window_months` before or after the payment's month.",
            (
                held(
                    "Due in February 2027, paid in October 2026: four months.",
                    "out_of_window",
                    {"capture_lines": [FAR], **transfer("ANAOCT26")},
                ),
                held(
                    "Due three months before.",
                    "out_of_window",
                    {"capture_lines": [{**ANA, "coverage_month": "2026-08"}], **transfer("ANAOCT26")},
                ),
                Case(
                    "Two months before and two months after are within the window.",
                    {
                        "capture_lines": [{**ANA, "coverage_month": "2026-09"}, {**BETO, "coverage_month": "2027-01"}],
                        "bank_transfers": [{"key": "T1", "concept": "ANAOCT26"}, {"key": "T2", "concept": "BETOOCT26"}],
                    },
                    {"dispositions": [{"payment": "T1", "bucket": "late"}, {"payment": "T2", "bucket": "applied"}]},
                ),
                held(
                    "With a window of 0 only the month itself.",
                    "out_of_window",
                    {"capture_lines": [{**ANA, "coverage_month": "2026-12"}], **transfer("ANAOCT26")},
                    {"window_months": "0"},
                ),
                held(
                    "It comes before `unknown_registrant`.",
                    "out_of_window",
                    {"capture_lines": [FAR], "registrants": [], **transfer("ANAOCT26")},
                ),
                held(
                    "It comes before `unsettled`.",
                    "out_of_window",
                    {"capture_lines": [FAR], **remittance(capture_line="ANAOCT26")},
                    SETTLED,
                ),
            ),
            entry="holds.out_of_window",
        ),
        Rule(
            "unknown_registrant",
            "§7",
            "The line's NSS is not registered.",
            (
                held(
                    "Ana is not registered.",
                    "unknown_registrant",
                    {"registrants": [{"who": "beto"}], **transfer("ANAOCT26")},
                ),
                held(
                    "Ana's rows are in conflict: she counts as not registered.",
                    "unknown_registrant",
                    {"registrants": [{"who": "ana"}, {"who": "ana", "umf": "31"}], **transfer("ANAOCT26")},
                ),
                held(
                    "It comes before `unsettled`.",
                    "unknown_registrant",
                    {"registrants": [], **remittance(capture_line="ANAOCT26")},
                    SETTLED,
                ),
            ),
            entry="holds.unknown_registrant",
        ),
        Rule(
            "unsettled",
            "§6, §7",
            "A remittance whose settlement is not balanced, where the policy requires it (`require_settlement`).",
            (
                held("It names no settlement.", "unsettled", remittance(capture_line="ANAOCT26"), SETTLED),
                held(
                    "Nobody has seen its settlement.",
                    "unsettled",
                    remittance(capture_line="ANAOCT26", settlement_id="S1"),
                    SETTLED,
                ),
                held(
                    "The deposit has not arrived.",
                    "unsettled",
                    {"settlements": [{"key": "S1"}], **remittance(capture_line="ANAOCT26", settlement_id="S1")},
                    SETTLED,
                ),
                Case(
                    "Balanced: the payment is confirmed.",
                    {
                        "settlements": [{"key": "S1"}],
                        "bank_transfers": [{"key": "LUMP-S1", "sender_bank": "ROJO"}],
                        **remittance(capture_line="ANAOCT26", settlement_id="S1"),
                    },
                    {
                        "dispositions": [
                            {"payment": "LUMP-S1", "bucket": "settlement", "line": ""},
                            {"payment": "R1", "bucket": "applied", "line": "ANAOCT26"},
                        ]
                    },
                    policy=SETTLED,
                ),
                Case(
                    "A bank transfer has no settlement to wait for.",
                    transfer("ANAOCT26"),
                    {"dispositions": [{"payment": "T1", "bucket": "applied"}]},
                    policy=SETTLED,
                ),
                Case(
                    "Where the policy does not require it nothing waits.",
                    remittance(capture_line="ANAOCT26"),
                    {"dispositions": [{"payment": "R1", "bucket": "applied"}]},
                    policy={"require_settlement": "false"},
                ),
            ),
            entry="holds.unsettled",
        ),
    ),
)
