"""Bank transfers as text (CONTRACT §3): credits to the programme's account, and their returns."""

from __future__ import annotations

from schemas.columns import Text
from schemas.files.base import CanonicalFile
from schemas.files.fields import field


class BankTransfersFile(CanonicalFile):
    """One row of a `bank_transfers_*` file, every field as text."""

    operating_date: Text = field("date", "The bank's operating day", "fecha de operación")
    credited_at: Text = field(
        "instant", "When the account was credited; of a returned row the moment of return", "fecha y hora de abono"
    )
    tracking_key: Text = field("key_part", "Key unique per sender bank and operating day", "clave de rastreo")
    sender_bank: Text = field("key_part", "Institution that sent the transfer", "banco emisor")
    sender_account: Text = field("code", "Account of the sender", "cuenta ordenante", may_be_empty=True)
    sender_name: Text = field("text", "Name of the sender", "nombre del ordenante", may_be_empty=True)
    receiver_account: Text = field("code", "Account credited", "cuenta receptora", may_be_empty=True)
    amount: Text = field("amount", "Amount credited", "importe")
    currency: Text = field("code", "Currency code", "moneda")
    numeric_reference: Text = field("code", "Reference of up to 7 digits", "referencia numérica", may_be_empty=True)
    concept: Text = field("text", "Free text of the payer", "concepto", may_be_empty=True)
    status: Text = field("status", "Whether the money stayed", allowed=("credited", "returned"))
