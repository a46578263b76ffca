"""What every module needs of the stack it builds: settings, names, tags, options."""

from dataclasses import dataclass

import pulumi

from infra.names import Names
from infra.settings import Settings


@dataclass(frozen=True)
class Stack:
    """A stack under construction."""

    settings: Settings

    @property
    def names(self) -> Names:
        """What its parts are called."""
        return Names(self.settings)

    @property
    def account_id(self) -> str:
        """The AWS account."""
        return self.settings.stack.account_id

    def tags(self, part: str) -> dict[str, str]:
        """The tags of a part; the first is what the budget counts by."""
        stack = self.settings.stack
        return {
            "stack": stack.name,
            "Name": self.names.of(part),
            "owner": stack.owner,
            "cost-center": stack.cost_center,
            "managed-by": "pulumi",
        }

    @property
    def keeps_data(self) -> pulumi.ResourceOptions:
        """Options of what holds data: in production Pulumi refuses to delete it."""
        return pulumi.ResourceOptions(protect=self.settings.stack.is_protected)
