"""A second deploy and a rollback while runs go on, and the image that each task has."""

from dataclasses import dataclass, field

from cloud.rehearsal import services
from cloud.rehearsal.register import deploy_again, roll_back
from cloud.rehearsal.runs import Runs, Task
from cloud.rehearsal.table import Row, holds
from deployments.pools import Pool
from deployments.registered import Registered


@dataclass
class Deploys:
    """The second deploy, after a first that stands already, and the way back.

    Args:
        first: The digest of the first deploy's image.
        second: That of the second one's.
    """

    runs: Runs
    pool: Pool
    first: str
    second: str
    _before: Registered = field(default_factory=Registered)

    def deploy(self) -> None:
        self._before = deploy_again(self.pool)

    def roll_back(self) -> None:
        roll_back(self._before)

    def began(self, part: str, task: Task, image: str) -> Row:
        """A row on the image of a task that runs: its definition's, and its container's."""
        inspected = services.inspect_task(self.runs.project, task["taskArn"])
        found = self._digest(task)
        revision = task["taskDefinitionArn"].rpartition("/")[2]
        return holds(
            part, f"begins in {self._called(image)}", f"in {self._called(found)}, as {revision}",
            is_so=found == inspected["Image"] == image,
        )  # fmt: skip

    def ended(self, part: str, run_id: str, task: Task, image: str) -> Row:
        """A row on the image of a run that is completed, and was in this task meanwhile."""
        last = self.runs.emulated.tasks_of(run_id)[-1]
        found = self._digest(last)
        return holds(
            part, f"ends in {self._called(image)}, which it began with",
            f"in {self._called(found)}",
            is_so=found == image and last["taskArn"] == task["taskArn"],
        )  # fmt: skip

    def _digest(self, task: Task) -> str:
        definition = self.runs.emulated.definition(task["taskDefinitionArn"])
        (container,) = definition["containerDefinitions"]
        return container["image"].rpartition("@")[2]

    def _called(self, digest: str) -> str:
        names = {self.first: "the first image", self.second: "the second image"}
        return names.get(digest, digest)
