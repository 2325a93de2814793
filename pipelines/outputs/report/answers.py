"""The sections of answers and proofs: coverage, settlements, files, the certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.outputs.labels import OUTCOME, OUTCOMES, PROOFS
from pipelines.outputs.labels_report import FILES, PAGE, PROVING, SETTLEMENTS, SETTLING
from pipelines.outputs.report.cells import amount, columns_of, foreign, number, words
from pipelines.outputs.report.parts import Block, Cell, Section, Sheet

if TYPE_CHECKING:
    from pipelines.outputs.report.figures import Figures, Named
    from pipelines.outputs.report.speech import Speech


def settlements(figures: Figures, speech: Speech) -> Section:
    """Which settlements balance; the others one by one."""
    heading, lead = speech.say(SETTLING["heading"]), speech.say(SETTLING["lead"])
    if not figures.settlements:
        return Section("settlements", heading, lead, (Block(empty=speech.say(SETTLING["empty"])),))
    one_by_one = Block(sheets=(_unbalanced(figures, speech),))
    if not figures.unbalanced.rows:
        one_by_one = Block(empty=speech.say(SETTLING["all_balanced"]))
    return Section("settlements", heading, lead, (Block(sheets=(_by_status(figures, speech),)), one_by_one))


def files(figures: Figures, speech: Speech) -> Section:
    """Files by outcome, those not taken, rows rejected."""
    heading, lead = speech.say(FILES["heading"]), speech.say(FILES["lead"])
    if not figures.files:
        return Section("files", heading, "", (Block(empty=speech.say(FILES["empty"])),))
    taken, sound = speech.say(FILES["all_taken"]), speech.say(FILES["no_rejections"])
    blocks = (
        Block(sheets=(_by_outcome(figures, speech),)),
        Block(sheets=(_not_taken(figures, speech),)) if figures.not_taken.rows else Block(empty=taken),
        Block(sheets=(_rejections(figures, speech),)) if figures.rejections else Block(empty=sound),
    )
    return Section("files", heading, lead, blocks)


def certificate(figures: Figures, speech: Speech) -> Section:
    """The proofs, and the digests by which the certificate is known."""
    block = Block(sheets=(_proofs(figures, speech), _certificate(figures, speech)))
    return Section("certificate", speech.say(PROVING["heading"]), speech.say(PROVING["lead"]), (block,))


def _by_status(figures: Figures, speech: Speech) -> Sheet:
    counts = {line.name: line for line in figures.settlements}
    rows = tuple(
        (
            Cell(speech.head(SETTLEMENTS[status]), place),
            number(counts[status].number, speech),
            amount(counts[status].amount_centavos, speech),
        )
        for place, status in enumerate(SETTLEMENTS)
        if status in counts
    )
    columns = (
        *columns_of(speech, PAGE, "status"),
        *columns_of(speech, SETTLING, "#count"),
        *columns_of(speech, PAGE, "#difference"),
    )
    return Sheet("settlements-by-status", speech.say(SETTLING["sheet"]), columns, rows, source="settlements")


def _unbalanced(figures: Figures, speech: Speech) -> Sheet:
    rows = tuple(
        (
            foreign(company),
            foreign(settlement_id),
            Cell(settled_on.isoformat(), settled_on.isoformat()),
            words(SETTLEMENTS, status, speech),
            *(amount(centavos, speech) for centavos in (net, deposit, difference)),
            Cell(differences, differences),
        )
        for company, settlement_id, settled_on, status, net, deposit, difference, differences in figures.unbalanced.rows
    )
    columns = (
        *columns_of(speech, SETTLING, "company", "settlement_id", "#settled_on"),
        *columns_of(speech, PAGE, "status"),
        *columns_of(speech, SETTLING, "#net", "#deposit"),
        *columns_of(speech, PAGE, "#difference"),
        *columns_of(speech, SETTLING, "differences"),
    )
    caption, note = speech.say(SETTLING["unbalanced"]), _more(figures.unbalanced, speech)
    return Sheet("unbalanced", caption, columns, rows, note=note, source="settlements")


def _by_outcome(figures: Figures, speech: Speech) -> Sheet:
    counts = {line.name: line for line in figures.files}
    rows = tuple(
        (
            Cell(speech.head(OUTCOMES[outcome]), place),
            number(counts[outcome].number, speech),
            amount(counts[outcome].amount_centavos, speech),
        )
        for place, outcome in enumerate(OUTCOMES)
        if outcome in counts
    )
    columns = (*columns_of(speech, FILES, "outcome", "#files"), *columns_of(speech, PAGE, "#pesos"))
    return Sheet("files-by-outcome", speech.say(FILES["sheet"]), columns, rows, source="receipts")


def _not_taken(figures: Figures, speech: Speech) -> Sheet:
    rows = tuple(
        (foreign(name), words(OUTCOME, outcome, speech), foreign(reason))
        for name, outcome, reason in figures.not_taken.rows
    )
    columns = (*columns_of(speech, FILES, "file", "outcome"), *columns_of(speech, PAGE, "reason"))
    caption, note = speech.say(FILES["not_taken"]), _more(figures.not_taken, speech)
    return Sheet("not-taken", caption, columns, rows, note=note, source="receipts")


def _rejections(figures: Figures, speech: Speech) -> Sheet:
    found = sorted(figures.rejections, key=lambda line: (-line.number, line.name, line.detail))
    rows = tuple(
        (
            foreign(line.name),
            foreign(line.detail) if line.detail else Cell(speech.say(FILES["whole_row"]), ""),
            number(line.number, speech),
        )
        for line in found
    )
    total = (Cell(speech.say(PAGE["total"]), ""), Cell("", ""), number(sum(line.number for line in found), speech))
    columns = columns_of(speech, FILES, "rule", "column", "#rows")
    return Sheet("rejected-rows", speech.say(FILES["rejections"]), columns, rows, total, source="rejections")


def _proofs(figures: Figures, speech: Speech) -> Sheet:
    rows = tuple(
        (words(PROOFS, proof.check, speech), number(proof.figures, speech), number(proof.agreeing, speech))
        for proof in figures.proofs
    )
    columns = columns_of(speech, PROVING, "proof", "#figures", "#agreeing")
    return Sheet("proofs", speech.say(PROVING["sheet"]), columns, rows, source="certificate")


def _certificate(figures: Figures, speech: Speech) -> Sheet:
    document = figures.document
    told = {name: str(document[name]) for name in ("digest", "content_digest", "policy_digest") if document.get(name)}
    if document.get("before"):
        told["before"] = str(document["before"]["digest"])
    if document.get("code_version"):
        told["code_version"] = str(document["code_version"])
    told["inputs"] = speech.count(len(document.get("inputs", ())))
    rows = tuple((Cell(speech.say(PROVING[name]), name), foreign(value)) for name, value in told.items())
    columns = columns_of(speech, PROVING, "what", "value")
    return Sheet("certificate-digests", speech.say(PROVING["details"]), columns, rows)


def _more(named: Named, speech: Speech) -> str:
    return speech.say(PAGE["more"], count=speech.count(named.more)) if named.more else ""
