"""The few rows that concern some payments and lines, and what the stages make of them: the rules asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pipelines.engine import stages
from pipelines.rules import matching, naming, settlement
from schemas.identifiers.capture_line import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.engine.explaining.sources import Source, Sources
    from pipelines.rules.policy import PolicyBook
    from pipelines.rules.steps import Question

PLACE = ["sha256", "sheet", "row"]


@dataclass(frozen=True)
class World:
    """The tables of the stages over the rows that concern what is explained."""

    source: Source
    tables: stages.Tables

    @property
    def policy(self) -> PolicyBook:
        """The rules it is judged by."""
        return self.source.policy

    def question(self) -> Question:
        """What the steps of matching are asked of these payments."""
        tables = self.tables
        return matching.pose(
            tables["payment_facts"],
            tables["claims"],
            tables["payments"],
            tables["deposits"],
            tables["settlements"],
            tables["capture_lines"],
            tables["registrants"],
            self.policy,
        )


def build(sources: Sources, source: Source, told: pd.DataFrame, lines: set[str], persons: set[str]) -> World:
    """The world of the payments whose ``PaymentRow`` rows are ``told``, of these lines and registrants (by NSS)."""
    known = _movements(source, told)
    known["decision_rows"] = source.rows("decisions", payment_id=set(told["payment_id"]))
    known["settlement_rows"] = source.rows(
        "settlements",
        settlement_id=set(known["remittance_rows"]["settlement_id"]) - {""},
        bank_tracking_key=set(known["bank_transfer_rows"]["tracking_key"]),
    )
    known |= stages.identify(known, source.policy)
    known |= _registries(source, known, lines, persons)
    known |= stages.register(known)
    known["deposits"] = settlement.find_deposits(known["payment_facts"], known["settlement_rows"])
    known["settlements"] = _settlements(sources, known)
    known |= stages.match(known, source.policy)
    if lines:
        known |= stages.allocate(known, source.policy)
    return World(source, known)


def _movements(source: Source, told: pd.DataFrame) -> stages.Tables:
    """The rows of bank and remittance files that tell of the payments."""
    places = {"sha256": set(told["sha256"]), "row": {int(row) for row in told["row"]}}
    return {
        stages.ROW_TABLES[kind]: source.rows(kind, **places).merge(told[PLACE], on=PLACE)
        for kind in ("bank_transfers", "remittances")
    }


def _registries(source: Source, known: stages.Tables, lines: set[str], persons: set[str]) -> stages.Tables:
    """All rows of every line and registrant that the payments may name, and of those asked for."""
    claims = known["claims"]
    tokens = set(_runs(claims["text"], 1)) | set(normalise(claims["nss"])) | set(normalise(claims["curp"]))
    named = {token for token in tokens if len(token) == naming.NSS_DIGITS} | persons
    curps = {token for token in tokens if len(token) == naming.CURP_CHARACTERS}
    named |= set(source.rows("registrants", curp=curps)["nss"])
    keys = set(_runs(claims["text"], naming.LONGEST_RUN)) | set(normalise(claims["capture_line"])) | lines
    keys |= set(known["decision_rows"]["capture_line"])
    found = source.rows("capture_lines", capture_line=keys - {""}, nss=named)
    by_person = set(found["capture_line"]) - keys
    if by_person:
        # A row of another registrant may be the one that stands for a line found by its registrant.
        found = source.rows("capture_lines", capture_line=set(found["capture_line"]))
    people = source.rows("registrants", nss=named | set(found["nss"]))
    return {"capture_line_rows": found, "registrant_rows": people}


def _runs(texts: pd.Series[str], longest: int) -> Iterator[str]:
    """Every run of 1 to ``longest`` tokens of each text that is not too long for a capture line."""
    tokens = naming.tokenise(texts)
    for first, owner in enumerate(tokens.owner):
        for last in range(first, min(first + longest, len(tokens.owner))):
            start, end = tokens.starts[first], tokens.starts[last + 1]
            if tokens.owner[last] == owner and end - start <= naming.LONGEST_LINE:
                yield tokens.characters[start:end].tobytes().decode("ascii")


def _settlements(sources: Sources, known: stages.Tables) -> pd.DataFrame:
    """The settlements of the remittances, as the publication of each payment's month lists them."""
    facts = known["payment_facts"].merge(known["payments"][["payment_id", "month"]], on="payment_id")
    under = facts[facts["settlement_id"].ne("")]
    listed: list[pd.DataFrame] = []
    for month, remittances in under.groupby("month"):
        source = sources.of(str(month)) or sources.newest
        listed.append(source.table("settlements", settlement_id=set(remittances["settlement_id"])))
    if not listed:
        return sources.newest.table("settlements")
    whole: pd.DataFrame = pd.concat(listed, ignore_index=True).drop_duplicates(settlement.KEY, ignore_index=True)
    return whole
