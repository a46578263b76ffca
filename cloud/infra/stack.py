"""The stack that every module builds on: its settings, names, tags and resource options."""

from dataclasses import dataclass

import pulumi

from cloud.infra.names import Names
from cloud.infra.settings import Settings


@dataclass(frozen=True)
class Stack:
    """A stack under construction."""

    settings: Settings

    @property
    def names(self) -> Names:
        return Names(self.settings)

    @property
    def account_id(self) -> str:
        return self.settings.stack.account_id

    def tags(self, part: str) -> dict[str, str]:
        return self.names.tags(part)

    @property
    def keeps_data(self) -> pulumi.ResourceOptions:
        """Options of what holds data: in production Pulumi refuses to delete it."""
        return pulumi.ResourceOptions(protect=self.settings.stack.is_protected)
