"""Whom a payment names (CONTRACT §7): what a decision to confirm it is held against (CONTRACT §8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipelines.rules.keys import among

if TYPE_CHECKING:
    from pipelines.rules.steps import Question


def named(question: Question, findings: pd.DataFrame) -> pd.DataFrame:
    """Question of some payments, Finding → (payment_id, nss), each once, of every registrant whom they name.

    By the NSS and CURP fields, or without them by the tokens of the text; and by what the deciding step found: whose
    line it is, or who was meant. Who is not registered is nobody.
    """
    claims, registrants = question.claims, question.registrants
    text = question.named_by_text
    text = text[~question.has_fields[text["subject"].to_numpy(dtype="int64")]]
    persons = pd.concat([question.named_by_fields, text])
    by_words = pd.DataFrame(
        {
            "payment_id": claims["payment_id"].to_numpy()[persons["subject"].to_numpy(dtype="int64")],
            "nss": registrants["nss"].to_numpy()[persons["registrant"].to_numpy(dtype="int64")],
        }
    )
    findings = findings[among(findings["payment_id"], claims["payment_id"])]
    both = pd.concat([by_words, findings.loc[among(findings["nss"], registrants["nss"]), ["payment_id", "nss"]]])
    return both.astype("str").drop_duplicates(ignore_index=True)
