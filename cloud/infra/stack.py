"""The stack that every module builds on: its settings, names, tags and resource options."""

from dataclasses import dataclass
from typing import Any

import pulumi

from cloud.infra.names import Names


@dataclass(frozen=True)
class Stack(Names):
    """A stack under construction."""

    @property
    def account_id(self) -> str:
        return self.settings.stack.account_id

    def named(self, part: str) -> dict[str, Any]:
        """The arguments of a resource that is called and tagged as this part."""
        return {"name": self.of(part), "tags": self.tags(part)}

    @property
    def keeps_data(self) -> pulumi.ResourceOptions:
        """Options of what holds data: in production Pulumi refuses to delete it."""
        return pulumi.ResourceOptions(protect=self.settings.stack.is_protected)
