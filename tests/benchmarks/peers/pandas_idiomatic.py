"""The contract in pandas, as a good data analyst writes it: text columns, merges, groups, no loop over rows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from tests.benchmarks.peers import canonical as known

TEXT_FACTS: Final = ["text", "settlement_id", "capture_line", "nss", "curp"]
KEY: Final = ["channel", "natural_key"]
OPEN: Final = ("credited", "paid")


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
    activations = activate(money, people, asked.month)
    answers = {
        "matches": matches(money, asked.month),
        "dispositions": dispositions(payments, money, asked.month),
        "coverage_activations": activations,
        "coverage_exceptions": exceptions(payments, findings, money, activations, lines, people, asked.month),
    }
    for name, table in answers.items():
        table.to_parquet(asked.output / f"{name}.parquet", index=False, compression="snappy")


# --- Files ------------------------------------------------------------------------------------------------------------


def read(inbox: Path, kind: str) -> pd.DataFrame:
    """The sound rows of all files of a kind, typed; a file that is no text of this kind is left out whole."""
    frames = [typed(frame, kind) for path in known.files(inbox, kind) if (frame := _read_file(path, kind)) is not None]
    return pd.concat(frames, ignore_index=True)


def _read_file(path: Path, kind: str) -> pd.DataFrame | None:
    try:
        texts = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        return None
    # A record with too few fields is filled up with missing values, of which a whole file has none.
    if not known.is_text_of(kind, list(texts.columns)) or texts.isna().any(axis=None):
        return None
    return texts


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
        elif what == "count":
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
            held = _checked(field, known.NSS, _luhn)
        case "curp":
            held = _checked(field, known.CURP, _curp_digit)
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


def _checked(field: pd.Series, shape: str, digit_is_right) -> pd.Series:  # type: ignore[no-untyped-def]
    shaped = field.str.fullmatch(shape)
    right = digit_is_right(field[shaped])
    return right.reindex(field.index, fill_value=False)


def _luhn(nss: pd.Series) -> pd.Series:
    number, total = nss.astype("int64"), 0
    for place in range(11):
        digit = number // 10**place % 10
        total = total + (digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4))  # noqa: PLR2004
    return total % 10 == 0


def _curp_digit(curp: pd.Series) -> pd.Series:
    worth = {letter: value for value, letter in enumerate(known.CURP_ALPHABET)}
    total = sum(curp.str[place].map(worth) * (18 - place) for place in range(17))
    return (-total % 10) == curp.str[17].astype("int64")


def normal(texts: pd.Series) -> pd.Series:
    """Texts with a-z raised and every character outside A-Z and 0-9 removed."""
    return texts.str.replace("[^A-Za-z0-9]", "", regex=True).str.upper()


# --- Registries -------------------------------------------------------------------------------------------------------


def registrants(rows: pd.DataFrame) -> pd.DataFrame:
    """Who stands: nss, curp, full_name, umf. Nobody who is in conflict."""
    latest, conflicts = _latest(rows, "nss", ["curp", "full_name", "umf"])
    return latest.loc[~latest["nss"].isin(conflicts), ["nss", "curp", "full_name", "umf"]]


def capture_lines(rows: pd.DataFrame) -> pd.DataFrame:
    """The lines that stand; one in conflict has nothing but its name."""
    rows = rows.rename(columns={"capture_line": "written", "amount_due": "due"})
    rows["capture_line"] = normal(rows["written"])
    coverage = pd.PeriodIndex(rows["coverage_month"].astype("category").cat.categories, freq="M")
    before = dict(zip(coverage.astype("str"), (coverage - 1).astype("str"), strict=True))
    rows["due_month"] = rows["coverage_month"].map(before)
    latest, conflicts = _latest(rows, "capture_line", ["nss", "coverage_month", "due", "status"])
    in_conflict = latest["capture_line"].isin(conflicts)
    for name in ("written", "nss", "due_month", "coverage_month"):
        latest[name] = latest[name].mask(in_conflict, "")
    latest["status"] = latest["status"].mask(in_conflict, "conflict")
    kept = ["capture_line", "written", "nss", "coverage_month", "due_month", "due", "status"]
    return latest[kept].reset_index(drop=True)


def _latest(rows: pd.DataFrame, key: str, used: list[str]) -> tuple[pd.DataFrame, pd.Series]:
    newest = rows[rows["updated_at"] == rows.groupby(key)["updated_at"].transform("max")]
    versions = newest.drop_duplicates([key, *used])
    conflicts = versions.loc[versions[key].duplicated(), key]
    order = [key, "written"] if "written" in newest else [key]
    return newest.sort_values(order).drop_duplicates(key), conflicts


# --- Payments ---------------------------------------------------------------------------------------------------------


def observe(bank: pd.DataFrame, remittances: pd.DataFrame) -> pd.DataFrame:
    """Rows of both channels in one form; a returned row has no instant of its own."""
    bank = bank.rename(columns={"concept": "text", "sender_bank": "institution", "credited_at": "made_at"}).assign(
        channel="bank_transfer",
        natural_key=bank["operating_date"].dt.strftime("%Y-%m-%d") + "|" + bank["sender_bank"] + "|" + bank["tracking_key"],
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
    rows["payment"] = rows.groupby(KEY, sort=False).ngroup()
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
    payments["month"] = payments["paid_on"].dt.strftime("%Y-%m")
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

FOUND: Final = ["claim", "capture_line", "nss", "rule", "problem"]


def match(payments: pd.DataFrame, claims: pd.DataFrame, lines: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """What was found, one row a claim and line or registrant, with the reason that holds it."""
    foreign = payments["status"].isin(OPEN) & payments["currency"].ne(known.PESOS)
    waits = payments["status"].ne("pending") & ~payments["is_deposit"]
    asked = payments.loc[
        payments["is_conflicting"] | foreign | waits, ["payment", "month", "amount", "is_unsettled"]
    ]  # fmt: skip
    claims = claims.merge(asked, on="payment").rename(columns={"capture_line": "line_field"})
    claims["claim"] = claims.index
    claims["nss_token"], claims["curp_token"] = normal(claims["nss"]), normal(claims["curp"])
    by_field = _by_line_field(claims, lines)
    tokens = _tokens(claims)
    by_text = _by_line_in_text(claims[~claims["claim"].isin(by_field["claim"])], tokens, lines)
    fields = claims[claims["nss"].ne("") | claims["curp"].ne("")]
    in_text = _persons_in_text(tokens[~tokens["claim"].isin(fields["claim"])], people)
    answered = pd.concat([by_field["claim"], by_text["claim"]])
    persons = pd.concat([_persons_in_fields(fields, people), in_text], ignore_index=True)
    by_person = _by_registrant(persons[~persons["claim"].isin(answered)], claims, lines)
    found = pd.concat([by_field, by_text, by_person], ignore_index=True)
    return _held(found, claims, in_text, lines, people)


def _by_line_field(claims: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    given = claims.loc[claims["line_field"].ne(""), ["claim", "line_field"]]
    given = given.assign(capture_line=normal(given["line_field"]))
    found = given.merge(lines[["capture_line", "written", "nss"]], on="capture_line")
    found["rule"] = np.where(found["line_field"] == found["written"], "exact", "normalised")
    return found.assign(problem="")[FOUND]


def _tokens(claims: pd.DataFrame) -> pd.DataFrame:
    spaced = claims["text"].str.replace("[^A-Za-z0-9]+", " ", regex=True).str.strip().str.upper()
    tokens = spaced.str.split(" ").explode().rename("token").rename_axis("claim").reset_index()
    return tokens[tokens["token"].ne("") & tokens["token"].notna()].reset_index(drop=True)


def _by_line_in_text(claims: pd.DataFrame, tokens: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    tokens = tokens[tokens["claim"].isin(claims["claim"])].reset_index(drop=True)
    sizes, size = lines["capture_line"].str.len().unique(), tokens["token"].str.len()
    runs = []
    for length in range(1, known.LONGEST_RUN + 1):
        same = tokens["claim"] == tokens["claim"].shift(1 - length)
        total = sum(size.shift(-after) for after in range(length))
        start = tokens.index[same & total.isin(sizes)]
        parts = [tokens["token"].take(start + after).reset_index(drop=True) for after in range(length)]
        run = parts[0].str.cat(parts[1:]) if length > 1 else parts[0]
        runs.append(pd.DataFrame({"claim": tokens["claim"].take(start).to_numpy(), "capture_line": run}))
    named = pd.concat(runs).merge(lines[["capture_line", "nss", "due"]], on="capture_line")
    named = named.drop_duplicates(["claim", "capture_line"]).merge(claims[["claim", "amount"]], on="claim")
    groups = named.groupby("claim")["due"]
    several = groups.transform("size") > 1
    wrong = several & groups.transform("sum").ne(named["amount"])
    named["rule"] = np.where(several, "text_many", "text")
    named["problem"] = np.where(wrong, "several_lines", "")
    return named[FOUND]


def _persons_in_text(tokens: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    by_nss = tokens.rename(columns={"token": "nss"}).merge(people[["nss"]], on="nss").assign(rule="nss")
    by_curp = tokens.rename(columns={"token": "curp"}).merge(people[["nss", "curp"]], on="curp").assign(rule="curp")
    return pd.concat([by_nss, by_curp])[["claim", "nss", "rule"]].drop_duplicates(["claim", "nss"])


def _persons_in_fields(fields: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    by_nss = fields[["claim", "nss_token"]].merge(people[["nss"]], left_on="nss_token", right_on="nss")
    by_curp = fields[["claim", "curp_token"]].merge(people[["nss", "curp"]], left_on="curp_token", right_on="curp")
    named = pd.concat([by_nss.assign(rule="nss"), by_curp.assign(rule="curp")], ignore_index=True)
    named = named[["claim", "nss", "rule"]]
    filled = fields["nss"].ne("").astype("int64") + fields["curp"].ne("")
    filled.index = fields["claim"]
    named = named[named.groupby("claim")["rule"].transform("nunique") == named["claim"].map(filled)]
    by_both = named.duplicated(["claim", "nss"], keep=False)
    agreed = named[by_both | ~by_both.groupby(named["claim"]).transform("any")]
    return agreed.sort_values("rule", ascending=False).drop_duplicates(["claim", "nss"])


def _by_registrant(persons: pd.DataFrame, claims: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    several = persons["claim"].duplicated(keep=False)
    many = persons[several].assign(capture_line="", problem="several_registrants")
    issued = lines.loc[lines["status"].eq("issued"), ["nss", "due_month", "capture_line", "due"]]
    asked = persons[~several].merge(claims[["claim", "month", "amount"]], on="claim")
    found = asked.merge(issued, left_on=["nss", "month"], right_on=["nss", "due_month"], how="left")
    none, twice = found["capture_line"].isna(), found["claim"].duplicated(keep=False)
    found["problem"] = np.select(
        [none, twice, found["due"] != found["amount"]], ["no_line_for_month", "several_lines", "amount_mismatch"], ""
    )
    found["capture_line"] = found["capture_line"].fillna("")
    return pd.concat([many[FOUND], found[FOUND]], ignore_index=True)


def _held(
    found: pd.DataFrame, claims: pd.DataFrame, in_text: pd.DataFrame, lines: pd.DataFrame, people: pd.DataFrame
) -> pd.DataFrame:
    about = ["claim", "payment", "month", "is_unsettled", "nss_token", "curp_token"]
    said = claims[about].assign(nss_filled=claims["nss"].ne(""), curp_filled=claims["curp"].ne(""))
    alone = in_text[~in_text["claim"].duplicated(keep=False)].set_index("claim")["nss"]
    look = found.merge(said, on="claim", how="left")
    look = look.merge(
        lines[["capture_line", "due_month", "status"]].rename(columns={"status": "line_status"}),
        on="capture_line", how="left",
    ).merge(people[["nss", "curp"]], on="nss", how="left")  # fmt: skip
    has_line = look["capture_line"].ne("")
    in_words = look["claim"].map(alone)
    away = (_ordinal(look["due_month"]) - _ordinal(look["month"])).abs()
    applies = {
        "registry_conflict": look["line_status"].eq("conflict"),
        "line_cancelled": look["line_status"].eq("cancelled"),
        "identity_conflict": has_line
        & (
            (look["nss_filled"] & look["nss_token"].ne(look["nss"]))
            | (look["curp_filled"] & look["curp_token"].ne(look["curp"].fillna("?")))
            | (in_words.notna() & in_words.ne(look["nss"]))
        ),
        "out_of_window": away.gt(known.WINDOW_MONTHS),
        "unknown_registrant": has_line & look["curp"].isna(),
        "unsettled": look["is_unsettled"],
    }
    place = np.select(
        [applies.get(name, look["problem"].eq(name)).fillna(value=False) for name in known.HOLDS],
        range(len(known.HOLDS)), len(known.HOLDS),
    )  # fmt: skip
    look["hold"] = pd.Series(place).groupby(look["claim"]).transform("min")
    reasons = dict(enumerate([*known.HOLDS, ""]))
    look["reason"] = look["hold"].map(reasons)
    return look[["claim", "payment", "capture_line", "nss", "rule", "reason", "month"]]


def _ordinal(months: pd.Series) -> pd.Series:
    return months.map({month: known.month_number(month) for month in months.dropna().unique() if month})


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
    money = findings[["payment", "capture_line", "rule"]].merge(confirmed, on="payment")
    money = money.merge(lines[["capture_line", "nss", "coverage_month", "due_month", "due"]], on="capture_line")
    money["amount"] = money["amount"].where(money["rule"].ne("text_many"), money["due"])
    cut_off = pd.to_datetime(money["due_month"] + f"-{known.DUE_DAY}", format="%Y-%m-%d")
    money["is_late"] = money["paid_on"] > cut_off
    money = money.sort_values(["capture_line", "made_at", *KEY], ignore_index=True)
    money["on_time"] = money["amount"].where(~money["is_late"], 0)
    money["late"] = money["amount"] - money["on_time"]
    per_line = money.groupby("capture_line")
    reached = per_line["on_time"].cumsum()
    money["before"], money["late_before"] = reached - money["on_time"], per_line["late"].cumsum() - money["late"]
    money["on_time_sum"], money["total"] = per_line["on_time"].transform("sum"), per_line["amount"].transform("sum")
    money["is_paid"] = money["on_time_sum"] >= money["due"]
    makes_full = money[~money["is_late"] & (reached >= money["due"])].drop_duplicates("capture_line")
    full = makes_full.set_index("capture_line")
    money["full_on"] = money["capture_line"].map(full["paid_on"])
    first = makes_full.sort_values(["made_at", "capture_line"]).drop_duplicates(["nss", "due_month"])
    money["stands"] = money["is_paid"] & money["capture_line"].isin(first["capture_line"])
    room = np.select(
        [money["is_paid"] & money["stands"] & ~money["is_late"], money["is_paid"], money["is_late"]],
        [money["due"] - money["before"], 0, money["due"] - money["on_time_sum"] - money["late_before"]],
        money["due"] - money["before"],
    )
    money["taken"] = np.minimum(money["amount"], np.maximum(room, 0))
    money["bucket"] = np.select([money["is_late"], money["is_paid"]], ["late", "applied"], "short")
    return money


# --- Answers ----------------------------------------------------------------------------------------------------------


def matches(money: pd.DataFrame, month: str) -> pd.DataFrame:
    """Who was confirmed to which line, and why."""
    return money.loc[money["month"].eq(month), ["payment_id", "capture_line", "nss", "rule", "month"]]


def dispositions(payments: pd.DataFrame, money: pd.DataFrame, month: str) -> pd.DataFrame:
    """One bucket for every centavo of the month."""
    here = money[money["month"].eq(month)].assign(reason="")
    taken = here[here["taken"].gt(0)].assign(amount_centavos=here["taken"])
    spare = here[here["amount"].gt(here["taken"])].assign(
        bucket="surplus", amount_centavos=here["amount"] - here["taken"]
    )
    whole = payments[payments["month"].eq(month) & payments["bucket"].ne("confirmed")].rename(
        columns={"amount": "amount_centavos"}
    )
    columns = [
        "payment_id", *KEY, "bucket", "reason", "amount_centavos", "currency", "capture_line", "nss", "coverage_month",
        "month",
    ]  # fmt: skip
    whole = whole.assign(capture_line="", nss="", coverage_month="")
    return pd.concat([taken[columns], spare[columns], whole[columns]], ignore_index=True)


def activate(money: pd.DataFrame, people: pd.DataFrame, month: str) -> pd.DataFrame:
    """Who is covered, with all that a clinic is told."""
    stands = money[money["stands"] & money["due_month"].eq(month)].drop_duplicates("capture_line")
    covered, start = stands.merge(people, on="nss"), pd.Timestamp(f"{known.next_month(month)}-01")
    return pd.DataFrame(
        {
            "coverage_month": known.next_month(month),
            "nss": covered["nss"],
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
    payments: pd.DataFrame, findings: pd.DataFrame, money: pd.DataFrame, activations: pd.DataFrame,
    lines: pd.DataFrame, people: pd.DataFrame, month: str,
) -> pd.DataFrame:  # fmt: skip
    """Every other issued line due in the month, with the first reason that applies."""
    due = lines[lines["due_month"].eq(month) & lines["status"].eq("issued")]
    others = due[~due["capture_line"].isin(activations["capture_line"])]
    known_of = findings.merge(payments[["payment", "bucket", "currency"]], on="payment")
    held, back = known_of[known_of["bucket"].eq("held")], known_of[known_of["bucket"].eq("returned")]
    back = back[back["currency"].eq(known.PESOS) & back["reason"].eq("")]
    waiting = held[held["capture_line"].eq("") & held["month"].eq(month)]
    full = money[~money["is_paid"] & money["total"].ge(money["due"])]
    line, nss = others["capture_line"], others["nss"]
    reasons = {
        "unknown_registrant": ~nss.isin(people["nss"]),
        "already_covered": nss.isin(activations["nss"]),
        "held": line.isin(held["capture_line"]) | nss.isin(waiting["nss"]),
        "late": line.isin(full["capture_line"]),
        "short": line.isin(money["capture_line"]),
        "returned": line.isin(back["capture_line"]),
    }
    return pd.DataFrame(
        {
            "coverage_month": known.next_month(month),
            "nss": nss,
            "capture_line": line,
            "amount_due_centavos": others["due"],
            "reason": np.select(list(reasons.values()), list(reasons), "unpaid"),
            "month": month,
        }
    )


if __name__ == "__main__":
    main()
