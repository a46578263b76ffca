"""The mocked Slack's inbox."""

from typing import Any

import httpx

from services.adapters.tls import trusted


def slack_messages(url: str, after: int) -> list[dict[str, Any]]:
    """The inbox's messages with a number above `after`."""
    return httpx.get(
        f"{url}/messages", params={"after": after}, trust_env=False, verify=trusted()
    ).json()
