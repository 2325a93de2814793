from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.defs.automation import new_files
from pipelines.defs.location import POLICY, build, resources
from pipelines.defs.resources import Premises, Programme
from pipelines.defs.running import RunRequest, run_month
from pipelines.store.home import Home
from pipelines.store.inbox import UnreadableError
from tests.integration.lines import HOST, free_ports
from tests.integration.small_month import FILES, RECEIVED_AT, offer

CANARY = "canario-5e2a"


def closed_server() -> str:
    return f"sftp://banco@{HOST}:{free_ports(1)[0]}/salida"


@pytest.mark.parametrize("address", [f"sftp://u:{CANARY}@h/x", f"s3://{CANARY}@c/x", f"ftp://{CANARY}/x"])
def test_an_address_that_cannot_be_used_is_wrong_usage_and_neither_told_nor_kept(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for given in (["--inbox", address], []):
        monkeypatch.setenv("QUINCENA_INBOX", address)
        told = CliRunner().invoke(app, ["--policy", str(POLICY), "run", "--month", "2026-10", *given])
        assert (told.exit_code, told.stdout) == (2, "")
        assert told.stderr.startswith("--inbox: ")
        assert CANARY not in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_run_is_made_of_an_address_with_a_password(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="password"):
        run_month(RunRequest(tmp_path / "home", "2026-10", f"sftp://u:{CANARY}@h/x", RECEIVED_AT))


def test_a_server_that_is_not_reached_leaves_the_month_unpublished_and_says_why(tmp_path: Path) -> None:
    result = run_month(RunRequest(tmp_path / "home", "2026-10", closed_server(), RECEIVED_AT))
    assert not result.success
    assert "cannot be opened: the server is not reached (Connection refused)" in result.error


def test_the_sensor_says_that_a_server_is_not_reached_and_goes_on(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    context = dg.build_sensor_context(definitions=build(home.root, POLICY))
    premises = Premises(home_path=str(home.root), policy_path=str(POLICY), inbox=closed_server())
    found = new_files(context, premises=premises)
    assert isinstance(found, dg.SkipReason)
    assert "the server is not reached" in str(found.skip_message)


def test_the_sensor_looks_where_the_programme_takes_its_files_from(tmp_path: Path) -> None:
    home, elsewhere = Home(tmp_path / "home"), tmp_path / "elsewhere"
    home.prepare()
    offer(elsewhere, {"bank_transfers_1.csv": FILES["bank_transfers_1.csv"]})
    premises, programme = (resources(home.root, POLICY, elsewhere.as_uri())[name] for name in ("premises", "programme"))
    assert isinstance(premises, Premises)
    assert isinstance(programme, Programme)
    assert premises.where == programme.where == elsewhere.as_uri()
    found = new_files(dg.build_sensor_context(definitions=build(home.root, POLICY)), premises=premises)
    assert isinstance(found, dg.SensorResult)
    assert [request.partition_key for request in found.run_requests or []] == ["2026-10"]
    assert len(json.loads(found.cursor or "")) == 1
