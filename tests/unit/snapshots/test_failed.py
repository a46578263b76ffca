"""Checks of which part of a run failed, and of where an incident is read from."""

import pytest

from local.console.errors import CommandFailed
from local.snapshots.incident.failed import read_failed, refuse_outage
from local.snapshots.incident.origin import origin

BRONZE, PIPELINE = "canton-transactions-bronze", "canton-transactions-pipeline"
KEPT = "quarantine/" + "a" * 64


class Server:
    """Prefect's server, as far as it is asked."""

    def __init__(self, state="FAILED", lines=()):
        said = {"state_type": state, "state_name": state.title(), "parameters": {"x": 1}}
        self.whole = {"id": "1", "name": "bee", "flow": PIPELINE, "state": {}, **said}
        state = {"message": "PageRefused: page after genesis: cut off"}
        self.part = {"id": "2", "name": "ant", "flow": BRONZE, "state": state, **said}
        self.lines = [{"message": line} for line in lines]

    def runs_named(self, name):
        return [self.whole] if name == "bee" else []

    def subruns(self, _):
        return [self.part]

    def flow_name(self, run):
        return run["flow"]

    def logs(self, _, __, offset):
        return self.lines[offset : offset + 1]  # a page of one line


def test_the_layer_that_failed_is_found_with_what_its_log_tells():
    lines = ["network 12208d9089ce stands at 4/2025-12-10T16:00:00Z", f"the page is kept as {KEPT}"]
    failed = read_failed(Server(lines=lines), "bee")
    assert (failed.run, failed.flow, failed.layer) == ("bee", PIPELINE, "bronze")
    assert (failed.network, failed.position) == ("12208d9089ce", "4/2025-12-10T16:00:00Z")
    assert failed.kept_key == KEPT
    assert failed.message.startswith("PageRefused")


@pytest.mark.parametrize("kind", ["SourceUnavailable", "SourceTooSlow", "WarehouseUnavailable"])
def test_a_run_that_had_no_answer_is_refused_for_it_fails_nowhere_else(kind):
    server = Server()
    server.part["state"] = {"message": f"Flow run encountered an exception: {kind}: 503"}
    with pytest.raises(CommandFailed, match=rf"bee failed for want of an answer \({kind}\)"):
        refuse_outage(read_failed(server, "bee"))
    refuse_outage(read_failed(Server(), "bee"))  # a page that was refused is refused at home


def test_what_did_not_fail_is_refused():
    with pytest.raises(CommandFailed, match="bee is Completed: only a run that failed"):
        read_failed(Server("COMPLETED"), "bee")
    with pytest.raises(CommandFailed, match="no run is named fly"):
        read_failed(Server(), "fly")


@pytest.mark.parametrize("missing", ["PREFECT_API_URL", "LANDING_BUCKET"])
def test_a_setting_of_production_that_is_missing_is_named(missing):
    settings = {"PREFECT_API_URL": "https://prefect.example/api", "LANDING_BUCKET": "landing"}
    del settings[missing]
    with (
        pytest.raises(CommandFailed, match=f"ENV=prod means .* but {missing} isn't set"),
        origin({"ENV": "prod", **settings}),
    ):
        pass
