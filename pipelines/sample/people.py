"""Made-up registrants: NSS, CURP, name and clinic, and the registry files that list them (CONTRACT §3)."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import pandas as pd

from pipelines.sample import identifiers, names
from pipelines.sample.text import DAY, Codes, Ints, day_text, figures, from_codes, instant_text, pesos, picked

NOBODY = -1  # in place of a second surname or a clinic
_SHARES = {"unregistered": 0.003, "in_conflict": 0.002, "shared_curp": 0.002}
_OWN_CLINIC = 0.85


class Standing(IntEnum):
    """How a registrant stands in the registry, from the first month to the last."""

    REGISTERED = 0
    UNREGISTERED = 1
    IN_CONFLICT = 2
    SHARED_CURP = 3  # the person at the next position bears the same CURP


def populate(rng: np.random.Generator, count: int) -> pd.DataFrame:
    """`count` people, one row each: person, standing, nss, curp, full_name, clinic, born_on (days since 1970)."""
    standing = _standings(count)
    given, first = rng.integers(0, len(names.GIVEN), count), rng.integers(0, len(names.SURNAMES), count)
    second = np.where(rng.random(count) < 0.06, NOBODY, rng.integers(0, len(names.SURNAMES), count))  # noqa: PLR2004
    born = rng.integers(-5_500, 13_800, count)  # 1954-12 to 2007-10
    curp = _curps(rng, given, first, second, born)
    twins = np.flatnonzero(standing == Standing.SHARED_CURP)[1::2]
    curp[twins] = curp[twins - 1]
    surnames = ["", *(f" {surname}" for surname in names.SURNAMES)]
    return pd.DataFrame(
        {
            "person": np.arange(count),
            "standing": standing,
            "nss": from_codes(identifiers.with_luhn_digit(_nss_bodies(rng, born))),
            "curp": from_codes(curp),
            "full_name": picked(names.GIVEN, given) + picked(surnames, first + 1) + picked(surnames, second + 1),
            "clinic": np.where(rng.random(count) < _OWN_CLINIC, rng.integers(0, len(names.CLINICS), count), NOBODY),
            "born_on": born,
        }
    )


def _standings(count: int) -> Ints:
    """The first people of the population bear the rare standings; people are drawn alike, so places do not matter."""
    rare = [round(count * share) for share in _SHARES.values()]
    rare[2] -= rare[2] % 2
    kinds = [Standing.UNREGISTERED, Standing.IN_CONFLICT, Standing.SHARED_CURP]
    return np.concatenate([np.repeat(kinds, rare), np.zeros(count - sum(rare), dtype=np.int64)]).astype(np.int64)


def _years(born: Ints) -> Ints:
    return np.asarray(born.astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970, dtype=np.int64)


def _numbered(keys: Ints) -> Ints:
    """0, 1, 2 … within each equal key, in order of position."""
    return np.asarray(pd.Series(keys).groupby(keys).cumcount(), dtype=np.int64)


def _nss_bodies(rng: np.random.Generator, born: Ints) -> Ints:
    """Ten digits: subdelegation 01–97, year of affiliation, year of birth, serial. All different."""
    count = len(born)
    affiliated = _years(born) + rng.integers(16, 20, count)
    subdelegation = np.where(rng.random(count) < 0.2, rng.integers(1, 10, count), rng.integers(10, 98, count))  # noqa: PLR2004
    head = subdelegation * 10_000 + affiliated % 100 * 100 + _years(born) % 100
    serial = (_numbered(head) + 137 * (head % 71)) % 10_000
    return np.asarray(head * 10_000 + serial, dtype=np.int64)


def _letters(pool: tuple[str, ...], rule: str) -> Codes:
    letters = [getattr(names, rule)(name) for name in pool] + ["X"]  # NOBODY picks the last
    return np.frombuffer("".join(letters).encode("ascii"), dtype=np.uint8)


def _curps(rng: np.random.Generator, given: Ints, first: Ints, second: Ints, born: Ints) -> Codes:
    """CURP codes, shape (n, 18): letters of the name, date, sex, entity, consonants, homonym mark, check digit."""
    parts = ((names.SURNAMES, first), (names.SURNAMES, second), (names.GIVEN, given))
    initials = [_letters(pool, "initial")[index] for pool, index in parts]
    head = np.column_stack([initials[0], _letters(names.SURNAMES, "inner_vowel")[first], *initials[1:]])
    unfit = np.isin(from_codes(head).to_numpy(), names.UNFIT_HEADS)
    head[:, 1] = np.where(unfit, ord("X"), head[:, 1])
    date = _date_codes(born)
    sex = np.where(rng.random(len(born)) < 0.01, ord("X"), np.where(given < len(names.WOMEN), ord("M"), ord("H")))  # noqa: PLR2004
    entities = np.frombuffer("".join(names.ENTITIES).encode("ascii"), dtype=np.uint8).reshape(-1, 2)
    entity = entities[rng.integers(0, len(entities), len(born))]
    consonants = np.column_stack([_letters(pool, "inner_consonant")[index] for pool, index in parts])
    body = np.column_stack([head, date, sex, entity, consonants]).astype(np.uint8)
    homonym = _numbered(pd.factorize(from_codes(body))[0].astype(np.int64))
    if homonym.max(initial=0) > 9:  # noqa: PLR2004
        message = "more than ten people share the first sixteen characters of a CURP"
        raise OverflowError(message)
    century = np.where(_years(born) >= 2000, ord("A"), ord("0"))  # noqa: PLR2004
    return identifiers.with_curp_digit(np.column_stack([body, century + homonym]).astype(np.uint8))


def _date_codes(born: Ints) -> Codes:
    written = day_text(born)
    compact = written.str.slice(2, 4) + written.str.slice(5, 7) + written.str.slice(8, 10)
    return np.frombuffer("".join(compact).encode("ascii"), dtype=np.uint8).reshape(-1, 6)


def registry(people: pd.DataFrame, first_month_start: int) -> pd.DataFrame:
    """Rows of the registrants' files: the columns of §3, then `part` (which file) and `rejected`.

    Some people have an older row that no longer stands; people in conflict have two newest rows that disagree.
    """
    listed = people[people["standing"] != Standing.UNREGISTERED].reset_index(drop=True)
    in_conflict = (listed["standing"] == Standing.IN_CONFLICT).to_numpy()
    numbers = listed["person"].to_numpy()
    updated = (first_month_start - 40 + numbers % 17) * DAY + numbers % 86_400 * 1_000_000
    standing = _registry_rows(listed, updated).assign(part="lista", rejected=in_conflict)
    changed = np.flatnonzero((numbers % 50 == 3) & ~in_conflict)  # noqa: PLR2004
    older = _registry_rows(listed.iloc[changed], updated[changed] - 30 * DAY)
    former = "NOMBRE ANTERIOR, " + older["full_name"]
    older = older.assign(part="cambios", rejected=False, umf="UMF 999", full_name=former)
    other = standing[in_conflict].assign(part="cambios", full_name="OTRA PERSONA")
    again = standing[(numbers % 97 == 5) & ~in_conflict].assign(part="cambios", email="otro@ejemplo.mx")  # noqa: PLR2004
    rows: pd.DataFrame = pd.concat([standing, older, other, again, _defective(standing)], ignore_index=True)
    return rows


def _registry_rows(people: pd.DataFrame, updated: Ints) -> pd.DataFrame:
    """Rows in the columns of §3, one a person, with these moments of update (microseconds UTC)."""
    numbers = people["person"].to_numpy()
    place = numbers % len(names.PLACES)
    columns = {
        "nss": people["nss"].reset_index(drop=True),
        "curp": people["curp"].reset_index(drop=True),
        "full_name": people["full_name"].reset_index(drop=True),
        "email": "persona" + figures(numbers) + "@ejemplo.mx",
        "postal_code": picked([where[2] for where in names.PLACES], place),
        "state": picked([where[0] for where in names.PLACES], place),
        "municipality": picked([where[1] for where in names.PLACES], place),
        "umf": picked(["", *names.CLINICS], people["clinic"].to_numpy() + 1),
        "monthly_income": pesos(800_000 + numbers % 911 * 1_357),
        "occupation": picked(names.TRADES, numbers % len(names.TRADES)),
        "registered_on": day_text(updated // DAY - 200),
        "updated_at": instant_text(updated, -(numbers % 2) * 6),
    }
    return pd.DataFrame(columns)


def _defective(standing: pd.DataFrame) -> pd.DataFrame:
    """Up to four rows that must be rejected: two check digits, a zero eaten, a date. Nobody is named by them."""
    rows = standing.head(4).assign(part="lista", rejected=True).reset_index(drop=True)
    pools = {
        "nss": ["12345678904", "12345678903", "1234567897", "12345678903"],
        "curp": ["BOXW310820HNERXN09", "BOXW310820HNERXN08", "BOXW310820HNERXN09", "BOXW310820HNERXN09"],
        "registered_on": ["2020-01-31", "2020-01-31", "2020-01-31", "2020-02-30"],
    }
    for column, pool in pools.items():
        rows[column] = picked(pool, np.arange(len(rows)))
    return rows.assign(full_name="FILA DEFECTUOSA")
