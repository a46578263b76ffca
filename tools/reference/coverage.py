"""The page of what the emulators cover, from their own READMEs and the names of their tests."""

import re
from pathlib import Path

from tools.reference.markdown import rows_under, table

PAGE = Path("docs/reference/emulator-coverage.md")
MEASURED = re.compile(r"(?<=<!-- measured -->\n).*?(?=<!-- end -->)", re.DOTALL)
"""The part of the page that `python -m tests.contract.snowflake.parity` writes."""
SNOWFLAKE = Path("mocks/snowflake/README.md")
SCAN = Path("mocks/canton_scan/README.md")
_TEST = re.compile(r"^(?:async )?def test_(\w+)", re.MULTILINE)
_REFUSED = "Refused"

_HEAD = """\
# What the emulators cover

A fake is a promise: what stands here is tested, and what doesn't isn't promised. None was ever
compared with an account of Snowflake or AWS.

| Outside | `make run` | `make up` | `./pipeline rehearse` | In the cloud |
| --- | --- | --- | --- | --- |
| Canton's Scan | `mocks/canton_scan` | the same | the stack's | Super Validators' Scans |
| Snowflake | `mocks/snowflake` (fakesnow, DuckDB) | the same | the stack's | an account |
| S3 | `mocks/s3` (ministack) | LocalStack, S3 alone | the stack's | S3 |
| Slack | `mocks/slack` | the same | the stack's | an incoming webhook |
| ECS, events, queues, logs, secrets | | | ministack | AWS |
| Fargate | | | `mocks/fargate` on the Docker engine | Fargate |
"""
_TESTED = {
    "S3": (
        "The landing zone's calls, by the same tests on ministack, moto and the tests' own fake.",
        "tests/contract/landing",
    ),
    "Slack": (
        "The incoming webhook and the inbox: [README](../../mocks/slack/README.md).",
        "tests/contract/slack",
    ),
    "Fargate": (
        "Tasks of an emulated ECS as containers: [README](../../mocks/fargate/README.md).",
        "tests/cloud/fargate",
    ),
}


def page() -> str:
    rows = rows_under(SNOWFLAKE.read_text(), "What")
    refused = [[cells[0], cells[3]] for section, cells in rows if section == _REFUSED]
    measured = MEASURED.search(PAGE.read_text())
    served = [cells[:2] for _, cells in rows_under(SCAN.read_text(), "Path under `/api/scan`")]
    parts = [
        _HEAD,
        "## Snowflake\n",
        f"<!-- measured -->\n{measured[0] if measured else ''}<!-- end -->\n",
        "What it can't do it refuses with an error, so that nothing is silently wrong:\n",
        table(["Refused", "Instead"], refused),
        "## Canton's Scan\n",
        f"What is faithful, what is inferred and what is neither: [README](../../{SCAN}).\n",
        table(["Path under `/api/scan`", "From"], served),
    ]
    for name, (description, folder) in _TESTED.items():
        tests = [
            [test.replace("_", " "), f"[{file.name}](../../{file})"]
            for file in sorted(Path(folder).glob("test_*.py"))
            for test in _TEST.findall(file.read_text())
        ]
        parts += [f"## {name}\n", f"{description}\n", table(["Tested", "Where"], tests)]
    return "\n".join(parts)
