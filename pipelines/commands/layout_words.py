"""The words of `quincena layout`, in Spanish and English: its answers, and the comments of a layout that it begins."""

from __future__ import annotations

from typing import Final

from pipelines.outputs.labels import Words

READ_BY: Final = Words("se lee con el formato {layout}", "is read by layout {layout}")
NOT_READ_BY: Final = Words("el formato {layout} lo rechaza", "is refused by layout {layout}")
NOT_CHOSEN: Final = Words("su nombre no elige un formato", "its name chooses no layout")
NO_NAME: Final = Words(
    "ningún formato tiene este nombre; probado con cada uno:", "no layout has this name; tried with every one:"
)
WOULD_READ: Final = Words(
    "{layout} lo leería: {rows} filas, {rejected} rechazadas; sus nombres son {patterns}",
    "{layout} would read it: {rows} rows, {rejected} rejected; its names are {patterns}",
)
WOULD_REFUSE: Final = Words("{layout} no: {reason}", "{layout} would not: {reason}")
SEVERAL: Final = Words(
    "Varios formatos lo leerían: elija uno con --layout para ver sus filas.",
    "Several layouts would read it: choose one with --layout to see its rows.",
)
NONE: Final = Words(
    "Ninguno lo lee: empiece uno con quincena layout new NOMBRE --from ARCHIVO.",
    "None reads it: begin one with quincena layout new NAME --from FILE.",
)
NUMBER: Final = Words("número {number} de la serie {series}", "number {number} of series {series}")
HOLD: Final = Words("queda en espera: {reason}", "is held: {reason}")
ROW: Final = Words("fila {row}", "row {row}")
ROW_OF_SHEET: Final = Words("hoja {sheet}, fila {row}", "sheet {sheet}, row {row}")
MORE_ROWS: Final = Words("más filas: {count} (--rows N)", "more rows: {count} (--rows N)")
MORE_REJECTIONS: Final = Words("más filas rechazadas: {count}", "more rows rejected: {count}")
BEGUN: Final = Words(
    "{path}: {questions} preguntas por responder; pruébelo con quincena layout check ARCHIVO --layout {path}",
    "{path}: {questions} questions to answer; try it with quincena layout check FILE --layout {path}",
)
ALWAYS: Final = Words("siempre", "always")
HOLDS_FROM: Final = Words("desde {day}", "from {day}")
HOLDS_UNTIL: Final = Words("hasta {day}", "until {day}")

COMMENTS: Final[dict[str, Words]] = {
    "head": Words(
        'Formato de los archivos de {name}. Cada "?" es una pregunta: mientras quede una, el formato no vale.',
        'Layout of the files of {name}. Every "?" is a question: while one is left, the layout does not hold.',
    ),
    "manual": Words(
        "Qué es cada clave y qué más hay: docs/layouts.md.",
        "What each key is, and which others there are: docs/layouts.md.",
    ),
    "description": Words("quién lo envía y qué contiene", "who sends it and what it holds"),
    "kind": Words("uno de: {choices}", "one of: {choices}"),
    "patterns": Words(
        'cómo se llaman sus archivos, p. ej. ["{name}_*.csv"]', 'how its files are called, e.g. ["{name}_*.csv"]'
    ),
    "like": Words(
        "todo lo que aquí no se dice es como en ese formato", "whatever is not said here is as in that layout"
    ),
    "mechanics": Words("una de: {choices}", "one of: {choices}"),
    "fixed": Words(
        "todas las líneas miden {length}: ¿fixed_width?", "all lines have the length {length}: fixed_width?"
    ),
    "columns": Words(
        "los nombres de las columnas del encabezado, como están escritos",
        "the names of the columns in the header, as they are written",
    ),
    "ascii": Words(
        "el archivo solo tiene letras sin acento: pregunte al remitente; utf-8, cp1252 o latin-1",
        "the file has plain letters only: ask the sender; utf-8, cp1252 or latin-1",
    ),
    "not_utf8": Words(
        "no es utf-8: pregunte al remitente; cp1252 o latin-1", "it is not utf-8: ask the sender; cp1252 or latin-1"
    ),
    "encoding": Words("utf-8, cp1252 o latin-1", "utf-8, cp1252 or latin-1"),
    "delimiter": Words("el carácter entre columnas", "the character between columns"),
    "sheet": Words("la hoja con las filas; vacío: la única", "the sheet with the rows; empty: the only one"),
    "title_rows": Words("cuántas filas hay arriba del encabezado", "how many rows stand above the header"),
    "types": Words(
        'las columnas que no son texto: "date", "amount", "amount_or_none", "balance" o "rate"',
        'the columns that are no text: "date", "amount", "amount_or_none", "balance" or "rate"',
    ),
    "dates": Words(
        "cómo se escribe una fecha, y la hora de qué lugar es, p. ej. America/Mexico_City",
        "how a date is written, and the time of which place it is, e.g. America/Mexico_City",
    ),
    "controls": Words(
        "¿Trae totales, saldos o números de archivo? Declárelos: [controls], [sequence].",
        "Does it carry totals, balances or numbers of files? Declare them: [controls], [sequence].",
    ),
    "fields": Words(
        'lo que llena cada columna canónica: {{ source = ["columna"] }} o {{ constant = "texto" }}',
        'what fills each canonical column: {{ source = ["column"] }} or {{ constant = "text" }}',
    ),
    "no_kind": Words(
        "responda kind y repita la orden con --kind para ver las columnas",
        "answer kind, and repeat with --kind to see them",
    ),
    "required": Words("obligatoria", "required"),
    "optional": Words("opcional: quite el # si el archivo la trae", "optional: take the # away if the file has it"),
}
"""The comments of a layout that is begun."""
