from __future__ import annotations

import re
import string
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from pipelines.outputs import labels_report
from pipelines.outputs.labels import HOLDS, Words
from pipelines.outputs.report import LAST_MONTH, charts, page
from pipelines.outputs.report.rendering import LONGEST, visible
from pipelines.outputs.report.speech import Speech
from schemas.catalog import PUBLISHED
from schemas.tables.coverage_changes import CAUSES
from tests.unit.outputs.made import table
from tests.unit.outputs.month import document, empty, tables

VOID = {"meta", "input", "rect", "line"}
PERSONS = ("nss", "curp", "full_name")


class Read(HTMLParser):
    """What stands in a page: tags with their attributes, tables by name as rows of texts; unclosed tags fail."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.sheets: dict[str, list[list[str]]] = {}
        self.open: list[str] = []
        self.sheet = ""
        self.feed(content.decode())
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "caption":
            self.sheet = given["id"]
            self.sheets[self.sheet] = []
        elif tag == "tr":
            self.sheets[self.sheet].append([])
        elif tag in {"td", "th"}:
            self.sheets[self.sheet][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.sheet and {"td", "th"} & set(self.open):
            self.sheets[self.sheet][-1][-1] += data

    def column(self, sheet: str, name: str) -> list[str]:
        header, *rows = self.sheets[sheet]
        place = next(at for at, label in enumerate(header) if label == name)
        return [row[place] for row in rows]

    def all(self, tag: str) -> list[dict[str, str]]:
        return [given for name, given in self.tags if name == tag]


def centavos(text: str) -> int:
    return int(re.sub(r"[^0-9-]", "", text))


@pytest.fixture(scope="module")
def content() -> bytes:
    return page(tables(), document(), "es")


@pytest.fixture(scope="module")
def read(content: bytes) -> Read:
    return Read(content)


@pytest.mark.parametrize(
    ("sheet", "column"),
    [
        ("es-table-buckets", "Importe"),
        ("es-table-buckets", "Transferencias"),
        ("en-table-buckets", "Remittances"),
        ("en-table-by-day", "Payments"),
        ("es-table-by-day", "Pesos"),
        ("es-table-held-by-reason", "Pesos"),
        ("en-table-held-by-reason", "Payments"),
        ("en-table-timeliness", "Pesos late"),
        ("es-table-lines", "Importe por pagar"),
        ("en-table-rejected-rows", "Rows"),
    ],
)
def test_the_last_row_of_a_table_is_the_sum_of_those_above(read: Read, sheet: str, column: str) -> None:
    *parts, total = read.column(sheet, column)
    assert sum(centavos(part) for part in parts) == centavos(total) > 0


def test_the_buckets_shown_sum_to_the_pesos_of_the_table_to_the_centavo(read: Read) -> None:
    rows = tables()["dispositions"].to_pylist()
    pesos = sum(row["amount_centavos"] for row in rows if row["currency"] == "MXN")
    assert centavos(read.column("es-table-buckets", "Importe")[-1]) == pesos
    assert read.column("en-table-buckets", "Amount")[-1] == "$9,000.01"


def test_both_languages_show_the_same_figures(read: Read) -> None:
    sheets = {name.removeprefix("es-"): rows for name, rows in read.sheets.items() if name.startswith("es-")}
    for name, rows in sheets.items():
        other = read.sheets[f"en-{name}"]
        assert [len(row) for row in rows] == [len(row) for row in other]
        assert [re.findall(r"\d[\d,.]*", row[-1]) for row in rows[1:]] == [
            re.findall(r"\d[\d,.]*", row[-1]) for row in other[1:]
        ]
    assert len(sheets) > 10


def test_equal_tables_give_equal_bytes_whatever_their_order(content: bytes) -> None:
    turned = {name: found.take(list(reversed(range(found.num_rows)))) for name, found in reversed(tables().items())}
    assert page(turned, document(), "es") == content


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_page_opens_in_the_language_asked_for_and_holds_both(language: str) -> None:
    read = Read(page(tables(), document(), language))
    (root,) = read.all("html")
    hidden = [given["lang"] for given in read.all("div") if "hidden" in given]
    checked = [given["value"] for given in read.all("input") if "checked" in given]
    assert (root["lang"], hidden, checked) == (language, [{"es": "en", "en": "es"}[language]], [language])


def test_nothing_is_loaded_from_anywhere(content: bytes, read: Read) -> None:
    assert not re.search(rb"https?:|//|@import|url\(", content)
    loading = {"src", "srcset", "action", "data", "poster", "xlink:href"}
    assert [given for _, given in read.tags if loading & set(given)] == []
    assert all(given["href"].startswith("#") for given in read.all("a"))
    assert not {"link", "img", "iframe", "object", "embed", "base"} & {tag for tag, _ in read.tags}
    assert "default-src 'none'" in read.all("meta")[1]["content"]


def test_every_link_and_reference_points_at_something_on_the_page_and_no_name_is_taken_twice(read: Read) -> None:
    names = [given["id"] for _, given in read.tags if "id" in given]
    assert len(names) == len(set(names))
    told = [given[at] for _, given in read.tags for at in ("aria-labelledby", "aria-describedby", "for") if at in given]
    assert {*told, *(given["href"].removeprefix("#") for given in read.all("a"))} <= set(names)


def test_a_screen_reader_finds_landmarks_headings_captions_and_headers(read: Read) -> None:
    assert [len(read.all(tag)) for tag in ("header", "main", "nav", "h1")] == [1, 2, 2, 2]
    assert len(read.all("caption")) == len(read.all("table")) > 20
    assert {given.get("scope") for given in read.all("th")} == {"col", "row"}
    charts_drawn = [given for given in read.all("svg") if "aria-hidden" not in given]
    assert len(charts_drawn) == 12
    assert all(given["role"] == "img" and given["aria-describedby"] for given in charts_drawn)


def test_no_person_is_on_the_page() -> None:
    canaries = dict(zip(PERSONS, ("92919084431", "BOXW310820HNERXN09", "QUETZALLI ZUMAYA"), strict=True))
    given = tables()
    for name in (*(name for name in given if name in PUBLISHED), LAST_MONTH):
        known = given[name].schema.names
        for column in {*PERSONS, "natural_key", "capture_line", "payments"} & set(known):
            secret = [canaries.get(column, "92919084431")] * given[name].num_rows
            given[name] = given[name].set_column(known.index(column), given[name].schema.field(column), [secret])
    content = page(given, document(), "es").decode()
    assert [canary for canary in canaries.values() if canary in content] == []


def test_text_from_files_is_text_and_nothing_else() -> None:
    hostile = "<script>alert(1)</script>\"'&\u202e\x00\n"
    given = tables()
    given["receipts"] = table("receipts", {"file_name": hostile, "outcome": "refused", "reason": hostile * 40})
    given["rejections"] = table("rejections", {"rule": hostile, "column": hostile})
    given["settlements"] = table("settlements", {"company": hostile, "settlement_id": hostile, "status": "unbalanced"})
    given["dispositions"] = table(
        "dispositions", {"payment_id": "P1", "bucket": "held", "reason": hostile, "currency": hostile}
    )
    content = page(given, document(code_version=hostile), "es")
    read = Read(content)
    assert len(read.all("script")) == 1
    assert b"alert(1)" in content
    assert not any(letter in content.decode() for letter in "\x00\u202e")
    assert visible(hostile * 40) in read.column("es-table-not-taken", "Motivo")[0]
    assert len(visible(hostile * 40)) == LONGEST + 1


def test_a_month_without_anything_says_so_in_words_and_draws_no_chart() -> None:
    read = Read(page(empty(), document(publication=1, checks=[], before=None), "en"))
    assert [given for given in read.all("svg") if "aria-hidden" not in given] == []
    assert {name.removeprefix("en-table-") for name in read.sheets if name.startswith("en-")} == {
        "proofs",
        "certificate-digests",
    }
    text = page(empty(), document(publication=1), "en").decode()
    catalogues = (labels_report.MONEY, labels_report.DAYS, labels_report.HOLDING, labels_report.SETTLING)
    said = [catalogue["empty"] for catalogue in (*catalogues, labels_report.COVERAGE, labels_report.FILES)]
    said += [labels_report.COVERAGE[name] for name in ("no_last_month", "first")]
    assert [words for words in said if words.es not in text or words.en not in text] == []


def test_what_is_quiet_in_a_busy_month_is_said_too() -> None:
    given = tables()
    given["coverage_changes"] = given["coverage_changes"].slice(0, 0)
    given["receipts"], given["settlements"] = (given[name].slice(0, 1) for name in ("receipts", "settlements"))
    given["rejections"] = given["rejections"].slice(0, 0)
    text = page(given, document(), "es").decode()
    for words in (
        labels_report.COVERAGE["no_changes"],
        labels_report.SETTLING["all_balanced"],
        labels_report.FILES["all_taken"],
        labels_report.FILES["no_rejections"],
    ):
        assert words.es in text
        assert words.en in text


def test_more_files_than_are_named_are_counted() -> None:
    given = tables()
    given["receipts"] = table("receipts", *({"file_name": f"{n}.csv", "outcome": "held"} for n in range(1250)))
    text = page(given, document(), "es").decode()
    assert "y 1,200 más" in text
    assert "and 1,200 more" in text


def every_text() -> dict[str, Words]:
    found: dict[str, Words] = {}
    for name, value in vars(labels_report).items():
        if isinstance(value, Words):
            found[name] = value
        elif isinstance(value, dict) and name.isupper():
            found |= {f"{name}.{key}": words for key, words in value.items()}
        elif name == "AGES":
            found |= {f"AGES.{at}": words for at, words in enumerate(value)}
    return found


def blanks(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


@pytest.mark.parametrize(("name", "words"), every_text().items())
def test_every_label_says_something_in_both_languages_with_the_same_blanks(name: str, words: Words) -> None:
    assert all(words), name
    assert blanks(words.es) == blanks(words.en)


def allowed(name: str, column: str) -> set[str]:
    check = next(check for check in PUBLISHED[name].model.to_schema().columns[column].checks if check.name == "isin")
    return set(check.statistics["allowed_values"])


def test_every_code_that_the_page_may_show_has_words() -> None:
    assert set(labels_report.HELD) == set(HOLDS)
    assert set(labels_report.CAUSES) == set(CAUSES)
    assert set(labels_report.CHANGES) == allowed("coverage_changes", "change")
    assert set(labels_report.CHANNELS) == allowed("payments", "channel")
    assert set(labels_report.SETTLEMENTS) == allowed("settlements", "status")


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("es", ["15 de octubre de 2026", "octubre de 2026", "12.3\u00a0%", "–"]),
        ("en", ["15 October 2026", "October 2026", "12.3%", "–"]),
    ],
)
def test_dates_and_shares_are_written_as_the_language_does(language: str, shown: list[str]) -> None:
    speech = Speech(language)
    day = date(2026, 10, 15)
    assert [speech.day(day), speech.month("2026-10"), speech.share(1239, 10_000), speech.share(1, 0)] == shown


def test_a_share_that_is_not_whole_never_reads_a_hundred() -> None:
    assert Speech("en").share(999_999, 1_000_000) == "99.9%"


def test_the_waterfall_ends_where_it_began() -> None:
    drawn = charts.waterfall(
        "x", "", [("a", "", 70, "in"), ("b", "", 30, "in")], [("c", "", 60, "g"), ("d", "", 40, "r")], ()
    )
    assert [(bar.segments[0].x, bar.segments[0].width) for bar in drawn.bars] == [
        ("0.00%", "70.00%"),
        ("70.00%", "30.00%"),
        ("40.00%", "60.00%"),
        ("0.00%", "40.00%"),
    ]


@pytest.mark.parametrize(
    ("most", "ticks"),
    [(0, ["0", "1"]), (7, ["0", "2", "4", "6", "8"]), (8_700, ["0", "2,000", "4,000", "6,000", "8,000", "10,000"])],
)
def test_the_scale_of_days_ends_in_round_figures(most: int, ticks: list[str]) -> None:
    drawn = charts.by_day("x", "", {1: [(most, "in")]}, 31, (15, ""), ())
    assert [tick.label for tick in drawn.ticks] == ticks


def test_one_payment_among_a_million_can_still_be_seen() -> None:
    drawn = charts.by_day("x", "", {1: [(1_000_000, "a")], 2: [(0, "a"), (1, "b")]}, 30, (0, ""), ())
    assert [(piece.kind, piece.height) for piece in drawn.pieces] == [("a", charts.PLOT_HEIGHT), ("b", 1)]
    assert drawn.cut_off.at == ""
    assert charts.stacked("", "", [(1, "a")], 1_000_000).segments[0].width == "0.20%"


def test_the_template_engine_is_loaded_only_to_write_a_page() -> None:
    code = "import sys, pipelines.cli, pipelines.outputs.report; print('jinja2' in sys.modules)"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert asked.stdout == "False\n"


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_text_and_marks_stand_out_in_light_and_in_dark(content: bytes, scheme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", content.decode(), re.DOTALL)
    colours: dict[str, Any] = dict(re.findall(r"--([\w-]+): (#\w{6})", blocks[scheme]))
    grounds = [colours["paper"], colours["ground"]]
    assert all(contrast(colours[name], ground) >= 4.5 for name in ("ink", "soft", "accent") for ground in grounds)
    marks = set(colours) - {"paper", "ground", "ink", "soft", "accent", "line", "track"}
    assert len(marks) == 9
    assert {name for name in marks if contrast(colours[name], colours["paper"]) < 3} == set()
