"""What commands say beside their answers, in Spanish and English: what, where, found, expected, what to do."""

from __future__ import annotations

from typing import Final

from pipelines.outputs.labels import Words, say

DONE: Final = 0
NOT_PUBLISHED: Final = 1
WRONG_USAGE: Final = 2


class Fault(Exception):  # noqa: N818 - an outcome that a person is told, not an error of the program
    """A command ends here: what to tell, and the exit of CONTRACT §13."""

    def __init__(self, words: Words, exit_code: int = WRONG_USAGE, **values: object) -> None:
        super().__init__(say(words, "en", **values))
        self.words = words
        self.exit_code = exit_code
        self.values = values

    def told(self, language: str) -> str:
        """The text in ``language``."""
        return say(self.words, language, **self.values)


BAD_MONTH: Final = Words(
    "--month: se encontró {found!r}; se esperaba un mes AAAA-MM, como 2026-10, o un rango 2026-09..2026-11.",
    "--month: found {found!r}; expected a month YYYY-MM such as 2026-10, or a range 2026-09..2026-11.",
)
ONE_MONTH: Final = Words(
    "--month: se encontró el rango {found!r}; esta orden trabaja con un solo mes, como 2026-10.",
    "--month: found the range {found!r}; this command works on one month, such as 2026-10.",
)
LONG_SPAN: Final = Words(
    "--month: el rango {found!r} tiene {count} meses; el máximo es {limit}. Divídalo.",
    "--month: the range {found!r} has {count} months; at most {limit}. Split it.",
)
BAD_INSTANT: Final = Words(
    "{option}: se encontró {found!r}; se esperaba fecha y hora con zona, como 2026-11-01T06:00:00Z.",
    "{option}: found {found!r}; expected date and time with a zone, such as 2026-11-01T06:00:00Z.",
)
NO_INBOX: Final = Words(
    "No existe la carpeta de entrada {path}. Indique con --inbox una carpeta que exista.",
    "There is no inbox folder {path}. Name one that exists with --inbox.",
)
BAD_INBOX: Final = Words("--inbox: {detail}", "--inbox: {detail}")
BAD_ENGINE: Final = Words("--engine: {detail}", "--engine: {detail}")
NO_POLICY: Final = Words(
    "No se puede leer el archivo de reglas {path}. Indique con --policy un archivo que exista.",
    "The policy file {path} cannot be read. Name one that exists with --policy.",
)
BAD_POLICY: Final = Words(
    "Las reglas de {path} no valen, y no se leyó ningún archivo. {detail}",
    "The policy {path} does not hold, and no file was read. {detail}",
)
NO_FILE: Final = Words(
    "No existe el archivo {path}. Revise el nombre y la carpeta.",
    "There is no file {path}. Look at its name and folder.",
)
UNKNOWN_TABLE: Final = Words(
    "No hay una tabla {found!r}. Las tablas son: {names}.", "There is no table {found!r}. The tables are: {names}."
)
MONTH_NEEDED: Final = Words(
    "La tabla {name} es de un mes: agregue --month AAAA-MM.", "Table {name} is kept by month: add --month YYYY-MM."
)
VERSION_NEEDS_MONTH: Final = Words(
    "--version es el número de una publicación de un mes: agregue --month AAAA-MM.",
    "--version is the number of a publication of a month: add --month YYYY-MM.",
)
NOT_PUBLISHED_YET: Final = Words(
    "El mes {month} no tiene ninguna publicación en {home}. Córralo antes: quincena run --month {month}",
    "Month {month} has no publication in {home}. Run it first: quincena run --month {month}",
)
NOTHING_PUBLISHED: Final = Words(
    "No hay ninguna publicación en {home}. Corra antes un mes: quincena run --month AAAA-MM",
    "There is no publication in {home}. Run a month first: quincena run --month YYYY-MM",
)
NO_SUCH_VERSION: Final = Words(
    "El mes {month} no tiene la publicación {found}; tiene de la 1 a la {last}.",
    "Month {month} has no publication {found}; it has 1 to {last}.",
)
NOT_IN_PUBLICATION: Final = Words(
    "La publicación {number} de {month} es anterior a la tabla {name} y no la contiene.",
    "Publication {number} of {month} is older than table {name} and does not hold it.",
)
NO_ANSWER: Final = Words(
    "No se responde con lo que está dañado: {detail}. `quincena verify` nombra cada archivo alterado.",
    "No answer is given out of what is damaged: {detail}. `quincena verify` names every file that was altered.",
)
UNKNOWN_KEY: Final = Words(
    "La clave no nombra ningún pago, línea ni NSS en lo publicado ({months}). Se esperaba un payment_id, una clave "
    "natural o su última parte, una línea de captura o un NSS. {hints}",
    "The key names no payment, line or NSS in what was published ({months}). Expected a payment_id, a natural key or "
    "its last part, a capture line or an NSS. {hints}",
)
LOOKS_LIKE: Final[dict[str, Words]] = {
    "nss": Words("Parece un NSS, que no está en ningún registro.", "It looks like an NSS, which is in no registry."),
    "nss_wrong_check_digit": Words(
        "Parece un NSS con un dígito verificador equivocado.", "It looks like an NSS with a wrong check digit."
    ),
    "payment": Words(
        "Parece un pago: revise fecha, banco y clave, y si su mes se publicó.",
        "It looks like a payment: look at its date, bank and key, and whether its month was published.",
    ),
    "line": Words("Como línea de captura no está en el registro.", "As a capture line it is not in the registry."),
}
AMBIGUOUS_KEY: Final = Words(
    "La clave nombra {count} cosas. Pregunte por una de ellas:", "The key names {count} things. Ask for one of them:"
)
SAME_VERSION: Final = Words(
    "Se pidió comparar la publicación {found} consigo misma; se esperaban dos números distintos.",
    "Publication {found} was to be compared with itself; expected two different numbers.",
)
NO_HOME: Final = Words(
    "En {path} no hay nada guardado. Indique la carpeta con --home.",
    "Nothing is kept in {path}. Name the folder with --home.",
)
AS_OF_NEEDS_OUTPUT: Final = Words(
    "--as-of no publica nada: indique con --output la carpeta donde se escribe.",
    "--as-of publishes nothing: name with --output the folder to write into.",
)
OUTPUT_NEEDS_AS_OF: Final = Words(
    "--output solo vale con --as-of; lo que se publica va a outbox/.",
    "--output goes with --as-of only; what is published goes to outbox/.",
)
AS_OF_LANDS_NOTHING: Final = Words(
    "--as-of no recibe archivos: quite {option}.",
    "--as-of lands no files: leave out {option}.",
)
AS_OF_KEEPS_NO_RUN: Final = Words(
    "--as-of no deja constancia de que se corrió: quite {option}.",
    "--as-of leaves no record of a run: leave out {option}.",
)
BAD_ENDING: Final = Words(
    "--output: {path} termina en {found!r}; se esperaba {expected}.",
    "--output: {path} ends in {found!r}; expected {expected}.",
)
BAD_OUTPUT: Final = Words(
    "No se puede escribir en {path} ({detail}). Indique otro lugar con --output.",
    "Cannot write to {path} ({detail}). Name another place with --output.",
)
UNKNOWN_LAYOUT: Final = Words(
    "No hay un formato {found!r}. Los formatos son: {names}; o indique un archivo .toml.",
    "There is no layout {found!r}. The layouts are: {names}; or name a .toml file.",
)
BAD_LAYOUT: Final = Words("El formato no vale: {detail}", "The layout does not hold: {detail}")
BAD_LAYOUT_NAME: Final = Words(
    "Se encontró el nombre {found!r}; se esperaban letras minúsculas, dígitos y _, como giros_del_sur.",
    "Found the name {found!r}; expected small letters, digits and _, such as giros_del_sur.",
)
LAYOUT_EXISTS: Final = Words(
    "Ya existe {path}, y no se cambió. Elija otro nombre u otra carpeta con --output.",
    "{path} exists already, and was not changed. Choose another name, or another folder with --output.",
)
UNREADABLE_FILE: Final = Words("No se puede leer {path}: {detail}", "{path} cannot be read: {detail}")
BAD_SAMPLE: Final = Words("No se puede hacer la muestra: {detail}", "The sample cannot be made: {detail}")
NO_UI: Final = Words(
    "El puerto {port} está ocupado. Elija otro con --port.", "Port {port} is in use. Choose another one with --port."
)
FOUND_PROBLEM: Final = Words("No se pudo terminar: {detail}", "Could not finish: {detail}")
DISK: Final = Words(
    "No se pudo leer o escribir {path} ({detail}). Lo publicado antes sigue vigente; libere espacio o revise permisos.",
    "Could not read or write {path} ({detail}). What was published stands; free space or look at permissions.",
)
UNEXPECTED: Final = Words(
    "Error inesperado {kind}; lo publicado antes sigue vigente. El registro, sin datos personales, está en {log}",
    "Unexpected error {kind}; what was published stands. The log, without personal data, is in {log}",
)
INTERRUPTED: Final = Words("Interrumpido; lo publicado antes sigue vigente.", "Interrupted; what was published stands.")
NOT_PROVEN: Final = Words(
    "{month}: NO se publicó. No pasaron {count} comprobaciones; la publicación anterior sigue vigente.",
    "{month}: NOT published. {count} proofs failed; the publication before stands.",
)
RUN_FAILED: Final = Words(
    "{month}: NO se publicó; la publicación anterior sigue vigente. {detail}",
    "{month}: NOT published; the publication before stands. {detail}",
)
RUN_ID: Final = Words("Corrida {run_id}: véala con quincena ui", "Run {run_id}: see it with quincena ui")
WRITTEN: Final = Words("{rows} filas en {path}", "{rows} rows in {path}")
SAMPLED: Final = Words(
    "{files} archivos con {payments} pagos ({amount}) en {path}",
    "{files} files with {payments} payments ({amount}) in {path}",
)
CHANGING: Final = Words(
    "Todavía se están copiando, o se cortó la conexión; quedan para la próxima corrida: {names}",
    "Still being copied, or the connection broke; left for the next run: {names}",
)
UI: Final = Words(
    "Dagster en http://127.0.0.1:{port} (Ctrl+C para terminar)", "Dagster at http://127.0.0.1:{port} (Ctrl+C to end)"
)
