"""The page in a real browser: nothing overlaps, nothing is cut off, it sorts, it speaks both languages, it prints.

A page around it frames it as it is, at the width of a phone or of a desk, and looks into it. Skipped where there is no
Chromium.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest

from pipelines.outputs.labels import BUCKETS, HOLDS
from pipelines.outputs.report import page
from tests.unit.outputs.made import table
from tests.unit.outputs.month import Tables, document, empty, tables

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
PDFTOTEXT = shutil.which("pdftotext") or ""
PATIENCE_SECONDS = 120
WIDTHS: Final = {"phone": 390, "desk": 1280}

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium to look at the page with")

LOOK = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">
<iframe src="report.html" style="width:WIDTHpx;height:3000px;border:0"></iframe><pre id="seen"></pre>
<script>
const edges = (node) => node.getBoundingClientRect();
const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
function look(inside) {
  const side = [...inside.querySelectorAll(".side")].filter((one) => edges(one).height > 0);
  const seen = {sides: side.map((one) => one.id), lang: inside.documentElement.lang, title: inside.title};
  const page = inside.documentElement;
  seen.sideways = page.scrollWidth - page.clientWidth;
  seen.overlaps = []; seen.cut = []; seen.texts = 0; seen.charts = 0; seen.unseen = [];
  for (const chart of side[0].querySelectorAll("svg[role=img]")) {
    seen.charts += 1;
    const texts = [...chart.querySelectorAll("text")], frame = edges(chart.closest("figure"));
    seen.texts += texts.length;
    texts.forEach((one, at) => {
      const box = edges(one);
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top || box.bottom > frame.bottom)
        seen.cut.push(one.textContent);
      texts.slice(at + 1).forEach((other) => apart(box, edges(other)) ||
        seen.overlaps.push(one.textContent + " / " + other.textContent));
    });
    for (const bar of chart.querySelectorAll("rect:not(.track)"))
      if (edges(bar).width <= 0 || edges(bar).right > frame.right + 1) seen.unseen.push(bar.className.baseVal);
  }
  for (const text of side[0].querySelectorAll("h1, h2, p, dt, dd, figcaption, .legend li")) {
    const box = edges(text);
    if (box.width > 2 && (box.left < 0 || box.right > page.clientWidth + 1)) seen.cut.push(text.textContent);
  }
  return seen;
}
function sorted(table) {
  return {
    sort: [...table.tHead.rows[0].cells].map((cell) => cell.getAttribute("aria-sort")),
    keys: [...table.tBodies[0].rows].map((row) => row.cells[4].dataset.key),
    last: table.tFoot.rows[0].cells[0].textContent,
  };
}
addEventListener("load", () => {
  const frame = document.querySelector("iframe"), inside = frame.contentDocument;
  const style = (node) => frame.contentWindow.getComputedStyle(node);
  const seen = {es: look(inside), border: style(inside.querySelector("section")).borderTopWidth};
  inside.getElementById("language-en").click();
  seen.en = look(inside);
  const reach = [...inside.querySelectorAll("a, button, input, [tabindex='0']")].filter((one) => edges(one).height > 0);
  seen.reached = reach.every((one) => { one.focus(); return inside.activeElement === one; });
  seen.outlines = [...new Set(reach.filter((one) => one.matches(".scroll, button, nav a")).map((one) => {
    one.focus({focusVisible: true}); return style(one).outlineStyle; }))];
  const caption = inside.getElementById("en-table-buckets");
  if (caption) {
    const table = caption.closest("table"), button = table.tHead.rows[0].cells[4].querySelector("button");
    seen.buttons = table.tHead.querySelectorAll("button").length;
    button.click(); seen.ascending = sorted(table);
    button.click(); seen.descending = sorted(table);
    table.tHead.rows[0].cells[0].querySelector("button").click(); seen.again = sorted(table);
  }
  document.getElementById("seen").textContent = JSON.stringify(seen);
});
</script>"""


def browse(folder: Path, *arguments: str) -> str:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    options = ["--headless", "--disable-gpu", "--allow-file-access-from-files", f"--user-data-dir={folder / 'profile'}"]
    command = [CHROMIUM, *sandbox, *options, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True).stdout


def seen(folder: Path, content: bytes, width: int) -> dict[str, Any]:
    (folder / "report.html").write_bytes(content)
    (folder / "look.html").write_text(LOOK.replace("WIDTH", str(width)), "utf-8")
    dumped = browse(folder, "--window-size=1400,3200", "--dump-dom", f"file://{folder / 'look.html'}")
    found = re.search(r'<pre id="seen">(.*?)</pre>', dumped, re.DOTALL)
    assert found
    assert found[1], "the page around it saw nothing"
    return dict(json.loads(unescape(found[1])))


def a_month_of_long_figures() -> Tables:
    """Every bucket and every reason, with the figures of a month of millions of payments."""
    given = tables()
    parts = [(bucket, "") for bucket in BUCKETS if bucket != "held"] + [("held", reason) for reason in HOLDS]
    days = [date(2026, 10, 1 + at) for at in range(len(parts))]
    whole = {"channel": "remittance", "amount_centavos": 123_456_789_012_34, "currency": "MXN"}
    given["payments"] = table(
        "payments", *({"payment_id": str(at), "paid_on": day, **whole} for at, day in enumerate(days))
    )
    given["dispositions"] = table(
        "dispositions",
        *({"payment_id": str(at), "bucket": part[0], "reason": part[1], **whole} for at, part in enumerate(parts)),
    )
    long = {"reason": "x" * 380, "outcome": "refused"}
    given["receipts"] = table("receipts", *({"file_name": f"{at}{'w' * 250}.csv", **long} for at in range(3)))
    return given


CASES: Final = {"ordinary": tables, "long": a_month_of_long_figures, "empty": empty}


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("case", CASES)
def test_nothing_overlaps_and_nothing_is_cut_off(tmp_path: Path, case: str, width: int) -> None:
    found = seen(tmp_path, page(CASES[case](), document(), "es"), width)
    for language in ("es", "en"):
        side = found[language]
        assert (side["overlaps"], side["cut"], side["unseen"], side["sideways"]) == ([], [], [], 0)
        assert (side["charts"] >= 5 and side["texts"] > 30) == (case != "empty")


def test_the_switch_shows_one_language_at_a_time(tmp_path: Path) -> None:
    found = seen(tmp_path, page(tables(), document(), "es"), WIDTHS["desk"])
    shown = [(found[side]["sides"], found[side]["lang"], found[side]["title"]) for side in ("es", "en")]
    assert shown == [
        (["side-es"], "es", "Conciliación de octubre de 2026"),
        (["side-en"], "en", "Reconciliation of October 2026"),
    ]


def test_its_own_style_and_script_run_under_its_own_policy_and_a_table_sorts(tmp_path: Path) -> None:
    found = seen(tmp_path, page(tables(), document(), "en"), WIDTHS["desk"])
    assert (found["border"], found["buttons"]) == ("1px", 6)
    amounts = sorted(map(int, found["ascending"]["keys"]))
    assert list(map(int, found["ascending"]["keys"])) == amounts
    assert list(map(int, found["descending"]["keys"])) == amounts[::-1]
    assert found["ascending"]["sort"] == [None, None, None, None, "ascending", None]
    assert found["descending"]["sort"] == [None, None, None, None, "descending", None]
    assert found["again"]["sort"] == ["ascending", None, None, None, None, None]
    assert found["again"]["last"] == "Total"


def test_everything_that_does_something_can_be_reached_and_shows_its_focus(tmp_path: Path) -> None:
    found = seen(tmp_path, page(tables(), document(), "en"), WIDTHS["phone"])
    assert found["reached"] is True
    assert found["outlines"] == ["solid"]


@pytest.mark.skipif(not PDFTOTEXT, reason="no pdftotext to read the print with")
def test_a_table_that_goes_on_overleaf_repeats_its_header_on_paper(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_bytes(page(tables(), document(), "es"))
    browse(tmp_path, f"--print-to-pdf={tmp_path / 'report.pdf'}", f"file://{tmp_path / 'report.html'}")
    told = subprocess.run(
        [PDFTOTEXT, "-layout", tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True
    )
    sheets = [sheet for sheet in told.stdout.split("\f") if re.search(r"^\s*\d+ de octubre ", sheet, re.MULTILINE)]
    assert len(sheets) > 1
    assert all(re.search(r"Día\s+Transferencias\s+Remesas\s+Pagos\s+Pesos", sheet) for sheet in sheets)
    assert "Idioma" not in told.stdout
    assert "Certificate" not in told.stdout
