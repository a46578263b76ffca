"""Slack's incoming webhooks: one message a call.

Fact: ``POST <webhook>`` with ``{"text": …}`` answers ``ok`` (Slack API, "Sending messages using
incoming webhooks").
"""

import logging

import httpx

from services.adapters.tls import trusted
from services.errors import SlackUnavailable

_log = logging.getLogger(__name__)


class SlackWebhook:
    """Posts messages to a channel. The URL is a secret: whoever has it can post."""

    def __init__(self, url: str, *, timeout_seconds: float = 10.0) -> None:
        self._url = url
        self._timeout = timeout_seconds

    def send(self, text: str) -> None:
        """Send one message.

        Raises:
            SlackUnavailable: It was not taken.
        """
        try:
            answer = httpx.post(
                self._url, json={"text": text}, timeout=self._timeout, verify=trusted()
            )
            answer.raise_for_status()
        except httpx.HTTPStatusError as error:
            # Not the error's own words: they hold the URL.
            raise SlackUnavailable(f"Slack answered {error.response.status_code}") from None
        except httpx.TransportError as error:
            raise SlackUnavailable(f"Slack: {type(error).__name__}") from None


class NoSlack:
    """The notifier used when no webhook is set: it logs each message."""

    def send(self, text: str) -> None:
        """Log one message."""
        _log.warning("no SLACK_WEBHOOK_URL is set; not told: %s", text)
