"""Checks that wrong input ends a flow in a line or two that name the cause and the setting."""

import os
import subprocess
import sys

import pytest
from starlette.responses import PlainTextResponse

from flows.bronze_transactions import bronze_transactions_flow
from mocks.canton_scan.app import create_app
from services.errors import (
    LandingRefused,
    NetworkMismatch,
    SettingsWrong,
    SourceContractBroken,
    WarehouseRefused,
)
from services.model import GENESIS
from tests.integration.scans import FaultyScan
from tests.updates import ALICE, tap, transaction

OTHER_NETWORK = "0123456789ab"


@pytest.fixture
def faulty(scan):
    """A Scan with one update, whose answers can be changed."""
    scan.add(transaction(tap(ALICE, "5.0"), number=1))
    return FaultyScan(create_app(scan))


@pytest.fixture(scope="module")
def no_stage(world):
    """A database whose stage somebody dropped."""
    with world.new_database("NO_STAGE").session() as session:
        session.execute("drop stage bronze.landing")
    return "NO_STAGE"


NOT_FOUND = "The requested resource could not be found."


def test_a_scan_without_v2_updates_is_named_with_its_version(run_flow, pipeline, faulty, slack):
    line = pipeline(faulty.app)
    faulty.fault = lambda _: PlainTextResponse(NOT_FOUND, 404)
    with pytest.raises(SourceContractBroken) as refused:
        run_flow(bronze_transactions_flow)
    said = [
        f"{line.services.settings.canton.base_url}/v2/updates answered 404: {NOT_FOUND}",
        "This Scan (version 0.8.4) does not serve /v2/updates, which bronze reads.",
    ]
    assert str(refused.value).splitlines() == said
    assert faulty.met == 1, "trying again would not help"
    (told,) = slack()
    assert told.splitlines()[1:3] == said
    assert (line.watermark().position, line.batches()) == (GENESIS, [])


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        pytest.param(
            {"SNOWFLAKE_PASSWORD": "wrong"},
            WarehouseRefused,
            r"login as pipeline at http://127.*Incorrect username or password.*\nCheck SNOWFLAKE_U",
            id="a wrong password",
        ),
        pytest.param(
            {"LANDING_BUCKET": "no-such-bucket"},
            LandingRefused,
            "bucket no-such-bucket does not exist: check LANDING_BUCKET",
            id="a missing bucket",
        ),
        pytest.param(
            {"SNOWFLAKE_DATABASE": "NO_STAGE"},
            WarehouseRefused,
            r"stage bronze\.landing does not exist in database NO_STAGE: .* see SNOWFLAKE_DATABASE",
            id="a missing stage",
        ),
        pytest.param(
            {"CANTON_PAGE_SZE": "10"},
            SettingsWrong,
            "unknown setting CANTON_PAGE_SZE: did you mean CANTON_PAGE_SIZE?",
            id="a misspelt setting",
        ),
        pytest.param(
            {"CANTON_NETWORK": OTHER_NETWORK},
            NetworkMismatch,
            f"the Scan serves network .*, but CANTON_NETWORK says {OTHER_NETWORK}",
            id="another network",
        ),
    ],
)
@pytest.mark.usefixtures("no_stage")
def test_a_wrong_setting_is_named_here_and_in_slack(
    run_flow, pipeline, faulty, environment, slack, settings, error, said
):
    line = pipeline(faulty.app)
    environment(CANTON_BASE_URL=line.services.settings.canton.base_url, **settings)
    with pytest.raises(error, match=said) as refused:
        run_flow(bronze_transactions_flow)
    assert len(str(refused.value).splitlines()) <= 2
    (told,) = slack()
    assert told.startswith(f":x: *canton-transactions-bronze* failed\n{refused.value}\nsince: ")
    assert line.table("ops.cdc_watermarks") == []
    assert faulty.met == 0


@pytest.mark.usefixtures("prefect_server")
def test_a_flow_on_the_command_line_prints_its_error_once_and_no_traceback(world):
    ended = subprocess.run(
        [sys.executable, "flows/bronze_transactions.py", "budget_pages=1"],
        env={**os.environ, **world.environment, "SNOWFLAKE_PASSWORD": "letmein"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    # Prefect has a line of its own where its server is slow.
    lines = [line for line in ended.stderr.splitlines() if "prefect" not in line]
    assert len(lines) == 2, ended.stderr
    cause, setting = lines
    assert cause.startswith("error: login as pipeline at http://127.0.0.1:")
    assert cause.endswith("Incorrect username or password was specified.")
    assert setting.startswith("Check SNOWFLAKE_USER and SNOWFLAKE_PASSWORD")
    assert "letmein" not in ended.stderr
    assert "Traceback" not in ended.stderr
