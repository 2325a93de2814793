"""The page that lies beside a sample."""

from __future__ import annotations

README = """\
A made-up inbox and the truth about it
======================================

inbox/   canonical files (CONTRACT §3) of made-up people, lines and money. Every NSS, CURP and name is invented.
truth/   what must come of them, known by construction: no rule was run to find it.

The truth is that of the default policy: due_day 15 without roll, America/Mexico_City, paid_on "made", tolerance 0,
require_settlement, window of 2 months; no decisions; all files landed together.

Months. The lines of ordinary registrants are due in the months asked for. Some payments are made up to two months
before or after, settlements reach into the next month, and a few lines are due three months outside: their outcomes
stand in the truth under their own months (payments by civil date, lines by due month). Reconcile those months too, or
compare only the months asked for.

receipts.csv      one row a file. Row counts are empty where the contract promises none (repeated, refused).
                  rejected_rows counts the rows of registry keys in conflict.
dispositions.csv  one row a payment and part; reason is said where the bucket is `held`; capture_line (normalised),
                  nss and coverage_month where confirmed.
activations.csv, exceptions.csv   every issued line, once; month is the month it is due.
flags.csv, matches.csv, settlements.csv   as the tables payment_flags, matches (confirmed ones), settlements.
money.csv         centavos by month, bucket and currency.
summary.json      what was asked for, and how many registrants play each scenario.
"""
