from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.defs.progress import STAGES
from pipelines.defs.running import ui_command, ui_environment
from pipelines.store import publications
from pipelines.store.home import Home
from tests.integration.small_month import CANARIES, offer

MONTHS = ["2026-09", "2026-10"]
PATIENCE_SECONDS = 240

NODES = "{ assetNodes { groupName isPartitioned assetKey { path } } }"
BACKFILL = """
mutation ($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message }
  }
}"""
RUNS = "{ runsOrError { ... on Runs { results { status tags { key value } } } } }"
CHECKS = """
{ assetNodes(assetKeys: [{path: ["certificate"]}]) {
    assetChecksOrError { ... on AssetChecks {
      checks { name blocking executionForLatestMaterialization { status } } } } } }"""


class Ui:
    """The UI of one home, asked as a browser asks it."""

    def __init__(self, port: int, log: Path) -> None:
        self.address = f"http://127.0.0.1:{port}/graphql"
        self.log = log

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(self.address, body, {"Content-Type": "application/json"})  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
                content = json.load(answer)
        except urllib.error.HTTPError as error:
            error.add_note(error.read().decode()[-4000:] + self.log.read_text(encoding="utf-8")[-4000:])
            raise
        assert "errors" not in content, content
        return dict(content["data"])

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                if self.ask(NODES)["assetNodes"]:
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            assert time.monotonic() < deadline, "the UI did not come up"
            time.sleep(0.5)

    def statuses(self) -> dict[str, str]:
        runs = self.ask(RUNS)["runsOrError"]["results"]
        return {tag["value"]: run["status"] for run in runs for tag in run["tags"] if tag["key"] == "dagster/partition"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("ui") / "home")
    offer(made.inbox)
    return made


@pytest.fixture(scope="module")
def ui(home: Home) -> Iterator[Ui]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = home.root.parent / "ui.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ui_command(port),
            env=ui_environment(home.root) | {"PYTHONPATH": os.pathsep.join([str(Path.cwd())])},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        opened = Ui(port, log)
        opened.wait_until_up()
        yield opened
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.slow
def test_the_graph_shows_the_stages_as_groups(ui: Ui) -> None:
    nodes = ui.ask(NODES)["assetNodes"]
    assert {node["groupName"] for node in nodes} == set(STAGES)
    assert all(node["isPartitioned"] for node in nodes)


@pytest.mark.slow
def test_a_backfill_from_the_ui_runs_every_month_green(ui: Ui, home: Home) -> None:
    keys = [node["assetKey"] for node in ui.ask(NODES)["assetNodes"]]
    params = {"assetSelection": [{"path": key["path"]} for key in keys], "partitionNames": MONTHS}
    assert ui.ask(BACKFILL, params=params)["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while set(ui.statuses().values()) != {"SUCCESS"} or sorted(ui.statuses()) != MONTHS:
        assert "FAILURE" not in ui.statuses().values()
        assert time.monotonic() < deadline, f"still {ui.statuses()}"
        time.sleep(1)
    assert [len(publications.numbers(home, month)) for month in MONTHS] == [1, 1]
    checks = ui.ask(CHECKS)["assetNodes"][0]["assetChecksOrError"]["checks"]
    told = {
        (check["name"], check["blocking"], check["executionForLatestMaterialization"]["status"]) for check in checks
    }
    assert told == {(name, True, "SUCCEEDED") for name in ("rows", "centavos", "activations", "lines", "settlements")}
    history = [path for path in [*home.dagster.rglob("*"), home.root.parent / "ui.log"] if path.is_file()]
    leaked = {(path.name, word) for path in history for word in CANARIES if word.encode() in path.read_bytes()}
    assert leaked == set()
