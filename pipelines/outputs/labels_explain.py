"""The words of `quincena explain`, in Spanish and English."""

from __future__ import annotations

from typing import Final

from pipelines.outputs.labels import Words

CHANNELS: Final[dict[str, Words]] = {
    "bank_transfer": Words("transferencia bancaria", "bank transfer"),
    "remittance": Words("remesa", "remittance"),
}

ROLES: Final[dict[str, Words]] = {
    "payment": Words("lo lleva", "carries it"),
    "repeat": Words("lo repite", "repeats it"),
    "status": Words("dice un estado posterior", "says a later status"),
    "conflict": Words("lo contradice", "contradicts it"),
}

RULES: Final[dict[str, Words]] = {
    "exact": Words("el campo es la línea tal como está escrita", "the field is the line as it is written"),
    "normalised": Words("el campo es la línea una vez normalizado", "the field is the line once normalised"),
    "text": Words("el texto nombra una línea", "the text names one line"),
    "text_many": Words("el texto nombra varias líneas", "the text names several lines"),
    "nss": Words("el NSS nombra a la persona", "the NSS names the registrant"),
    "curp": Words("la CURP nombra a la persona", "the CURP names the registrant"),
    "decision": Words("lo decidió una persona", "a person decided it"),
}
"""The rule that found or confirmed a line (CONTRACT §7)."""

STEPS: Final[dict[str, Words]] = {
    "by_line_field": Words("paso 1, el campo de línea de captura: {asked}", "step 1, the capture line field: {asked}"),
    "by_line_in_text": Words("paso 2, líneas en el texto: {asked}", "step 2, lines named in the text: {asked}"),
    "by_registrant": Words("paso 3, NSS o CURP: {asked}", "step 3, NSS or CURP: {asked}"),
}
"""The steps of matching by the name of their function."""

HEADS: Final[dict[str, Words]] = {
    "payment": Words("Pago {payment_id}", "Payment {payment_id}"),
    "line": Words("Línea {capture_line}", "Line {capture_line}"),
    "registrant": Words("NSS {nss}", "NSS {nss}"),
    "payment_facts": Words(
        "{channel} · {amount} · {paid_on} ({paid_at}) · estado {status} · publicación {publication} de {month}",
        "{channel} · {amount} · {paid_on} ({paid_at}) · status {status} · publication {publication} of {month}",
    ),
    "line_facts": Words(
        "NSS {nss} · cubre {coverage_month} · vence {due_month}, límite {cut_off} · {amount} · {status}",
        "NSS {nss} · covers {coverage_month} · due {due_month}, cut-off {cut_off} · {amount} · {status}",
    ),
    "written": Words("en el registro está escrita {written}", "the registry writes it {written}"),
    "person": Words("{full_name} · CURP {curp} · {umf}", "{full_name} · CURP {curp} · {umf}"),
    "no_clinic": Words("sin clínica asignada", "no clinic yet"),
    "nobody": Words("no está en el padrón, o sus filas se contradicen", "not registered, or the rows contradict"),
    "decided": Words("Qué se decidió", "What was decided"),
    "coverage": Words("Cobertura", "Coverage"),
    "sources": Words("De qué archivo y fila", "From which file and row"),
    "rules": Words("Reglas probadas, en orden", "Rules tried, in order"),
    "reasons": Words("Razones probadas, en orden", "Reasons tried, in order"),
    "confirm": Words("Qué lo confirmaría", "What would confirm it"),
    "activate": Words("Qué la activaría", "What would activate it"),
    "suggestions": Words("Candidatos más cercanos", "Nearest candidates"),
    "alike": Words("Pagos que se le parecen", "Payments that are like it"),
    "decisions": Words("Decisiones", "Decisions"),
    "settlement": Words(
        "Liquidación {settlement_id} de {company}: {status}", "Settlement {settlement_id} of {company}: {status}"
    ),
    "known_later": Words(
        "llegó después de la publicación de {month}; córrala otra vez para que cuente: {payments}",
        "arrived after the publication of {month}; run it again for it to count: {payments}",
    ),
    "registry": Words("En el registro", "In the registry"),
    "money": Words("Dinero", "Money"),
    "payments": Words("Pagos", "Payments"),
    "more_payments": Words("y {count} pagos más", "and {count} more payments"),
    "lines": Words("Líneas", "Lines"),
    "changes": Words("Cambios por publicación", "Changes by publication"),
    "flags": Words("marcas: {flags}", "flags: {flags}"),
}

SAID: Final[dict[str, Words]] = {
    "part": Words("{bucket} {amount}", "{bucket} {amount}"),
    "part_reason": Words("{bucket} {amount}: {reason}", "{bucket} {amount}: {reason}"),
    "part_line": Words(
        "{bucket} {amount} en la línea {capture_line}, vence {due_month} (límite {cut_off}): {coverage}",
        "{bucket} {amount} at line {capture_line}, due {due_month} (cut-off {cut_off}): {coverage}",
    ),
    "match": Words("confirmado a {capture_line}, NSS {nss}: {rule}", "confirmed to {capture_line}, NSS {nss}: {rule}"),
    "activated": Words("alta de {coverage_month}", "activated for {coverage_month}"),
    "activated_long": Words(
        "alta de {coverage_month}: pagó {applied} de {amount}, completa el {paid_on} (publicación {publication} "
        "de {month})",
        "activated for {coverage_month}: {applied} of {amount}, full on {paid_on} (publication {publication} of "
        "{month})",
    ),
    "exception": Words("sin alta en {coverage_month}: {reason}", "not activated for {coverage_month}: {reason}"),
    "not_issued": Words("no es una línea vigente", "not an issued line"),
    "not_published": Words("el mes {month} no se ha publicado", "month {month} is not published"),
    "row": Words("{place}: {role} · {amount} {status} {text}", "{place}: {role} · {amount} {status} {text}"),
    "original": Words(
        "original {sha256}, recibido {received_at}, formato {layout}",
        "original {sha256}, received {received_at}, layout {layout}",
    ),
    "file_row": Words("{file_name}, fila {row}", "{file_name}, row {row}"),
    "file_sheet_row": Words("{file_name}, hoja {sheet}, fila {row}", "{file_name}, sheet {sheet}, row {row}"),
    "registry_row": Words("{place}: {updated_at}{amount}{stands}", "{place}: {updated_at}{amount}{stands}"),
    "stands": Words(" · vale", " · stands"),
    "in_conflict": Words(" · en conflicto", " · in conflict"),
    "older": Words(" · reemplazada", " · replaced"),
    "buckets": Words("rubro: {tried}", "bucket: {tried}"),
    "true": Words("sí", "yes"),
    "false": Words("no", "no"),
    "nobody": Words("a nadie más", "nobody else"),
    "bucket_no": Words("¿{name}? no", "{name}? no"),
    "bucket_yes": Words("¿{name}? sí", "{name}? yes"),
    "nothing_asked": Words("vacío", "empty"),
    "found_nothing": Words("no nombra nada", "names nothing"),
    "found": Words(
        "{rule}: línea {capture_line}, vence {due_month}, {amount}, NSS {nss}, {status}{problem}",
        "{rule}: line {capture_line}, due {due_month}, {amount}, NSS {nss}, {status}{problem}",
    ),
    "found_person": Words("{rule}: NSS {nss}, sin línea{problem}", "{rule}: NSS {nss}, no line{problem}"),
    "money": Words(
        "se debe {due} · a tiempo {on_time} · extemporáneo {late} · aplicado {applied}",
        "due {due} · on time {on_time} · late {late} · applied {applied}",
    ),
    "no_money": Words("ningún pago confirmado", "no confirmed payment"),
    "suggestion": Words(
        "{rank}. {lines} ({likeness}/1000): {differs}; otros igual de cercanos: {others}",
        "{rank}. {lines} ({likeness}/1000): {differs}; others as near: {others}",
    ),
    "alike": Words("{payment_id} ({likeness}/1000): {differs}", "{payment_id} ({likeness}/1000): {differs}"),
    "decision": Words(
        "{decision_id} {what}: {outcome} · {place} · decidió {decided_by}, aprobó "
        "{approved_by}, {decided_at} · {reason}",
        "{decision_id} {what}: {outcome} · {place} · decided by {decided_by}, approved by "
        "{approved_by}, {decided_at} · {reason}",
    ),
    "settlement": Words(
        "depósito {deposit}, neto {net}, bruto {gross}, comisión {fee}, diferencia {difference}; remesas "
        "{items} de {stated}{differences}",
        "deposit {deposit}, net {net}, gross {gross}, fee {fee}, difference {difference}; remittances {items} "
        "of {stated}{differences}",
    ),
    "change": Words(
        "publicación {publication} de {month}, {published_at}: {change} ({cause}) {detail}",
        "publication {publication} of {month}, {published_at}: {change} ({cause}) {detail}",
    ),
}

SETTLEMENTS: Final[dict[str, Words]] = {
    "balanced": Words("cuadra", "balanced"),
    "awaiting_deposit": Words("falta el depósito", "awaits its deposit"),
    "unbalanced": Words("no cuadra", "unbalanced"),
    "conflicting_rows": Words("tiene dos versiones", "has two versions"),
    "missing": Words("nadie la ha enviado", "nobody has sent it"),
}

STATUSES: Final[dict[str, Words]] = {
    "applied": Words("aplicada", "applied"),
    "superseded": Words("reemplazada por una posterior", "superseded by a later one"),
    "undone": Words("deshecha por una posterior", "undone by a later one"),
    "repeated": Words("repetida: ya había llegado", "repeated: it had come before"),
    "rejected": Words("rechazada", "rejected"),
    "stale": Words("caduca: los datos del pago cambiaron", "stale: the payment's facts changed"),
}

HOLD_VALUES: Final[dict[str, Words]] = {
    "registry_conflict": Words("estado de la línea: {statuses}", "status of the line: {statuses}"),
    "line_cancelled": Words("estado de la línea: {statuses}", "status of the line: {statuses}"),
    "identity_conflict": Words(
        "el pago nombra {named}; la línea es de {nss}", "the payment names {named}; the line is {nss}'s"
    ),
    "several_lines": Words("líneas {lines}: se debe {due}, se pagó {paid}", "lines {lines}: due {due}, paid {paid}"),
    "several_registrants": Words("nombra {nss}", "names {nss}"),
    "no_line_for_month": Words("mes del pago {month}; líneas {lines}", "the payment's month {month}; lines {lines}"),
    "amount_mismatch": Words("se debe {due}, se pagó {paid}", "due {due}, paid {paid}"),
    "out_of_window": Words(
        "línea vence {due_months}, pago {month}: {months_away} meses, ventana {window_months}",
        "line due {due_months}, payment {month}: {months_away} months, window {window_months}",
    ),
    "unknown_registrant": Words("NSS {nss}, registrado: {is_registered}", "NSS {nss}, registered: {is_registered}"),
    "unsettled": Words("espera liquidación: {waits_for_settlement}", "waits for a settlement: {waits_for_settlement}"),
}
"""The values that each reason looked at."""

CONFIRM: Final[dict[str, Words]] = {
    "conflicting_rows": Words(
        "sus filas se contradicen: una decisión match o refund, después de preguntar al remitente cuál vale",
        "its rows contradict each other: a decision match or refund, once the sender has said which holds",
    ),
    "foreign_currency": Words(
        "se pagó en {currency}: solo se confirman pesos; lo resuelve una decisión refund",
        "paid in {currency}: only pesos are confirmed; a decision refund settles it",
    ),
    "registry_conflict": Words(
        "una fila de la línea {lines} con updated_at posterior, que diga cuál versión vale; o una decisión match",
        "a row of line {lines} with a later updated_at that says which version holds; or a decision match",
    ),
    "line_cancelled": Words(
        "la línea {lines} está cancelada: una decisión match a otra línea vigente, o refund",
        "line {lines} is cancelled: a decision match to another issued line, or refund",
    ),
    "identity_conflict": Words(
        "el pago nombra {named} y la línea {lines} es de {nss}: una decisión match, después de aclararlo con "
        "quien pagó",
        "the payment names {named} and line {lines} is {nss}'s: a decision match, once the payer has been asked",
    ),
    "several_lines": Words(
        "nombra {lines}: se confirmaría si el importe fuera exactamente la suma, {due}; se pagó {paid}. Si no, "
        "una decisión match",
        "names {lines}: it would be confirmed if the amount were exactly the sum, {due}; paid {paid}. Else a "
        "decision match",
    ),
    "several_registrants": Words(
        "nombra {nss}: una decisión match a la línea de una de esas personas",
        "names {nss}: a decision match to the line of one of them",
    ),
    "no_line_for_month": Words(
        "{nss} no tiene línea vigente que venza en {month}: se confirmaría con una de {paid}; o una decisión match",
        "{nss} has no issued line due in {month}: one of {paid} would confirm it; or a decision match",
    ),
    "amount_mismatch": Words(
        "línea {lines}: se debe {due}, se pagó {paid}; diferencia {lacks}. Una decisión match a {lines} lo confirma",
        "line {lines}: due {due}, paid {paid}; difference {lacks}. A decision match to {lines} confirms it",
    ),
    "out_of_window": Words(
        "línea {lines} vence {due_months}, pago {month}: {months_away} meses, la ventana es {window_months}. "
        "Una decisión match lo confirma",
        "line {lines} is due {due_months}, payment {month}: {months_away} months, the window is "
        "{window_months}. A decision match confirms it",
    ),
    "unknown_registrant": Words(
        "registrar el NSS {nss} de la línea {lines}: nadie está registrado con él",
        "register the NSS {nss} of line {lines}: nobody is registered with it",
    ),
    "no_settlement": Words(
        "la remesa no nombra liquidación: una fila posterior que la nombre, y una liquidación que cuadre",
        "the remittance names no settlement: a later row that names it, and a settlement that balances",
    ),
    "awaiting_deposit": Words(
        "la liquidación {settlement_id} de {company} no tiene depósito: se esperaba {net} de {sender}",
        "settlement {settlement_id} of {company} lacks its deposit: {net} expected from {sender}",
    ),
    "unbalanced": Words(
        "la liquidación {settlement_id} de {company} no cuadra ({differences}): depósito {deposit}, neto {net}, "
        "diferencia {difference}",
        "settlement {settlement_id} of {company} does not balance ({differences}): deposit {deposit}, net "
        "{net}, difference {difference}",
    ),
    "missing": Words(
        "falta el archivo de la liquidación {settlement_id} de {company}",
        "the file of settlement {settlement_id} of {company} is missing",
    ),
    "unmatched": Words(
        "nada de lo que dice nombra una línea o una persona registrada ({said}): una decisión match o refund",
        "nothing it says names a line or a registrant ({said}): a decision match or refund",
    ),
    "short": Words(
        "a la línea {capture_line} le faltan {lacks}, pagados a más tardar el {cut_off}",
        "line {capture_line} lacks {lacks}, paid on {cut_off} at the latest",
    ),
    "late": Words(
        "pagado el {paid_on}, después del {cut_off}: una decisión accept_late",
        "paid on {paid_on}, after {cut_off}: a decision accept_late",
    ),
    "surplus": Words(
        "{surplus} de más: la línea {capture_line} o su persona ya no lo necesitaba",
        "{surplus} more than line {capture_line} or its registrant needed",
    ),
    "pending": Words(
        "anunciado, no pagado: una fila paid de la empresa", "announced, not paid: a row paid of the company"
    ),
    "returned": Words(
        "el dinero regresó ({status}): hace falta otro pago", "the money went back ({status}): it takes another payment"
    ),
    "line_unknown_registrant": Words("registrar el NSS {nss}", "register the NSS {nss}"),
    "line_already_covered": Words(
        "nada: otra línea de {nss} ya da la cobertura de {coverage_month}",
        "nothing: another line of {nss} covers {coverage_month} already",
    ),
    "line_held": Words("decidir el pago retenido {payments}", "decide the payment held {payments}"),
    "line_late": Words(
        "está completa solo con dinero posterior al {cut_off}: una decisión accept_late sobre {payments}",
        "it is full only with money after {cut_off}: a decision accept_late on {payments}",
    ),
    "line_short": Words(
        "le faltan {lacks} de {due}, pagados a más tardar el {cut_off}",
        "it lacks {lacks} of {due}, paid on {cut_off} at the latest",
    ),
    "line_returned": Words(
        "el pago fue devuelto: otro de {due} a más tardar el {cut_off}",
        "its payment went back: another of {due} on {cut_off} at the latest",
    ),
    "line_unpaid": Words(
        "ningún pago la nombra: {due} a más tardar el {cut_off}",
        "no payment names it: {due} on {cut_off} at the latest",
    ),
}
"""The one change that would confirm a payment or activate a line, by reason."""
