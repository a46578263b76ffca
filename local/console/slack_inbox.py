"""The mocked Slack's inbox."""

from typing import Any

import httpx

from services.adapters.tls import trusted


def slack_messages(url: str, after: int) -> list[dict[str, Any]]:
    return httpx.get(
        f"{url}/messages", params={"after": after}, trust_env=False, verify=trusted()
    ).json()


def newest_number(url: str) -> int:
    """The number of the inbox's newest message; 0 where there is none."""
    return max((int(one["id"]) for one in slack_messages(url, after=0)), default=0)
