"""The contract in Polars, written to win: typed file by file, numbers for identifiers, the few hard rows set apart.

Every file is read and checked by itself (one bad file must not stop the others), and only what the rules need stays in
memory. What occurs once takes the short way; only keys with several rows are grouped. Texts are searched by the lengths
of runs of tokens: no run is spelled out unless a line of that length exists.
"""

from __future__ import annotations

from functools import reduce
from operator import add, and_
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from tests.benchmarks.peers import canonical as known

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Frame = pl.DataFrame
col, lit = pl.col, pl.lit

DAY: Final = 10
SECONDS: Final = 19
DOUBLED: Final = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9], np.uint8)
OUTSIDE: Final = 255
WORTH: Final = np.full(256, OUTSIDE, np.uint8)
WORTH[[ord(letter) for letter in known.CURP_ALPHABET if letter != "Ñ"]] = [
    place for place, letter in enumerate(known.CURP_ALPHABET) if letter != "Ñ"
]


def main() -> None:
    """Read, decide, write."""
    asked = known.asked(__doc__)
    people, lines = registrants(read(asked.inbox, "registrants")), capture_lines(read(asked.inbox, "capture_lines"))
    settlements = read(asked.inbox, "settlements")
    rows = pl.concat(
        [bank_rows(read(asked.inbox, "bank_transfers")), remittance_rows(read(asked.inbox, "remittances"))]
    )
    payments, claims = identify(rows)
    del rows
    payments = settle(payments, claims, settlements)
    findings = match(payments, claims, lines, people)
    del claims
    payments = stand(payments, findings)
    money = allocate(payments, findings, lines)
    month = known.month_number(asked.month)
    here = told(money, lines, month)
    write(asked.output, "matches", matches(here, month))
    write(asked.output, "dispositions", dispositions(payments, here, month))
    del here
    activations = activate(money, people, month)
    write(asked.output, "coverage_exceptions", exceptions(payments, findings, money, activations, lines, people, month))
    write(asked.output, "coverage_activations", told_activations(activations, lines, month))


# --- Files ------------------------------------------------------------------------------------------------------------


def read(inbox: Path, kind: str) -> Frame:
    """The sound rows of all files of a kind, typed; a file that is no text of this kind is left out whole."""
    frames = [frame for path in known.files(inbox, kind) if (frame := _read_file(path, kind)) is not None]
    return pl.concat(frames) if frames else _sound(_nothing(kind), kind)


def _read_file(path: Path, kind: str) -> Frame | None:
    try:
        texts = pl.read_csv(path, infer_schema=False, empty_string_is_null=False)
    except (pl.exceptions.ComputeError, pl.exceptions.NoDataError):
        return None
    if not known.is_text_of(kind, texts.columns):
        return None
    return _sound(texts, kind)


def _nothing(kind: str) -> Frame:
    return Frame(schema=dict.fromkeys(known.FIELDS[kind], pl.String))


def _sound(texts: Frame, kind: str) -> Frame:
    rows = texts.lazy()
    if kind == "capture_lines":
        rows = rows.with_columns(normal=_normal(col("capture_line")))
    return rows.filter(_is_sound(kind)).select(**TYPED[kind]).collect(engine="streaming")


def _is_sound(kind: str) -> pl.Expr:
    """Whether a row obeys every rule of every field; texts are looked at together, as one bad one rejects the row."""
    fields = known.FIELDS[kind]
    rules = [_obeys(name, said, kind) for name, said in fields.items()]
    for words, unwanted in ((("text", "line"), known.CONTROL), (("code", "key"), known.UNSEEN)):
        names = [name for name, said in fields.items() if said.rstrip("!") in words]
        if names:
            rules.append(~pl.concat_str(names).str.contains(unwanted))
            rules.append(pl.max_horizontal(*(col(name).str.len_bytes() for name in names)) <= known.FIELD_BYTES)
    return reduce(and_, rules)


def _obeys(name: str, said: str, kind: str) -> pl.Expr:
    field = col(name)
    held = _shape(field, said.rstrip("!"), kind)
    if not said.endswith("!"):
        return held | (field == "")
    return held & (field.str.strip_chars() != "") if said in {"text!", "code!", "key!", "line!"} else held


def _shape(field: pl.Expr, what: str, kind: str) -> pl.Expr:
    match what:
        case "status":
            return field.is_in(known.STATUSES[kind])
        case "amount":
            return field.str.contains(known.AMOUNT) & (_centavos(field) > 0)
        case "amount_or_zero":
            return field.str.contains(known.AMOUNT)
        case "date":
            return field.str.contains(known.DATE) & _date(field).is_not_null()
        case "instant":
            return field.str.contains(known.INSTANT) & _date(field.str.slice(0, DAY)).is_not_null()
        case "month":
            return field.str.contains(known.MONTH)
        case "rate":
            return field.str.contains(known.RATE) & field.str.contains("[1-9]")
        case "count":
            return field.str.contains(known.COUNT)
        case "nss":
            return field.map_batches(_luhn, return_dtype=pl.Boolean, is_elementwise=True)
        case "curp":
            return field.map_batches(_curp_digits, return_dtype=pl.Boolean, is_elementwise=True)
        case "line":
            length = col("normal").str.len_bytes()
            fits = length.is_between(known.SHORTEST_LINE, known.LONGEST_LINE)
            return fits & ~field.str.contains(known.SPREADSHEET_NUMBER)
        case "key":
            return ~field.str.contains_any(["|"]) & ~field.str.contains(known.SPREADSHEET_NUMBER)
        case _:
            return lit(value=True)


def _checked(texts: pl.Series, width: int, holds: Callable[[NDArray[np.uint8]], NDArray[np.bool_]]) -> pl.Series:
    """Whether each text has so many bytes and ``holds`` says yes to them; the bytes are looked at, never copied out."""
    fits = texts.str.len_bytes() == width
    some = texts if fits.all() else texts.filter(fits)
    _, _, content = some.to_arrow(compat_level=pl.CompatLevel.oldest()).buffers()
    octets = np.frombuffer(content, np.uint8) if len(some) else np.empty(0, np.uint8)
    held = holds(octets[-len(some) * width :].reshape(-1, width))
    if len(some) == len(texts):
        return pl.Series(held)
    whole = fits.to_numpy().copy()
    whole[whole] = held
    return pl.Series(whole)


def _luhn(texts: pl.Series) -> pl.Series:
    """NSS: eleven digits, every second one doubled and its nines cast out, sum to a multiple of ten."""

    def holds(codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
        digits = codes - ord("0")  # what is no digit is over nine
        total = sum(digits[:, place] for place in range(0, 11, 2))
        for place in range(1, 11, 2):
            total = total + DOUBLED[np.minimum(digits[:, place], 9)]
        return np.asarray((total % 10 == 0) & (digits.max(axis=1, initial=0) <= 9), np.bool_)

    return _checked(texts, 11, holds)


def _curp_digits(texts: pl.Series) -> pl.Series:
    """CURP: eighteen letters and digits, the last by the weights 18 to 2. Those with an Ñ are few, and one by one."""

    def holds(codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
        worth = WORTH[codes]
        total = np.zeros(len(codes), np.uint16)
        for place in range(17):
            total += worth[:, place] * np.uint16(18 - place)
        right = (10 - total % 10) % 10 == worth[:, 17]
        return np.asarray(right & (worth.max(axis=1, initial=0) < OUTSIDE), np.bool_)

    plain = _checked(texts, 18, holds)
    enyes = texts.str.contains("Ñ", literal=True)
    if not enyes.any():
        return plain
    return plain | (
        enyes & pl.Series([bool(some) and _curp_by_hand(text) for text, some in zip(texts, enyes, strict=True)])
    )


def _curp_by_hand(curp: str) -> bool:
    if len(curp) != 18 or not set(curp) <= set(known.CURP_ALPHABET):
        return False
    total = sum(known.CURP_ALPHABET.index(letter) * (18 - place) for place, letter in enumerate(curp[:17]))
    return str(-total % 10) == curp[17]


def _normal(field: pl.Expr) -> pl.Expr:
    return field.str.replace_all("[^A-Za-z0-9]", "").str.to_uppercase()


def _centavos(field: pl.Expr) -> pl.Expr:
    return field.str.replace(".", "", literal=True).cast(pl.Int64, strict=False)


def _date(field: pl.Expr) -> pl.Expr:
    return field.str.to_date("%Y-%m-%d", strict=False)


def _instant(field: pl.Expr) -> pl.Expr:
    """Microseconds in UTC of a sound instant."""
    wall = field.str.slice(0, SECONDS).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    tail = field.str.slice(SECONDS)
    micros = tail.str.extract(r"^\.([0-9]+)").str.pad_end(6, "0").cast(pl.Int64).fill_null(0)
    hours, minutes = (tail.str.slice(at, 2).cast(pl.Int64, strict=False) for at in (-5, -2))
    ahead = (hours * 3600 + minutes * 60) * pl.when(tail.str.slice(-6, 1) == "-").then(-1).otherwise(1)
    seconds = pl.when(tail.str.ends_with("Z")).then(0).otherwise(ahead)
    return wall.cast(pl.Int64) + micros - seconds * 1_000_000


def _month(field: pl.Expr) -> pl.Expr:
    return field.str.slice(0, 4).cast(pl.Int32) * 12 + field.str.slice(5, 2).cast(pl.Int32) - 1


TYPED: Final[dict[str, dict[str, pl.Expr]]] = {
    "registrants": {
        "nss": col("nss").cast(pl.Int64),
        "curp": col("curp"),
        "full_name": col("full_name"),
        "umf": col("umf"),
        "updated_at": _instant(col("updated_at")),
    },
    "capture_lines": {
        "capture_line": col("normal"),
        "written": col("capture_line"),
        "nss": col("nss").cast(pl.Int64),
        "due_month": _month(col("coverage_month")) - 1,
        "due": _centavos(col("amount_due")),
        "status": col("status"),
        "updated_at": _instant(col("updated_at")),
    },
    "bank_transfers": {
        "key": pl.concat_str(["operating_date", "sender_bank", "tracking_key"], separator="|"),
        "institution": col("sender_bank"),
        "tracking_key": col("tracking_key"),
        "operating_date": _date(col("operating_date")),
        "made_at": _instant(col("credited_at")),
        "amount": _centavos(col("amount")),
        "currency": col("currency"),
        "text": col("concept"),
        "status": col("status"),
    },
    "remittances": {
        "key": pl.concat_str(["company", "remittance_id"], separator="|"),
        "institution": col("company"),
        "made_at": _instant(col("sent_at")),
        "amount": _centavos(col("pay_amount")),
        "currency": col("pay_currency"),
        "fee": pl.when(col("fee") != "").then(_centavos(col("fee"))),
        "settlement_id": col("settlement_id"),
        "capture_line": col("capture_line"),
        "nss": col("nss"),
        "curp": col("curp"),
        "text": col("message"),
        "status": col("status"),
    },
    "settlements": {
        "institution": col("company"),
        "settlement_id": col("settlement_id"),
        "settled_on": _date(col("settled_on")),
        "items": col("items").cast(pl.Int64),
        "gross": _centavos(col("gross_amount")),
        "fees": _centavos(col("fee_amount")),
        "net": _centavos(col("net_amount")),
        "currency": col("currency"),
        "sender_bank": col("sender_bank"),
        "tracking_key": col("bank_tracking_key"),
    },
}


# --- Registries -------------------------------------------------------------------------------------------------------


def registrants(rows: Frame) -> Frame:
    """Who stands: nss, curp, full_name, umf. Nobody who is in conflict."""
    latest, conflicts = _latest(rows, "nss", ["curp", "full_name", "umf"])
    return latest.join(conflicts, on="nss", how="anti").drop("updated_at")


def capture_lines(rows: Frame) -> Frame:
    """The lines that stand, numbered by ``line``; one in conflict has nothing but its name."""
    latest, conflicts = _latest(rows, "capture_line", ["nss", "due_month", "due", "status"])
    blank = [
        pl.when("in_conflict").then(value).otherwise(col(name)).alias(name)
        for name, value in (("written", lit("")), ("nss", lit(-1)), ("due_month", lit(-1)), ("due", lit(0)))
    ]
    state = pl.when("in_conflict").then(lit("conflict")).otherwise(col("status")).alias("status")
    marked = latest.with_columns(in_conflict=col("capture_line").is_in(conflicts["capture_line"].implode()))
    return marked.with_columns(*blank, state).drop("in_conflict", "updated_at").with_row_index("line")


def _latest(rows: Frame, key: str, used: list[str]) -> tuple[Frame, Frame]:
    """One row a key, of the latest the smallest as text; and the keys whose latest rows differ in what is used."""
    again = rows[key].is_duplicated()
    some = rows.filter(again)
    newest = some.filter(col("updated_at") == col("updated_at").max().over(key))
    conflicts = newest.unique([key, *used]).filter(col(key).is_duplicated()).select(key).unique()
    one = newest.sort(newest.columns).unique(key, keep="first", maintain_order=True)
    return pl.concat([rows.filter(~again), one]), conflicts


# --- Payments ---------------------------------------------------------------------------------------------------------

TEXT_FACTS: Final = ("text", "settlement_id", "capture_line", "nss", "curp")
ROW: Final = (
    "is_bank", "key", "institution", "tracking_key", "operating_date", "made_at", "amount", "currency", "fee",
    *TEXT_FACTS, "status",
)  # fmt: skip


def bank_rows(rows: Frame) -> Frame:
    """Bank rows in the common form; a returned row has no instant of its own."""
    blank = {name: lit("") for name in TEXT_FACTS[1:]}
    made_at = pl.when(col("status") != "returned").then(col("made_at"))
    fee = lit(None, pl.Int64)
    return rows.with_columns(is_bank=lit(value=True), made_at=made_at, fee=fee, **blank).select(ROW)


def remittance_rows(rows: Frame) -> Frame:
    """Remittance rows in the common form."""
    return rows.with_columns(is_bank=lit(value=False), tracking_key=lit(""), operating_date=lit(None, pl.Date)).select(
        ROW
    )


def identify(rows: Frame) -> tuple[Frame, Frame]:
    """Payments, one a natural key, numbered by ``payment``; and what their rows claim, several rows in a conflict."""
    # Of a bank the key has two bars, of a company one: no key is one of both.
    rows = rows.with_columns(several=col("key").is_duplicated())
    some = rows.filter("several").drop("several")
    alone = rows.filter(~col("several")).drop("several")
    merged, contradicting = _merge(some)
    once = alone.with_columns(is_conflicting=lit(value=False), is_ever_paid=col("status").is_in(["paid", "refunded"]))
    payments = pl.concat([once, merged.select(once.columns)]).with_row_index("payment")
    said = [*TEXT_FACTS]
    claims = payments.filter(~col("is_conflicting")).select("payment", *said)
    numbers = payments.filter("is_conflicting").select("payment", "is_bank", "key")
    others = contradicting.join(numbers, on=["is_bank", "key"]).select("payment", *said)
    return _dated(payments), pl.concat([claims, others])


def _merge(some: Frame) -> tuple[Frame, Frame]:
    """Keys with several rows: one payment each, and the rows of those that contradict each other."""
    keys = ["is_bank", "key"]
    primary = col("status").is_in(known.PRIMARY)
    ranked = some.with_columns(
        level=col("status").replace_strict(known.LEVELS, return_dtype=pl.Int8),
        late=col("status").replace_strict(
            {status: place for place, status in enumerate(known.LATEST_ORDER)}, return_dtype=pl.Int8
        ),
        says=primary | ~primary.any().over(keys),
    ).sort("level", "amount", "made_at", "currency", nulls_last=False)
    facts = [
        *(pl.when(col("says") & (col(name) != "")).then(col(name)).alias(name) for name in TEXT_FACTS),
        *(pl.when("says").then(col(name)).alias(name) for name in ("fee", "made_at")),
    ]
    named = [*TEXT_FACTS, "fee", "made_at"]
    grouped = ranked.with_columns(facts).group_by(keys, maintain_order=True).agg(
        *(col(name).drop_nulls().n_unique().alias(f"n_{name}") for name in named),
        *(col(name).n_unique().alias(f"n_{name}") for name in ("amount", "currency")),
        *(col(name).drop_nulls().first().alias(name) for name in named),
        *(col(name).first() for name in ("institution", "tracking_key", "operating_date", "amount", "currency")),
        col("late").max(),
        is_ever_paid=col("status").is_in(["paid", "refunded"]).any(),
    )  # fmt: skip
    counts = [col(f"n_{name}") > 1 for name in (*named, "amount", "currency")]
    merged = grouped.with_columns(
        *(col(name).fill_null("") for name in TEXT_FACTS),
        is_conflicting=pl.any_horizontal(counts),
        status=col("late").replace_strict(dict(enumerate(known.LATEST_ORDER)), return_dtype=pl.String),
    )
    conflicts = merged.filter("is_conflicting").select(keys)
    contradicting = ranked.join(conflicts, on=keys, how="semi", maintain_order="left")
    first = contradicting.unique(keys, keep="first", maintain_order=True).select(*keys, *named)
    return merged.update(first, on=keys, include_nulls=True), contradicting


def _dated(payments: Frame) -> Frame:
    """With paid_at (microseconds, UTC), paid_on and month: where only a return was seen, by the operating date."""
    midnight = col("operating_date").cast(pl.Datetime("us")).dt.replace_time_zone(
        known.TIMEZONE, ambiguous="earliest", non_existent="null"
    )  # fmt: skip
    unseen = payments["made_at"].null_count() > 0
    at = pl.coalesce("made_at", midnight.dt.convert_time_zone("UTC").cast(pl.Int64)) if unseen else col("made_at")
    payments = payments.with_columns(made_at=at)
    civil = col("made_at").cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(known.TIMEZONE)
    return payments.with_columns(paid_on=civil.dt.date()).with_columns(
        month=col("paid_on").dt.year() * 12 + col("paid_on").dt.month().cast(pl.Int32) - 1
    )


# --- Settlements ------------------------------------------------------------------------------------------------------


def settle(payments: Frame, claims: Frame, rows: Frame) -> Frame:
    """Payments with ``is_deposit`` and ``is_unsettled``: a remittance whose settlement is not balanced."""
    key, deposit_key = ["institution", "settlement_id"], ["sender_bank", "tracking_key"]
    versions = rows.unique()
    shared = versions.select(*key, *deposit_key).unique().filter(pl.struct(deposit_key).is_duplicated())
    named = versions.select(*deposit_key).unique().rename({"sender_bank": "institution"})
    deposits = payments.filter("is_bank").join(named, on=["institution", "tracking_key"], how="semi")
    good = ~col("is_conflicting") & (col("status") == "credited") & (col("currency") == known.PESOS)
    paid_in = deposits.filter(good).group_by(sender_bank="institution", tracking_key="tracking_key").agg(
        deposits=pl.len(), deposited=col("amount").sum()
    )  # fmt: skip
    under = payments.filter(~col("is_bank") & (col("settlement_id") != ""))
    remitted = under.filter("is_ever_paid").group_by(key).agg(
        n=pl.len().cast(pl.Int64),
        sum=col("amount").filter(col("currency") == known.PESOS).sum(),
        kept=col("fee").fill_null(0).sum(),
    )  # fmt: skip
    conflicting = payments.filter(col("is_conflicting")).select("payment", "institution")
    doubtful = claims.join(conflicting, on="payment").select(key).unique()
    foreign = under.filter(col("currency") != known.PESOS).select(key).unique()
    agrees = (
        (col("currency") == known.PESOS) & (col("deposits") == 1) & (col("deposited") == col("net"))
        & (col("net") == col("gross") - col("fees")) & (col("gross") == col("sum"))
        & (col("fees") == col("kept")) & (col("items") == col("n"))
    )  # fmt: skip
    balanced = (
        versions.filter(~pl.struct(key).is_duplicated())
        .join(shared, on=key, how="anti")
        .join(doubtful, on=key, how="anti")
        .join(foreign, on=key, how="anti")
        .join(paid_in, on=deposit_key)
        .join(remitted, on=key)
        .filter(agrees)
        .select(*key, is_balanced=lit(value=True))
    )
    lump = deposits["payment"]
    return (
        payments.join(balanced, on=key, how="left", maintain_order="left")
        .with_columns(
            is_deposit=col("payment").is_in(lump.implode()),
            is_unsettled=~col("is_bank") & col("is_balanced").is_null(),
        )
        .drop(
            "is_balanced",
            "settlement_id",
            "tracking_key",
            "operating_date",
            "is_ever_paid",
            "fee",
            *TEXT_FACTS[2:],
            "text",
        )
    )


# --- Matching ---------------------------------------------------------------------------------------------------------


def beside(rows: Frame, other: Frame, place: str, *names: str) -> Frame:
    """The rows with columns of the row of ``other`` that stands at ``place``; nothing is hashed."""
    return rows.hstack(other.select(col(*names).gather(rows[place])))


def match(payments: Frame, claims: Frame, lines: Frame, people: Frame) -> Frame:
    """What was found, one row a claim and line or registrant: payment, line, nss, rule, hold (position or null)."""
    foreign = col("status").is_in(["credited", "paid"]) & (col("currency") != known.PESOS)
    waits = (col("status") != "pending") & ~col("is_deposit")
    asked = payments.select("month", "amount", "is_unsettled", is_asked=col("is_conflicting") | foreign | waits)
    claims = beside(claims.drop("settlement_id"), asked, "payment", *asked.columns)
    claims = claims.filter("is_asked").drop("is_asked").with_row_index("claim")
    fields = claims.filter((col("nss") != "") | (col("curp") != "")).select(
        "claim",
        nss_filled=col("nss") != "",
        curp_filled=col("curp") != "",
        nss_token=_normal(col("nss")).str.extract("^([0-9]{11})$").cast(pl.Int64),
        curp_token=_normal(col("curp")),
    )
    by_field = _by_line_field(claims, lines)
    tokens = _tokens(claims)
    is_open = ~tokens["claim"].is_in(by_field["claim"].implode())
    by_text = _by_line_in_text(claims, tokens.filter(is_open), lines)
    in_text = _persons_in_text(tokens.join(fields, on="claim", how="anti", maintain_order="left"), people)
    answered = pl.concat([by_field["claim"], by_text["claim"]])
    persons = pl.concat([_persons_in_fields(fields, people), in_text])
    by_person = _by_registrant(persons.filter(~col("claim").is_in(answered.implode())), claims, lines)
    found = pl.concat([by_field, by_text, by_person])
    return _held(found, claims, fields, in_text, lines, people)


FOUND: Final = ("claim", "line", "nss", "rule", "problem")


def _by_line_field(claims: Frame, lines: Frame) -> Frame:
    given = claims.filter(col("capture_line") != "").select(
        "claim", said=col("capture_line"), capture_line=_normal(col("capture_line"))
    )
    rule = pl.when(col("said") == col("written")).then(lit("exact")).otherwise(lit("normalised"))
    hit = given.join(lines.select("line", "capture_line", "written", "nss"), on="capture_line")
    return hit.select("claim", "line", "nss", rule=rule, problem=lit(""))


def _tokens(claims: Frame) -> Frame:
    """claim, token, size: every token of every text long enough to name somebody, in order."""
    long_enough = claims.filter(col("text").str.len_bytes() >= known.SHORTEST_LINE)
    spaced = col("text").str.replace_all("[^A-Za-z0-9]+", " ").str.strip_chars(" ").str.to_uppercase()
    tokens = long_enough.select("claim", token=spaced.str.split(" ")).explode("token")
    return tokens.filter(col("token") != "").with_columns(size=col("token").str.len_bytes().cast(pl.Int32))


def _by_line_in_text(claims: Frame, tokens: Frame, lines: Frame) -> Frame:
    """Lines named by one to eight consecutive tokens; several of them only for their sum."""
    sizes = lines.select(col("capture_line").str.len_bytes().cast(pl.Int32).unique()).to_series()
    runs = pl.concat([_runs(tokens, length, sizes) for length in range(1, known.LONGEST_RUN + 1)])
    named = runs.join(lines.select("capture_line", "line", "nss", "due"), left_on="run", right_on="capture_line")
    named = beside(named.unique(["claim", "line"]), claims, "claim", "amount")
    several = pl.len().over("claim") > 1
    wrong = several & (col("due").sum().over("claim") != col("amount"))
    return named.select(
        "claim", "line", "nss",
        rule=pl.when(several).then(lit("text_many")).otherwise(lit("text")),
        problem=pl.when(wrong).then(lit("several_lines")).otherwise(lit("")),
    )  # fmt: skip


def _runs(tokens: Frame, length: int, sizes: pl.Series) -> Frame:
    """claim, run: so many consecutive tokens run together, where a line is as long as they are."""
    size = reduce(add, [col("size").shift(-after) for after in range(length)])
    same = col("claim") == col("claim").shift(1 - length)
    at = tokens.lazy().select(at=pl.arg_where((same & size.is_in(sizes.implode())).fill_null(value=False)))
    places = at.collect().to_series()
    parts = [tokens["token"].gather(places + after).alias(f"part{after}") for after in range(length)]
    run = pl.concat_str([part.name for part in parts]) if length > 1 else col("part0")
    return Frame([tokens["claim"].gather(places), *parts]).select("claim", run=run)


def _persons_in_text(tokens: Frame, people: Frame) -> Frame:
    """claim, nss, curp, rule: whom a single token names, each once, by NSS where both name them."""
    numbers = tokens.filter((col("size") == 11) & col("token").str.contains(known.NSS))
    by_nss = numbers.select("claim", nss=col("token").cast(pl.Int64)).join(people.select("nss"), on="nss", how="semi")
    codes = tokens.filter(col("size") == 18).select("claim", curp="token")
    by_curp = codes.join(people.select("nss", "curp"), on="curp").select("claim", "nss")
    both = [by_nss.with_columns(rule=lit("nss")), by_curp.with_columns(rule=lit("curp"))]
    return pl.concat(both).unique(["claim", "nss"], keep="first", maintain_order=True)


def _persons_in_fields(fields: Frame, people: Frame) -> Frame:
    """claim, nss, rule: whom every filled field names; fields of two persons name both."""
    by_nss = fields.filter(col("nss_token").is_not_null()).select("claim", nss="nss_token")
    by_nss = by_nss.join(people.select("nss"), on="nss", how="semi")
    by_curp = fields.filter(col("curp_token") != "").select("claim", curp="curp_token")
    by_curp = by_curp.join(people.select("nss", "curp"), on="curp").select("claim", "nss")
    named = pl.concat([by_nss.with_columns(rule=lit("nss")), by_curp.with_columns(rule=lit("curp"))])
    filled = fields.select("claim", filled=col("nss_filled").cast(pl.Int8) + col("curp_filled").cast(pl.Int8))
    whole = named.join(filled, on="claim").filter(col("rule").n_unique().over("claim") == col("filled"))
    whole = whole.with_columns(by_both=pl.struct("claim", "nss").is_duplicated())
    agreed = whole.filter(col("by_both") | ~col("by_both").any().over("claim"))
    first = agreed.sort(col("rule") == "curp", maintain_order=True)
    return first.unique(["claim", "nss"], keep="first").select("claim", "nss", "rule")


def _by_registrant(persons: Frame, claims: Frame, lines: Frame) -> Frame:
    """The one registrant named, with the one line due in the payment's month, for its amount."""
    persons = persons.with_columns(line=lit(None, pl.UInt32), several=pl.len().over("claim") > 1)
    many = persons.filter("several").with_columns(problem=lit("several_registrants")).select(FOUND)
    issued = lines.filter(col("status") == "issued").select("nss", "line", "due", month="due_month")
    asked = persons.filter(~col("several")).drop("line")
    asked = beside(asked, claims, "claim", "month", "amount")
    found = asked.join(issued, on=["nss", "month"], how="left")
    problem = (
        pl.when(col("line").is_null()).then(lit("no_line_for_month"))
        .when(pl.len().over("claim") > 1).then(lit("several_lines"))
        .when(col("due") != col("amount")).then(lit("amount_mismatch"))
        .otherwise(lit(""))
    )  # fmt: skip
    return pl.concat([many, found.with_columns(problem=problem).select(FOUND)])


def _held(found: Frame, claims: Frame, fields: Frame, in_text: Frame, lines: Frame, people: Frame) -> Frame:
    """With ``hold``: the first reason, by its position, that applies to any row of the claim."""
    alone = in_text.filter(~col("claim").is_duplicated()).select("claim", nss_in_text="nss")
    look = beside(found, claims, "claim", "payment", "month", "is_unsettled")
    look = (
        beside(look, lines, "line", "due_month", "status")
        .rename({"status": "line_status"})
        .join(people.select("nss", line_curp="curp"), on="nss", how="left")
        .join(fields, on="claim", how="left")
        .join(alone, on="claim", how="left")
    )
    has_line = col("line").is_not_null()
    applies = {
        "registry_conflict": col("line_status") == "conflict",
        "line_cancelled": col("line_status") == "cancelled",
        "identity_conflict": has_line
        & (
            (col("nss_filled") & col("nss_token").ne_missing(col("nss")))
            | (col("curp_filled") & col("curp_token").ne_missing(col("line_curp")))
            | (col("nss_in_text") != col("nss")).fill_null(value=False)
        ),
        "out_of_window": (col("due_month") >= 0) & ((col("due_month") - col("month")).abs() > known.WINDOW_MONTHS),
        "unknown_registrant": has_line & col("line_curp").is_null(),
        "unsettled": col("is_unsettled"),
    }
    first = pl.coalesce(
        pl.when(applies.get(name, col("problem") == name)).then(lit(place, pl.Int8))
        for place, name in enumerate(known.HOLDS)
    )
    held = look.select("claim", "payment", "line", "nss", "rule", hold=first)
    some = held.filter(col("hold").is_not_null()).group_by("claim").agg(col("hold").min())
    return held.drop("hold").join(some, on="claim", how="left")


# --- Allocation -------------------------------------------------------------------------------------------------------


def stand(payments: Frame, findings: Frame) -> Frame:
    """Payments with bucket and reason; ``confirmed`` money goes on to be allocated."""
    first = findings.select("payment", "hold").unique("payment", keep="first", maintain_order=True)
    look = payments.join(first.with_columns(is_found=lit(value=True)), on="payment", how="left", maintain_order="left")
    conflicting, returned = col("is_conflicting"), col("status").is_in(known.NEVER_KEPT)
    foreign, pending = col("currency") != known.PESOS, col("status") == "pending"
    bucket = (
        pl.when(conflicting).then(lit("held"))
        .when(returned).then(lit("returned"))
        .when(pending).then(lit("pending"))
        .when(foreign).then(lit("held"))
        .when("is_deposit").then(lit("settlement"))
        .when(col("is_found").is_null()).then(lit("unmatched"))
        .when(col("hold").is_null()).then(lit("confirmed"))
        .otherwise(lit("held"))
    )  # fmt: skip
    held = col("hold").replace_strict(dict(enumerate(known.HOLDS)), default="", return_dtype=pl.String).fill_null("")
    reason = (
        pl.when(conflicting).then(lit("conflicting_rows"))
        .when(col("bucket") != "held").then(lit(""))
        .when(foreign).then(lit("foreign_currency"))
        .otherwise(held)
    )  # fmt: skip
    look = look.with_columns(bucket=bucket).with_columns(reason=reason)
    return look.drop("is_found", "hold", "is_deposit", "is_unsettled", "is_conflicting", "status")


def allocate(payments: Frame, findings: Frame, lines: Frame) -> Frame:
    """Money confirmed to lines, one row a payment and line: what the line took, in which bucket, and what it became."""
    about = ("is_bank", "key", "amount", "currency", "made_at", "paid_on", "month")
    is_confirmed = payments["bucket"].eq("confirmed").gather(findings["payment"])
    confirmed = findings.filter(is_confirmed).select("payment", "line", "rule")
    money = beside(confirmed, payments, "payment", *about)
    money = beside(money, lines, "line", "nss", "due_month", "due")
    cut_off = pl.date(col("due_month") // 12, col("due_month") % 12 + 1, known.DUE_DAY)
    share = pl.when(col("rule") == "text_many").then(col("due")).otherwise(col("amount"))
    money = money.with_columns(amount=share, is_late=col("paid_on") > cut_off)
    money = money.with_columns(on_time=pl.when("is_late").then(0).otherwise(col("amount")))
    order = ["is_bank", "key"]  # bank_transfer before remittance
    several = money["line"].is_duplicated()
    one = money.filter(~several).with_columns(
        before=lit(0, pl.Int64), late_before=lit(0, pl.Int64), on_time_sum="on_time", total="amount",
        full_at="made_at", full_on="paid_on",
    )  # fmt: skip
    many = money.filter(several).sort("line", "made_at", ~col(order[0]), order[1])
    late = col("amount") - col("on_time")
    many = many.with_columns(
        before=col("on_time").cum_sum().over("line") - col("on_time"),
        late_before=late.cum_sum().over("line") - late,
        on_time_sum=col("on_time").sum().over("line"),
        total=col("amount").sum().over("line"),
    )
    makes_full = ~col("is_late") & (col("before") + col("on_time") >= col("due"))
    many = many.with_columns(
        full_at=col("made_at").filter(makes_full).first().over("line"),
        full_on=col("paid_on").filter(makes_full).first().over("line"),
    )
    money = pl.concat([one, many]).with_columns(is_paid=col("on_time_sum") >= col("due"))
    return _shared_out(money, lines)


def _shared_out(money: Frame, lines: Frame) -> Frame:
    """With ``stands`` (of two paid lines of one NSS and month the first full one), ``taken`` and ``bucket``."""
    paid = money.filter("is_paid").unique("line").select("line", "nss", "due_month", "full_at")
    rivals = paid.filter(pl.struct("nss", "due_month").is_duplicated()).join(
        lines.select("line", "capture_line"), on="line"
    )
    beaten = rivals.sort("full_at", "capture_line").filter(~pl.struct("nss", "due_month").is_first_distinct())
    money = money.with_columns(stands=col("is_paid") & ~col("line").is_in(beaten["line"].implode()))
    lacking = col("due") - col("on_time_sum") - col("late_before")
    room = (
        pl.when("is_paid").then(pl.when(col("stands") & ~col("is_late")).then(col("due") - col("before")).otherwise(0))
        .when("is_late").then(lacking)
        .otherwise(col("due") - col("before"))
    )  # fmt: skip
    bucket = (
        pl.when("is_late").then(lit("late")).when("is_paid").then(lit("applied")).otherwise(lit("short"))
    )  # fmt: skip
    return money.with_columns(taken=pl.min_horizontal("amount", room.clip(lower_bound=0)), bucket=bucket)


# --- Answers ----------------------------------------------------------------------------------------------------------


def _names(numbers: pl.Expr) -> pl.Expr:
    """Month numbers as YYYY-MM."""
    return pl.date(numbers // 12, numbers % 12 + 1, 1).dt.strftime("%Y-%m")


def _nss_text(field: pl.Expr) -> pl.Expr:
    return field.cast(pl.String).str.zfill(11)


def _identity() -> dict[str, pl.Expr]:
    channel = pl.when("is_bank").then(lit("bank_transfer")).otherwise(lit("remittance"))
    return {"payment_id": pl.concat_str(channel, lit("|"), "key"), "channel": channel, "natural_key": col("key")}


def told(money: Frame, lines: Frame, month: int) -> Frame:
    """The confirmed money of the month with what names its payment and its line."""
    here = beside(money.filter(col("month") == month), lines, "line", "capture_line")
    return here.with_columns(**_identity(), nss=_nss_text(col("nss")), coverage_month=_names(col("due_month") + 1))


def matches(here: Frame, month: int) -> Frame:
    """Who was confirmed to which line, and why."""
    return here.select("payment_id", "capture_line", "nss", "rule", month=lit(_month_name(month)))


def dispositions(payments: Frame, here: Frame, month: int) -> Frame:
    """One bucket for every centavo of the month."""
    whole = payments.filter((col("month") == month) & (col("bucket") != "confirmed")).select(
        **_identity(), bucket="bucket", reason="reason", amount_centavos="amount", currency="currency",
        capture_line=lit(""), nss=lit(""), coverage_month=lit(""),
    )  # fmt: skip
    names, line = ("payment_id", "channel", "natural_key"), ("currency", "capture_line", "nss", "coverage_month")
    taken = here.filter(col("taken") > 0).select(*names, "bucket", lit("").alias("reason"), col("taken"), *line)
    spare = here.filter(col("amount") > col("taken")).select(
        *names, lit("surplus").alias("bucket"), lit("").alias("reason"), col("amount") - col("taken"), *line
    )
    parts = [taken.rename({"taken": "amount_centavos"}), spare.rename({"amount": "amount_centavos"}), whole]
    return pl.concat(parts, rechunk=False).with_columns(month=lit(_month_name(month)))


def activate(money: Frame, people: Frame, month: int) -> Frame:
    """The registrants whose line due in the month is paid on time and stands."""
    stands = money.filter(col("stands") & (col("due_month") == month)).unique("line")
    return stands.select("line", "nss", "due", "full_on").join(people, on="nss")


def told_activations(activations: Frame, lines: Frame, month: int) -> Frame:
    """Who is covered, with all that a clinic is told."""
    coverage = known.next_month(_month_name(month))
    start = pl.lit(f"{coverage}-01").str.to_date()
    return beside(activations, lines, "line", "capture_line").select(
        coverage_month=lit(coverage), nss=_nss_text(col("nss")), curp="curp", full_name="full_name", umf="umf",
        clinic_status=pl.when(col("umf") != "").then(lit("assigned")).otherwise(lit("pending")),
        coverage_start=start, coverage_end=start.dt.month_end(), capture_line="capture_line",
        amount_due_centavos="due", amount_applied_centavos="due", paid_on="full_on", month=lit(_month_name(month)),
    )  # fmt: skip


def exceptions(
    payments: Frame, findings: Frame, money: Frame, activations: Frame, lines: Frame, people: Frame, month: int
) -> Frame:
    """Every other issued line due in the month, with the first reason that applies."""
    due = lines.filter((col("due_month") == month) & (col("status") == "issued"))
    others = due.join(activations, on="line", how="anti")
    known_of = findings.join(payments.select("payment", "bucket", "month", "currency"), on="payment")
    held = known_of.filter(col("bucket") == "held")
    waiting = held.filter(col("line").is_null() & (col("month") == month))["nss"].implode()
    back = known_of.filter(
        (col("bucket") == "returned") & (col("currency") == known.PESOS) & col("hold").is_null()
    )["line"].implode()  # fmt: skip
    full = money.filter(~col("is_paid") & (col("total") >= col("due")))["line"].implode()
    line, nss = col("line"), col("nss")
    reason = (
        pl.when(~nss.is_in(people["nss"].implode())).then(lit("unknown_registrant"))
        .when(nss.is_in(activations["nss"].implode())).then(lit("already_covered"))
        .when(line.is_in(held["line"].drop_nulls().implode()) | nss.is_in(waiting)).then(lit("held"))
        .when(line.is_in(full)).then(lit("late"))
        .when(line.is_in(money["line"].implode())).then(lit("short"))
        .when(line.is_in(back)).then(lit("returned"))
        .otherwise(lit("unpaid"))
    )  # fmt: skip
    return others.select(
        coverage_month=lit(known.next_month(_month_name(month))), nss=_nss_text(nss), capture_line="capture_line",
        amount_due_centavos="due", reason=reason, month=lit(_month_name(month)),
    )  # fmt: skip


def _month_name(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def write(folder: Path, name: str, rows: Frame) -> None:
    """One table, as the product's own files are compressed."""
    rows.write_parquet(folder / f"{name}.parquet", compression="snappy", statistics=False)


if __name__ == "__main__":
    main()
