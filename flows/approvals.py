"""Approvals: a run that would do much is suspended until a person decides on Prefect's page.

Its process ends meanwhile, and its place in the deployment's limit is free. With the decision, the
run starts again from its beginning.
"""

from typing import Annotated

from prefect import get_run_logger
from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment
from prefect.variables import Variable
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from services.errors import PipelineError, SettingsWrong

# Prefect's variable of this name, where there is one, holds the limits in force.
LIMITS_VARIABLE = "approval_limits"

_Text = Annotated[str, Field(pattern=r"\S")]


class ApprovalLimits(BaseModel):
    """The amounts that need no approval, and the time that a run waits for one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backfill_pages: PositiveInt = 500  # of up to 1000 updates; a run has 200 unless it is told
    release_lines: PositiveInt = 100
    wait_hours: float = Field(default=24, gt=0)


class Approval(RunInput):
    """A person's decision. Nothing of the form is filled in, so an empty one is refused.

    The decision is typed: the list that Prefect's page makes of a choice opens for keys alone.
    """

    decision: str = Field(title="approve or reject", pattern="^(approve|reject)$")
    decided_by: _Text = Field(title="Your name")
    reason: _Text = Field(title="Why")


class NotApproved(PipelineError):
    """A person rejected what the run would do, or somebody started it again without a decision."""


async def read_limits() -> ApprovalLimits:
    """The limits that a person set on Prefect's server.

    Raises:
        SettingsWrong: They are none.
    """
    value = await Variable.aget(LIMITS_VARIABLE, default={})
    try:
        return ApprovalLimits.model_validate(value)
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(map(str, problem["loc"]))
        raise SettingsWrong(
            f"Prefect variable {LIMITS_VARIABLE}: {name}: {problem['msg']}"
        ) from error


async def approve(what: str, wait_hours: float) -> Approval | None:
    """Suspend the run, the first time; once a person has approved, return the approval.

    Without a deployment nobody could start the run again: whoever typed its command decides, and
    None is returned. A run that nobody decides on in time is failed by Prefect's server.

    Args:
        what: What the run would do; the form shows it.
        wait_hours: How long to wait for a decision.

    Raises:
        NotApproved: The run is not to go on.
    """
    log = get_run_logger()
    if deployment.get_id() is None:
        log.warning("%s: above the limit; nobody is asked, the run has no deployment", what)
        return None
    log.info("%s: above the limit, so a person has to approve it (Resume)", what)
    form = Approval.with_initial_data(description=f"{what}\n\nThe run goes on if you approve.")
    try:
        # Before the run has begun anything, and so before its second heartbeat: one that came after
        # the suspension would have the run taken for dead.
        found = await asuspend_flow_run(form, timeout=int(wait_hours * 3600), key="approval")
    except ValidationError as error:
        raise NotApproved(f"{what}: nobody decided on it; start another run") from error
    if found.decision == "reject":
        raise NotApproved(f"{what}: rejected by {found.decided_by}: {found.reason}")
    log.info("approved by %s: %s", found.decided_by, found.reason)
    return found
