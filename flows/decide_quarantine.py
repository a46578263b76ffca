"""Quarantine: the lines of a page are set aside for now, or given up for good.

python flows/decide_quarantine.py act=discard key=canton/… reason="lost digits" by=ada
"""

from typing import Annotated, Literal

from prefect import flow, get_run_logger
from pydantic import Field

from flows.alerts import tell_failure, tell_recovery
from flows.approvals import approve, read_limits
from flows.command_line import main
from flows.steps import step
from services import quarantine, quarantine_work
from services.errors import QuarantineRefused
from services.wiring import open_services

Text = Annotated[str, Field(pattern=r"\S")]
Act = Literal["release", "discard"]


@step(task_run_name="find {key}")
def find_entry(act: Act, key: str) -> quarantine_work.Entry:
    """The page, with the lines that wait; refused before anybody is asked to approve."""
    with open_services().warehouse.session() as session:
        quarantine_work.refuse_without_acts(session)
        return quarantine_work.find_for(session, act, key)


@step(task_run_name="{act} {key}")
def carry_out(act: Act, key: str, reason: str | None, by: str) -> quarantine.Release | None:
    """Do it, and write down who did; the release, if lines are now set aside."""
    landing, warehouse = open_services().landing, open_services().warehouse
    if act == "release":
        return quarantine.release_page(landing, warehouse, key, by)
    return quarantine_work.discard(landing, warehouse, key, reason or "", by)


@flow(name="canton-quarantine", on_failure=[tell_failure], on_completion=[tell_recovery])
async def decide_quarantine_flow(act: Act, key: Text, by: Text, reason: Text | None = None) -> None:
    """Release or discard what stands in quarantine.

    A person has to approve each discard, and a release of many lines.

    Args:
        act: `release` sets lines aside, and the next run loads the rest; `discard`: for good.
        key: The page, as `./pipeline quarantine` lists it.
        by: Who wants it.
        reason: Why; a discard needs it.
    """
    if act == "discard" and not reason:
        raise QuarantineRefused(f"why? a discard of {key} needs a reason")
    limits = await read_limits()
    entry = find_entry(act, key)
    count = entry.summary()["lines"]
    if act == "discard" or (count or 0) > limits.release_lines:
        lines = "a refused page" if count is None else f"{count} lines"
        what = f"{act} {lines} of {key}, wanted by {by}" + (f": {reason}" if reason else "")
        if approval := await approve(what, limits.wait_hours):
            by = f"{by}, approved by {approval.decided_by}"
    release = carry_out(act, entry.key, reason, by)
    get_run_logger().info("%s of %s by %s", act, entry.key, by)
    if release:
        get_run_logger().info("the next run loads %s in its place", release.revision_key)


if __name__ == "__main__":
    main(decide_quarantine_flow)
