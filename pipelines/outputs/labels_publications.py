"""The words of what is said of publications: compared, verified, rebuilt (see ``labels``)."""

from __future__ import annotations

from typing import Final

from pipelines.outputs.labels import Words

CHANGE: Final[dict[str, Words]] = {
    "activated": Words("alta", "activated"),
    "revoked": Words("baja", "revoked"),
    "amended": Words("modificación", "amended"),
}
"""What became of somebody's coverage."""

DIFF: Final[dict[str, Words]] = {
    "title": Words(
        "{month}: de la publicación {before} ({before_at}) a la {after} ({after_at})",
        "{month}: from publication {before} ({before_at}) to {after} ({after_at})",
    ),
    "same": Words("Nada cambió entre las dos", "Nothing changed between the two"),
    "why": Words("De qué se hicieron", "What they were made of"),
    "what": Words("qué", "what"),
    "before": Words("antes", "before"),
    "after": Words("después", "after"),
    "file": Words("archivo", "file"),
    "file_gone": Words("archivo que ya no cuenta", "file that no longer counts"),
    "decision": Words("resolución", "decision"),
    "policy": Words("reglas desde {since}: {key}", "policy from {since}: {key}"),
    "code": Words("versión del programa", "version of the code"),
    "reason": Words("motivo de la corrida", "reason of the run"),
    "money": Words("Dinero por rubro", "Money by bucket"),
    "lines": Words("Líneas por resultado", "Lines by outcome"),
    "activated": Words("con alta", "activated"),
    "coverage": Words("Cobertura", "Coverage"),
    "nss": Words("NSS", "NSS"),
    "change": Words("cambio", "change"),
    "cause": Words("causa", "cause"),
    "detail": Words("detalle", "detail"),
    "line": Words("línea", "line"),
    "payments": Words("pagos", "payments"),
    "payment": Words("pago", "payment"),
    "amount": Words("importe", "amount"),
    "moved": Words("Pagos que cambiaron", "Payments that changed"),
    "bucket": Words("rubro", "bucket"),
    "outcome": Words("resultado", "outcome"),
    "more": Words("y {count} más: agregue --json", "and {count} more: add --json"),
}
"""The headings of a comparison."""

PROBLEM: Final[dict[str, Words]] = {
    "altered": Words("alterado: sus bytes no son los que se escribieron", "altered: not the bytes that were written"),
    "missing": Words("falta", "missing"),
    "extra": Words("sobra: no lo escribió este programa", "extra: not written by this program"),
    "unreadable": Words("no se puede leer: fue alterado", "cannot be read: it was altered"),
    "disagrees": Words(
        "no coincide con lo anotado: se alteró uno de los dos", "not what was noted: one of the two was altered"
    ),
    "unsealed": Words("publicado sin que se anotara su huella", "published, and its digest was never noted"),
    "unchained": Words("no continúa la cadena", "does not follow on in the chain"),
    "superseded": Words(
        "es de otra publicación que la vigente: corra el mes otra vez",
        "of another publication than the one in force: run the month again",
    ),
}
"""What is wrong with a file."""

KINDS: Final[dict[str, Words]] = {
    "originals": Words("originales", "originals"),
    "landed": Words("archivos leídos", "files read"),
    "tables": Words("archivos y versiones de tablas", "files and versions of tables"),
    "publications": Words("eslabones de la cadena", "links of the chain"),
    "outbox": Words("carpetas de resultados", "outbox folders"),
}
"""What is verified."""

INTACT: Final = Words("Íntegro: {looked_at}", "Intact: {looked_at}")
NOT_INTACT: Final = Words("{count} alteraciones. Se revisó: {looked_at}", "{count} alterations. Looked at: {looked_at}")
VERIFYING: Final = Words("verifica {done}/{total}", "verifying {done}/{total}")

REBUILT_EQUAL: Final = Words(
    "{month} con corte a {as_of}: igual a la publicación {number}; {path}",
    "{month} as of {as_of}: equal to publication {number}; {path}",
)
REBUILT_OTHER: Final = Words(
    "{month} con corte a {as_of}: distinto de la publicación {number}; {path}",
    "{month} as of {as_of}: not equal to publication {number}; {path}",
)
REBUILT_ALONE: Final = Words(
    "{month} con corte a {as_of}: no había publicación; {path}", "{month} as of {as_of}: nothing was published; {path}"
)
OTHER_POLICY: Final = Words(
    "Las reglas cambiaron desde la publicación {number}: se usaron las actuales (huella {digest})",
    "The policy has changed since publication {number}: the current one was used (digest {digest})",
)
