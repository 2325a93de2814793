"""Suggestions out of blocks of lines (CONTRACT §7, docs/decisions/0042): who waits is held whole, lines block by block.

In order, each step for every block, whose results are put together before the next one:

1. :func:`count_words` → ``name_words.total``: how rare each word of a registrant's name is;
2. :func:`look` → ``crowds.total`` and ``too_large``: what is like a line of the block, what too many lines share;
3. :func:`shortlist` → :func:`together`: the best three of each payment; :func:`of_families` gives those of sums;
4. :func:`told` makes suggestions of them.

Any blocks give the suggestions that one block of all lines gives, as long as all lines of a registrant who is
registered are in one. What is put together may be put together with more: the best of a block whose lines, and of
payments that, are as they were, need not be looked for again while no word and no crowd has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from pipelines.rules import crowds, families, names, references
from pipelines.rules.calendar import month_name, month_numbers
from pipelines.rules.candidates import BASES, LINES, Waiting
from pipelines.rules.differences import told_differences
from pipelines.rules.keys import among, kept, positions, taken
from schemas.octets import as_array
from schemas.tables.suggestions import Suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN: Final = 3
"""Suggestions of one payment."""

OTHER_AMOUNT: Final = 100
"""What likeness loses where the amount is not the one due."""

EACH_MONTH: Final = 20
"""What it loses for each month between the payment and the line."""

PAID_ALREADY: Final = 200
"""What it loses where the line is paid."""

SHORTLIST: Final = ["payment", *LINES, "likeness", "differs", "basis", "alike"]
"""At most three rows a payment, in no order: ``payment``, its place in ``Asked.payments``; up to four lines as text;
``basis``, its place in ``BASES``; ``alike``: how many candidates of the payment are exactly as alike as this one."""


class Asked(NamedTuple):
    """The payments of a month that wait for a person: few, whatever the number of lines.

    ``payments``, ``claims`` as in ``Waiting``. ``paid``: payer, nss of all for whom their payers were confirmed to pay.
    """

    payments: pd.DataFrame
    claims: pd.DataFrame
    paid: pd.DataFrame


class Block(NamedTuple):
    """Some of the lines that may be meant, and their registrants, as in ``Waiting``."""

    lines: pd.DataFrame
    registrants: pd.DataFrame


class Looked(NamedTuple):
    """What payments are like in a block: weighed candidates, and the texts, the crowds and the lines they point to.

    ``lines``: in order, and only those that a candidate points to: few of a block.
    """

    candidates: pd.DataFrame
    texts: pyarrow.LargeStringArray
    crowds: pd.DataFrame
    lines: pyarrow.LargeStringArray


def block_of(
    month: int, window_months: int, lines: pd.DataFrame, line_standings: pd.DataFrame, registrants: pd.DataFrame
) -> Block:
    """CaptureLine, LineStanding, Registrant → the issued lines due within the window."""
    due = month_numbers(lines["due_month"])
    near = lines["status"].eq("issued").to_numpy(dtype=bool) & (np.abs(due - month) <= window_months)
    told = lines[["capture_line", "nss", "amount_due_centavos"]].assign(due=due)
    chosen = kept(told, near, "capture_line", "nss")
    standing = positions(chosen["capture_line"], line_standings["capture_line"])
    found = chosen.assign(
        registrant=positions(chosen["nss"], registrants["nss"]),
        is_paid=taken(line_standings["is_paid"], standing, missing=False).to_numpy(),
    )
    return Block(found, registrants[["nss", "curp", "full_name"]])


def count_words(asked: Asked, block: Block) -> pd.DataFrame:
    """``name_words.COUNTED`` of the block."""
    return names.count_words(_waiting(asked, block))


def look(month: int, asked: Asked, block: Block, words: pd.DataFrame | None = None) -> Looked:
    """What the payments are like in the block; ``words``: of all blocks, ``None`` where this is the only one."""
    waiting = _waiting(asked, block)
    told = references.of_lines(waiting)
    called = names.of_names(waiting, words)
    of_names = called.candidates.assign(group=called.candidates["group"] + len(told.crowds))
    every = pd.concat([told.candidates, references.of_persons(waiting, month), of_names], ignore_index=True)
    found = pd.concat([told.crowds, called.crowds], ignore_index=True)
    weighed, lines = _pointing(_weighed(every, waiting, month), block.lines["capture_line"])
    return Looked(weighed, told.texts, found, lines)


def shortlist(looked: Looked, large: pd.DataFrame) -> pd.DataFrame:
    """``SHORTLIST`` of the block; ``large``: the crowds of all blocks that are too large to tell anything."""
    group = looked.candidates["group"].to_numpy()
    is_large = np.append(crowds.are_large(looked.crowds, large), False)
    return _listed(looked.candidates[~is_large[group]], looked.texts, looked.lines)


def lines_of_families(asked: Asked, block: Block) -> pd.DataFrame:
    """The lines of the block that may be part of a sum."""
    lines = block.lines
    return lines[among(lines["nss"], families.of_payers(asked.paid)["nss"])].reset_index(drop=True)


def of_families(month: int, asked: Asked, lines: pd.DataFrame) -> pd.DataFrame:
    """``SHORTLIST`` of sums of lines: what ``lines_of_families`` gives of all blocks."""
    waiting = Waiting(
        asked.payments, asked.claims, lines.sort_values("capture_line", ignore_index=True), pd.DataFrame()
    )
    weighed = _weighed(families.of_sums(waiting, asked.paid), waiting, month)
    return _listed(weighed, references.NO_TEXTS, as_array(waiting.lines["capture_line"]))


def together(shortlists: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """``SHORTLIST`` of several blocks as of one, best first; at least one. It may be put together with more.

    Of the three best that come of it, no block left out one as alike and did not count it.
    """
    every = pd.concat([some.assign(block=number) for number, some in enumerate(shortlists)], ignore_index=True)
    level = ["payment", "likeness"]
    alike = every.drop_duplicates([*level, "block"]).groupby(level)["alike"].sum()
    counted = every.drop(columns="alike").merge(alike.reset_index(), how="left", on=level)
    ordered = counted.sort_values(["payment", "likeness", *LINES], ascending=[True, False, *[True] * len(LINES)])
    best = ordered[ordered.groupby("payment").cumcount().lt(SHOWN)]
    return best[SHORTLIST].reset_index(drop=True)


def told(month: int, asked: Asked, best: pd.DataFrame) -> pd.DataFrame:
    """What :func:`together` gives of all blocks → Suggestion."""
    joined = best["line"]
    for name in LINES[1:]:
        joined = joined.mask(best[name].ne(""), joined + "+" + best[name])
    return Suggestion.conform(
        pd.DataFrame(
            {
                "payment_id": asked.payments["payment_id"].take(best["payment"].to_numpy()).array,
                "capture_line": joined,
                "likeness": best["likeness"].astype("int64"),
                "differs": best["differs"],
                "rank": best.groupby("payment").cumcount() + 1,
                "basis": pd.Series(np.array(BASES)[best["basis"].to_numpy()], dtype="str"),
                "others": best["alike"].astype("int64") - 1,
                "month": pd.Series(month_name(month), index=best.index, dtype="str"),
            }
        )
    )


def _waiting(asked: Asked, block: Block) -> Waiting:
    return Waiting(asked.payments, asked.claims, block.lines, block.registrants)


def _weighed(every: pd.DataFrame, waiting: Waiting, month: int) -> pd.DataFrame:
    """The candidates with what they cost in likeness: ``amount`` over what is due, ``months`` away, ``is_paid``.

    ``is_registered``, whether every line's registrant is, costs nothing: it says what a decision has to wait for.
    """
    lines = waiting.lines
    places = every[LINES].to_numpy()
    due = np.append(lines["amount_due_centavos"].to_numpy(), 0)[places].sum(axis=1)
    paid = waiting.payments["amount_centavos"].to_numpy()[every["payment"].to_numpy()]
    weighed = every.assign(
        amount=paid - due,
        months=lines["due"].to_numpy()[places[:, 0]] - month,
        is_paid=np.append(lines["is_paid"].to_numpy(), False)[places].any(axis=1),
        is_registered=np.append(lines["registrant"].to_numpy() >= 0, True)[places].all(axis=1),
    )
    cost = OTHER_AMOUNT * weighed["amount"].ne(0) + EACH_MONTH * weighed["months"].abs()
    return weighed.assign(likeness=(every["likeness"] - cost - PAID_ALREADY * weighed["is_paid"]).clip(lower=1))


def _pointing(weighed: pd.DataFrame, lines: pd.Series[str]) -> tuple[pd.DataFrame, pyarrow.LargeStringArray]:
    """The candidates as they point to lines in order, and these lines: only those that a candidate points to."""
    places = weighed[LINES].to_numpy()
    asked = np.unique(places[places >= 0])
    texts = as_array(lines).take(pyarrow.array(asked))
    order = pc.sort_indices(texts).to_numpy()
    rank = np.empty(len(asked) + 1, dtype=np.int32)
    rank[order], rank[-1] = np.arange(len(asked)), -1
    found = np.where(places >= 0, rank[np.searchsorted(asked, places)], -1)
    told = weighed.assign(**{name: found[:, number] for number, name in enumerate(LINES)})
    return told, texts.take(pyarrow.array(order))


def _listed(weighed: pd.DataFrame, texts: pyarrow.LargeStringArray, lines: pyarrow.LargeStringArray) -> pd.DataFrame:
    """``SHORTLIST``: at most three candidates a payment, each line once, and how many are as alike."""
    order = ["payment", "cost", *LINES, "basis", "kind", "place", "wrote", "meant"]
    costed = weighed.assign(cost=-weighed["likeness"])
    ordered = weighed.iloc[np.lexsort([costed[name] for name in reversed(order)])].drop_duplicates(["payment", *LINES])
    ordered = ordered.assign(alike=ordered.groupby(["payment", "likeness"])["line"].transform("size"))
    best = ordered[ordered.groupby("payment").cumcount().lt(SHOWN)].reset_index(drop=True)
    written = np.append(lines.to_numpy(zero_copy_only=False), "")
    said = {name: pd.Series(written[best[name].to_numpy()], dtype="str") for name in LINES}
    return best.assign(**said, differs=told_differences(best, texts, lines))[SHORTLIST]
