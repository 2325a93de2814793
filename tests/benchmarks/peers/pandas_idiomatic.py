"""The contract in pandas, as a good data analyst writes it: text columns, merges, groups, no loop over rows."""

from __future__ import annotations

from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tests.benchmarks.peers import canonical as known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

TEXT_FACTS: Final = ["text", "settlement_id", "capture_line", "nss", "curp"]
KEY: Final = ["channel", "natural_key"]
OPEN: Final = ("credited", "paid")
NONE: Final = -1
UNREAD: Final = -2
ROWS_AT_ONCE: Final = 500_000
WORTH: Final = np.zeros(256, np.int64)
WORTH[list(known.CURP_ALPHABET.encode("latin-1"))] = np.arange(len(known.CURP_ALPHABET))


def main() -> None:
    """Read, decide, write."""
    asked = known.asked(__doc__)
    people, lines = registrants(read(asked.inbox, "registrants")), capture_lines(read(asked.inbox, "capture_lines"))
    rows = observe(read(asked.inbox, "bank_transfers"), read(asked.inbox, "remittances"))
    payments, claims = identify(rows)
    payments = settle(payments, claims, read(asked.inbox, "settlements"))
    findings = match(payments, claims, lines, people)
    payments = stand(payments, findings)
    money = allocate(payments, findings, lines)
    covered = activate(money, people, asked.month)
    answers = {
        "matches": matches(money, asked.month),
        "dispositions": dispositions(payments, money, asked.month),
        "coverage_activations": told_activations(covered, asked.month),
        "coverage_exceptions": exceptions(payments, findings, money, covered, lines, people, asked.month),
    }
    for name, table in answers.items():
        table.to_parquet(asked.output / f"{name}.parquet", index=False, compression="snappy")


# --- Files ------------------------------------------------------------------------------------------------------------


def read(inbox: Path, kind: str) -> pd.DataFrame:
    """The sound rows of all files of a kind, typed; a file that is no text of this kind is left out whole."""
    batches = [typed(pd.concat(batch, ignore_index=True), kind) for batch in _batches(inbox, kind)]
    return pd.concat(batches, ignore_index=True)


def _batches(inbox: Path, kind: str) -> Iterator[list[pd.DataFrame]]:
    """Files put together until they have so many rows: small ones cost little, and not all is text at one time."""
    batch, number = [pd.DataFrame(columns=list(known.FIELDS[kind]), dtype="str")], 0
    for path in known.files(inbox, kind):
        texts = _read_file(path, kind)
        if texts is not None:
            batch.append(texts)
            number += len(texts)
        if number > ROWS_AT_ONCE:
            yield batch
            batch, number = [], 0
    if batch:
        yield batch


def _read_file(path: Path, kind: str) -> pd.DataFrame | None:
    try:
        texts = pd.read_csv(path, dtype="str", keep_default_na=False, engine="pyarrow")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        return None
    return texts if known.is_text_of(kind, list(texts.columns)) else None


def typed(texts: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The rows that obey every rule of every field, with amounts in centavos, dates and instants."""
    fields = known.FIELDS[kind]
    sound = pd.Series(data=True, index=texts.index)
    for name, said in fields.items():
        sound &= _obeys(texts[name], said, kind)
    rows = texts[sound].reset_index(drop=True)
    for name, said in fields.items():
        what = said.rstrip("!")
        if what in {"amount", "amount_or_zero"} and name not in {"send_amount", "monthly_income"}:
            rows[name] = pd.to_numeric(rows[name].str.replace(".", "", regex=False)).astype(
                "Int64" if name == "fee" else "int64"
            )
        elif what == "date":
            rows[name] = pd.to_datetime(rows[name], format="%Y-%m-%d")
        elif what == "instant":
            rows[name] = pd.to_datetime(rows[name], format="ISO8601", utc=True)
        elif what in {"count", "nss"}:
            rows[name] = rows[name].astype("int64")
    return rows


def _obeys(field: pd.Series, said: str, kind: str) -> pd.Series:
    what, required = said.rstrip("!"), said.endswith("!")
    match what:
        case "status":
            held = field.isin(known.STATUSES[kind])
        case "amount":
            held = field.str.fullmatch(known.AMOUNT) & field.str.contains("[1-9]")
        case "amount_or_zero":
            held = field.str.fullmatch(known.AMOUNT)
        case "date":
            shaped = field.str.fullmatch(known.DATE)
            held = shaped & pd.to_datetime(field.where(shaped), format="%Y-%m-%d", errors="coerce").notna()
        case "instant":
            shaped = field.str.fullmatch(known.INSTANT)
            held = shaped & pd.to_datetime(field.where(shaped), format="ISO8601", utc=True, errors="coerce").notna()
        case "month":
            held = field.str.fullmatch(known.MONTH)
        case "rate":
            held = field.str.fullmatch(known.RATE) & field.str.contains("[1-9]")
        case "count":
            held = field.str.fullmatch(known.COUNT)
        case "nss":
            held = _checked(field, known.NSS, 11, _luhn)
        case "curp":
            held = _checked(field, known.CURP, 18, _curp_digit)
        case "line":
            held = normal(field).str.len().between(known.SHORTEST_LINE, known.LONGEST_LINE)
            held &= ~field.str.contains(known.CONTROL) & ~field.str.fullmatch(known.SPREADSHEET_NUMBER)
        case "key":
            held = ~field.str.contains(known.UNSEEN) & ~field.str.contains("|", regex=False)
            held &= ~field.str.fullmatch(known.SPREADSHEET_NUMBER) & (field.str.len() <= known.FIELD_BYTES)
        case "code":
            held = ~field.str.contains(known.UNSEEN) & (field.str.len() <= known.FIELD_BYTES)
        case _:
            held = ~field.str.contains(known.CONTROL) & (field.str.len() <= known.FIELD_BYTES)
    return held & field.str.strip().ne("") if required else held | field.eq("")


def _checked(
    field: pd.Series, shape: str, width: int, is_right: Callable[[NDArray[np.uint8]], NDArray[np.bool_]]
) -> pd.Series:
    """Whether each text has the shape, and its characters (all of one byte in Latin-1) the right check digit."""
    shaped = field.str.fullmatch(shape)
    characters = np.frombuffer("".join(field[shaped]).encode("latin-1"), np.uint8).reshape(-1, width)
    held = shaped.to_numpy(dtype=bool).copy()
    held[held] = is_right(characters)
    return pd.Series(held, index=field.index)


def _luhn(characters: NDArray[np.uint8]) -> NDArray[np.bool_]:
    digits = (characters - ord("0")).astype("int64")
    doubled = digits[:, 1::2] * 2
    total = digits[:, 0::2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)
    return np.asarray(total % 10 == 0)


def _curp_digit(characters: NDArray[np.uint8]) -> NDArray[np.bool_]:
    worth = WORTH[characters]
    return np.asarray(-(worth[:, :17] @ np.arange(18, 1, -1)) % 10 == worth[:, 17])


def normal(texts: pd.Series) -> pd.Series:
    """Texts with a-z raised and every character outside A-Z and 0-9 removed."""
    return texts.str.replace("[^A-Za-z0-9]", "", regex=True).str.upper()


# --- Registries -------------------------------------------------------------------------------------------------------


def registrants(rows: pd.DataFrame) -> pd.DataFrame:
    """Who stands: nss (a number), curp, full_name, umf. Nobody who is in conflict."""
    latest, conflicts = _latest(rows, "nss", ["curp", "full_name", "umf"])
    return latest.loc[~latest["nss"].isin(conflicts), ["nss", "curp", "full_name", "umf"]]


def capture_lines(rows: pd.DataFrame) -> pd.DataFrame:
    """The lines that stand, numbered by ``line``; one in conflict has nothing but its name."""
    rows = rows.rename(columns={"capture_line": "written", "amount_due": "due"})
    rows["capture_line"] = normal(rows["written"])
    rows["due_month"] = _ordinal(rows["coverage_month"]) - 1
    latest, conflicts = _latest(rows, "capture_line", ["nss", "coverage_month", "due", "status"])
    in_conflict = pd.Index(conflicts).get_indexer(latest["capture_line"]) >= 0
    latest["written"] = latest["written"].mask(in_conflict, "")
    latest["status"] = latest["status"].mask(in_conflict, "conflict")
    latest.loc[in_conflict, ["nss", "due_month"]] = NONE
    kept = ["capture_line", "written", "nss", "coverage_month", "due_month", "due", "status"]
    return latest[kept].reset_index(drop=True).rename_axis("line").reset_index()


def _latest(rows: pd.DataFrame, key: str, used: list[str]) -> tuple[pd.DataFrame, pd.Series]:
    """One row a key, of the latest the smallest as text; and the keys whose latest rows differ in what is used."""
    several = rows[key].duplicated(keep=False)
    some = rows[several]
    newest = some[some["updated_at"] == some.groupby(key)["updated_at"].transform("max")]
    versions = newest.drop_duplicates([key, *used])
    conflicts = versions.loc[versions[key].duplicated(), key].drop_duplicates()
    order = [key, "written"] if "written" in newest else [key]
    return pd.concat([rows[~several], newest.sort_values(order).drop_duplicates(key)]), conflicts


def _ordinal(months: pd.Series) -> pd.Series:
    return months.map({month: known.month_number(month) for month in months.unique()}).astype("int64")


# --- Payments ---------------------------------------------------------------------------------------------------------


def observe(bank: pd.DataFrame, remittances: pd.DataFrame) -> pd.DataFrame:
    """Rows of both channels in one form; a returned row has no instant of its own."""
    day = bank["operating_date"].dt.strftime("%Y-%m-%d")
    bank = bank.rename(columns={"concept": "text", "sender_bank": "institution", "credited_at": "made_at"}).assign(
        channel="bank_transfer",
        natural_key=day + "|" + bank["sender_bank"] + "|" + bank["tracking_key"],
        settlement_id="", capture_line="", nss="", curp="",
    )  # fmt: skip
    bank["made_at"] = bank["made_at"].mask(bank["status"] == "returned")
    remittances = remittances.rename(
        columns={
            "company": "institution", "message": "text", "sent_at": "made_at", "pay_amount": "amount",
            "pay_currency": "currency",
        }
    ).assign(channel="remittance", natural_key=remittances["company"] + "|" + remittances["remittance_id"])  # fmt: skip
    columns = [
        *KEY, "institution", "tracking_key", "operating_date", "made_at", "amount", "currency", "fee", *TEXT_FACTS,
        "status",
    ]  # fmt: skip
    rows = pd.concat([bank, remittances], ignore_index=True)[columns]
    rows["tracking_key"] = rows["tracking_key"].fillna("")
    return rows


def identify(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Payments, one a natural key, and what their rows claim: several rows in a conflict."""
    # Of a bank the key has two bars, of a company one: no key is one of both.
    rows["payment"] = pd.factorize(rows["natural_key"])[0]
    rows["level"] = rows["status"].map(known.LEVELS)
    rows["stage"] = rows["status"].map({status: place for place, status in enumerate(known.LATEST_ORDER)})
    rows["is_ever_paid"] = rows["status"].isin(["paid", "refunded"])
    several = rows["payment"].duplicated(keep=False)
    once = rows[~several].assign(is_conflicting=False)
    some = rows[several].sort_values(["payment", "level", "amount", "made_at", "currency"], na_position="first")
    primary = some["status"].isin(known.PRIMARY)
    says = primary | ~primary.groupby(some["payment"]).transform("any")
    filled = some.assign(
        **{name: some[name].where(says & some[name].ne("")) for name in TEXT_FACTS},
        **{name: some[name].where(says) for name in ("fee", "made_at")},
    )
    facts = [*TEXT_FACTS, "fee", "made_at"]
    groups = filled.groupby("payment")
    conflicting = groups[[*facts, "amount", "currency"]].nunique().gt(1).any(axis=1)
    merged = some.drop_duplicates("payment").set_index("payment")
    together = groups[facts].first()
    for name in facts:
        merged[name] = merged[name].where(conflicting, together[name])
    merged[TEXT_FACTS] = merged[TEXT_FACTS].fillna("")
    merged["is_conflicting"] = conflicting
    merged["is_ever_paid"] = some.groupby("payment")["is_ever_paid"].any()
    merged["status"] = some.groupby("payment")["stage"].max().map(dict(enumerate(known.LATEST_ORDER)))
    payments = pd.concat([once, merged.reset_index()], ignore_index=True).drop(columns=["level", "stage"])
    contradicting = some[some["payment"].map(conflicting)]
    said = ["payment", *TEXT_FACTS]
    claims = pd.concat([payments.loc[~payments["is_conflicting"], said], contradicting[said]], ignore_index=True)
    return _dated(payments), claims


def _dated(payments: pd.DataFrame) -> pd.DataFrame:
    midnight = payments["operating_date"].dt.tz_localize(known.TIMEZONE, ambiguous=False, nonexistent="shift_forward")
    payments["made_at"] = payments["made_at"].fillna(midnight.dt.tz_convert("UTC"))
    civil = payments["made_at"].dt.tz_convert(known.TIMEZONE).dt.tz_localize(None)
    payments["paid_on"] = civil.dt.floor("D")
    payments["month"] = payments["paid_on"].dt.year * 12 + payments["paid_on"].dt.month - 1
    return payments


# --- Settlements ------------------------------------------------------------------------------------------------------


def settle(payments: pd.DataFrame, claims: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Payments with ``is_deposit`` and ``is_unsettled``: a remittance whose settlement is not balanced."""
    key = ["institution", "settlement_id"]
    versions = rows.rename(columns={"company": "institution", "bank_tracking_key": "tracking_key"}).drop_duplicates()
    named = versions[["sender_bank", "tracking_key"]].drop_duplicates()
    bank = payments[payments["channel"] == "bank_transfer"].rename(columns={"institution": "sender_bank"})
    deposits = bank.merge(named, on=["sender_bank", "tracking_key"])
    good = deposits[
        ~deposits["is_conflicting"] & deposits["status"].eq("credited") & deposits["currency"].eq(known.PESOS)
    ]  # fmt: skip
    paid_in = good.groupby(["sender_bank", "tracking_key"]).agg(
        deposits=("amount", "size"), deposited=("amount", "sum")
    )  # fmt: skip
    under = payments[payments["settlement_id"].ne("")]
    pesos = under.assign(pesos=under["amount"].where(under["currency"].eq(known.PESOS), 0), fee=under["fee"].fillna(0))
    remitted = (
        pesos[pesos["is_ever_paid"]].groupby(key).agg(n=("pesos", "size"), sum=("pesos", "sum"), kept=("fee", "sum"))
    )
    doubtful = payments.loc[payments["is_conflicting"], ["payment", "institution"]].merge(
        claims[["payment", "settlement_id"]], on="payment"
    )
    bad = pd.concat([doubtful[key], under.loc[under["currency"].ne(known.PESOS), key]]).drop_duplicates()
    one = versions[~versions.duplicated(key, keep=False)]
    distinct = versions.drop_duplicates([*key, "sender_bank", "tracking_key"])
    shared = distinct.loc[distinct.duplicated(["sender_bank", "tracking_key"]), ["sender_bank", "tracking_key"]]
    look = (
        one.merge(paid_in, on=["sender_bank", "tracking_key"]).merge(remitted, on=key)
        .merge(bad.assign(is_bad=True), on=key, how="left")
        .merge(shared.drop_duplicates().assign(is_shared=True), on=["sender_bank", "tracking_key"], how="left")
    )  # fmt: skip
    agrees = (
        look["is_bad"].isna() & look["is_shared"].isna() & look["currency"].eq(known.PESOS) & look["deposits"].eq(1)
        & look["deposited"].eq(look["net_amount"]) & look["net_amount"].eq(look["gross_amount"] - look["fee_amount"])
        & look["gross_amount"].eq(look["sum"]) & look["fee_amount"].eq(look["kept"]) & look["items"].eq(look["n"])
    )  # fmt: skip
    balanced = look.loc[agrees, key].assign(is_balanced=True)
    payments = payments.merge(balanced, on=key, how="left")
    payments["is_deposit"] = payments["payment"].isin(deposits["payment"])
    payments["is_unsettled"] = payments["channel"].eq("remittance") & payments["is_balanced"].isna()
    return payments


# --- Matching ---------------------------------------------------------------------------------------------------------

FOUND: Final = ["claim", "line", "nss", "rule", "problem"]


def match(payments: pd.DataFrame, claims: pd.DataFrame, lines: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """What was found, one row a claim and line or registrant, with the reason that holds it."""
    foreign = payments["status"].isin(OPEN) & payments["currency"].ne(known.PESOS)
    waits = payments["status"].ne("pending") & ~payments["is_deposit"]
    asked = payments.loc[
        payments["is_conflicting"] | foreign | waits, ["payment", "month", "amount", "is_unsettled"]
    ]  # fmt: skip
    claims = claims.merge(asked, on="payment").rename(columns={"capture_line": "line_field"})
    claims["claim"] = claims.index
    by_field = _by_line_field(claims, lines)
    tokens = _tokens(claims)
    by_text = _by_line_in_text(claims[~claims["claim"].isin(by_field["claim"])], tokens, lines)
    fields = claims.loc[claims["nss"].ne("") | claims["curp"].ne(""), ["claim", "nss", "curp"]]
    fields["nss_token"], fields["curp_token"] = _as_number(normal(fields["nss"])), normal(fields["curp"])
    in_text = _persons_in_text(tokens[~tokens["claim"].isin(fields["claim"])], people)
    answered = pd.concat([by_field["claim"], by_text["claim"]])
    persons = pd.concat([_persons_in_fields(fields, people), in_text], ignore_index=True)
    by_person = _by_registrant(persons[~persons["claim"].isin(answered)], claims, lines)
    found = pd.concat([by_field, by_text, by_person], ignore_index=True)
    return _held(found, claims, fields, in_text, lines, people)


def _as_number(tokens: pd.Series) -> pd.Series:
    """An NSS as a number; what is none is ``UNREAD``."""
    return pd.to_numeric(tokens.where(tokens.str.fullmatch(known.NSS), str(UNREAD))).astype("int64")


def _by_line_field(claims: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    given = claims.loc[claims["line_field"].ne(""), ["claim", "line_field"]]
    given = given.assign(capture_line=normal(given["line_field"]))
    found = given.merge(lines[["capture_line", "line", "written", "nss"]], on="capture_line")
    found["rule"] = np.where(found["line_field"] == found["written"], "exact", "normalised")
    return found.assign(problem="")[FOUND]


def _tokens(claims: pd.DataFrame) -> pd.DataFrame:
    """claim, token, size: every token of every text long enough to name somebody, in order."""
    long_enough = claims.loc[claims["text"].str.len() >= known.SHORTEST_LINE, ["claim", "text"]].set_index("claim")
    spaced = long_enough["text"].str.replace("[^A-Za-z0-9]+", " ", regex=True).str.strip().str.upper()
    tokens = spaced.str.split(" ").explode().rename("token").astype("str").reset_index()
    tokens["size"] = tokens["token"].str.len()
    return tokens[tokens["size"] > 0].reset_index(drop=True)


def _by_line_in_text(claims: pd.DataFrame, tokens: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    tokens = tokens[tokens["claim"].isin(claims["claim"])].reset_index(drop=True)
    claim, size, sizes = tokens["claim"], tokens["size"], lines["capture_line"].str.len().unique()
    runs = []
    for length in range(1, known.LONGEST_RUN + 1):
        same = claim == claim.shift(1 - length)
        total = reduce(add, [size.shift(-after) for after in range(length)])
        start = np.flatnonzero(same & total.isin(sizes))
        parts = [tokens["token"].take(start + after).reset_index(drop=True) for after in range(length)]
        run = parts[0]
        for part in parts[1:]:
            run = run + part
        runs.append(pd.DataFrame({"claim": claim.to_numpy()[start], "capture_line": run}))
    named = pd.concat(runs).merge(lines[["capture_line", "line", "nss", "due"]], on="capture_line")
    named = named.drop_duplicates(["claim", "line"]).merge(claims[["claim", "amount"]], on="claim")
    groups = named.groupby("claim")["due"]
    several = groups.transform("size") > 1
    wrong = several & groups.transform("sum").ne(named["amount"])
    named["rule"] = np.where(several, "text_many", "text")
    named["problem"] = np.where(wrong, "several_lines", "")
    return named[FOUND]


def _persons_in_text(tokens: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    numbers = tokens[tokens["size"] == 11]
    by_nss = numbers.assign(nss=_as_number(numbers["token"])).merge(people[["nss"]], on="nss").assign(rule="nss")
    codes = tokens[tokens["size"] == 18].rename(columns={"token": "curp"})
    by_curp = codes.merge(people[["nss", "curp"]], on="curp").assign(rule="curp")
    return pd.concat([by_nss, by_curp])[["claim", "nss", "rule"]].drop_duplicates(["claim", "nss"])


def _persons_in_fields(fields: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    by_nss = fields[["claim", "nss_token"]].merge(people[["nss"]], left_on="nss_token", right_on="nss")
    by_curp = fields[["claim", "curp_token"]].merge(people[["nss", "curp"]], left_on="curp_token", right_on="curp")
    named = pd.concat([by_nss.assign(rule="nss"), by_curp.assign(rule="curp")], ignore_index=True)
    named = named[["claim", "nss", "rule"]]
    filled = (fields["nss"].ne("").astype("int64") + fields["curp"].ne("")).set_axis(fields["claim"])
    per_claim = named.drop_duplicates(["claim", "rule"]).groupby("claim").size()
    named = named[named["claim"].map(per_claim) == named["claim"].map(filled)]
    by_both = named.duplicated(["claim", "nss"], keep=False)
    agreed = named[by_both | ~by_both.groupby(named["claim"]).transform("any")]
    return agreed.sort_values("rule", ascending=False).drop_duplicates(["claim", "nss"])


def _by_registrant(persons: pd.DataFrame, claims: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    several = persons["claim"].duplicated(keep=False)
    many = persons[several].assign(line=NONE, problem="several_registrants")
    issued = lines.loc[lines["status"].eq("issued"), ["nss", "due_month", "line", "due"]]
    asked = persons[~several].merge(claims[["claim", "month", "amount"]], on="claim")
    found = asked.merge(issued, left_on=["nss", "month"], right_on=["nss", "due_month"], how="left")
    none, twice = found["line"].isna(), found["claim"].duplicated(keep=False)
    found["problem"] = np.select(
        [none, twice, found["due"] != found["amount"]], ["no_line_for_month", "several_lines", "amount_mismatch"], ""
    )
    found["line"] = found["line"].fillna(NONE).astype("int64")
    return pd.concat([many[FOUND], found[FOUND]], ignore_index=True)


def _held(
    found: pd.DataFrame, claims: pd.DataFrame, fields: pd.DataFrame, in_text: pd.DataFrame, lines: pd.DataFrame,
    people: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """With ``reason``: the first that applies to any row of the claim."""
    alone = in_text[~in_text["claim"].duplicated(keep=False)].set_index("claim")["nss"]
    said = fields.assign(nss_filled=fields["nss"].ne(""), curp_filled=fields["curp"].ne(""))
    of_line = lines[["line", "due_month", "status"]].rename(columns={"status": "line_status"})
    look = (
        found.merge(claims[["claim", "payment", "month", "is_unsettled"]], on="claim", how="left")
        .merge(of_line, on="line", how="left")
        .merge(people[["nss", "curp"]], on="nss", how="left")
        .merge(said[["claim", "nss_filled", "curp_filled", "nss_token", "curp_token"]], on="claim", how="left")
    )
    has_line, is_registered = look["line"].ne(NONE), look["curp"].notna()
    has_nss, has_curp = (look[name].eq(True) for name in ("nss_filled", "curp_filled"))  # noqa: FBT003
    in_words = look["claim"].map(alone)
    other_curp = look["curp_token"].ne(look["curp"]) | ~is_registered
    other = (has_nss & look["nss_token"].ne(look["nss"])) | (has_curp & other_curp)
    applies = {
        "registry_conflict": look["line_status"].eq("conflict"),
        "line_cancelled": look["line_status"].eq("cancelled"),
        "identity_conflict": has_line & (other | (in_words.notna() & in_words.ne(look["nss"]))),
        "out_of_window": look["due_month"].ge(0) & (look["due_month"] - look["month"]).abs().gt(known.WINDOW_MONTHS),
        "unknown_registrant": has_line & ~is_registered,
        "unsettled": look["is_unsettled"],
    }
    conditions = [applies.get(name, look["problem"].eq(name)).to_numpy(dtype=bool) for name in known.HOLDS]
    place = pd.Series(np.select(conditions, range(len(known.HOLDS)), len(known.HOLDS)))
    look["reason"] = np.array([*known.HOLDS, ""])[place.groupby(look["claim"]).transform("min")]
    return look[["claim", "payment", "line", "nss", "rule", "reason", "month"]]


# --- Allocation -------------------------------------------------------------------------------------------------------


def stand(payments: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Payments with bucket and reason; ``confirmed`` money goes on to be allocated."""
    found = payments["payment"].map(findings.drop_duplicates("payment").set_index("payment")["reason"])
    conditions = {
        "conflicting": payments["is_conflicting"],
        "returned": payments["status"].isin(known.NEVER_KEPT),
        "pending": payments["status"].eq("pending"),
        "foreign": payments["currency"].ne(known.PESOS),
        "settlement": payments["is_deposit"],
        "unmatched": found.isna(),
        "confirmed": found.eq(""),
    }
    choices = ["held", "returned", "pending", "held", "settlement", "unmatched", "confirmed"]
    payments["bucket"] = np.select(list(conditions.values()), choices, "held")
    reasons = ["conflicting_rows", "", "", "foreign_currency", "", "", ""]
    payments["reason"] = np.select(list(conditions.values()), reasons, found.fillna(""))
    payments["payment_id"] = payments["channel"] + "|" + payments["natural_key"]
    return payments


def allocate(payments: pd.DataFrame, findings: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Money confirmed to lines, one row a payment and line: what the line took, in which bucket, and what it became."""
    confirmed = payments.loc[
        payments["bucket"].eq("confirmed"),
        ["payment", "payment_id", *KEY, "amount", "currency", "made_at", "paid_on", "month"],
    ]
    money = findings[["payment", "line", "rule"]].merge(confirmed, on="payment")
    money = money.merge(lines[["line", "capture_line", "nss", "coverage_month", "due_month", "due"]], on="line")
    money["amount"] = money["amount"].where(money["rule"].ne("text_many"), money["due"])
    first_day = (money["due_month"] - 1970 * 12).to_numpy().astype("datetime64[M]").astype("datetime64[s]")
    money["is_late"] = money["paid_on"] > first_day + np.timedelta64(known.DUE_DAY - 1, "D")
    several = money["line"].duplicated(keep=False)
    # Only lines with several payments need an order.
    order = ["line", "made_at", *KEY]
    money = pd.concat([money[~several], money[several].sort_values(order)], ignore_index=True)
    money["on_time"] = money["amount"].where(~money["is_late"], 0)
    money["late"] = money["amount"] - money["on_time"]
    per_line = money.groupby("line")
    reached = per_line["on_time"].cumsum()
    money["before"], money["late_before"] = reached - money["on_time"], per_line["late"].cumsum() - money["late"]
    money["on_time_sum"], money["total"] = per_line["on_time"].transform("sum"), per_line["amount"].transform("sum")
    money["is_paid"] = money["on_time_sum"] >= money["due"]
    makes_full = money[~money["is_late"] & (reached >= money["due"])].drop_duplicates("line")
    money["full_on"] = money["line"].map(makes_full.set_index("line")["paid_on"])
    rivals = makes_full[makes_full.duplicated(["nss", "due_month"], keep=False)].sort_values(
        ["made_at", "capture_line"]
    )
    beaten = rivals.loc[rivals.duplicated(["nss", "due_month"]), "line"]
    money["stands"] = money["is_paid"] & ~money["line"].isin(beaten)
    room = np.select(
        [money["is_paid"] & money["stands"] & ~money["is_late"], money["is_paid"], money["is_late"]],
        [money["due"] - money["before"], 0, money["due"] - money["on_time_sum"] - money["late_before"]],
        money["due"] - money["before"],
    )
    money["taken"] = np.minimum(money["amount"], np.maximum(room, 0))
    money["bucket"] = np.select([money["is_late"], money["is_paid"]], ["late", "applied"], "short")
    return money


# --- Answers ----------------------------------------------------------------------------------------------------------


def _nss_text(numbers: pd.Series) -> pd.Series:
    return numbers.astype("str").str.zfill(11)


def matches(money: pd.DataFrame, month: str) -> pd.DataFrame:
    """Who was confirmed to which line, and why."""
    here = money.loc[money["month"].eq(known.month_number(month)), ["payment_id", "capture_line", "nss", "rule"]]
    return here.assign(nss=_nss_text(here["nss"]), month=month)


def dispositions(payments: pd.DataFrame, money: pd.DataFrame, month: str) -> pd.DataFrame:
    """One bucket for every centavo of the month."""
    number = known.month_number(month)
    here = money[money["month"].eq(number)]
    here = here.assign(reason="", nss=_nss_text(here["nss"]))
    taken = here[here["taken"].gt(0)].assign(amount_centavos=here["taken"])
    spare = here[here["amount"].gt(here["taken"])].assign(
        bucket="surplus", amount_centavos=here["amount"] - here["taken"]
    )
    whole = payments[payments["month"].eq(number) & payments["bucket"].ne("confirmed")].rename(
        columns={"amount": "amount_centavos"}
    )
    columns = [
        "payment_id", *KEY, "bucket", "reason", "amount_centavos", "currency", "capture_line", "nss", "coverage_month",
    ]  # fmt: skip
    whole = whole.assign(capture_line="", nss="", coverage_month="")
    return pd.concat([taken[columns], spare[columns], whole[columns]], ignore_index=True).assign(month=month)


def activate(money: pd.DataFrame, people: pd.DataFrame, month: str) -> pd.DataFrame:
    """The registrants whose line due in the month is paid on time and stands."""
    stands = money[money["stands"] & money["due_month"].eq(known.month_number(month))].drop_duplicates("line")
    return stands[["line", "capture_line", "nss", "due", "full_on"]].merge(people, on="nss")


def told_activations(covered: pd.DataFrame, month: str) -> pd.DataFrame:
    """Who is covered, with all that a clinic is told."""
    start = pd.Timestamp(f"{known.next_month(month)}-01")
    return pd.DataFrame(
        {
            "coverage_month": known.next_month(month),
            "nss": _nss_text(covered["nss"]),
            "curp": covered["curp"],
            "full_name": covered["full_name"],
            "umf": covered["umf"],
            "clinic_status": np.where(covered["umf"].ne(""), "assigned", "pending"),
            "coverage_start": start,
            "coverage_end": start + pd.offsets.MonthEnd(),
            "capture_line": covered["capture_line"],
            "amount_due_centavos": covered["due"],
            "amount_applied_centavos": covered["due"],
            "paid_on": covered["full_on"],
            "month": month,
        }
    )


def exceptions(
    payments: pd.DataFrame, findings: pd.DataFrame, money: pd.DataFrame, covered: pd.DataFrame, lines: pd.DataFrame,
    people: pd.DataFrame, month: str,
) -> pd.DataFrame:  # fmt: skip
    """Every other issued line due in the month, with the first reason that applies."""
    number = known.month_number(month)
    due = lines[lines["due_month"].eq(number) & lines["status"].eq("issued")]
    others = due[~due["line"].isin(covered["line"])]
    known_of = findings.merge(payments[["payment", "bucket", "currency"]], on="payment")
    held, back = known_of[known_of["bucket"].eq("held")], known_of[known_of["bucket"].eq("returned")]
    back = back[back["currency"].eq(known.PESOS) & back["reason"].eq("")]
    waiting = held[held["line"].eq(NONE) & held["month"].eq(number)]
    full = money[~money["is_paid"] & money["total"].ge(money["due"])]
    line, nss = others["line"], others["nss"]
    reasons = {
        "unknown_registrant": ~nss.isin(people["nss"]),
        "already_covered": nss.isin(covered["nss"]),
        "held": line.isin(held["line"]) | nss.isin(waiting["nss"]),
        "late": line.isin(full["line"]),
        "short": line.isin(money["line"]),
        "returned": line.isin(back["line"]),
    }
    return pd.DataFrame(
        {
            "coverage_month": known.next_month(month),
            "nss": _nss_text(nss),
            "capture_line": others["capture_line"],
            "amount_due_centavos": others["due"],
            "reason": np.select(list(reasons.values()), list(reasons), "unpaid"),
            "month": month,
        }
    )


if __name__ == "__main__":
    main()
