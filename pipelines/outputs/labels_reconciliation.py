"""The words of the analyst's workbook, in Spanish and English: the part of the catalogue that only it uses."""

from __future__ import annotations

from typing import Final

from pipelines.outputs.labels import Words

SHEETS: Final[dict[str, Words]] = {
    "overview": Words("Resumen", "Overview"),
    "pending": Words("Por decidir", "To decide"),
    "exceptions": Words("Excepciones de cobertura", "Coverage exceptions"),
    "settlements": Words("Liquidaciones", "Settlements"),
    "rejections": Words("Rechazos", "Rejections"),
    "changes": Words("Cambios", "Changes"),
    "control": Words("Control", "Certificate"),
}
"""The sheets in their order. The layout of the way back knows *Por decidir* and *To decide* by name."""

PENDING: Final[dict[str, Words]] = {
    "paid_on": Words("Fecha", "Date"),
    "standing": Words("Situación", "Standing"),
    "why": Words("Motivo de espera", "Why it waits"),
    "age": Words("Antigüedad (días)", "Age (days)"),
    "channel": Words("Canal", "Channel"),
    "institution": Words("Institución", "Institution"),
    "key": Words("Clave", "Key"),
    "amount": Words("Importe", "Amount"),
    "currency": Words("Moneda", "Currency"),
    "reference": Words("Referencia", "Reference"),
    "text": Words("Concepto o mensaje", "Concept or message"),
    "sender": Words("Remitente", "Sender"),
    "named": Words("Línea nombrada", "Line named"),
    "line_1": Words("Sugerencia 1", "Suggestion 1"),
    "likeness_1": Words("Parecido 1 (%)", "Likeness 1 (%)"),
    "differs_1": Words("En qué difiere 1", "What differs 1"),
    "line_2": Words("Sugerencia 2", "Suggestion 2"),
    "likeness_2": Words("Parecido 2 (%)", "Likeness 2 (%)"),
    "differs_2": Words("En qué difiere 2", "What differs 2"),
    "line_3": Words("Sugerencia 3", "Suggestion 3"),
    "likeness_3": Words("Parecido 3 (%)", "Likeness 3 (%)"),
    "differs_3": Words("En qué difiere 3", "What differs 3"),
    "action": Words("Acción", "Action"),
    "line": Words("Línea elegida", "Line chosen"),
    "reason": Words("Motivo", "Reason"),
    "decided_by": Words("Decidió", "Decided by"),
    "approved_by": Words("Autorizó", "Approved by"),
    "decided_on": Words("Fecha de decisión", "Decided on"),
    "payment_id": Words("payment_id", "payment_id"),
    "facts": Words("facts", "facts"),
    "seal": Words("seal", "seal"),
}
"""The columns of *Por decidir*; the last three are hidden."""

ACTIONS: Final[dict[str, Words]] = {
    "match": Words("Confirmar", "Confirm"),
    "accept_late": Words("Aceptar tarde", "Accept late"),
    "refund": Words("Devolver", "Refund"),
    "undo": Words("Deshacer", "Undo"),
}
"""What may be decided (CONTRACT §8), as the drop-down offers it; no word has a comma."""

CHANNELS: Final[dict[str, Words]] = {
    "bank_transfer": Words("transferencia bancaria", "bank transfer"),
    "remittance": Words("remesa", "remittance"),
}
"""The two channels (CONTRACT §5)."""

STANDINGS: Final[dict[str, Words]] = {
    "held": Words("retenido", "held"),
    "unmatched": Words("sin identificar", "unmatched"),
    "late": Words("extemporáneo", "late"),
    "decided": Words("decidido", "decided"),
}
"""Why a payment stands in *Por decidir*."""

WAITS: Final[dict[str, Words]] = {
    "unmatched": Words("no nombra línea ni persona que se conozca", "names no line and nobody known"),
    "late": Words(
        "llegó después de la fecha límite y la línea lo necesita: decida si se acepta",
        "came after the cut-off and its line needs it: decide whether to accept it",
    ),
    "match": Words("confirmado por decisión; se puede deshacer", "confirmed by a decision; it can be undone"),
    "accept_late": Words(
        "aceptado tarde por decisión; se puede deshacer", "accepted late by a decision; can be undone"
    ),
    "refund": Words("por devolver, por decisión; se puede deshacer", "to be refunded by a decision; it can be undone"),
}
"""Reasons that stand beside those of what is held."""

CHANGES: Final[dict[str, Words]] = {
    "activated": Words("alta", "activated"),
    "revoked": Words("baja", "revoked"),
    "amended": Words("modificada", "amended"),
}
"""What a publication does to a registrant's coverage (CONTRACT §10)."""

COLUMNS: Final[dict[str, Words]] = {
    "nss": Words("NSS", "NSS"),
    "full_name": Words("Nombre", "Name"),
    "capture_line": Words("Línea de captura", "Capture line"),
    "amount_due": Words("Importe de la línea", "Amount due"),
    "reason": Words("Motivo", "Reason"),
    "company": Words("Empresa", "Company"),
    "settlement_id": Words("Liquidación", "Settlement"),
    "settled_on": Words("Fecha", "Date"),
    "status": Words("Situación", "Standing"),
    "items": Words("Operaciones", "Items"),
    "remittances_items": Words("Remesas vistas", "Remittances seen"),
    "gross": Words("Bruto", "Gross"),
    "remittances": Words("Remesas vistas, importe", "Remittances seen, amount"),
    "fee": Words("Comisión", "Fee"),
    "remittances_fee": Words("Remesas vistas, comisión", "Remittances seen, fees"),
    "net": Words("Neto", "Net"),
    "deposit": Words("Depósito", "Deposit"),
    "difference": Words("Diferencia", "Difference"),
    "differences": Words("Qué difiere", "What differs"),
    "what": Words("Qué", "What"),
    "file_name": Words("Archivo", "File"),
    "sheet": Words("Hoja", "Sheet"),
    "row": Words("Renglón", "Row"),
    "column": Words("Columna", "Column"),
    "rule": Words("Regla", "Rule"),
    "told": Words("Qué se esperaba", "What was expected"),
    "change": Words("Cambio", "Change"),
    "cause": Words("Causa", "Cause"),
    "detail": Words("Antes o ahora", "Before or now"),
    "check": Words("Comprobación", "Proof"),
    "scope": Words("Sobre", "Over"),
    "expected": Words("Esperado", "Expected"),
    "found": Words("Encontrado", "Found"),
    "passed": Words("Cumple", "Passed"),
    "bucket": Words("Rubro", "Bucket"),
    "payments": Words("Pagos", "Payments"),
    "amount": Words("Importe", "Amount"),
    "lines": Words("Líneas", "Lines"),
    "day": Words("Día", "Day"),
    "on_time": Words("A tiempo", "On time"),
    "after": Words("Después de la fecha límite", "After the cut-off"),
    "cut_off": Words("Fecha límite", "Cut-off"),
    "age": Words("Antigüedad", "Age"),
}
"""The columns of the other sheets."""

TEXTS: Final[dict[str, Words]] = {
    "title": Words("Conciliación de {month}", "Reconciliation of {month}"),
    "subtitle": Words(
        "Cobertura de {coverage_month} · publicación {number}", "Coverage of {coverage_month} · publication {number}"
    ),
    "how": Words(
        "Para decidir: en las columnas amarillas elija una acción y escriba motivo, quién decidió, quién autorizó "
        "(otra persona) y la fecha. Guarde el libro en inbox/. Las filas que no toca no cuentan.",
        "To decide: in the yellow columns choose an action and write the reason, who decided, who approved (another "
        "person) and the date. Save the workbook into inbox/. Rows you leave alone do not count.",
    ),
    "choose_action": Words(
        "Confirmar: a la línea elegida. Aceptar tarde: el dinero cuenta aunque llegó tarde. Devolver: se devuelve. "
        "Deshacer: quita la decisión anterior.",
        "Confirm: to the line chosen. Accept late: the money counts although late. Refund: it is paid back. "
        "Undo: takes the earlier decision away.",
    ),
    "choose_line": Words(
        "Elija una de las ofrecidas o escriba otra línea.", "Choose one of those offered, or write another line."
    ),
    "not_an_action": Words("Elija una acción de la lista.", "Choose an action of the list."),
    "not_a_date": Words("Escriba una fecha, por ejemplo 2026-11-03.", "Write a date, such as 2026-11-03."),
    "several": Words("; otras {count} igual de parecidas", "; {count} others as near"),
    "more": Words(
        "Aquí están las primeras {shown} de {count}; todas: tabla {table}",
        "These are the first {shown} of {count}; all of them: table {table}",
    ),
    "nothing": Words("Nada que mostrar", "Nothing to show"),
    "money": Words("Dinero por rubro", "Money by bucket"),
    "coverage": Words("Cobertura", "Coverage"),
    "held": Words("Dinero retenido por motivo", "Held money by reason"),
    "by_day": Words("Pagos por día", "Payments by day"),
    "by_age": Words("Retenidos y sin identificar por antigüedad", "Held and unmatched by age"),
    "activations": Words("altas", "activations"),
    "file": Words("archivo", "file"),
    "row": Words("fila", "row"),
    "yes": Words("sí", "yes"),
    "no": Words("no", "no"),
    "days": Words("{first} a {last} días", "{first} to {last} days"),
    "pesos": Words("pesos", "pesos"),
    "number": Words("pagos", "payments"),
    "publication": Words("publicación", "publication"),
    "digest": Words("huella del certificado", "digest of the certificate"),
    "content_digest": Words("huella del contenido", "digest of the content"),
    "policy_digest": Words("huella de las reglas", "digest of the policy"),
    "code_version": Words("versión del programa", "version of the program"),
    "inputs": Words("archivos aceptados", "files accepted"),
}
"""Everything else that the workbook says."""

BASES: Final[dict[str, Words]] = {
    "one_character": Words("un carácter distinto", "one character differs"),
    "transposition": Words("dos caracteres cambiados de lugar", "two characters transposed"),
    "cut_off": Words("línea cortada", "line cut off"),
    "look_alike": Words("caracteres que se confunden (O/0, I/1)", "characters that look alike (O/0, I/1)"),
    "name_and_amount": Words("mismo nombre e importe", "same name and amount"),
    "near_nss": Words("NSS casi igual", "NSS almost the same"),
    "near_curp": Words("CURP casi igual", "CURP almost the same"),
    "family_sum": Words("suma de las líneas de una familia", "sum of a family's lines"),
}
"""What a suggestion rests on (CONTRACT §7)."""

DIFFERENCES: Final[dict[str, Words]] = {
    "missing": Words("falta el carácter {place}", "character {place} missing"),
    "surplus": Words("sobra el carácter {place}", "character {place} surplus"),
    "another": Words("carácter {place}: {wrote} por {meant}", "character {place}: {wrote} for {meant}"),
    "swapped": Words("caracteres {places} cambiados de lugar", "characters {places} transposed"),
    "cut": Words("cortada después de {place} de {length}", "cut off after {place} of {length}"),
    "name": Words("nombre {score} de 100", "name {score} of 100"),
    "sum": Words("suma de {count} líneas", "sum of {count} lines"),
    "amount": Words("importe {pesos}", "amount {pesos}"),
    "month": Words("mes {months}", "month {months}"),
    "paid": Words("ya pagada", "paid already"),
    "unregistered": Words("persona no registrada", "registrant not registered"),
}
"""What differs, as ``suggestions.differs`` says it (the English words, with their blanks filled) and in Spanish."""

NOT_CHOSEN: Final[dict[str, Words]] = {
    "sum": Words("No se elige: una decisión confirma una sola línea", "Not to choose: a decision confirms one line"),
    "unregistered": Words(
        "No se elige: antes hay que registrar a la persona", "Not to choose: register the person first"
    ),
}
"""Why a suggestion is shown although a decision cannot choose it; each begins alike, by which its cell turns grey."""
