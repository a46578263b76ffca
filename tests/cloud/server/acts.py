"""One act of a story in a process of its own, as people type deploy and rollback.

Nothing of a plan is replaced but the infrastructure's graph: production is held beside the local
stack as it is, and the network's id is unset until a first deploy was recorded.

python -m tests.cloud.server.acts FOLDER URL deploy|rollback COMMIT
"""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import requests
from moto import mock_aws

from cloud.plan.beside_local import compared
from cloud.plan.records import Records
from tests.cloud.server.story import Story, keep_secrets
from tests.clouds import ACCOUNT, own_settings

# The same secrets have the same ARNs in each process; moto answers this one itself.
ONE_WORLD = "http://motoapi.amazonaws.com/moto-api/seed?a=1"


def act(folder: Path, url: str, verb: str, commit: str) -> None:
    """Carry it out; the images that were pushed are kept in the folder for the next one."""
    os.chdir(folder)
    os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT
    kept = folder / "pushed.json"
    pushed = json.loads(kept.read_text()) if kept.exists() else []
    with mock_aws():
        requests.post(ONE_WORLD, timeout=10).raise_for_status()
        story = Story(folder, url, keep_secrets(own_settings()), pushed)
        recorded = len(Records("prod", folder / "cloud/records").names())
        first = {} if recorded else {"canton": {"network": None}}
        given = replace(story.given(commit, **first), compare=compared)
        story.minutes = recorded
        record = story.deploy(given) if verb == "deploy" else story.rollback(given)
    kept.write_text(json.dumps(story.pushed))
    assert record is not None


if __name__ == "__main__":
    act(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4])
