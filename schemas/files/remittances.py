"""Remittances as text (CONTRACT §3): payments taken by a remittance company."""

from __future__ import annotations

from schemas.columns import Text
from schemas.files.base import CanonicalFile
from schemas.files.fields import field


class RemittancesFile(CanonicalFile):
    """One row of a `remittances_*` file, every field as text."""

    company: Text = field("key_part", "Remittance company", "empresa remesadora")
    remittance_id: Text = field("key_part", "The company's number of the remittance", "folio de la remesa")
    settlement_id: Text = field("code", "The settlement that paid it in", "liquidación", may_be_empty=True)
    status: Text = field("status", "State of the remittance", allowed=("pending", "paid", "cancelled", "refunded"))
    sent_at: Text = field("instant", "When the payer paid", "fecha y hora de envío")
    sender_name: Text = field("text", "Name of the payer", "nombre del remitente", may_be_empty=True)
    send_amount: Text = field("amount", "Amount handed over, in send_currency", "importe enviado", may_be_empty=True)
    send_currency: Text = field("code", "Currency handed over", "moneda de envío", may_be_empty=True)
    fx_rate: Text = field("rate", "Rate of exchange", "tipo de cambio", may_be_empty=True)
    pay_amount: Text = field("amount", "Amount that counts towards the line", "importe a pagar")
    pay_currency: Text = field("code", "Currency paid out", "moneda de pago")
    fee: Text = field("amount_or_zero", "Pesos the company keeps from its deposit", "comisión", may_be_empty=True)
    capture_line: Text = field("text", "Capture line as the payer gave it", "línea de captura", may_be_empty=True)
    nss: Text = field(
        "text", "Social security number as the payer gave it", "número de seguridad social", may_be_empty=True
    )
    curp: Text = field("text", "Population registry code as the payer gave it", "CURP", may_be_empty=True)
    message: Text = field("text", "Free text of the payer", "mensaje", may_be_empty=True)
