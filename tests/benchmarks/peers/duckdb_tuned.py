"""The contract in DuckDB, written to win: one SQL statement a step, over all cores, spilling where memory ends.

Files of one header are read at once; a file that is no text of its kind is left out and the rest is read again. Keys
that occur once take the short way. Runs of tokens are sized by a streaming window and only spelled out where a line is
as long as they are.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb
import numpy as np
import pyarrow
from duckdb.func import ARROW

from tests.benchmarks.peers import canonical as known

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEMORY: Final = os.environ.get("PEER_MEMORY", "8GB")
THREADS: Final = os.cpu_count() or 2
DOUBLED: Final = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9], np.uint8)
OUTSIDE: Final = 255
WORTH: Final = np.full(256, OUTSIDE, np.uint8)
WORTH[[ord(letter) for letter in known.CURP_ALPHABET if letter != "Ñ"]] = [
    place for place, letter in enumerate(known.CURP_ALPHABET) if letter != "Ñ"
]


def main() -> None:
    """Read, decide, write."""
    asked = known.asked(__doc__)
    base = duckdb.connect(
        config={"threads": THREADS, "memory_limit": MEMORY, "temp_directory": str(asked.output / "spilled")}
    )
    base.execute("SET TimeZone = 'UTC'")
    base.create_function("nss_is_valid", numbers, ["VARCHAR"], "BOOLEAN", type=ARROW)
    base.create_function("curp_is_valid", curps, ["VARCHAR"], "BOOLEAN", type=ARROW)
    for kind in known.FIELDS:
        read(base, asked.inbox, kind)
    said = {
        "month": str(known.month_number(asked.month)),
        "month_name": asked.month,
        "coverage": known.next_month(asked.month),
        "window": str(known.WINDOW_MONTHS),
        "due_day": str(known.DUE_DAY),
    }
    for statement in STATEMENTS:
        if "{sizes}" in statement:
            sizes = base.execute("SELECT DISTINCT strlen(capture_line) FROM lines ORDER BY 1").fetchall()
            said["sizes"] = ", ".join(str(size) for (size,) in sizes) or "-1"
        for part in _filled(statement, said).split(";"):
            if part.strip():
                base.execute(part)
    for name, query in ANSWERS.items():
        target = asked.output / f"{name}.parquet"
        base.execute(f"COPY ({_filled(query, said)}) TO '{target}' (FORMAT parquet, COMPRESSION snappy)")


def _filled(statement: str, said: dict[str, str]) -> str:
    for name, value in said.items():
        statement = statement.replace("{" + name + "}", value)
    return statement


def numbers(texts: pyarrow.ChunkedArray) -> pyarrow.Array:
    """Which texts are eleven digits, every second one doubled and its nines cast out, that sum to a multiple of ten."""
    octets, starts, lengths = _octets(texts)
    fits = lengths == 11
    digits = octets[starts[fits][:, None] + np.arange(11)] - ord("0")
    held = np.zeros(len(fits), np.bool_)
    worth = np.where(np.arange(11) % 2, DOUBLED[np.minimum(digits, 9)], digits)
    held[fits] = (worth.sum(axis=1) % 10 == 0) & (digits <= 9).all(axis=1)
    return pyarrow.array(held)


def curps(texts: pyarrow.ChunkedArray) -> pyarrow.Array:
    """Which texts are eighteen letters and digits with a right check digit; those with an Ñ one by one."""
    octets, starts, lengths = _octets(texts)
    fits = lengths == 18
    worth = WORTH[octets[starts[fits][:, None] + np.arange(18)]]
    total = worth[:, :17].astype(np.uint16) @ np.arange(18, 1, -1, dtype=np.uint16)
    held = np.zeros(len(fits), np.bool_)
    held[fits] = ((10 - total % 10) % 10 == worth[:, 17]) & (worth != OUTSIDE).all(axis=1)
    for place in np.flatnonzero(lengths == 19):
        held[place] = _curp_by_hand(texts[int(place)].as_py())
    return pyarrow.array(held)


def _octets(texts: pyarrow.ChunkedArray) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """The bytes of all texts, and where each begins and how long it is."""
    array = texts.cast(pyarrow.large_binary()).combine_chunks()
    array = array.chunk(0) if isinstance(array, pyarrow.ChunkedArray) else array
    _, bounds, content = array.buffers()
    offsets = np.frombuffer(bounds, np.int64)[array.offset : array.offset + len(array) + 1]
    octets = np.frombuffer(content, np.uint8) if content is not None else np.empty(0, np.uint8)
    return octets, offsets[:-1], np.diff(offsets)


def _curp_by_hand(curp: str) -> bool:
    if len(curp) != 18 or not set(curp) <= set(known.CURP_ALPHABET):
        return False
    total = sum(known.CURP_ALPHABET.index(letter) * (18 - place) for place, letter in enumerate(curp[:17]))
    return str(-total % 10) == curp[17]


# --- Files ------------------------------------------------------------------------------------------------------------


def read(base: duckdb.DuckDBPyConnection, inbox: Path, kind: str) -> None:
    """The sound rows of all files of a kind, typed, as the table ``<kind>_rows``."""
    groups = _alike(known.files(inbox, kind), kind)
    nothing = ", ".join(f"NULL::VARCHAR AS {name}" for name in known.FIELDS[kind])
    base.execute(f"CREATE TEMP TABLE {kind}_rows AS {_typed(kind, f'(SELECT {nothing} WHERE false)')}")
    for header, paths in groups.items():
        _insert(base, kind, header, paths)


def _alike(paths: list[Path], kind: str) -> dict[tuple[str, ...], list[Path]]:
    """Files by their header, small ones first: one that cannot be read is then found soon."""
    groups = defaultdict(list)
    for path in sorted(paths, key=lambda path: path.stat().st_size):
        with path.open("rb") as file:
            first = file.readline()
        header = first.decode("utf-8-sig", "replace").rstrip("\r\n").split(",")
        if known.is_text_of(kind, header):
            groups[tuple(header)].append(path)
    return groups


def _insert(base: duckdb.DuckDBPyConnection, kind: str, header: tuple[str, ...], paths: list[Path]) -> None:
    """Add the rows of files with one header. No text that a rule lets through is what stands for nothing here."""
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in header) + "}"
    while paths:
        listed = ", ".join(f"'{path}'" for path in paths)
        source = (
            f"read_csv([{listed}], columns = {columns}, auto_detect = false, header = true, delim = ',', quote = '\"', "
            f"escape = '\"', nullstr = '\x01', strict_mode = true, parallel = true)"
        )
        try:
            base.execute(f"INSERT INTO {kind}_rows {_typed(kind, source)}")
        except duckdb.InvalidInputException as error:
            bad = [path for path in paths if str(path) in str(error)]
            if not bad:
                raise
            sys.stderr.write(f"refused: {bad[0].name}\n")
            paths = [path for path in paths if path != bad[0]]
        else:
            return


def _typed(kind: str, source: str) -> str:
    wanted = ", ".join(f"{expression} AS {name}" for name, expression in TYPED[kind].items())
    rules = [_obeys(name, said, kind) for name, said in known.FIELDS[kind].items()]
    for words, unwanted in ((("text", "line"), known.CONTROL), (("code", "key"), known.UNSEEN)):
        names = [name for name, said in known.FIELDS[kind].items() if said.rstrip("!") in words]
        if names:
            rules.append(f"NOT regexp_matches(concat({', '.join(names)}), '{unwanted}')")
            rules += [f"strlen({name}) <= {known.FIELD_BYTES}" for name in names]
    return f"SELECT {wanted} FROM {source} WHERE {' AND '.join(rules)}"


def _obeys(name: str, said: str, kind: str) -> str:
    what = said.rstrip("!")
    held = {
        "status": f"{name} IN ({', '.join(repr(word) for word in known.STATUSES.get(kind, ('',)))})",
        "amount": f"regexp_full_match({name}, '{known.AMOUNT}') AND {name} NOT SIMILAR TO '[0.]+'",
        "amount_or_zero": f"regexp_full_match({name}, '{known.AMOUNT}')",
        "date": f"regexp_full_match({name}, '{known.DATE}') AND TRY_CAST({name} AS DATE) IS NOT NULL",
        "instant": f"regexp_full_match({name}, '{known.INSTANT}') AND TRY_CAST({name} AS TIMESTAMPTZ) IS NOT NULL",
        "month": f"regexp_full_match({name}, '{known.MONTH}')",
        "rate": f"regexp_full_match({name}, '{known.RATE}') AND regexp_matches({name}, '[1-9]')",
        "count": f"regexp_full_match({name}, '{known.COUNT}')",
        "nss": f"nss_is_valid({name})",
        "curp": f"curp_is_valid({name})",
        "line": f"strlen({_normal(name)}) BETWEEN {known.SHORTEST_LINE} AND {known.LONGEST_LINE} "
        f"AND NOT regexp_matches({name}, '{known.SPREADSHEET_NUMBER}')",
        "key": f"NOT contains({name}, '|') AND NOT regexp_matches({name}, '{known.SPREADSHEET_NUMBER}')",
    }.get(what, "true")
    if not said.endswith("!"):
        return f"({name} = '' OR ({held}))"
    return f"({held} AND trim({name}) <> '')" if said in {"text!", "code!", "key!", "line!"} else f"({held})"


def _normal(name: str) -> str:
    return f"upper(regexp_replace({name}, '[^A-Za-z0-9]', '', 'g'))"


def _centavos(name: str) -> str:
    return f"CAST(replace({name}, '.', '') AS BIGINT)"


def _instant(name: str) -> str:
    return f"epoch_us(CAST({name} AS TIMESTAMPTZ))"


def _month(name: str) -> str:
    return f"CAST({name}[1:4] AS INTEGER) * 12 + CAST({name}[6:7] AS INTEGER) - 1"


TYPED: Final[dict[str, dict[str, str]]] = {
    "registrants": {
        "nss": "CAST(nss AS BIGINT)",
        "curp": "curp",
        "full_name": "full_name",
        "umf": "umf",
        "updated_at": _instant("updated_at"),
    },
    "capture_lines": {
        "capture_line": _normal("capture_line"),
        "written": "capture_line",
        "nss": "CAST(nss AS BIGINT)",
        "due_month": _month("coverage_month") + " - 1",
        "due": _centavos("amount_due"),
        "status": "status",
        "updated_at": _instant("updated_at"),
    },
    "bank_transfers": {
        "natural_key": "concat(operating_date, '|', sender_bank, '|', tracking_key)",
        "institution": "sender_bank",
        "tracking_key": "tracking_key",
        "operating_date": "CAST(operating_date AS DATE)",
        "made_at": f"CASE WHEN status <> 'returned' THEN {_instant('credited_at')} END",
        "amount": _centavos("amount"),
        "currency": "currency",
        "status": "status",
        "text": "concept",
    },
    "remittances": {
        "natural_key": "concat(company, '|', remittance_id)",
        "institution": "company",
        "made_at": _instant("sent_at"),
        "amount": _centavos("pay_amount"),
        "currency": "pay_currency",
        "status": "status",
        "text": "message",
        "fee": f"CASE WHEN fee <> '' THEN {_centavos('fee')} END",
        "settlement_id": "settlement_id",
        "capture_line": "capture_line",
        "nss": "nss",
        "curp": "curp",
    },
    "settlements": {
        "institution": "company",
        "settlement_id": "settlement_id",
        "settled_on": "CAST(settled_on AS DATE)",
        "items": "CAST(items AS BIGINT)",
        "gross": _centavos("gross_amount"),
        "fees": _centavos("fee_amount"),
        "net": _centavos("net_amount"),
        "currency": "currency",
        "sender_bank": "sender_bank",
        "tracking_key": "bank_tracking_key",
    },
}

# --- Steps ------------------------------------------------------------------------------------------------------------

REGISTRIES: Final = """
CREATE TEMP TABLE people AS
WITH again AS (SELECT nss FROM registrants_rows GROUP BY nss HAVING count(*) > 1),
newest AS (
    SELECT * FROM registrants_rows SEMI JOIN again USING (nss)
    QUALIFY updated_at = max(updated_at) OVER (PARTITION BY nss)
)
SELECT nss, curp, full_name, umf FROM registrants_rows ANTI JOIN again USING (nss)
UNION ALL
SELECT nss, any_value(curp), any_value(full_name), any_value(umf) FROM newest
GROUP BY nss HAVING count(DISTINCT (curp, full_name, umf)) = 1;

CREATE TEMP TABLE lines AS
WITH again AS (SELECT capture_line FROM capture_lines_rows GROUP BY capture_line HAVING count(*) > 1),
newest AS (
    SELECT * FROM capture_lines_rows SEMI JOIN again USING (capture_line)
    QUALIFY updated_at = max(updated_at) OVER (PARTITION BY capture_line)
),
merged AS (
    SELECT capture_line, min(written) AS written, any_value(nss) AS nss, any_value(due_month) AS due_month,
        any_value(due) AS due, any_value(status) AS status,
        count(DISTINCT (nss, due_month, due, status)) > 1 AS in_conflict
    FROM newest GROUP BY capture_line
),
standing AS (
    SELECT capture_line, written, nss, due_month, due, status
    FROM capture_lines_rows ANTI JOIN again USING (capture_line)
    UNION ALL
    SELECT capture_line, CASE WHEN in_conflict THEN '' ELSE written END, CASE WHEN in_conflict THEN -1 ELSE nss END,
        CASE WHEN in_conflict THEN -1 ELSE due_month END, CASE WHEN in_conflict THEN 0 ELSE due END,
        CASE WHEN in_conflict THEN 'conflict' ELSE status END
    FROM merged
)
SELECT row_number() OVER () AS line, * FROM standing;

DROP TABLE registrants_rows;
DROP TABLE capture_lines_rows;
"""

IDENTIFY: Final = """
CREATE TEMP TABLE facts AS
SELECT true AS is_bank, natural_key, institution, tracking_key, operating_date, made_at, amount, currency, status, text,
    NULL::BIGINT AS fee, '' AS settlement_id, '' AS capture_line, '' AS nss, '' AS curp
FROM bank_transfers_rows
UNION ALL
SELECT false, natural_key, institution, '', NULL, made_at, amount, currency, status, text, fee, settlement_id,
    capture_line, nss, curp
FROM remittances_rows;

DROP TABLE bank_transfers_rows;
DROP TABLE remittances_rows;

CREATE TEMP TABLE again AS SELECT is_bank, natural_key FROM facts GROUP BY ALL HAVING count(*) > 1;

CREATE TEMP TABLE ranked AS
SELECT *, status IN ('pending', 'credited', 'paid') AS is_primary,
    status IN ('pending', 'credited', 'paid')
        OR NOT bool_or(status IN ('pending', 'credited', 'paid')) OVER key AS says,
    CASE WHEN status IN ('pending', 'credited') THEN 0 WHEN status IN ('paid', 'returned') THEN 1 ELSE 2 END AS level,
    list_position(['pending', 'credited', 'paid', 'returned', 'cancelled', 'refunded'], status) AS stage
FROM facts SEMI JOIN again USING (is_bank, natural_key)
WINDOW key AS (PARTITION BY is_bank, natural_key);

CREATE TEMP TABLE merged AS
SELECT is_bank, natural_key,
    greatest(count(DISTINCT amount), count(DISTINCT currency), count(DISTINCT made_at) FILTER (says),
        count(DISTINCT fee) FILTER (says), count(DISTINCT nullif(text, '')) FILTER (says),
        count(DISTINCT nullif(settlement_id, '')) FILTER (says), count(DISTINCT nullif(capture_line, '')) FILTER (says),
        count(DISTINCT nullif(nss, '')) FILTER (says), count(DISTINCT nullif(curp, '')) FILTER (says)
    ) > 1 AS is_conflicting,
    max(made_at) FILTER (says) AS made_at, max(fee) FILTER (says) AS fee,
    max(text) FILTER (says) AS text, max(settlement_id) FILTER (says) AS settlement_id,
    max(capture_line) FILTER (says) AS capture_line, max(nss) FILTER (says) AS nss, max(curp) FILTER (says) AS curp,
    max(stage) AS stage, bool_or(status IN ('paid', 'refunded')) AS is_ever_paid
FROM ranked GROUP BY is_bank, natural_key;

CREATE TEMP TABLE dated AS
WITH first AS (
    SELECT * FROM ranked
    QUALIFY row_number() OVER (
        PARTITION BY is_bank, natural_key ORDER BY level, amount, made_at NULLS FIRST, currency
    ) = 1
),
whole AS (
    SELECT is_bank, natural_key, institution, tracking_key, operating_date, made_at, amount, currency, status, text,
        fee, settlement_id, capture_line, nss, curp, false AS is_conflicting,
        status IN ('paid', 'refunded') AS is_ever_paid
    FROM facts ANTI JOIN again USING (is_bank, natural_key)
    UNION ALL
    SELECT f.is_bank, f.natural_key, f.institution, f.tracking_key, f.operating_date,
        CASE WHEN m.is_conflicting AND f.says THEN f.made_at ELSE m.made_at END, f.amount, f.currency,
        ['pending', 'credited', 'paid', 'returned', 'cancelled', 'refunded'][m.stage], m.text, m.fee, m.settlement_id,
        m.capture_line, m.nss, m.curp, m.is_conflicting, m.is_ever_paid
    FROM first f JOIN merged m USING (is_bank, natural_key)
),
made AS (
    SELECT * REPLACE (
        coalesce(made_at, epoch_us(operating_date::TIMESTAMP AT TIME ZONE 'America/Mexico_City')) AS made_at
    ) FROM whole
)
SELECT row_number() OVER () AS payment, *,
    CAST(CASE WHEN made_at >= 1667113200000000 THEN make_timestamp(made_at - 21600000000)
        ELSE make_timestamptz(made_at) AT TIME ZONE 'America/Mexico_City' END AS DATE) AS paid_on,
    year(paid_on) * 12 + month(paid_on) - 1 AS month
FROM made;

CREATE TEMP TABLE contradicting AS
SELECT d.payment, r.text, r.settlement_id, r.capture_line, r.nss, r.curp
FROM ranked r JOIN dated d USING (is_bank, natural_key) WHERE d.is_conflicting;

DROP TABLE facts;
DROP TABLE ranked;
DROP TABLE merged;
DROP TABLE again;
"""

SETTLE: Final = """
CREATE TEMP TABLE versions AS SELECT DISTINCT * FROM settlements_rows;

CREATE TEMP TABLE deposits AS
SELECT payment, institution, tracking_key, amount,
    NOT is_conflicting AND status = 'credited' AND currency = 'MXN' AS is_good
FROM dated
SEMI JOIN (SELECT sender_bank AS institution, tracking_key FROM versions) USING (institution, tracking_key)
WHERE is_bank;

CREATE TEMP TABLE balanced AS
WITH key AS (SELECT institution, settlement_id FROM versions GROUP BY ALL HAVING count(*) = 1),
shared AS (
    SELECT sender_bank, tracking_key FROM versions GROUP BY ALL HAVING count(DISTINCT (institution, settlement_id)) > 1
),
paid_in AS (
    SELECT institution AS sender_bank, tracking_key, count(*) AS n, sum(amount) AS deposited
    FROM deposits WHERE is_good GROUP BY ALL
),
remitted AS (
    SELECT institution, settlement_id, count(*) AS n, sum(CASE WHEN currency = 'MXN' THEN amount ELSE 0 END) AS pesos,
        sum(coalesce(fee, 0)) AS kept
    FROM dated WHERE NOT is_bank AND settlement_id <> '' AND is_ever_paid GROUP BY ALL
),
doubtful AS (
    SELECT d.institution, c.settlement_id FROM contradicting c JOIN dated d USING (payment)
    UNION ALL
    SELECT institution, settlement_id FROM dated WHERE NOT is_bank AND settlement_id <> '' AND currency <> 'MXN'
)
SELECT v.institution, v.settlement_id
FROM versions v
SEMI JOIN key USING (institution, settlement_id)
ANTI JOIN shared USING (sender_bank, tracking_key)
ANTI JOIN doubtful USING (institution, settlement_id)
JOIN paid_in p USING (sender_bank, tracking_key)
JOIN remitted r USING (institution, settlement_id)
WHERE v.currency = 'MXN' AND p.n = 1 AND p.deposited = v.net AND v.net = v.gross - v.fees AND v.gross = r.pesos
    AND v.fees = r.kept AND v.items = r.n;

CREATE TEMP TABLE payments AS
SELECT d.payment, d.is_bank, d.natural_key, d.made_at, d.amount, d.currency, d.status, d.is_conflicting, d.paid_on,
    d.month, lump.payment IS NOT NULL AS is_deposit, NOT d.is_bank AND b.settlement_id IS NULL AS is_unsettled
FROM dated d
LEFT JOIN deposits lump ON lump.payment = d.payment
LEFT JOIN balanced b ON b.institution = d.institution AND b.settlement_id = d.settlement_id;
"""

MATCH: Final = """
CREATE TEMP TABLE claims AS
WITH said AS (
    SELECT payment, text, capture_line, nss, curp FROM dated WHERE NOT is_conflicting
    UNION ALL
    SELECT payment, text, capture_line, nss, curp FROM contradicting
)
SELECT row_number() OVER () AS claim, s.*, p.month, p.amount, p.is_unsettled
FROM said s JOIN payments p USING (payment)
WHERE p.is_conflicting OR (p.status IN ('credited', 'paid') AND p.currency <> 'MXN')
    OR (p.status <> 'pending' AND NOT p.is_deposit);

DROP TABLE dated;

CREATE TEMP TABLE fields AS
SELECT claim, nss <> '' AS nss_filled, curp <> '' AS curp_filled,
    TRY_CAST(nullif(regexp_extract(regexp_replace(nss, '[^A-Za-z0-9]', '', 'g'), '^[0-9]{11}$'), '') AS BIGINT)
        AS nss_token,
    upper(regexp_replace(curp, '[^A-Za-z0-9]', '', 'g')) AS curp_token
FROM claims WHERE nss <> '' OR curp <> '';

CREATE TEMP TABLE by_field AS
SELECT c.claim, l.line, l.nss, CASE WHEN c.capture_line = l.written THEN 'exact' ELSE 'normalised' END AS rule,
    '' AS problem
FROM claims c
JOIN lines l ON l.capture_line = upper(regexp_replace(c.capture_line, '[^A-Za-z0-9]', '', 'g'))
WHERE c.capture_line <> '';

CREATE TEMP TABLE texts AS
SELECT claim, string_split(trim(upper(regexp_replace(text, '[^A-Za-z0-9]+', ' ', 'g'))), ' ') AS tokens
FROM claims WHERE strlen(text) >= 8;

CREATE TEMP TABLE tokens AS
SELECT claim, unnest(tokens) AS token, len(tokens) AS n, generate_subscripts(tokens, 1) AS place FROM texts;

CREATE TEMP TABLE runs AS
WITH sized AS (
    SELECT claim, place, n, strlen(token) AS s1, lead(s1, 1) OVER () AS s2, lead(s1, 2) OVER () AS s3,
        lead(s1, 3) OVER () AS s4, lead(s1, 4) OVER () AS s5, lead(s1, 5) OVER () AS s6, lead(s1, 6) OVER () AS s7,
        lead(s1, 7) OVER () AS s8
    FROM tokens
),
hits AS (
    SELECT claim, place, unnest(list_filter([
        CASE WHEN s1 IN ({sizes}) THEN 1 END,
        CASE WHEN place + 1 <= n AND s1 + s2 IN ({sizes}) THEN 2 END,
        CASE WHEN place + 2 <= n AND s1 + s2 + s3 IN ({sizes}) THEN 3 END,
        CASE WHEN place + 3 <= n AND s1 + s2 + s3 + s4 IN ({sizes}) THEN 4 END,
        CASE WHEN place + 4 <= n AND s1 + s2 + s3 + s4 + s5 IN ({sizes}) THEN 5 END,
        CASE WHEN place + 5 <= n AND s1 + s2 + s3 + s4 + s5 + s6 IN ({sizes}) THEN 6 END,
        CASE WHEN place + 6 <= n AND s1 + s2 + s3 + s4 + s5 + s6 + s7 IN ({sizes}) THEN 7 END,
        CASE WHEN place + 7 <= n AND s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 IN ({sizes}) THEN 8 END
    ], lambda k: k IS NOT NULL)) AS length FROM sized
)
SELECT claim, array_to_string(tokens[place : place + length - 1], '') AS run FROM hits JOIN texts USING (claim);

CREATE TEMP TABLE by_text AS
WITH named AS (
    SELECT DISTINCT r.claim, l.line, l.nss, l.due FROM runs r JOIN lines l ON l.capture_line = r.run
    ANTI JOIN by_field b ON b.claim = r.claim
),
several AS (SELECT claim, sum(due) AS due FROM named GROUP BY claim HAVING count(*) > 1)
SELECT n.claim, n.line, n.nss, CASE WHEN s.claim IS NULL THEN 'text' ELSE 'text_many' END AS rule,
    CASE WHEN s.due <> c.amount THEN 'several_lines' ELSE '' END AS problem
FROM named n LEFT JOIN several s USING (claim) LEFT JOIN claims c ON c.claim = s.claim;

CREATE TEMP TABLE in_text AS
WITH found AS (
    SELECT t.claim, p.nss, 'nss' AS rule FROM tokens t JOIN people p ON p.nss = TRY_CAST(t.token AS BIGINT)
    WHERE strlen(t.token) = 11 AND regexp_full_match(t.token, '[0-9]{11}')
    UNION ALL
    SELECT t.claim, p.nss, 'curp' FROM tokens t JOIN people p ON p.curp = t.token WHERE strlen(t.token) = 18
)
SELECT f.claim, f.nss, max(f.rule) AS rule FROM found f ANTI JOIN fields USING (claim) GROUP BY ALL;

CREATE TEMP TABLE in_fields AS
WITH named AS (
    SELECT f.claim, p.nss, 'nss' AS rule FROM fields f JOIN people p ON p.nss = f.nss_token
    UNION ALL
    SELECT f.claim, p.nss, 'curp' FROM fields f JOIN people p ON p.curp = f.curp_token WHERE f.curp_token <> ''
),
pairs AS (SELECT claim, nss, max(rule) AS rule, count(*) AS n FROM named GROUP BY claim, nss),
whole AS (
    SELECT claim, count(DISTINCT rule) AS n FROM named GROUP BY claim
),
twofold AS (SELECT DISTINCT claim FROM pairs WHERE n = 2)
SELECT p.claim, p.nss, p.rule FROM pairs p
JOIN whole w USING (claim) JOIN fields f USING (claim) LEFT JOIN twofold b ON b.claim = p.claim
WHERE w.n = f.nss_filled::INT + f.curp_filled::INT AND (p.n = 2 OR b.claim IS NULL);

CREATE TEMP TABLE by_person AS
WITH persons AS (
    SELECT * FROM (SELECT * FROM in_text UNION ALL SELECT * FROM in_fields)
    ANTI JOIN by_field USING (claim) ANTI JOIN by_text USING (claim)
),
many AS (SELECT claim FROM persons GROUP BY claim HAVING count(*) > 1),
found AS (
    SELECT p.claim, l.line, p.nss, p.rule, l.due, c.amount
    FROM persons p ANTI JOIN many USING (claim)
    JOIN claims c USING (claim)
    LEFT JOIN lines l ON l.nss = p.nss AND l.due_month = c.month AND l.status = 'issued'
),
twice AS (SELECT claim FROM found GROUP BY claim HAVING count(*) > 1)
SELECT claim, NULL AS line, nss, rule, 'several_registrants' AS problem FROM persons SEMI JOIN many USING (claim)
UNION ALL
SELECT f.claim, f.line, f.nss, f.rule, CASE WHEN f.line IS NULL THEN 'no_line_for_month'
    WHEN t.claim IS NOT NULL THEN 'several_lines' WHEN f.due <> f.amount THEN 'amount_mismatch' ELSE '' END
FROM found f LEFT JOIN twice t USING (claim);

CREATE TEMP TABLE findings AS
WITH found AS (SELECT * FROM by_field UNION ALL SELECT * FROM by_text UNION ALL SELECT * FROM by_person),
alone AS (SELECT claim, any_value(nss) AS nss FROM in_text GROUP BY claim HAVING count(*) = 1),
look AS (
    SELECT f.claim, c.payment, f.line, f.nss, f.rule,
        CASE WHEN l.status = 'conflict' THEN 1
            WHEN l.status = 'cancelled' THEN 2
            WHEN f.line IS NOT NULL AND (
                (s.nss_filled AND s.nss_token IS DISTINCT FROM f.nss)
                OR (s.curp_filled AND s.curp_token IS DISTINCT FROM p.curp) OR a.nss <> f.nss
            ) THEN 3
            WHEN f.problem <> '' THEN list_position(
                ['', '', '', 'several_lines', 'several_registrants', 'no_line_for_month', 'amount_mismatch'], f.problem)
            WHEN l.due_month >= 0 AND abs(l.due_month - c.month) > {window} THEN 8
            WHEN f.line IS NOT NULL AND p.nss IS NULL THEN 9
            WHEN c.is_unsettled THEN 10
        END AS hold
    FROM found f
    JOIN claims c USING (claim)
    LEFT JOIN lines l ON l.line = f.line
    LEFT JOIN people p ON p.nss = f.nss
    LEFT JOIN fields s ON s.claim = f.claim
    LEFT JOIN alone a ON a.claim = f.claim
),
first AS (SELECT claim, min(hold) AS hold FROM look WHERE hold IS NOT NULL GROUP BY claim)
SELECT look.claim, payment, line, nss, rule, first.hold FROM look LEFT JOIN first USING (claim);

DROP TABLE texts;
DROP TABLE tokens;
DROP TABLE runs;
DROP TABLE claims;
"""

ALLOCATE: Final = """
CREATE TEMP TABLE standing AS
WITH first AS (
    SELECT payment, any_value(hold) AS hold, true AS is_found FROM findings GROUP BY payment
)
SELECT p.payment, p.is_bank, p.natural_key, p.made_at, p.amount, p.currency, p.paid_on, p.month,
    CASE WHEN p.is_conflicting THEN 'held' WHEN p.status IN ('returned', 'cancelled', 'refunded') THEN 'returned'
        WHEN p.status = 'pending' THEN 'pending' WHEN p.currency <> 'MXN' THEN 'held'
        WHEN p.is_deposit THEN 'settlement' WHEN f.is_found IS NULL THEN 'unmatched'
        WHEN f.hold IS NULL THEN 'confirmed' ELSE 'held' END AS bucket,
    CASE WHEN p.is_conflicting THEN 'conflicting_rows' WHEN bucket <> 'held' THEN ''
        WHEN p.currency <> 'MXN' THEN 'foreign_currency'
        ELSE ['registry_conflict', 'line_cancelled', 'identity_conflict', 'several_lines', 'several_registrants',
            'no_line_for_month', 'amount_mismatch', 'out_of_window', 'unknown_registrant', 'unsettled'][f.hold]
    END AS reason
FROM payments p LEFT JOIN first f USING (payment);

CREATE TEMP TABLE confirmed AS
SELECT s.payment, f.line, f.rule, s.is_bank, s.natural_key, s.made_at, s.paid_on, s.currency, s.month, l.capture_line,
    l.nss, l.due_month, l.due, CASE WHEN f.rule = 'text_many' THEN l.due ELSE s.amount END AS amount,
    s.paid_on > make_date(l.due_month // 12, l.due_month % 12 + 1, {due_day}) AS is_late
FROM findings f JOIN standing s USING (payment) JOIN lines l USING (line)
WHERE s.bucket = 'confirmed';

CREATE TEMP TABLE shares AS
WITH again AS (SELECT line FROM confirmed GROUP BY line HAVING count(*) > 1),
spread AS (
    SELECT *, CASE WHEN is_late THEN 0 ELSE amount END AS on_time, 0::HUGEINT AS before, 0::HUGEINT AS late_before,
        CASE WHEN is_late THEN 0 ELSE amount END AS on_time_sum, amount AS total, made_at AS full_at,
        paid_on AS full_on
    FROM confirmed ANTI JOIN again USING (line)
    UNION ALL
    SELECT *, CASE WHEN is_late THEN 0 ELSE amount END AS on_time,
        sum(CASE WHEN is_late THEN 0 ELSE amount END) OVER earlier
            - CASE WHEN is_late THEN 0 ELSE amount END AS before,
        sum(CASE WHEN is_late THEN amount ELSE 0 END) OVER earlier
            - CASE WHEN is_late THEN amount ELSE 0 END AS late_before,
        sum(CASE WHEN is_late THEN 0 ELSE amount END) OVER line AS on_time_sum, sum(amount) OVER line AS total,
        NULL AS full_at, NULL AS full_on
    FROM confirmed SEMI JOIN again USING (line)
    WINDOW line AS (PARTITION BY line),
        earlier AS (PARTITION BY line ORDER BY made_at, NOT is_bank, natural_key ROWS UNBOUNDED PRECEDING)
),
filled AS (
    SELECT line, arg_min((made_at, paid_on), before) AS at FROM spread
    WHERE full_at IS NULL AND NOT is_late AND before + on_time >= due GROUP BY line
),
full_ AS (
    SELECT s.* REPLACE (coalesce(s.full_at, f.at[1]) AS full_at, coalesce(s.full_on, f.at[2]) AS full_on),
        s.on_time_sum >= s.due AS is_paid
    FROM spread s LEFT JOIN filled f USING (line)
),
paid AS (SELECT DISTINCT line, nss, due_month, full_at, capture_line FROM full_ WHERE is_paid),
rivals AS (SELECT nss, due_month FROM paid GROUP BY ALL HAVING count(*) > 1),
beaten AS (
    SELECT line FROM paid SEMI JOIN rivals USING (nss, due_month)
    QUALIFY row_number() OVER (PARTITION BY nss, due_month ORDER BY full_at, capture_line) > 1
)
SELECT f.*, f.is_paid AND b.line IS NULL AS stands,
    CASE WHEN f.is_late THEN 'late' WHEN f.is_paid THEN 'applied' ELSE 'short' END AS bucket,
    least(f.amount, greatest(0, CASE
        WHEN f.is_paid THEN CASE WHEN b.line IS NULL AND NOT f.is_late THEN f.due - f.before ELSE 0 END
        WHEN f.is_late THEN f.due - f.on_time_sum - f.late_before ELSE f.due - f.before END))::BIGINT AS taken
FROM full_ f LEFT JOIN beaten b USING (line);

DROP TABLE confirmed;

CREATE TEMP TABLE activated AS
SELECT line, any_value(nss) AS nss, any_value(capture_line) AS capture_line, any_value(due) AS due,
    any_value(full_on) AS full_on
FROM shares WHERE stands AND due_month = {month} GROUP BY line;
"""

STATEMENTS: Final = (REGISTRIES, IDENTIFY, SETTLE, *MATCH.split(";\n"), ALLOCATE)

NSS_TEXT: Final = "lpad(CAST({} AS VARCHAR), 11, '0')"
PAYMENT_ID: Final = "concat(CASE WHEN is_bank THEN 'bank_transfer|' ELSE 'remittance|' END, natural_key)"
CHANNEL: Final = "CASE WHEN is_bank THEN 'bank_transfer' ELSE 'remittance' END"
COVERAGE: Final = "strftime(make_date((due_month + 1) // 12, (due_month + 1) % 12 + 1, 1), '%Y-%m')"

ANSWERS: Final = {
    "matches": f"""
SELECT {PAYMENT_ID} AS payment_id, capture_line, {NSS_TEXT.format("nss")} AS nss, rule, '{{month_name}}' AS month
FROM shares WHERE month = {{month}}
""",
    "dispositions": f"""
SELECT {PAYMENT_ID} AS payment_id, {CHANNEL} AS channel, natural_key, unnest(
        CASE WHEN taken = amount THEN [bucket] WHEN taken = 0 THEN ['surplus'] ELSE [bucket, 'surplus'] END) AS bucket,
    '' AS reason, unnest(
        CASE WHEN taken = amount THEN [amount] WHEN taken = 0 THEN [amount] ELSE [taken, amount - taken] END
    ) AS amount_centavos, currency, capture_line, {NSS_TEXT.format("nss")} AS nss, {COVERAGE} AS coverage_month,
    '{{month_name}}' AS month
FROM shares WHERE month = {{month}}
UNION ALL
SELECT {PAYMENT_ID}, {CHANNEL}, natural_key, bucket, reason, amount, currency, '', '', '', '{{month_name}}'
FROM standing WHERE month = {{month}} AND bucket <> 'confirmed'
""",
    "coverage_activations": f"""
SELECT '{{coverage}}' AS coverage_month, {NSS_TEXT.format("a.nss")} AS nss, p.curp, p.full_name, p.umf,
    CASE WHEN p.umf <> '' THEN 'assigned' ELSE 'pending' END AS clinic_status, DATE '{{coverage}}-01' AS coverage_start,
    last_day(DATE '{{coverage}}-01') AS coverage_end, a.capture_line, a.due AS amount_due_centavos,
    a.due AS amount_applied_centavos, a.full_on AS paid_on, '{{month_name}}' AS month
FROM activated a JOIN people p USING (nss)
""",
    "coverage_exceptions": f"""
WITH known AS (
    SELECT f.line, f.nss, f.hold, s.bucket, s.month, s.currency FROM findings f JOIN standing s USING (payment)
    WHERE s.bucket IN ('held', 'returned')
),
lines_held AS (SELECT DISTINCT line FROM known WHERE bucket = 'held' AND line IS NOT NULL),
persons_held AS (SELECT DISTINCT nss FROM known WHERE bucket = 'held' AND line IS NULL AND month = {{month}}),
back AS (SELECT DISTINCT line FROM known WHERE bucket = 'returned' AND currency = 'MXN' AND hold IS NULL),
money AS (SELECT line, bool_or(NOT is_paid AND total >= due) AS is_full FROM shares GROUP BY line),
covered AS (SELECT DISTINCT nss FROM activated)
SELECT '{{coverage}}' AS coverage_month, {NSS_TEXT.format("l.nss")} AS nss, l.capture_line,
    l.due AS amount_due_centavos,
    CASE WHEN p.nss IS NULL THEN 'unknown_registrant' WHEN c.nss IS NOT NULL THEN 'already_covered'
        WHEN h.line IS NOT NULL OR w.nss IS NOT NULL THEN 'held' WHEN m.is_full THEN 'late'
        WHEN m.line IS NOT NULL THEN 'short' WHEN b.line IS NOT NULL THEN 'returned' ELSE 'unpaid' END AS reason,
    '{{month_name}}' AS month
FROM lines l
LEFT JOIN people p USING (nss) LEFT JOIN covered c USING (nss) LEFT JOIN lines_held h USING (line)
LEFT JOIN persons_held w USING (nss) LEFT JOIN money m USING (line) LEFT JOIN back b USING (line)
ANTI JOIN activated a USING (line)
WHERE l.due_month = {{month}} AND l.status = 'issued'
""",
}

if __name__ == "__main__":
    main()
