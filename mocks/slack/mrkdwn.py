"""Slack's mrkdwn as HTML: bold, code, links, line breaks, and a few emoji. All else is escaped.

https://docs.slack.dev/messaging/formatting-message-text
"""

import html
import re

_TOKEN = re.compile(
    r"```(?P<block>.+?)```\n?"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<url>https?://[^|>\s]+)(?:\|(?P<label>[^>]+))?>"
    r"|(?<!\w)\*(?P<bold>[^*\s](?:[^*\n]*[^*\s])?)\*(?!\w)"
    r"|:(?P<emoji>[a-z_]+):"
    # As it stands in a text, without the punctuation behind it.
    r"|\b(?P<bare>https?://(?:(?!&[lg]t;)[^\s<>|`\"'])+(?<![.,:;!?)*]))",
    re.DOTALL,
)
_EMOJI = {
    "rotating_light": "🚨",
    "warning": "⚠️",
    "white_check_mark": "✅",
    "x": "❌",
    "tada": "🎉",
}
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # what senders must write


def to_html(text: str) -> str:
    """HTML that shows the text as Slack would, roughly, and can't carry markup of its own."""
    parts: list[str] = []
    end = 0
    for token in _TOKEN.finditer(text):
        parts += [_plain(text[end : token.start()]), _token_html(token)]
        end = token.end()
    return "".join([*parts, _plain(text[end:])])


def _token_html(token: re.Match[str]) -> str:
    if block := token["block"]:
        return f"<pre>{_escape(block.strip())}</pre>"
    if code := token["code"]:
        return f"<code>{_escape(code)}</code>"
    if url := token["url"] or token["bare"]:
        label = _escape(token["label"] or url)
        return f'<a href="{_escape(url)}" rel="noreferrer">{label}</a>'
    if bold := token["bold"]:
        return f"<b>{to_html(bold)}</b>"
    return _EMOJI.get(token["emoji"], _plain(token[0]))


def _plain(text: str) -> str:
    return _escape(text).replace("\n", "<br>")


def _escape(text: str) -> str:
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return html.escape(text)
