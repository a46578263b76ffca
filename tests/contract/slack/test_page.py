import re

import pytest

from mocks.slack.inbox import Message
from mocks.slack.mrkdwn import to_html
from mocks.slack.page import render


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("a *bold word* b", "a <b>bold word</b> b"),
        ("*bold with `code`*", "<b>bold with <code>code</code></b>"),
        ("2*3*4 and * alone *", "2*3*4 and * alone *"),
        ("`select 1 < 2`", "<code>select 1 &lt; 2</code>"),
        ("`*not bold*`", "<code>*not bold*</code>"),
        ("```\na  b\n*c*\n```\nend", "<pre>a  b\n*c*</pre>end"),
        ("one\ntwo", "one<br>two"),
        (
            "<https://example.com/a?b=1&amp;c=2|run *7*>",
            '<a href="https://example.com/a?b=1&amp;c=2" rel="noreferrer">run *7*</a>',
        ),
        (
            "<http://localhost:4200>",
            '<a href="http://localhost:4200" rel="noreferrer">http://localhost:4200</a>',
        ),
        (
            "run: http://localhost:4200/runs/7?a=1&amp;b=2",
            (
                'run: <a href="http://localhost:4200/runs/7?a=1&amp;b=2" rel="noreferrer">'
                "http://localhost:4200/runs/7?a=1&amp;b=2</a>"
            ),
        ),
        (
            "(see https://x.y/z): &lt;https://x.y/z&gt;, *https://x.y*.",
            (
                '(see <a href="https://x.y/z" rel="noreferrer">https://x.y/z</a>): '
                '&lt;<a href="https://x.y/z" rel="noreferrer">https://x.y/z</a>&gt;, '
                '<b><a href="https://x.y" rel="noreferrer">https://x.y</a></b>.'
            ),
        ),
        ("`https://x.y` file://etc", "<code>https://x.y</code> file://etc"),
        ("a &lt; b &amp; c &gt; d &amp;lt;", "a &lt; b &amp; c &gt; d &amp;lt;"),
        (":warning: late :unheard_of: 12:30:45", "⚠️ late :unheard_of: 12:30:45"),
    ],
)
def test_mrkdwn_is_shown_as_slack_would(text, html):
    assert to_html(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "*<img src=x onerror=alert(1)>*",
        "`</code><script>`",
        "```</pre><script>```",
        "<javascript:alert(1)|click>",
        '<https://x.y/" onmouseover="alert(1)|click>',
        "<https://x.y|<script>alert(1)</script>>",
        "&lt;script&gt;",
        'https://x.y/" onmouseover="alert(1)',
        "https://x.y/<script>alert(1)</script>",
    ],
)
def test_a_message_cannot_bring_markup_of_its_own(text):
    html = to_html(text)
    for tag in ("<b>", "</b>", "<code>", "</code>", "<pre>", "</pre>", "</a>"):
        html = html.replace(tag, "")
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert '" onmouseover' not in html


def message(number, text):
    return Message(number, "2026-11-20T12:00:00Z", "T/B/x", text, {"text": text, "n": "<i>"})


def test_the_page_shows_the_newest_message_first_and_refreshes_itself():
    page = render([message(1, "first"), message(2, "second")])
    assert page.index("second") < page.index("first")
    assert '<meta http-equiv="refresh"' in page
    assert "2 messages" in page
    assert '<time datetime="2026-11-20T12:00:00Z">2026-11-20 12:00:00 UTC</time>' in page


def test_a_message_without_text_is_shown_as_it_was_posted():
    assert (
        "<pre>{\n &quot;text&quot;: &quot;&quot;,\n &quot;n&quot;: &quot;&lt;i&gt;&quot;\n}</pre>"
        in render([message(1, "")])
    )


def test_an_empty_inbox_says_so():
    assert "Nothing has been posted yet." in render([])


def test_a_message_is_no_longer_than_a_part_of_the_page_and_scrolls():
    (rule,) = re.findall(r"article div \{([^}]*)\}", render([]))
    assert {"max-height: 16rem", "overflow-y: auto"} <= {one.strip() for one in rule.split(";")}
