"""What goes wrong in files: rows that must be rejected, files that are repeated, refused, empty or unknown."""

from __future__ import annotations

import pathlib

import numpy as np
import pandas as pd

from pipelines.sample import ledger, moments
from pipelines.sample.text import HOUR, Ints, day_of, figures, month_text, picked

# What a phantom row has instead of a sound value, by its `defect`: bank transfers 1–3, remittances 4–7.
_SPOILT = {
    1: ("amount", "1105.505"),
    2: ("amount", "0.00"),
    3: ("credited_at", "2026-10-05T10:00:00"),
    4: ("pay_amount", "-1105.50"),
    5: ("pay_amount", "1.1E3"),
    6: ("status", "pagada"),
    7: ("sent_at", "2026-02-30T10:00:00Z"),
}
_BANK_HEADER = (
    "operating_date", "credited_at", "tracking_key", "sender_bank", "sender_account", "sender_name", "receiver_account",
    "amount", "currency", "numeric_reference", "concept", "status",
)  # fmt: skip


def spoilt(text: pd.DataFrame, defect: Ints) -> pd.DataFrame:
    """Rows of text with the defect of each written into it."""
    broken = text.copy()
    for kind, (column, value) in _SPOILT.items():
        if column in broken and (defect == kind).any():
            broken[column] = broken[column].where(pd.Series(defect != kind), value)
    return broken


def phantoms(month: int, cohort: int) -> pd.DataFrame:
    """One defective row for each receiving bank and each company, in the ledger's row columns.

    They stand in the files of rows sent again, so that none of these repeats a whole other file.
    """
    defect = np.arange(1, len(_SPOILT) + 1)
    bank = defect <= len(ledger.RECEIVERS)
    place = np.where(bank, defect - 1, defect - 1 - len(ledger.RECEIVERS))
    sender = np.where(bank, place, place + len(ledger.BANKS))
    local = moments.day_start(month, np.full(len(defect), 5)) + 10 * HOUR
    columns = {
        "serial": place, "bank": bank, "sender": sender,
        "institution": picked([*ledger.BANKS, *ledger.COMPANIES], sender),
        "reference": f"FANTASMA{month}{cohort:03}" + figures(defect), "operating_on": day_of(local), "local": local,
        "utc": moments.to_utc(local), "offset": -6, "amount": 110_550, "currency": "MXN",
        "status": picked(["paid", "credited"], bank.astype(np.int64)), "fee": 0, "settlement": ledger.NONE, "block": 0,
        "month": month, "announced": False, "part": "reenvio", "defect": defect, "full_name": "FILA DEFECTUOSA",
        **dict.fromkeys(("text", "line_field", "nss_field", "curp_field", "rule"), ""),
    }  # fmt: skip
    return pd.DataFrame(columns)


def repeat_files(folder: pathlib.Path, names: list[str]) -> dict[str, bytes]:
    """Two of these files again: the first with equal bytes, the last with its rows and columns turned round.

    Their names sort after the originals', so that the originals are the accepted ones.
    """
    sound = sorted(name for name in names if "_semana" in name)
    if not sound:
        return {}
    original, turned = folder / sound[0], folder / sound[-1]
    cells = pd.read_csv(turned, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    content = cells.iloc[::-1, ::-1].to_csv(index=False, lineterminator="\n").encode("utf-8")
    return {f"{original.stem}_copia.csv": original.read_bytes(), f"{turned.stem}_vuelta.csv": content}


def refused_files(month: int) -> dict[str, bytes]:
    """A bank file with a record that is too long, and a file no layout has a name for."""
    written = str(month_text(np.array([month]))[0])
    sound = f"{written}-05,{written}-05T10:00:00-06:00,ROTO{month},40012,,,,1105.50,MXN,,PAGO,credited"
    long_row = "\n".join([",".join(_BANK_HEADER), sound, sound.replace("ROTO", "ROTA") + ",sobra"]) + "\n"
    return {
        f"bank_transfers_{written}_roto.csv": long_row.encode(),
        f"notas_{written}.csv": f"nota,mes\nsin formato conocido,{written}\n".encode(),
    }


def empty_file(month: int) -> tuple[str, bytes]:
    """A header without rows: an accepted file of no rows."""
    written = str(month_text(np.array([month]))[0])
    turn = month % len(_BANK_HEADER)
    return f"bank_transfers_{written}_vacio.csv", (",".join(_BANK_HEADER[turn:] + _BANK_HEADER[:turn]) + "\n").encode()
