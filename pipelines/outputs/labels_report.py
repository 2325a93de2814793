"""The words of the page ``report.html`` in Spanish and English, of the same form as ``labels``."""

from __future__ import annotations

from typing import Final

from pipelines.outputs.labels import Words

NAMES: Final = Words("Español", "English")
"""Each language by its own name."""

MONTHS: Final = Words(
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "January February March April May June July August September October November December",
)
"""The months of the year, in order."""

DAY: Final = Words("{day} de {month} de {year}", "{day} {month} {year}")
SHORT_DAY: Final = Words("{day} de {month}", "{day} {month}")
MONTH: Final = Words("{month} de {year}", "{month} {year}")

CHANNELS: Final[dict[str, Words]] = {
    "bank_transfer": Words("Transferencias", "Bank transfers"),
    "remittance": Words("Remesas", "Remittances"),
}
"""The channels of CONTRACT §5."""

HELD: Final[dict[str, Words]] = {
    "conflicting_rows": Words("filas que se contradicen", "conflicting rows"),
    "registry_conflict": Words("línea con dos versiones", "line in conflict"),
    "identity_conflict": Words("otra persona", "another person"),
    "line_cancelled": Words("línea cancelada", "line cancelled"),
    "several_lines": Words("varias líneas", "several lines"),
    "several_registrants": Words("varias personas", "several registrants"),
    "amount_mismatch": Words("otro importe", "another amount"),
    "no_line_for_month": Words("sin línea de ese mes", "no line for the month"),
    "out_of_window": Words("fuera de plazo", "out of window"),
    "unknown_registrant": Words("persona no registrada", "unknown registrant"),
    "foreign_currency": Words("otra moneda", "foreign currency"),
    "unsettled": Words("sin liquidación cuadrada", "unsettled"),
}
"""The reasons of held money in two or three words; ``labels.HOLDS`` says what each waits for."""

AGES: Final = (
    Words("hasta 7 días", "up to 7 days"),
    Words("8 a 15 días", "8 to 15 days"),
    Words("16 a 30 días", "16 to 30 days"),
)
"""How long held money has waited at the end of its month."""

CHANGES: Final[dict[str, Words]] = {
    "activated": Words("alta", "activated"),
    "revoked": Words("baja", "revoked"),
    "amended": Words("modificada", "amended"),
}
"""What a publication changes for a registrant (CONTRACT §10)."""

CAUSES: Final[dict[str, Words]] = {
    "first_publication": Words("primera publicación", "first publication"),
    "later_status": Words("un pago cambió de estado", "a later status of a payment"),
    "decision": Words("una resolución", "a decision"),
    "new_file": Words("un archivo nuevo", "a new file"),
    "policy": Words("otras reglas del programa", "another policy"),
    "code": Words("otra versión del programa", "another version of the code"),
}
"""Why coverage changed."""

SETTLEMENTS: Final[dict[str, Words]] = {
    "balanced": Words("cuadra", "balanced"),
    "unbalanced": Words("no cuadra", "unbalanced"),
    "awaiting_deposit": Words("sin depósito", "awaiting deposit"),
    "conflicting_rows": Words("dos versiones", "conflicting rows"),
}
"""What becomes of a settlement (CONTRACT §6)."""

PAGE: Final[dict[str, Words]] = {
    "title": Words("Conciliación de {month}", "Reconciliation of {month}"),
    "coverage_of": Words("Cobertura de {month}", "Coverage of {month}"),
    "publication": Words("Publicación {number}", "Publication {number}"),
    "known_on": Words("Último archivo recibido: {day}", "Latest file received: {day}"),
    "language": Words("Idioma", "Language"),
    "skip": Words("Ir al contenido", "Skip to the content"),
    "contents": Words("Contenido", "Contents"),
    "at_a_glance": Words("En breve", "At a glance"),
    "same": Words("Las mismas cifras están en la tabla «{sheet}».", "The same figures are in the table “{sheet}”."),
    "more": Words("y {count} más", "and {count} more"),
    "where": Words("Las filas completas:", "All rows:"),
    "no_persons": Words(
        "Esta página muestra solo sumas y conteos: ningún NSS, CURP ni nombre.",
        "This page shows sums and counts only: no NSS, CURP or name.",
    ),
    "total": Words("Total", "Total"),
    "payments": Words("Pagos", "Payments"),
    "amount": Words("Importe", "Amount"),
    "pesos": Words("Pesos", "Pesos"),
    "currency": Words("Moneda", "Currency"),
    "channel": Words("Canal", "Channel"),
    "bucket": Words("Rubro", "Bucket"),
    "share": Words("Parte", "Share"),
    "reason": Words("Motivo", "Reason"),
    "waits_for": Words("Qué falta", "What it waits for"),
    "status": Words("Estado", "Status"),
    "difference": Words("Diferencia", "Difference"),
}
"""The frame of the page, and the columns that several tables have."""

GLANCE: Final[dict[str, Words]] = {
    "in_files": Words("En los archivos", "In the files"),
    "applied": Words("Aplicado", "Applied"),
    "to_decide": Words("Por decidir", "To decide"),
    "activated": Words("Altas", "Activated"),
    "not_activated": Words("Líneas sin alta", "Lines not activated"),
    "proofs": Words("Comprobaciones", "Proofs"),
    "payments": Words("{count} pagos", "{count} payments"),
    "share": Words("{share} del total", "{share} of the total"),
    "without_clinic": Words("{count} sin clínica asignada", "{count} without a clinic"),
    "unpaid": Words("{count} sin pago", "{count} unpaid"),
    "agreeing": Words("{agreeing} de {figures} cifras concuerdan", "{agreeing} of {figures} figures agree"),
}
"""The figures at the top."""

MONEY: Final[dict[str, Words]] = {
    "heading": Words("El dinero: de los archivos a los rubros", "The money: from the files to the buckets"),
    "lead": Words(
        "Cada pago del mes cuenta una vez, con su importe completo. Lo que entró por canal es, centavo por centavo, lo "
        "que está en los rubros. Los depósitos de liquidación y los pagos anunciados también están, en el suyo: el "
        "total es mayor que lo cobrado.",
        "Every payment of the month counts once, with its whole amount. What came in by channel is, to the centavo, "
        "what stands in the buckets. Settlement deposits and payments only announced are in it, in buckets of their "
        "own: the total is more than what was collected.",
    ),
    "chart": Words("Pesos en los archivos por canal, y su rubro", "Pesos in the files by channel, and their bucket"),
    "sheet": Words("Pesos por rubro y canal", "Pesos by bucket and channel"),
    "others": Words("Otras monedas, aparte de los pesos", "Other currencies, apart from pesos"),
    "empty": Words("El mes no tiene pagos en pesos.", "The month has no payments in pesos."),
    "in": Words("entra", "in"),
    "good": Words("activa cobertura", "activates coverage"),
    "open": Words("por decidir", "to decide"),
    "rest": Words("no activa", "does not activate"),
}
"""The waterfall."""

DAYS: Final[dict[str, Words]] = {
    "heading": Words("Pagos por día", "Payments per day"),
    "lead": Words(
        "Por fecha civil del pago. Sin depósitos de liquidación, pagos anunciados ni devueltos: ahí ningún pago puede "
        "ser extemporáneo.",
        "By the civil date of the payment. Without settlement deposits, payments only announced and payments returned: "
        "none of those can be late.",
    ),
    "chart": Words("Pagos por día del mes", "Payments by day of the month"),
    "sheet": Words("Pagos y pesos por día", "Payments and pesos by day"),
    "day": Words("Día", "Day"),
    "cut_off": Words("Límite: día {day}", "Cut-off: day {day}"),
    "empty": Words("El mes no tiene pagos que contar.", "The month has no payments to count."),
    "timing": Words("A tiempo y extemporáneos, por canal", "On time and late, by channel"),
    "timing_sheet": Words("Puntualidad por canal", "Timeliness by channel"),
    "on_time": Words("A tiempo", "On time"),
    "late": Words("Extemporáneos", "Late"),
    "on_time_pesos": Words("Pesos a tiempo", "Pesos on time"),
    "late_pesos": Words("Pesos extemporáneos", "Pesos late"),
    "late_share": Words("Parte extemporánea", "Share late"),
}
"""Days and lateness."""

HOLDING: Final[dict[str, Words]] = {
    "heading": Words("Retenido", "Held"),
    "lead": Words(
        "Días desde el pago hasta el fin del mes, el {day}.", "Days from the payment to the end of the month, {day}."
    ),
    "chart": Words("Pagos retenidos por motivo y antigüedad", "Held payments by reason and age"),
    "sheet": Words("Retenidos: pagos por antigüedad, y pesos", "Held: payments by age, and pesos"),
    "foreign": Words("En otra moneda", "In another currency"),
    "empty": Words("Nada está retenido.", "Nothing is held."),
}
"""What is held."""

COVERAGE: Final[dict[str, Words]] = {
    "heading": Words("Cobertura", "Coverage"),
    "lead": Words(
        "Cada línea emitida del mes activa a una persona o tiene un motivo para no hacerlo.",
        "Every line issued for the month activates a person or has a reason why not.",
    ),
    "chart": Words("Líneas del mes: altas y motivos", "Lines of the month: activations and reasons"),
    "sheet": Words("Líneas por resultado", "Lines by outcome"),
    "outcome": Words("Resultado", "Outcome"),
    "lines": Words("Líneas", "Lines"),
    "due": Words("Importe por pagar", "Amount due"),
    "activated": Words("alta", "activated"),
    "empty": Words("No hay líneas emitidas para este mes.", "No line was issued for this month."),
    "against_chart": Words("Altas frente al mes anterior", "Activations against the month before"),
    "against_sheet": Words("Frente al mes anterior", "Against the month before"),
    "persons": Words("Personas", "Persons"),
    "this_month": Words("Altas de {month}", "Activated for {month}"),
    "last_month": Words("Altas de {month}", "Activated for {month}"),
    "stayed": Words("Siguen", "Stay"),
    "joined": Words("Nuevas", "New"),
    "left": Words("Ya no están", "Gone"),
    "no_last_month": Words(
        "Sin comparación con el mes anterior: no está publicado.",
        "Nothing to compare with: the month before is not published.",
    ),
    "changes_sheet": Words(
        "Cambios de esta publicación frente a la anterior", "Changes of this publication against the one before"
    ),
    "change": Words("Cambio", "Change"),
    "cause": Words("Causa", "Cause"),
    "first": Words(
        "Primera publicación del mes: todas las altas son nuevas, no hay otra con qué compararla.",
        "First publication of the month: every activation is new, there is none to compare it with.",
    ),
    "no_changes": Words(
        "Nada cambió en la cobertura frente a la publicación anterior.",
        "Nothing changed in the coverage against the publication before.",
    ),
}
"""Who is covered, and what changed."""

SETTLING: Final[dict[str, Words]] = {
    "heading": Words("Liquidaciones", "Settlements"),
    "lead": Words(
        "Una liquidación cuadra cuando depósito, neto, comisiones y remesas concuerdan al centavo.",
        "A settlement balances when deposit, net, fees and remittances agree to the centavo.",
    ),
    "sheet": Words("Liquidaciones por estado", "Settlements by status"),
    "count": Words("Liquidaciones", "Settlements"),
    "unbalanced": Words("Liquidaciones que no cuadran", "Settlements that do not balance"),
    "company": Words("Empresa", "Company"),
    "settlement_id": Words("Liquidación", "Settlement"),
    "settled_on": Words("Fecha", "Date"),
    "net": Words("Neto", "Net"),
    "deposit": Words("Depósito", "Deposit"),
    "differences": Words("Qué difiere", "What differs"),
    "empty": Words("El mes no tiene liquidaciones.", "The month has no settlements."),
    "all_balanced": Words("Todas las liquidaciones cuadran.", "Every settlement balances."),
}
"""Settlements."""

FILES: Final[dict[str, Words]] = {
    "heading": Words("Archivos y filas rechazadas", "Files and rejected rows"),
    "lead": Words(
        "De todos los archivos recibidos hasta ahora, no solo de este mes.",
        "Of every file received so far, not of this month alone.",
    ),
    "sheet": Words("Archivos por resultado", "Files by outcome"),
    "outcome": Words("Resultado", "Outcome"),
    "files": Words("Archivos", "Files"),
    "not_taken": Words("Archivos rechazados o en espera", "Files refused or held"),
    "file": Words("Archivo", "File"),
    "rejections": Words("Filas rechazadas por regla", "Rows rejected by rule"),
    "rule": Words("Regla", "Rule"),
    "column": Words("Columna", "Column"),
    "rows": Words("Filas", "Rows"),
    "whole_row": Words("la fila entera", "the whole row"),
    "empty": Words("No se ha recibido ningún archivo.", "No file has been received."),
    "all_taken": Words("Ningún archivo está rechazado ni en espera.", "No file is refused or held."),
    "no_rejections": Words("Ninguna fila está rechazada.", "No row is rejected."),
}
"""Files and rows that were not taken."""

PROVING: Final[dict[str, Words]] = {
    "heading": Words("Constancia", "Certificate"),
    "lead": Words(
        "Nada se publica si una sola cifra no concuerda.", "Nothing is published unless every figure agrees."
    ),
    "sheet": Words("Comprobaciones", "Proofs"),
    "proof": Words("Comprobación", "Proof"),
    "figures": Words("Cifras", "Figures"),
    "agreeing": Words("Concuerdan", "Agree"),
    "details": Words("Datos de la constancia", "The certificate"),
    "what": Words("Dato", "What"),
    "value": Words("Valor", "Value"),
    "digest": Words("Huella de la constancia (SHA-256)", "Digest of the certificate (SHA-256)"),
    "content_digest": Words("Huella del contenido", "Digest of the content"),
    "policy_digest": Words("Huella de las reglas del programa", "Digest of the policy"),
    "before": Words("Huella de la constancia anterior", "Digest of the certificate before"),
    "code_version": Words("Versión del programa", "Version of the code"),
    "inputs": Words("Archivos de entrada", "Input files"),
}
"""The certificate."""
