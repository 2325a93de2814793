"""The catalogue of tables: every working table of a run and every published table, by name, with its model."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from schemas.rows.bank_transfers import BankTransferRow
from schemas.rows.capture_lines import CaptureLineRow
from schemas.rows.decisions import DecisionRow
from schemas.rows.registrants import RegistrantRow
from schemas.rows.remittances import RemittanceRow
from schemas.rows.settlements import SettlementRow
from schemas.tables.certificate import CertificateLine
from schemas.tables.coverage_activations import CoverageActivation
from schemas.tables.coverage_changes import CoverageChange
from schemas.tables.coverage_exceptions import CoverageException
from schemas.tables.decision_log import DecisionLogEntry
from schemas.tables.decisions import Decision
from schemas.tables.dispositions import Disposition
from schemas.tables.findings import Finding
from schemas.tables.matches import Match
from schemas.tables.payment_flags import PaymentFlag
from schemas.tables.payment_rows import PaymentRow
from schemas.tables.payments import Payment
from schemas.tables.receipts import Receipt
from schemas.tables.rejections import Rejection
from schemas.tables.settlements import Settlement
from schemas.tables.suggestions import Suggestion
from schemas.working.capture_lines import CaptureLine
from schemas.working.claims import Claim
from schemas.working.deposits import Deposit
from schemas.working.line_standings import LineStanding
from schemas.working.parts import Part
from schemas.working.payment_facts import PaymentFact
from schemas.working.payment_standings import PaymentStanding
from schemas.working.registrants import Registrant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemas.table import Table


class Published(NamedTuple):
    """One published table: its model, and whether it is kept for the whole home or by month (CONTRACT §12)."""

    model: type[Table]
    scope: Literal["home", "month"]


PUBLISHED: Final[Mapping[str, Published]] = MappingProxyType(
    {
        "receipts": Published(Receipt, "home"),
        "rejections": Published(Rejection, "home"),
        "decision_log": Published(DecisionLogEntry, "home"),
        "payment_rows": Published(PaymentRow, "month"),
        "payments": Published(Payment, "month"),
        "settlements": Published(Settlement, "month"),
        "findings": Published(Finding, "month"),
        "matches": Published(Match, "month"),
        "decisions": Published(Decision, "month"),
        "suggestions": Published(Suggestion, "month"),
        "dispositions": Published(Disposition, "month"),
        "payment_flags": Published(PaymentFlag, "month"),
        "coverage_activations": Published(CoverageActivation, "month"),
        "coverage_exceptions": Published(CoverageException, "month"),
        "coverage_changes": Published(CoverageChange, "month"),
        "certificate": Published(CertificateLine, "month"),
    }
)
"""Every table that a publication holds."""

WORKING: Final[Mapping[str, type[Table]]] = MappingProxyType(
    {
        "landed_receipts": Receipt,
        "registrant_rows": RegistrantRow,
        "capture_line_rows": CaptureLineRow,
        "bank_transfer_rows": BankTransferRow,
        "remittance_rows": RemittanceRow,
        "settlement_rows": SettlementRow,
        "decision_rows": DecisionRow,
        "read_rejections": Rejection,
        "registrants": Registrant,
        "capture_lines": CaptureLine,
        "registry_rejections": Rejection,
        "payment_facts": PaymentFact,
        "claims": Claim,
        "deposits": Deposit,
        "payment_standings": PaymentStanding,
        "decision_rejections": Rejection,
        "parts": Part,
        "line_standings": LineStanding,
    }
    | {name: published.model for name, published in PUBLISHED.items()}
)
"""Every table that the stages of a run hand on: those to be published, with rows of all months where they have them."""
