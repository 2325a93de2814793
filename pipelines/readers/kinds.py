"""The six kinds of file: the model of each as text, and of its rows once typed."""

from __future__ import annotations

from typing import Final

from schemas.files.bank_transfers import BankTransfersFile
from schemas.files.base import CanonicalFile
from schemas.files.capture_lines import CaptureLinesFile
from schemas.files.decisions import DecisionsFile
from schemas.files.registrants import RegistrantsFile
from schemas.files.remittances import RemittancesFile
from schemas.files.settlements import SettlementsFile
from schemas.rows.bank_transfers import BankTransferRow
from schemas.rows.capture_lines import CaptureLineRow
from schemas.rows.decisions import DecisionRow
from schemas.rows.registrants import RegistrantRow
from schemas.rows.remittances import RemittanceRow
from schemas.rows.settlements import SettlementRow
from schemas.table import Table

FILE_MODELS: Final[dict[str, type[CanonicalFile]]] = {
    "registrants": RegistrantsFile,
    "capture_lines": CaptureLinesFile,
    "bank_transfers": BankTransfersFile,
    "remittances": RemittancesFile,
    "settlements": SettlementsFile,
    "decisions": DecisionsFile,
}
"""Kind → the canonical file as text."""

ROW_MODELS: Final[dict[str, type[Table]]] = {
    "registrants": RegistrantRow,
    "capture_lines": CaptureLineRow,
    "bank_transfers": BankTransferRow,
    "remittances": RemittanceRow,
    "settlements": SettlementRow,
    "decisions": DecisionRow,
}
"""Kind → its typed rows."""

TELLING: Final[dict[str, frozenset[str]]] = {
    "registrants": frozenset({"nss"}),
    "capture_lines": frozenset({"capture_line"}),
    "bank_transfers": frozenset({"tracking_key"}),
    "remittances": frozenset({"remittance_id"}),
    "settlements": frozenset({"settlement_id"}),
    "decisions": frozenset({"payment_id"}),
}
"""Kind → the columns of text by which its rows, and so two files of them, are best told apart."""
