"""The job of a month, and when it runs by itself: every night, and when files arrive."""

import json
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.defs.partitions import MONTHS, TIMEZONE
from pipelines.defs.resources import Premises
from pipelines.engine import arrivals
from pipelines.rules.policy import PolicyError
from pipelines.store.inbox import UnreadableError
from pipelines.store.places.base import UnreachedError

MONTH: Final = dg.define_asset_job(
    "month",
    selection=dg.AssetSelection.all(),
    description="One payment month, from the files in the inbox to coverage for the next month.",
    # A run whose worker was lost begins anew: working tables belong to one run.
    tags={"dagster/retry_strategy": "ALL_STEPS"},
)


@dg.schedule(job=MONTH, cron_schedule="0 2 * * *", execution_timezone=TIMEZONE)
def nightly(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    """At 02:00: the month in progress, and the one before it, whose money still arrives."""
    night = context.scheduled_execution_time.astimezone(ZoneInfo(TIMEZONE))
    months = [_month_before(night), night.strftime("%Y-%m")]
    return [
        dg.RunRequest(run_key=f"{night:%Y-%m-%d} {month}", partition_key=month, tags={"reason": "nightly"})
        for month in months
        if MONTHS.has_partition_key(month)
    ]


@dg.sensor(job=MONTH, minimum_interval_seconds=60)
def new_files(context: dg.SensorEvaluationContext, premises: Premises) -> dg.SensorResult | dg.SkipReason:
    """When files arrive: one run for each month that they touch."""
    earlier = json.loads(context.cursor) if context.cursor else []
    home = premises.home
    try:
        found, marks = arrivals.look(home, premises.where, earlier)
        months = arrivals.months_to_run(home, found, premises.policy)
    except (UnreadableError, UnreachedError, PolicyError) as error:
        context.log.warning(str(error))
        return dg.SkipReason(str(error))
    requests = [
        dg.RunRequest(run_key=f"{month} {digest}", partition_key=month, tags={"reason": "new files"})
        for month, digest in months.items()
        if MONTHS.has_partition_key(month)
    ]
    new = sum(1 for arrival in found if arrival.digest)
    why = (
        f"new files: {new}; they touch no month that can be run, and are landed by the next run"
        if new
        else "no new file"
    )
    return dg.SensorResult(run_requests=requests, skip_reason=None if requests else why, cursor=json.dumps(marks))


def _month_before(day: datetime) -> str:
    return (day.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
