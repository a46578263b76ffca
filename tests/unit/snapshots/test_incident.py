"""Checks of what `./pipeline incident` refuses before it sends a request."""

import pytest

from local.console.errors import CommandFailed
from local.snapshots.incident.pack import incident


def test_a_run_has_to_be_named(tmp_path):
    with pytest.raises(
        CommandFailed, match=r"which run\? ./pipeline incident and a flow run's name"
    ):
        incident({"ENV": "prod"}, tmp_path)


def test_a_file_that_is_there_is_kept(tmp_path):
    file = tmp_path / "incident-bee.tar.zst"
    file.write_bytes(b"kept")
    with pytest.raises(CommandFailed, match=r"incident-bee.* is there already: YES=1 replaces it"):
        incident({"ENV": "prod", "RUN": "bee"}, tmp_path)
    with pytest.raises(CommandFailed, match="PREFECT_API_URL isn't set"):
        incident({"ENV": "prod", "RUN": "bee", "YES": "1"}, tmp_path)
    assert file.read_bytes() == b"kept"


def test_a_place_that_is_not_there_is_told(tmp_path):
    asked = {"AT": "embedded", "STATE": str(tmp_path / "state"), "RUN": "bee"}
    with pytest.raises(CommandFailed, match="no local state yet"):
        incident(asked, tmp_path)
