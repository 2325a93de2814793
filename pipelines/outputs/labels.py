"""The words of the terms that people read, in Spanish and English: one catalogue (terms as in GLOSSARY.md).

The values in tables stay as CONTRACT names them; only what is shown is translated.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Words(NamedTuple):
    """One text in each language."""

    es: str
    en: str


LANGUAGES: Final = Words._fields
"""The languages spoken; the first is spoken unless another one is asked for."""

DEFAULT_LANGUAGE: Final = LANGUAGES[0]

NOT_IN_A_WORKBOOK: Final = Words(
    "Esta tabla tiene {rows} filas y no cabe en un libro de cálculo. Están todas en {files}.",
    "This table has {rows} rows and does not fit into a workbook. All of them are in {files}.",
)
"""What a workbook says in place of a table that it cannot hold."""

BUCKETS: Final[dict[str, Words]] = {
    "applied": Words("aplicado", "applied"),
    "short": Words("incompleto", "short"),
    "late": Words("extemporáneo", "late"),
    "surplus": Words("excedente", "surplus"),
    "held": Words("retenido", "held"),
    "unmatched": Words("sin identificar", "unmatched"),
    "returned": Words("devuelto", "returned"),
    "refund_due": Words("por devolver", "refund due"),
    "settlement": Words("depósito de liquidación", "settlement deposit"),
    "pending": Words("pendiente", "pending"),
}
"""The buckets of CONTRACT §9 in the order in which they are shown."""

EXCEPTIONS: Final[dict[str, Words]] = {
    "unknown_registrant": Words("persona no registrada", "registrant unknown"),
    "already_covered": Words("ya cubierta por otra línea", "already covered by another line"),
    "held": Words("pago retenido", "payment held"),
    "late": Words("pago extemporáneo", "paid late"),
    "short": Words("pago incompleto", "paid short"),
    "returned": Words("pago devuelto", "payment returned"),
    "unpaid": Words("sin pago", "unpaid"),
}
"""Why a line due activates nobody (CONTRACT §10), in the order of the contract."""

OUTCOMES: Final[dict[str, Words]] = {
    "accepted": Words("aceptados", "accepted"),
    "repeated": Words("repetidos", "repeated"),
    "held": Words("en espera", "held"),
    "refused": Words("rechazados", "refused"),
}
"""What becomes of files (CONTRACT §4)."""

HOLDS: Final[dict[str, Words]] = {
    "conflicting_rows": Words(
        "dos filas de un mismo pago se contradicen: pregunte al remitente cuál vale",
        "two rows of one payment contradict each other: ask the sender which holds",
    ),
    "registry_conflict": Words(
        "la línea tiene dos versiones con la misma fecha: pregunte a quien la emite",
        "the line has two versions of one date: ask who issues the lines",
    ),
    "identity_conflict": Words(
        "el pago nombra a otra persona que la de la línea: aclare con quien pagó",
        "the payment names another person than the line's: ask the payer",
    ),
    "line_cancelled": Words(
        "la línea está cancelada: reembolso o línea nueva", "the line is cancelled: refund or reissue"
    ),
    "several_lines": Words(
        "nombra varias líneas y el importe no decide: aclare con quien pagó",
        "names several lines and the amount does not tell: ask the payer",
    ),
    "several_registrants": Words(
        "nombra a varias personas: aclare con quien pagó", "names several persons: ask the payer"
    ),
    "amount_mismatch": Words(
        "el importe no es el de la línea: aclare con quien pagó", "the amount is not the line's: ask the payer"
    ),
    "no_line_for_month": Words(
        "la persona no tiene línea de ese mes: pida que se emita",
        "the person has no line of that month: have it issued",
    ),
    "out_of_window": Words(
        "la línea es de un mes demasiado lejano: decida si se acepta",
        "the line is of a month too far away: decide on it",
    ),
    "unknown_registrant": Words(
        "nadie está registrado con el NSS de la línea: complete el padrón",
        "nobody with the line's NSS is registered: complete the registry",
    ),
    "foreign_currency": Words("no es en pesos: espera conversión", "not in pesos: waits for conversion"),
    "unsettled": Words(
        "falta el depósito de la empresa o no cuadra: vea settlements",
        "the company's deposit is missing or does not agree: see settlements",
    ),
}
"""What held money waits for (CONTRACT §5, §7), in the order in which it is worth looking at."""

HINTS: Final[dict[str, Words]] = {
    "refused": Words(
        "archivos rechazados: corríjalos o pídalos de nuevo", "files refused: mend them or ask for them anew"
    ),
    "waiting": Words(
        "archivos en espera: lea el motivo y pida el que falta, o uno corregido con otro nombre",
        "files held: read the reason, and ask for the missing one, or for a corrected one under another name",
    ),
    "unbalanced": Words(
        "liquidaciones que no cuadran: reclame la diferencia", "settlements that do not agree: claim the difference"
    ),
    "awaiting_deposit": Words(
        "liquidaciones sin depósito: espere o reclame", "settlements without a deposit: wait or claim"
    ),
    "unmatched": Words(
        "pagos sin identificar: busque a quién pertenecen", "payments that name nobody: find whose they are"
    ),
    "refund_due": Words("pagos por devolver", "payments to be paid back"),
    "rejected": Words(
        "filas rechazadas: pida al remitente que las corrija", "rows rejected: ask the sender to correct them"
    ),
    "pending_clinic": Words("altas sin clínica asignada", "activations without a clinic"),
}
"""What to look at next, besides what is held."""

OUTCOME: Final[dict[str, Words]] = {
    "accepted": Words("aceptado", "accepted"),
    "repeated": Words("repetido", "repeated"),
    "held": Words("en espera", "held"),
    "refused": Words("rechazado", "refused"),
}
"""The same of one file."""

FIGURES: Final = Words(
    "filas: {rows} · rechazadas: {rejected} · importe: {amount}",
    "rows: {rows} · rejected: {rejected} · amount: {amount}",
)
"""The figures of one file."""

REJECTION: Final = Words("fila {row}, columna {column}: {reason}", "row {row}, column {column}: {reason}")
"""One row rejected for one column."""

REJECTED_ROW: Final = Words("fila {row}: {reason}", "row {row}: {reason}")
"""One row rejected as a whole."""

STAGES: Final[dict[str, Words]] = {
    "land": Words("recibe", "land"),
    "read": Words("lee", "read"),
    "identify": Words("identifica pagos", "identify"),
    "settle": Words("cuadra liquidaciones", "settle"),
    "match": Words("busca líneas", "match"),
    "allocate": Words("reparte el dinero", "allocate"),
    "flag": Words("marca", "flag"),
    "suggest": Words("sugiere líneas", "suggest"),
    "cover": Words("decide cobertura", "cover"),
    "prove": Words("comprueba", "prove"),
    "publish": Words("publica", "publish"),
}
"""The stages of a run as its progress tells them."""

PROOFS: Final[dict[str, Words]] = {
    "rows": Words("filas", "rows"),
    "centavos": Words("centavos", "centavos"),
    "activations": Words("altas", "activations"),
    "lines": Words("líneas", "lines"),
    "settlements": Words("liquidaciones", "settlements"),
}
"""The proofs of CONTRACT §11."""

HEADINGS: Final[dict[str, Words]] = {
    "title": Words(
        "Conciliación de {month} · cobertura de {coverage_month}",
        "Reconciliation of {month} · coverage of {coverage_month}",
    ),
    "first": Words("Publicación 1, la primera del mes", "Publication 1, the first of the month"),
    "published": Words(
        "Publicación {number}. {changes}. Tablas con versión nueva: {tables}",
        "Publication {number}. {changes}. Tables with a new version: {tables}",
    ),
    "unchanged": Words(
        "Nada cambió: sigue vigente la publicación {number}", "Nothing changed: publication {number} stands"
    ),
    "money": Words("Dinero por rubro", "Money by bucket"),
    "bucket": Words("rubro", "bucket"),
    "payments": Words("pagos", "payments"),
    "amount": Words("importe", "amount"),
    "total": Words("total", "total"),
    "coverage": Words("Cobertura", "Coverage"),
    "lines": Words("líneas", "lines"),
    "activations": Words("altas", "activations"),
    "exceptions": Words("sin alta", "not activated"),
    "changes": Words(
        "Frente a la anterior: {activated} altas, {revoked} bajas, {amended} modificadas",
        "Against the one before: {activated} activated, {revoked} revoked, {amended} amended",
    ),
    "decisions": Words(
        "Decisiones: {applied} aplicadas, {superseded} sustituidas, {undone} deshechas, {stale} caducas, "
        "{rejected} rechazadas",
        "Decisions: {applied} applied, {superseded} superseded, {undone} undone, {stale} stale, {rejected} rejected",
    ),
    "files": Words("Archivos", "Files"),
    "outcome": Words("resultado", "outcome"),
    "this_run": Words("esta corrida", "this run"),
    "in_all": Words("en total", "in all"),
    "rejected_rows": Words("filas rechazadas", "rows rejected"),
    "proof": Words("comprobación", "proof"),
    "scope": Words("sobre", "over"),
    "expected": Words("esperado", "expected"),
    "found": Words("encontrado", "found"),
    "next": Words("Qué revisar ahora", "What to look at next"),
    "nothing": Words("Nada pendiente", "Nothing is open"),
    "table": Words("tabla", "table"),
    "more": Words("y {count} más: tabla receipts", "and {count} more: table receipts"),
    "outbox": Words("Resultados", "Answers"),
    "rosters": Words("{count} relaciones por clínica", "{count} rosters, one a clinic"),
}
"""The headings of the summary."""


def say(words: Words, language: str, **values: object) -> str:
    """The text in ``language`` with its blanks filled."""
    text: str = getattr(words, language)
    return text.format(**values)


def spoken(asked: str) -> str:
    """A language that is spoken: the one asked for, or the default one."""
    return asked if asked in LANGUAGES else DEFAULT_LANGUAGE
