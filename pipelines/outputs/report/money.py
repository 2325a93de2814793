"""The sections of money: the figures at the top, and the way from the files to the buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.outputs.labels import BUCKETS
from pipelines.outputs.labels_report import CHANNELS, GLANCE, MONEY, PAGE
from pipelines.outputs.report import charts
from pipelines.outputs.report.cells import amount, columns_of, number, pesos
from pipelines.outputs.report.figures import PESOS
from pipelines.outputs.report.parts import Block, Cell, Column, Legend, Section, Sheet, Tile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.outputs.report.figures import Figures, Money
    from pipelines.outputs.report.parts import Bars
    from pipelines.outputs.report.speech import Speech


OPEN: Final = ("held", "unmatched")
"""The buckets that wait for a person or a settlement."""


def tiles(figures: Figures, speech: Speech) -> tuple[Tile, ...]:
    """The figures at the top, most telling first."""
    received, say, count = pesos(figures.sources), speech.say, speech.count
    applied = pesos(bucket for bucket in figures.buckets if bucket.name == "applied")
    waiting = [bucket for bucket in figures.buckets if bucket.name in OPEN]
    payments = sum(source.payments for source in figures.sources if source.currency == PESOS)
    undecided = sum(money.payments for money in waiting)
    lines = sum(line.number for line in figures.exceptions)
    unpaid = sum(line.number for line in figures.exceptions if line.name == "unpaid")
    agreeing = sum(proof.agreeing for proof in figures.proofs)
    proofs = sum(proof.figures for proof in figures.proofs)
    clinic, covered = figures.coverage.without_clinic, figures.coverage.activated
    share = speech.share(applied, received)
    return (
        Tile(say(GLANCE["in_files"]), speech.money(received), say(GLANCE["payments"], count=count(payments))),
        Tile(say(GLANCE["applied"]), speech.money(applied), say(GLANCE["share"], share=share)),
        Tile(
            say(GLANCE["to_decide"]),
            speech.money(pesos(waiting)),
            say(GLANCE["payments"], count=count(undecided)),
            is_open=undecided > 0,
        ),
        Tile(say(GLANCE["activated"]), count(covered), say(GLANCE["without_clinic"], count=count(clinic))),
        Tile(say(GLANCE["not_activated"]), count(lines), say(GLANCE["unpaid"], count=count(unpaid))),
        Tile(
            say(GLANCE["proofs"]),
            f"{sum(proof.figures == proof.agreeing for proof in figures.proofs)} / {len(figures.proofs)}",
            say(GLANCE["agreeing"], agreeing=count(agreeing), figures=count(proofs)),
        ),
    )


def money(figures: Figures, speech: Speech) -> Section:
    """From files to buckets; other currencies apart."""
    if any(source.currency == PESOS for source in figures.sources):
        block = Block(bars=(_waterfall(figures, speech),), sheets=(_bucket_sheet(figures, speech),))
    else:
        block = Block(empty=speech.say(MONEY["empty"]))
    others = [money for money in figures.buckets if money.currency != PESOS]
    apart = (Block(sheets=(_other_currencies(others, speech),)),) if others else ()
    return Section("money", speech.say(MONEY["heading"]), speech.say(MONEY["lead"]), (block, *apart))


def _waterfall(figures: Figures, speech: Speech) -> Bars:
    come = [money for money in figures.sources if money.currency == PESOS]
    rising = [
        (speech.name(CHANNELS, money.channel), speech.money(money.amount_centavos), money.amount_centavos, "in")
        for money in come
    ]
    sums = {name: pesos(money for money in figures.buckets if money.name == name) for name in BUCKETS}
    falling = [
        (speech.head(BUCKETS[name]), speech.money(size), size, _kind(name)) for name, size in sums.items() if size
    ]
    kinds = [kind for kind in ("in", "good", "open", "rest") if kind in {"in", *(row[3] for row in falling)}]
    legend = tuple(Legend(kind, speech.say(MONEY[kind])) for kind in kinds)
    return charts.waterfall("money", speech.say(MONEY["chart"]), rising, falling, legend)


def _kind(bucket: str) -> str:
    return "good" if bucket == "applied" else "open" if bucket in OPEN else "rest"


def _bucket_sheet(figures: Figures, speech: Speech) -> Sheet:
    """Buckets by channel. A payment with parts in two buckets counts in each, once in the total."""
    found = [money for money in figures.buckets if money.currency == PESOS]
    whole = pesos(found)
    rows = []
    for place, name in enumerate(BUCKETS):
        ours = [money for money in found if money.name == name]
        share = Cell(speech.share(pesos(ours), whole), pesos(ours))
        label = Cell(speech.head(BUCKETS[name]), place)
        rows.append((label, *_by_channel(ours, speech), share))
    total = (
        Cell(speech.say(PAGE["total"]), ""),
        *_by_channel([money for money in figures.sources if money.currency == PESOS], speech),
        Cell(speech.share(whole, whole), whole),
    )
    columns = (
        Column(speech.say(PAGE["bucket"])),
        Column(speech.say(PAGE["payments"]), is_number=True),
        *(Column(speech.say(words), is_number=True) for words in CHANNELS.values()),
        Column(speech.say(PAGE["amount"]), is_number=True),
        Column(speech.say(PAGE["share"]), is_number=True),
    )
    return Sheet("buckets", speech.say(MONEY["sheet"]), columns, tuple(rows), total, source="dispositions")


def _by_channel(found: Sequence[Money], speech: Speech) -> tuple[Cell, ...]:
    """Payments, pesos of each channel, pesos."""
    sums = [pesos(money for money in found if money.channel == channel) for channel in CHANNELS]
    return (
        number(sum(money.payments for money in found), speech),
        *(amount(size, speech) for size in (*sums, pesos(found))),
    )


def _other_currencies(found: Sequence[Money], speech: Speech) -> Sheet:
    rows = tuple(
        (
            Cell(money.currency, money.currency, is_foreign=True),
            Cell(speech.name(CHANNELS, money.channel), money.channel),
            Cell(speech.name(BUCKETS, money.name), money.name),
            number(money.payments, speech),
            Cell(speech.money(money.amount_centavos, money.currency), money.amount_centavos, is_foreign=True),
        )
        for money in sorted(found, key=lambda money: (money.currency, money.channel, money.name))
    )
    columns = columns_of(speech, PAGE, "currency", "channel", "bucket", "#payments", "#amount")
    return Sheet("currencies", speech.say(MONEY["others"]), columns, rows, source="dispositions")
