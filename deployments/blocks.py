"""The blocks: secrets that workers hand to flow runs, and the webhook that automations call."""

from collections.abc import Mapping
from uuid import UUID

from prefect.blocks.core import Block
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.blocks.system import Secret
from prefect.types import SecretDict
from pydantic import SecretStr


def ensure_blocks(secrets: Mapping[str, str], slack_url: str) -> dict[str, UUID]:
    """Save the blocks; an id stays when a value changes.

    Args:
        secrets: What templates of pools name as `prefect.blocks.secret.<name>`.

    Returns:
        The ids of those that automations name.
    """
    for name, value in secrets.items():
        _save(Secret(value=SecretStr(value)), name)
    return {"slack": _save(_slack(slack_url), "slack")}


def _slack(url: str) -> CustomWebhookNotificationBlock:
    """Slack's payload as it is documented, which Prefect's own Slack block hands to Apprise."""
    return CustomWebhookNotificationBlock(
        name="slack",
        url="{{url}}",  # whoever has it can post: it is kept as a secret
        json_data={"text": "{{subject}}\n{{body}}"},
        secrets=SecretDict({"url": url}),
        headers=None,
        cookies=None,
    )


def _save(block: Block, name: str) -> UUID:
    saved = block.save(name, overwrite=True)
    if not isinstance(saved, UUID):
        raise TypeError(f"block {name} was saved asynchronously")
    return saved
