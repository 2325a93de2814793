"""What was decided and why, as people read it: indented lines out of the document of an explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.outputs import amounts, differing
from pipelines.outputs.labels import BUCKETS, EXCEPTIONS, HOLDS, say
from pipelines.outputs.labels_explain import (
    CHANNELS,
    CONFIRM,
    HEADS,
    HOLD_VALUES,
    ROLES,
    RULES,
    SAID,
    SETTLEMENTS,
    STATUSES,
    STEPS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.outputs.labels import Words

    Document = dict[str, Any]


_SHORT = 12
"""Characters of a digest that tell one decision from another at sight."""


class Line(NamedTuple):
    """One line of text, and how deep it stands; ``is_head``: it names what follows."""

    depth: int
    text: str
    is_head: bool = False


def told(document: Document, language: str) -> list[Line]:
    """The lines of an explanation of a payment, a line or a registrant."""
    teller = _Teller(language)
    telling = {"payment": teller.payment, "line": teller.line, "registrant": teller.registrant}
    return list(telling[document["kind"]](document[document["kind"]], 0))


class _Teller:
    """Tells documents in one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def payment(self, payment: Document, depth: int) -> Iterator[Line]:
        """A payment, whole."""
        yield from self._payment_head(payment, depth)
        yield from self._section("sources", self._rows(payment), depth)
        yield from self._section("rules", self._rules(payment["rules"]), depth)
        yield from self._settlement(payment["settlement"], depth)
        yield from self._rest(payment, depth)

    def line(self, line: Document, depth: int) -> Iterator[Line]:
        """A capture line, whole."""
        yield Line(depth, self._say(HEADS["line"], **line), is_head=True)
        amount = amounts.shown(line["amount_due_centavos"])
        yield Line(depth + 1, self._say(HEADS["line_facts"], **{**line, "amount": amount}))
        if line["written"] not in {"", line["capture_line"]}:
            yield Line(depth + 1, self._say(HEADS["written"], **line))
        yield from self._section("coverage", [self._coverage(line["coverage"], long=True)], depth)
        if line["known_later"]:
            later = ", ".join(line["known_later"])
            yield Line(depth + 2, self._say(HEADS["known_later"], month=line["due_month"], payments=later))
        yield from self._section("activate", [self._confirm(entry) for entry in line["activated_by"]], depth)
        yield from self._section("registry", [self._registry_row(row) for row in line["rows"]], depth)
        yield from self._section("reasons", [self._tried(EXCEPTIONS, tried) for tried in line["reasons"]], depth)
        yield from self._section("money", [self._money(line["money"])], depth)
        yield from self._section("alike", [self._alike(entry) for entry in line["alike"]], depth)
        yield from self._nested(line["payments"], depth)
        left = line["payments_found"] - len(line["payments"])
        if left > 0:
            yield Line(depth + 2, self._say(HEADS["more_payments"], count=left))
        yield from self._changes(line.get("changes", []), depth)

    def registrant(self, registrant: Document, depth: int) -> Iterator[Line]:
        """A registrant with all lines."""
        yield Line(depth, self._say(HEADS["registrant"], **registrant), is_head=True)
        person = registrant["registrant"]
        if person:
            umf = person["umf"] or self._say(HEADS["no_clinic"])
            yield Line(depth + 1, self._say(HEADS["person"], **{**person, "umf": umf}))
        else:
            yield Line(depth + 1, self._say(HEADS["nobody"]))
        yield from self._section("registry", [self._registry_row(row) for row in registrant["rows"]], depth)
        for line in registrant["lines"]:
            yield from self.line(line, depth + 1)
        yield from self._nested(registrant["payments"], depth)
        yield from self._changes(registrant["changes"], depth)

    def _nested(self, payments: list[Document], depth: int) -> Iterator[Line]:
        """Payments under a line: what was decided, from where, what would confirm them."""
        if payments:
            yield Line(depth + 1, self._say(HEADS["payments"]), is_head=True)
        for payment in payments:
            yield from self._payment_head(payment, depth + 2)
            yield from self._section("sources", self._rows(payment), depth + 2)
            yield from self._settlement(payment["settlement"], depth + 2)
            yield from self._rest(payment, depth + 2)

    def _payment_head(self, payment: Document, depth: int) -> Iterator[Line]:
        yield Line(depth, self._say(HEADS["payment"], **payment), is_head=True)
        shown = {**payment, "amount": _amount(payment), "channel": self._say(CHANNELS[payment["channel"]])}
        yield Line(depth + 1, self._say(HEADS["payment_facts"], **shown))
        if payment["flags"]:
            flags = ", ".join(f"{flag['flag']} ({flag['detail']})" for flag in payment["flags"])
            yield Line(depth + 1, self._say(HEADS["flags"], flags=flags))
        decided = [self._match(match) for match in payment["matches"]] + [self._part(part) for part in payment["parts"]]
        yield from self._section("decided", decided, depth)

    def _rest(self, payment: Document, depth: int) -> Iterator[Line]:
        yield from self._section("decisions", [self._decision(entry) for entry in payment["decisions"]], depth)
        yield from self._section("suggestions", [self._suggestion(entry) for entry in payment["suggestions"]], depth)
        yield from self._section("confirm", [self._confirm(entry) for entry in payment["confirmed_by"]], depth)

    def _section(self, head: str, lines: list[str], depth: int) -> Iterator[Line]:
        if lines:
            yield Line(depth + 1, self._say(HEADS[head]), is_head=True)
        for line in lines:
            yield Line(depth + 2, line)

    def _match(self, match: Document) -> str:
        return self._say(SAID["match"], **{**match, "rule": self._say(RULES[match["rule"]])})

    def _part(self, part: Document) -> str:
        shown = {**part, "bucket": self._say(BUCKETS[part["bucket"]]), "amount": _amount(part)}
        if part["capture_line"]:
            return self._say(SAID["part_line"], **{**shown, "coverage": self._coverage(part["coverage"], long=False)})
        if part["reason"]:
            return self._say(SAID["part_reason"], **{**shown, "reason": self._reason(part["reason"])})
        return self._say(SAID["part"], **shown)

    def _reason(self, reason: str) -> str:
        return f"{reason}: {self._say(HOLDS[reason])}" if reason in HOLDS else reason

    def _coverage(self, coverage: Document, *, long: bool) -> str:
        outcome = coverage["outcome"]
        shown = dict(coverage)
        if outcome == "activated" and long:
            shown["amount"] = amounts.shown(coverage["amount_due_centavos"])
            return self._say(
                SAID["activated_long"], **{**shown, "applied": amounts.shown(coverage["amount_applied_centavos"])}
            )
        if outcome == "exception":
            shown["reason"] = f"{coverage['reason']}, {self._say(EXCEPTIONS[coverage['reason']])}"
        return self._say(SAID[outcome], **shown)

    def _rows(self, payment: Document) -> list[str]:
        lines = []
        for row in payment["rows"]:
            shown = {**row, "place": self._place(row), "role": self._say(ROLES[row["role"]]), "amount": _amount(row)}
            lines += [self._say(SAID["row"], **shown).rstrip(), "  " + self._say(SAID["original"], **row)]
        return lines

    def _place(self, row: Document) -> str:
        return self._say(SAID["file_sheet_row" if row["sheet"] else "file_row"], **row)

    def _registry_row(self, row: Document) -> str:
        due = row.get("amount_due_centavos")
        amount = "" if due is None else f" · {amounts.shown(due)} {row['status']}"
        stands = "in_conflict" if row["in_conflict"] else "stands" if row["is_latest"] else "older"
        shown = {**row, "place": self._place(row), "amount": amount, "stands": self._say(SAID[stands])}
        return self._say(SAID["registry_row"], **shown)

    def _rules(self, rules: Document | None) -> list[str]:
        if rules is None:
            return []
        lines: list[str] = []
        for step in rules["steps"]:
            lines.append(self._say(STEPS[step["step"]], asked=self._asked(step["step"], rules["claims"])))
            lines += [f"  {self._found(found)}" for found in step["found"]]
            lines += [] if step["found"] else [f"  {self._say(SAID['found_nothing'])}"]
        tried = " · ".join(self._bucket(bucket) for bucket in rules["buckets"])
        return [*lines, *(self._hold(hold) for hold in rules["holds"]), self._say(SAID["buckets"], tried=tried)]

    def _bucket(self, tried: Document) -> str:
        name = " ".join(part for part in (tried["bucket"], tried["reason"]) if part)
        return self._say(SAID["bucket_yes" if tried["applies"] else "bucket_no"], name=name)

    def _asked(self, step: str, claims: list[Document]) -> str:
        names = {"by_line_field": ("capture_line",), "by_line_in_text": ("text",), "by_registrant": ("nss", "curp")}
        said = [claim[name] for claim in claims for name in names[step] if claim[name]]
        if step == "by_registrant" and not said:
            said = [claim["text"] for claim in claims if claim["text"]]
        return " / ".join(dict.fromkeys(said)) or self._say(SAID["nothing_asked"])

    def _found(self, found: Document) -> str:
        problem = f" → {found['problem']}" if found["problem"] else ""
        shown = {**found, "rule": self._say(RULES[found["rule"]]), "problem": problem}
        if not found["capture_line"]:
            return self._say(SAID["found_person"], **shown)
        return self._say(SAID["found"], **{**shown, "amount": amounts.shown(found["amount_due_centavos"])})

    def _hold(self, hold: Document) -> str:
        looked_at = {name: self._plain(value) for name, value in _shown(hold["values"]).items()}
        values = self._say(HOLD_VALUES[hold["reason"]], **looked_at)
        answer = self._say(SAID["bucket_yes" if hold["applies"] else "bucket_no"], name=hold["reason"])
        return f"{answer} ({values})"

    def _plain(self, value: object) -> object:
        """Yes, no and nothing as words."""
        if isinstance(value, bool):
            return self._say(SAID["true" if value else "false"])
        return self._say(SAID["nobody"]) if value == "" else value

    def _tried(self, names: dict[str, Words], tried: Document) -> str:
        name = f"{tried['reason']}, {self._say(names[tried['reason']])}"
        return self._say(SAID["bucket_yes" if tried["applies"] else "bucket_no"], name=name)

    def _money(self, money: Document | None) -> str:
        if money is None:
            return self._say(SAID["no_money"])
        names = {"due": "amount_due", "on_time": "on_time", "late": "late", "applied": "applied"}
        shown = {name: amounts.shown(money[f"{column}_centavos"]) for name, column in names.items()}
        return self._say(SAID["money"], **shown)

    def _suggestion(self, entry: Document) -> str:
        barrier = differing.not_chosen("+".join(entry["lines"]), entry["differs"], self._language)
        differs = "; ".join(part for part in (self._differs(entry), barrier) if part)
        return self._say(SAID["suggestion"], **{**entry, "lines": " + ".join(entry["lines"]), "differs": differs})

    def _alike(self, entry: Document) -> str:
        return self._say(SAID["alike"], **{**entry, "differs": self._differs(entry)})

    def _differs(self, entry: Document) -> str:
        return differing.told(entry["differs"], self._language)

    def _decision(self, entry: Document) -> str:
        status = self._say(STATUSES[entry["status"]])
        if entry["why"]:
            status = f"{status} ({entry['why']}; {entry['told']})"
        what = f"{entry['action']} {entry['capture_line']}".rstrip()
        shown = {"decision_id": entry["decision_id"][:_SHORT], "place": self._place(entry), "what": what}
        return self._say(SAID["decision"], **{**entry, **shown, "outcome": status})

    def _settlement(self, settlement: Document | None, depth: int) -> Iterator[Line]:
        if settlement is None:
            return
        status = self._say(SETTLEMENTS[settlement["status"]])
        yield Line(depth + 1, self._say(HEADS["settlement"], **{**settlement, "status": status}), is_head=True)
        if settlement["status"] != "missing":
            shown = _settled(settlement)
            shown["differences"] = f" ({settlement['differences']})" if settlement["differences"] else ""
            yield Line(depth + 2, self._say(SAID["settlement"], **shown))
        for row in settlement["rows"]:
            yield Line(depth + 2, self._place(row))

    def _changes(self, changes: list[Document], depth: int) -> Iterator[Line]:
        yield from self._section("changes", [self._say(SAID["change"], **change).rstrip() for change in changes], depth)

    def _confirm(self, entry: Document) -> str:
        if entry["code"] != "unsettled":
            return self._say(CONFIRM[entry["code"]], **_shown(entry))
        settlement = entry["settlement"]
        if settlement is None:
            return self._say(CONFIRM["no_settlement"])
        code = settlement["status"] if settlement["status"] in CONFIRM else "unbalanced"
        code = "unbalanced" if code == "conflicting_rows" else code
        return self._say(CONFIRM[code], **{**settlement, **_settled(settlement), "sender": settlement["company"]})

    def _say(self, words: Words, **values: object) -> str:
        return say(words, self._language, **values)


def _amount(document: Document) -> str:
    return amounts.shown(document["amount_centavos"], document["currency"])


def _shown(values: Document) -> Document:
    """Lists as texts, centavos as amounts under their name without the unit."""
    texts = {name: ", ".join(map(str, value)) if isinstance(value, list) else value for name, value in values.items()}
    money = {
        name.removesuffix("_centavos"): amounts.shown(value)
        for name, value in values.items()
        if name.endswith("_centavos") and value is not None
    }
    return {**texts, **money}


def _settled(settlement: Document) -> Document:
    names = {"deposit": "deposit", "net": "net", "gross": "gross", "fee": "fee", "difference": "difference"}
    shown: Document = {name: amounts.shown(settlement.get(f"{column}_centavos", 0)) for name, column in names.items()}
    shown |= {"items": settlement.get("remittances_items", 0), "stated": settlement.get("items", 0)}
    return {**shown, "differences": settlement.get("differences", "")}
