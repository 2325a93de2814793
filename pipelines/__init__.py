"""Quincena: from the payment files of banks and remittance companies to next month's coverage.

Time zones are read from the pinned ``tzdata`` package and never from the machine, so that every machine dates a
payment alike.
"""

import zoneinfo

zoneinfo.reset_tzpath(to=())
