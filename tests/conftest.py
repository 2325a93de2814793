"""What holds for all tests: files that a test has just written count as arrived at once."""

from __future__ import annotations

import os

from pipelines.store.inboxes.address import SETTLE_VARIABLE

os.environ.setdefault(SETTLE_VARIABLE, "0")  # also for the processes that tests start
