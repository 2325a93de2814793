from __future__ import annotations

from tests.spec.case import Area, Case, Row, Rows, Rule
from tests.spec.cast import PEOPLE

LINE = "26107KX041TB9Q"
OTHER = "26105MW933RD2H"
ANA: Row = {"who": "ana", "nss": PEOPLE["ana"]["nss"], "curp": PEOPLE["ana"]["curp"]}
HERS: Row = {"line": LINE, "nss": PEOPLE["ana"]["nss"]}


def line(written: str, who: str = "ana", **more: str) -> Row:
    """An issued line of 500.00 due in October."""
    return {"line": written, "of": who, **more}


def world(*payments: Row, lines: tuple[Row, ...] = (line(LINE), line(OTHER, "beto")), **more: list[Row]) -> Rows:
    """Two lines of different people, and bank transfers."""
    return {"capture_lines": [*lines], "bank_transfers": [*payments], **more}


def hers(*payments: Row, lines: tuple[Row, ...] = (HERS,), full_name: str = "Ana Alba", **more: list[Row]) -> Rows:
    """A world of Ana alone, with her NSS and CURP written out."""
    return {"registrants": [ANA | {"full_name": full_name}], **world(*payments, lines=lines, **more)}


def says(concept: str, **more: str) -> Row:
    """Transfer T1 of 500.00 with a concept."""
    return {"key": "T1", "concept": concept, **more}


def like(likeness: int, basis: str, differs: str, line: str = LINE, **more: str) -> Row:
    """What is suggested for T1."""
    return {"payment": "T1", "line": line, "likeness": str(likeness), "basis": basis, "differs": differs, **more}


def suggests(*rows: Row) -> Rows:
    """The suggestions expected, and no others."""
    return {"suggestions": [*rows]}


REFERENCES = (
    Rule(
        "look-alikes",
        "§7",
        "O written for 0, I for 1, or the other way round, in as many places as it may be.",
        (
            Case(
                "O for 0 in one place.",
                world(says("PAGO 2610-7KXO-41TB-9Q")),
                suggests(like(970, "look_alike", "character 8: O for 0")),
            ),
            Case(
                "In two places, with other separators than the line's.",
                world(says("2610 7KXO 4ITB 9Q GRACIAS")),
                suggests(like(970, "look_alike", "character 8: O for 0; character 10: I for 1")),
            ),
        ),
    ),
    Rule(
        "two characters transposed",
        "§7",
        "Two neighbours changed places.",
        (
            Case(
                "14 for 41.",
                world(says("26107KX014TB9Q")),
                suggests(like(940, "transposition", "characters 9-10 transposed")),
            ),
        ),
    ),
    Rule(
        "one character",
        "§7",
        "One character is wrong, missing or surplus. Of a run of equal characters the last is named.",
        (
            Case(
                "G for Q.",
                world(says("26107KX041TB9G")),
                suggests(like(920, "one_character", "character 14: G for Q")),
            ),
            Case(
                "The B is missing.",
                world(says("26107KX041T9Q")),
                suggests(like(920, "one_character", "character 12 missing")),
            ),
            Case(
                "A 1 too many.",
                world(says("26107KX0411TB9Q")),
                suggests(like(920, "one_character", "character 11 surplus")),
            ),
            Case(
                "In the field of a remittance, whose separators do not count.",
                world(remittances=[{"key": "T1", "capture_line": "2.6.1.0.7.K.X.0.4.1.T.B.9.G"}]),
                suggests(like(920, "one_character", "character 14: G for Q")),
            ),
            Case(
                "Two errors are no likeness.",
                world(says("26107KX041TB88")),
                suggests(),
            ),
        ),
    ),
    Rule(
        "cut off",
        "§7",
        "The end is missing; at least eight characters are there. A beginning that more than ten lines of one month "
        "share tells nothing.",
        (
            Case(
                "10 of 14 characters.",
                world(says("PAGO 26107KX041")),
                suggests(like(785, "cut_off", "cut off after 10 of 14")),
            ),
            Case("Seven characters tell nothing.", world(says("26107KX")), suggests()),
            Case(
                "Eleven lines begin so.",
                world(says("26107KX0"), lines=tuple(line(f"26107KX0{number}ZZZZ") for number in range(11, 22))),
                suggests(),
            ),
        ),
    ),
)
PERSONS = (
    Rule(
        "neighbouring NSS",
        "§7",
        "A field or a single token is one error away from a registered NSS: its registrant's line due in the month.",
        (
            Case(
                "Last digits transposed; the line due in November is not meant.",
                hers(
                    says("NSS 92018400071"),
                    lines=(HERS, HERS | {"line": "26117KX052TB1R", "coverage_month": "2026-12"}),
                ),
                suggests(like(800, "near_nss", "characters 10-11 transposed")),
            ),
            Case(
                "In the NSS field of a remittance, beside a line that it names: the person may be right after all.",
                hers(remittances=[{"key": "T1", "capture_line": LINE, "nss": "2018400017"}]),
                suggests(like(800, "near_nss", "character 1 missing")),
            ),
            Case(
                "A registrant who is named exactly is not looked for: Ana's line of another amount does not come up.",
                hers(says("92018400017", amount="400.00")),
                suggests(),
            ),
        ),
    ),
    Rule(
        "neighbouring CURP",
        "§7",
        "Likewise.",
        (
            Case(
                "E for F, and another amount than the one due.",
                hers(says("AAPA840101MDEXXN08", amount="488.00")),
                suggests(like(700, "near_curp", "character 13: E for F; amount -12.00")),
            ),
        ),
    ),
    Rule(
        "name and amount",
        "§7",
        "The sender, or the text, bears the name of a registrant whose line is of exactly this amount: 88 points of "
        "100 or more, whatever the accents and the order of the words. Seven for each point.",
        (
            Case(
                "The sender's name, in another order.",
                world({"key": "T1", "sender_name": "ALBA, ANA"}),
                suggests(like(700, "name_and_amount", "name 100 of 100")),
            ),
            Case(
                "A name within the text.",
                world(says("pago de ana alba octubre")),
                suggests(like(700, "name_and_amount", "name 100 of 100")),
            ),
            Case("Another amount.", world({"key": "T1", "sender_name": "Ana Alba", "amount": "500.01"}), suggests()),
            Case(
                "Other accents, an Ñ in both.",
                hers({"key": "T1", "sender_name": "NUNEZ PENA IÑIGO"}, full_name="Íñigo Núñez Peña"),
                suggests(like(700, "name_and_amount", "name 100 of 100")),
            ),
            Case(
                "The bank wrote no Ñ: a point less.",
                hers({"key": "T1", "sender_name": "NUNEZ PENA EVA"}, full_name="Eva Núñez Peña"),
                suggests(like(693, "name_and_amount", "name 99 of 100")),
            ),
            Case(
                "A brother is not alike enough.",
                hers({"key": "T1", "sender_name": "Rogelio Alba Cano"}, full_name="Ana Alba Cano"),
                suggests(),
            ),
        ),
    ),
    Rule(
        "family sum",
        "§7",
        "The amount is exactly the sum of two to four lines of one month, of different registrants for whom the same "
        "account (without one, the same name at the same institution) has been confirmed to pay, up to the month.",
        (
            Case(
                "Account 77 paid for Ana and Beto in September.",
                world(
                    {"key": "T1", "amount": "1000.00", "sender_account": "77"},
                    {
                        "key": "T2",
                        "amount": "300.00",
                        "sender_account": "77",
                        "concept": "26097KX0000001 26097KX0000002",
                        "credited_at": "2026-09-05T12:00:00-06:00",
                    },
                    lines=(
                        line(LINE),
                        line(OTHER, "beto"),
                        line("26097KX0000001", coverage_month="2026-10", amount_due="150.00"),
                        line("26097KX0000002", "beto", coverage_month="2026-10", amount_due="150.00"),
                    ),
                ),
                suggests(like(750, "family_sum", "sum of 2 lines", f"{OTHER}+{LINE}")),
            ),
            Case(
                "Two lines of one person are no family's; and a name that nobody wrote is no payer.",
                world(
                    {"key": "T1", "amount": "1000.00"},
                    {"key": "T3", "amount": "1000.00", "sender_name": "Diana"},
                    {
                        "key": "T2",
                        "amount": "300.00",
                        "sender_name": "DIANA",
                        "concept": "26097KX0000001",
                        "credited_at": "2026-09-05T12:00:00-06:00",
                    },
                    {
                        "key": "T4",
                        "amount": "150.00",
                        "sender_name": "DIANA",
                        "concept": "26097KX0000002",
                        "credited_at": "2026-09-05T12:00:00-06:00",
                    },
                    lines=(
                        line(LINE),
                        line("26107KX777TB9Q"),
                        line("26097KX0000001", coverage_month="2026-10", amount_due="150.00"),
                        line("26097KX0000002", "beto", coverage_month="2026-10", amount_due="150.00"),
                    ),
                ),
                suggests(),
            ),
        ),
    ),
)
ORDER = (
    Rule(
        "what costs likeness",
        "§7",
        "100 where the amount is not the one due; 20 for each month between payment and line; 200 where the line is "
        "paid already.",
        (
            Case(
                "Twelve pesos too much.",
                world(says("26107KX041TB9G", amount="512.00")),
                suggests(like(820, "one_character", "character 14: G for Q; amount +12.00")),
            ),
            Case(
                "The line is due in December.",
                world(says("26107KX041TB9G"), lines=(line(LINE, coverage_month="2027-01"),)),
                suggests(like(880, "one_character", "character 14: G for Q; month +2")),
            ),
            Case(
                "Somebody has paid it.",
                world(says("26107KX041TB9G"), {"key": "T2", "concept": LINE}),
                suggests(like(720, "one_character", "character 14: G for Q; paid already")),
            ),
        ),
    ),
    Rule(
        "what no decision can choose",
        "§7, §8",
        "A line whose registrant is not registered is suggested, as it shows where the money belongs, and says so: a "
        "decision on it is rejected until the registry is completed. It costs no likeness.",
        (
            Case(
                "Beto, whose line it is, is in no registry.",
                {"registrants": [ANA], **world(says("26107KX041TB9G"), lines=(line(LINE, "beto"),))},
                suggests(like(920, "one_character", "character 14: G for Q; registrant not registered")),
            ),
        ),
    ),
    Rule(
        "order and number",
        "§7",
        "At most three a payment, the likest first, then in order of the line; each once, for its strongest likeness. "
        "`others`: how many other candidates are exactly as alike.",
        (
            Case(
                "Five lines one character away, one of them of another amount.",
                world(
                    says("2610777777"),
                    lines=(
                        line("2610777771"),
                        line("2610777772"),
                        line("2610777773"),
                        line("2610777774"),
                        line("2610777770", amount_due="499.99"),
                    ),
                ),
                suggests(
                    *(
                        like(
                            920,
                            "one_character",
                            f"character 10: 7 for {number}",
                            f"261077777{number}",
                            rank=str(number),
                            others="3",
                        )
                        for number in (1, 2, 3)
                    )
                ),
            ),
        ),
    ),
    Rule(
        "which lines",
        "§7",
        "Issued, not in conflict, due within the window.",
        (
            Case(
                "One cancelled, one in conflict, one due in January.",
                world(
                    says("26107KX041TB9G"),
                    lines=(
                        line("26107KX041TB9Q", status="cancelled"),
                        line("26107KX041TB9R"),
                        line("26107KX041TB9R", "beto"),
                        line("26107KX041TB9S", coverage_month="2027-02"),
                    ),
                ),
                suggests(),
            ),
        ),
    ),
    Rule(
        "which payments",
        "§7",
        "Those that are held or unmatched, in pesos. What names a line exactly is not repaired; a remittance that "
        "waits only for its settlement is not asked.",
        (
            Case(
                "It names a cancelled line: the line beside it is not suggested.",
                world(says("26107KX041TB9R"), lines=(line(LINE), line("26107KX041TB9R", status="cancelled"))),
                suggests(),
            ),
            Case(
                "Dollars; returned; to be paid back by a decision.",
                world(
                    {"key": "T1", "concept": "26107KX041TB9G", "currency": "USD"},
                    {"key": "T2", "concept": "26107KX041TB9G", "status": "returned"},
                    {"key": "T3", "concept": "26107KX041TB9G"},
                    decisions=[{"payment": "T3", "action": "refund"}],
                ),
                suggests(),
            ),
            Case(
                "Only the settlement is missing.",
                world(remittances=[{"key": "T1", "capture_line": LINE, "sender_name": "Beto Bravo"}]),
                suggests(),
                policy={"require_settlement": "true"},
            ),
            Case(
                "Its rows contradict each other: what each of them says is looked at.",
                world(says("26107KX041TB9G"), says("26105MW933RD2J")),
                suggests(
                    like(920, "one_character", "character 14: J for H", OTHER, rank="1"),
                    like(920, "one_character", "character 14: G for Q", rank="2"),
                ),
            ),
        ),
    ),
)

AREA = Area(
    "Suggestions",
    "Likeness confirms nothing: for what waits for a person it names up to three lines, each with what differs.",
    (*REFERENCES, *PERSONS, *ORDER),
)
