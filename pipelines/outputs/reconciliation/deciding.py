"""The sheet *Por decidir*: one payment a row, what is known of it locked, what a person decides beside it.

Every row carries its payment_id, the digest of the facts shown, and a seal over its locked cells (``schemas.seal``).
The layout ``reconciliation`` reads the sheet back.
"""

from __future__ import annotations

from copy import copy
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from openpyxl.formatting.rule import CellIsRule, ColorScaleRule, FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from pipelines.outputs import differing
from pipelines.outputs import labels_reconciliation as words
from pipelines.outputs.labels import HOLDS, say
from pipelines.outputs.reconciliation import pending
from pipelines.outputs.reconciliation.book import Column, clean, pesos
from schemas.seal import seal

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    import pandas as pd

    from pipelines.outputs.labels import Words
    from pipelines.outputs.reconciliation.book import Book, Sheet

MOST_ROWS: Final = 20_000
"""More payments than people decide from one workbook; the next one has the rest."""

HEADER_ROW: Final = 3
"""Two rows stand above it: the title and what to do."""

INPUTS: Final = ("action", "line", "reason", "decided_by", "approved_by", "decided_on")
HIDDEN: Final = ("payment_id", "facts", "seal")
_LIST_CHARACTERS: Final = 255
_KINDS: Final[dict[str, tuple[str, int]]] = {
    "paid_on": ("date", 11),
    "standing": ("text", 15),
    "why": ("wrapped", 44),
    "age": ("whole", 12),
    "channel": ("text", 20),
    "institution": ("wrapped", 18),
    "key": ("wrapped", 34),
    "amount": ("money", 13),
    "currency": ("text", 9),
    "reference": ("wrapped", 28),
    "text": ("wrapped", 40),
    "sender": ("wrapped", 26),
    "named": ("wrapped", 26),
    "action": ("input", 16),
    "line": ("input", 26),
    "reason": ("input", 34),
    "decided_by": ("input", 18),
    "approved_by": ("input", 18),
    "decided_on": ("input_date", 13),
    "payment_id": ("exact", 20),
    "facts": ("exact", 20),
    "seal": ("exact", 20),
    **{f"line_{place}": ("wrapped", 26) for place in (1, 2, 3)},
    **{f"likeness_{place}": ("percent", 12) for place in (1, 2, 3)},
    **{f"differs_{place}": ("wrapped", 38) for place in (1, 2, 3)},
}
_NAMES: Final = list(words.PENDING)
_PLACES: Final = pesos(0).as_tuple().exponent
_RED, _AMBER, _GREEN, _GREY = "FFF8D0CC", "FFFDE7C2", "FFD9EFD9", "FFECEFF1"


def write(book: Book, frames: Mapping[str, pd.DataFrame], found: pd.DataFrame, month: str, language: str) -> Sheet:
    """Add the sheet of payment month ``month``; ``found`` as ``pending.find`` gives it.

    Of payments, what is known of them and open_payments those of the first ``MOST_ROWS`` are needed.
    """
    columns = [
        Column(getattr(words.PENDING[name], language), *_KINDS[name], is_hidden=name in HIDDEN) for name in _NAMES
    ]
    sheet = book.sheet(getattr(words.SHEETS["pending"], language), columns, f"D{HEADER_ROW + 1}")
    sheet.line((say(words.TEXTS["title"], language, month=month), "title"), height=24)
    sheet.line((_note(len(found), language), "note"))
    header = sheet.header(_NAMES.index(INPUTS[0]), _NAMES.index(INPUTS[-1]))
    offers: dict[int, str] = {}
    sheet.rows(_rows(found.head(MOST_ROWS), frames, language, offers), height=28)
    sheet.filter(header)
    sheet.protect()
    sheet.page.page_setup.fitToWidth = 3
    sheet.page.print_title_rows, sheet.page.print_title_cols = f"1:{HEADER_ROW}", "A:C"
    if sheet.last_row > header:
        _validate(sheet, offers, language)
        _colour(sheet, language)
    return sheet


def _note(count: int, language: str) -> str:
    told = [say(words.TEXTS["how"], language)]
    if count > MOST_ROWS:
        told.append(say(words.TEXTS["more"], language, shown=MOST_ROWS, count=count, table="dispositions"))
    return " ".join(told)


def _rows(
    found: pd.DataFrame, frames: Mapping[str, pd.DataFrame], language: str, offers: dict[int, str]
) -> Iterator[tuple[Any, ...]]:
    """The cells of every payment; into ``offers``, by row of the sheet, the lines that its drop-down offers."""
    named, suggested = pending.named_lines(frames, found["payment_id"]), pending.suggested(frames)
    barred = pending.barred_lines(frames)
    told = found[["payment_id", "standing", "why", "age"]].merge(frames["payments"], on="payment_id", how="left")
    whole = told.merge(frames["open_payments"], on="payment_id", how="left")
    whole = whole.fillna(dict.fromkeys(("reference", "text", "sender_name", "facts"), ""))
    payments: list[str] = whole["payment_id"].tolist()
    lines, suggestions = [named.get(one, []) for one in payments], [suggested.get(one, []) for one in payments]
    said = _said(whole, lines, language) | _suggestions(suggestions, language)
    said["seal"] = _seals([said[name] for name in _NAMES if name not in {*INPUTS, "seal"}])
    for place, (payment, own, more) in enumerate(zip(payments, lines, suggestions, strict=True), HEADER_ROW + 1):
        offered = _offered([*own, *_choosable(more)], barred.get(payment, set()))
        if offered:
            offers[place] = offered
    nothing = [None] * len(payments)
    return zip(*(said.get(name, nothing) for name in _NAMES), strict=True)


def _seals(columns: Sequence[Sequence[Any]]) -> list[str]:
    """The seal of every row, given column by column."""
    return [seal(texts) for texts in zip(*(map(_as_read, column) for column in columns), strict=True)]


def _said(whole: pd.DataFrame, lines: Sequence[Sequence[str]], language: str) -> dict[str, list[Any]]:
    """The cells that tell of a payment, column by column."""
    foreign = {"institution": "institution", "key": "natural_key", "currency": "currency"}
    foreign |= {"reference": "reference", "text": "text", "sender": "sender_name"}
    return {
        "paid_on": [moment.date() for moment in whole["paid_on"]],
        "standing": _worded(whole["standing"], words.STANDINGS, language),
        "why": _worded(whole["why"], {**words.WAITS, **HOLDS}, language),
        "age": [int(age) for age in whole["age"]],
        "channel": _worded(whole["channel"], words.CHANNELS, language),
        "amount": [pesos(int(centavos)) for centavos in whole["amount_centavos"]],
        "named": [", ".join(of_one) for of_one in lines],
        "payment_id": whole["payment_id"].tolist(),
        "facts": whole["facts"].tolist(),
        **{name: [clean(text) for text in whole[column].tolist()] for name, column in foreign.items()},
    }


def _worded(codes: pd.Series[str], catalogue: Mapping[str, Words], language: str) -> list[str]:
    """The words of every code; a code that has none stands for itself."""
    said = {code: str(getattr(catalogue[code], language)) if code in catalogue else code for code in codes.unique()}
    return [said[code] for code in codes.tolist()]


def _suggestions(suggestions: Sequence[Sequence[Mapping[str, Any]]], language: str) -> dict[str, list[Any]]:
    """The cells of what is suggested, column by column; most payments have none."""
    cells: dict[str, list[Any]] = {}
    for place in range(1, pending.OFFERS + 1):
        told = [of_one[place - 1] if place <= len(of_one) else None for of_one in suggestions]
        cells[f"line_{place}"] = [clean(said["capture_line"]) if said else "" for said in told]
        cells[f"likeness_{place}"] = [Decimal(int(said["likeness"])).scaleb(-1) if said else None for said in told]
        cells[f"differs_{place}"] = [_differs(said, language) if said else "" for said in told]
    return cells


def _differs(said: Mapping[str, Any], language: str) -> str:
    basis = words.BASES.get(said["basis"])
    told = getattr(basis, language) if basis else said["basis"]
    differs = f" ({differing.told(said['differs'], language)})" if said["differs"] else ""
    others = say(words.TEXTS["several"], language, count=said["others"]) if said["others"] else ""
    barrier = differing.not_chosen(said["capture_line"], said["differs"], language)
    return clean(f"{barrier}{' · ' if barrier else ''}{told}{differs}{others}")


def _choosable(suggestions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The lines suggested that a decision can choose."""
    for said in suggestions:
        if not differing.not_chosen(said["capture_line"], said["differs"], "en"):
            yield str(said["capture_line"])


def _offered(lines: Sequence[str], barred: Container[str]) -> str:
    """Distinct lines as a drop-down lists them, as many as fit; those on which no decision would count are left out."""
    distinct = list(dict.fromkeys(line for line in lines if line and line not in barred))
    while len(",".join(distinct)) > _LIST_CHARACTERS:
        distinct.pop()
    return ",".join(distinct)


def _as_read(value: Any) -> str:  # noqa: ANN401 - the value of any cell
    """A cell's value as the reader of workbooks gives it: ISO dates, amounts with two places, shortest numbers."""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return f"{value:.2f}" if value.as_tuple().exponent == _PLACES else f"{value.normalize():f}"
    return "" if value is None else str(value)


def _validate(sheet: Sheet, offers: Mapping[int, str], language: str) -> None:
    """Drop-downs: the action one of the list, the line one of those offered or any other, a date."""
    texts = {name: getattr(said, language) for name, said in words.TEXTS.items()}
    actions = ",".join(getattr(said, language) for said in words.ACTIONS.values())
    action = DataValidation("list", formula1=f'"{actions}"', allow_blank=True, showErrorMessage=True)
    action.error, action.prompt, action.showInputMessage = texts["not_an_action"], texts["choose_action"], True
    action.add(_range(sheet, "action"))
    day = DataValidation("date", operator="greaterThan", formula1="36525", allow_blank=True, showErrorMessage=True)
    day.error = texts["not_a_date"]
    day.add(_range(sheet, "decided_on"))
    # What is offered is a help and no limit: the right line may be another one.
    line = DataValidation("list", formula1='""', allow_blank=True, showErrorMessage=False)
    line.add("A1")
    for validation in (action, day, *_Offer.like(line, _letter("line"), offers)):
        sheet.page.data_validations.append(validation)


class _Offer(DataValidation):  # type: ignore[misc] # openpyxl ships no types
    """A drop-down of one cell: as openpyxl would write it, which takes long over twenty thousand of them."""

    sqref = True

    def __init__(self, element: Any, where: str, formula: str) -> None:  # noqa: ANN401 - as above
        self._element, self._where, self._formula = element, where, formula

    @classmethod
    def like(cls, model: DataValidation, letter: str, offers: Mapping[int, str]) -> Iterator[_Offer]:
        """One for each row, after a model that openpyxl made."""
        element = model.to_tree()
        return (cls(element, f"{letter}{row}", f'"{offered}"') for row, offered in offers.items())

    def to_tree(self, *_arguments: object, **_named: object) -> Any:  # noqa: ANN401 - as above
        """The model with its own cell and list."""
        made = copy(self._element)
        made.set("sqref", self._where)
        made[0] = copy(made[0])
        made[0].text = self._formula
        return made


def _colour(sheet: Sheet, language: str) -> None:
    """By standing, by age, by likeness; red where something is missing from a decision."""
    rules = sheet.page.conditional_formatting
    for standing, colour in (("held", _AMBER), ("unmatched", _RED), ("late", "FFE3DCF3"), ("decided", _GREY)):
        said = getattr(words.STANDINGS[standing], language)
        rules.add(_range(sheet, "standing"), CellIsRule("equal", formula=[f'"{said}"'], fill=_fill(colour)))
    rules.add(_range(sheet, "age"), CellIsRule("greaterThan", formula=["15"], fill=_fill(_RED)))
    rules.add(_range(sheet, "age"), CellIsRule("between", formula=["8", "15"], fill=_fill(_AMBER)))
    for place in range(1, pending.OFFERS + 1):
        scale = ColorScaleRule("num", 700, "FFFFFFFF", end_type="num", end_value=100, end_color=_GREEN)
        scale.colorScale.cfvo[0].val = "70"
        rules.add(_range(sheet, f"likeness_{place}"), scale)
    first = HEADER_ROW + 1
    for place in range(1, pending.OFFERS + 1):
        begins = getattr(words.NOT_CHOSEN["sum"], language).partition(":")[0]
        barred = FormulaRule(
            [f'LEFT(${_letter(f"differs_{place}")}{first},{len(begins)})="{begins}"'],
            font=Font(color="FF8A9299", italic=True),
        )
        rules.add(_range(sheet, f"line_{place}"), barred)
    action, decided, approved = (f"${_letter(name)}{first}" for name in ("action", "decided_by", "approved_by"))
    same = FormulaRule([f'AND({approved}<>"",{approved}={decided})'], fill=_fill(_RED), font=Font(bold=True))
    rules.add(_range(sheet, "approved_by"), same)
    for name in ("reason", "decided_by", "approved_by", "decided_on"):
        empty = FormulaRule([f'AND({action}<>"",{_letter(name)}{first}="")'], fill=_fill(_RED))
        rules.add(_range(sheet, name), empty)


def _fill(colour: str) -> PatternFill:
    return PatternFill("solid", bgColor=colour, fgColor=colour)


def _letter(name: str) -> str:
    return str(get_column_letter(_NAMES.index(name) + 1))


def _range(sheet: Sheet, name: str) -> str:
    return f"{_letter(name)}{HEADER_ROW + 1}:{_letter(name)}{sheet.last_row}"
