"""The inbox as a page that refreshes itself."""

import html
import json
from collections.abc import Sequence

from mocks.page import document
from mocks.slack.inbox import Message
from mocks.slack.mrkdwn import to_html

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.46 system-ui, sans-serif; background: Canvas;
  --quiet: light-dark(#666, #999); }
body { max-width: 52rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline;
  gap: 0 1rem; border-bottom: 1px solid #8884; padding-bottom: .5rem; }
h1 { font-size: 1.25rem; margin: 0; }
time, header p, .empty { color: var(--quiet); font-size: .85rem; margin: 0; }
.empty { padding-top: .8rem; }
article { padding: .8rem 0; border-bottom: 1px solid #8882; overflow-wrap: anywhere; }
article div { margin: .2rem 0 0; max-height: 16rem; overflow-y: auto; }
code, pre { font: .85em ui-monospace, monospace; background: #8882; border-radius: 4px; }
code { padding: .1em .3em; }
pre { padding: .6em .8em; white-space: pre-wrap; margin: .4rem 0; }
"""


def render(messages: Sequence[Message]) -> str:
    """The newest message first."""
    articles = "\n".join(_article(message) for message in reversed(messages))
    count = len(messages)
    return document(
        f"({count}) Slack inbox",
        "# pipeline-alerts",
        f"mock of Slack · {_counted(count)}",
        articles or '<p class="empty">Nothing has been posted yet.</p>',
        _STYLE,
    )


def _article(message: Message) -> str:
    shown = message.text or json.dumps(message.payload, indent=1, ensure_ascii=False)
    body = to_html(shown) if message.text else f"<pre>{html.escape(shown)}</pre>"
    return (
        f'<article id="message-{message.id}">{_time(message.received_at)}'
        f'<div tabindex="0">{body}</div></article>'
    )


def _time(received_at: str) -> str:
    instant = html.escape(received_at)
    return f'<time datetime="{instant}">{instant[:10]} {instant[11:19]} UTC</time>'


def _counted(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'}"
