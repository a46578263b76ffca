"""A discard and a large release are decided on Prefect's own page, in the machine's Chromium."""

import pytest

from flows.decide_quarantine import decide_quarantine_flow
from tests.e2e.browser import chromium, decide, new_visitor
from tests.integration.test_approvals import acts, executed

pytestmark = pytest.mark.timeout(600)  # the session's services start within the first one


@pytest.fixture
def decides(world, tmp_path):
    """A person who decides on a run, in a browser that asks nothing of other machines."""

    def act(run_id, what, *answers):
        # Opened for this alone: no flow can run in this thread beside Playwright's loop.
        with chromium() as browser:
            visitor = new_visitor(browser, tmp_path)
            page = f"{world.environment['PREFECT_UI_URL']}/runs/flow-run/{run_id}"
            decide(visitor.page(), page, what, *answers)
            visitor.close()
        assert (visitor.asked, visitor.trouble) == ([], [])

    return act


@pytest.mark.parametrize(
    ("act", "decision", "state", "expected"),
    [
        ("release", "approve", "Completed", ["release"]),
        ("discard", "approve", "Completed", ["release", "discard"]),
        ("discard", "reject", "Failed", []),
    ],
)
def test_a_person_decides_on_what_waits_in_quarantine(
    client, limit, stopped, asked, decides, act, decision, state, expected
):
    line, key = stopped
    limit(release_lines=1)
    given = {"act": act, "key": key, "by": "ada", "reason": "lost digits"}
    run_id = asked(decide_quarantine_flow, **given)
    assert executed(client, decide_quarantine_flow, run_id).name == "Suspended"
    what = f"{act} 2 lines of {key}, wanted by ada: lost digits"
    decides(run_id, what, decision, "grace", "told the node's owner")
    assert executed(client, decide_quarantine_flow, run_id).name == state
    assert acts(line, key) == [(one, "ada, approved by grace") for one in expected]
