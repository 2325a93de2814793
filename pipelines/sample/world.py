"""The whole sample: people, months and cohorts, one after another, so that memory holds one cohort and the truth."""

from __future__ import annotations

import json
import pathlib
from collections import Counter
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from pipelines.sample import files, lines, noise, people, scenarios, settlements
from pipelines.sample.ledger import Ledger, Serials
from pipelines.sample.readme import README
from pipelines.sample.text import first_day
from pipelines.sample.truth import Truth

COHORT = 100_000  # registrants laid out at once; even, so that no pair is cut in two


@dataclass(frozen=True)
class SampleSummary:
    """How much was written: files in the inbox, payments (deposits among them), pesos in centavos."""

    files: int
    payments: int
    centavos: int


@dataclass
class _Run:
    span: tuple[int, int]
    seed: int
    inbox: files.Inbox
    truth: Truth
    serials: Serials
    played: Counter[str]


def generate(output: pathlib.Path, first_month: str, last_month: str, registrants: int, seed: int) -> SampleSummary:
    """Write `inbox/`, `truth/` and `README.txt` under `output` for months `first_month` to `last_month` (`YYYY-MM`).

    The same arguments give the same bytes. Raises ValueError for months out of order, no registrants or a folder
    whose inbox has files already.
    """
    span = _month(first_month), _month(last_month)
    if span[0] > span[1] or registrants < 1:
        message = "a sample needs at least one month and one registrant, and its months in order"
        raise ValueError(message)
    folder = output / "inbox"
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        message = f"{folder} is not empty: a sample does not mix with other files"
        raise ValueError(message)
    truth = Truth()
    run = _Run(span, seed, files.Inbox(folder, truth), truth, Serials(), Counter())
    _lay_out(run, registrants)
    truth.write(output / "truth")
    return _finish(run, output, registrants)


def _month(text: str) -> int:
    return int(np.datetime64(text, "M").astype(np.int64))


def _lay_out(run: _Run, registrants: int) -> None:
    """Registry, then month by month and cohort by cohort, then the files that go wrong."""
    everyone = people.populate(np.random.default_rng([run.seed, 0]), registrants)
    start = int(first_day(np.array(run.span[0])))
    for cohort, first in enumerate(range(0, registrants, COHORT)):
        members = everyone.iloc[first : first + COHORT].reset_index(drop=True)
        stamp = f"{np.datetime64(run.span[0], 'M')}-c{cohort:03}"
        files.put_registry(run.inbox, people.registry(members, start), "registrants", stamp)
        for month in range(run.span[0], run.span[1] + 1):
            _cohort_month(run, members, month, cohort)
    name, content = noise.empty_file(run.span[0])
    run.inbox.put(name, content, 0, 0)


def _cohort_month(run: _Run, members: pd.DataFrame, month: int, cohort: int) -> None:
    """One cohort's month: scenarios, settlements, files."""
    rng = np.random.default_rng([run.seed, 1, month, cohort])
    cases = lines.issue(rng, members, run.serials.lines(len(members)), month).assign(case=np.arange(len(members)))
    ledger = Ledger(month, cohort, run.span, rng, run.serials, run.truth, cases)
    run.played.update(dict(scenarios.play_all(ledger)))
    stamp = f"{np.datetime64(month, 'M')}-c{cohort:03}"
    files.put_registry(run.inbox, ledger.line_registry(), "capture_lines", stamp)
    payments = pd.concat([*ledger.rows, noise.phantoms(month, cohort)], ignore_index=True)
    payments, made = settlements.assign(payments, stamp.replace("-", ""))
    settlements.tell(made, run.truth)
    files.put_settlements(run.inbox, settlements.rows(made), stamp)
    payments = pd.concat([payments, settlements.deposits(made, run.truth)], ignore_index=True)
    names = files.put_payments(run.inbox, payments.assign(written_month=month), stamp)
    if cohort == 0:
        _wrong_files(run, names, month)


def _wrong_files(run: _Run, names: list[str], month: int) -> None:
    for outcome, made in (
        ("repeated", noise.repeat_files(run.inbox.folder, names)),
        ("refused", noise.refused_files(month)),
    ):
        for name, content in made.items():
            run.inbox.put(name, content, 0, 0, outcome)


def _finish(run: _Run, output: pathlib.Path, registrants: int) -> SampleSummary:
    dispositions = run.truth.table("dispositions")
    pesos = dispositions.loc[dispositions["currency"] == "MXN", "amount_centavos"]
    keys = dispositions["natural_key"].nunique()
    summary = SampleSummary(files=run.inbox.count, payments=int(keys), centavos=int(pesos.sum()))
    months = [str(np.datetime64(month, "M")) for month in run.span]
    told = {"months": months, "registrants": registrants, "seed": run.seed, **asdict(summary), "scenarios": run.played}
    (output / "truth" / "summary.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    (output / "README.txt").write_text(README, encoding="utf-8")
    return summary
