"""Advice printed after a test run: commands that rerun failures alone, what the machine lacks."""

import re
import shlex
from collections import Counter
from collections.abc import Generator, Iterable
from typing import Any

import pytest

MOST = 10  # failures that are told one by one
VERBS = {
    "tests/e2e/": "test-e2e",
    "tests/offline/": "test-offline",
    "tests/airflow/": "test-airflow",
    "tests/clients/": "test-clients",
    "tests/infra/": "test-cloud",
    "tests/cloud/": "test-cloud",
    "tests/devcontainer/": "test-devcontainer",
    "tests/workflows/": "test-workflows",
}
CAUSES = {
    r"Error while fetching server API version|Cannot connect to the Docker daemon"
    r"|no Docker engine": "no Docker engine answers: start it, `docker info` tells whether it does;"
    " make test needs none",
    r"[Cc]hromium": "a browser is needed: apt install chromium",
    r"docker-registry": "a registry is needed: apt install docker-registry",
    r"No such file or directory: '(?:node|npm)'|Node 20": "Node 20 or newer is needed:"
    " https://nodejs.org; make test-clients, test-devcontainer and test-workflows use it",
    r"[Aa]ddress already in use|is taken by another program|port is already allocated": "a port is"
    " taken: `ss -ltnp` tells by whom; make down stops this clone's stack",
    r"No space left on device|disk full": "the disk is full: make reset IMAGES=1 frees what the"
    " stack holds, `docker system prune` what builds left",
    r"Timeout \(?>?\d+(?:\.\d+)?s?\)?": "a test took longer than its limit: run it alone; on a busy"
    " machine it may pass then",
}
_GROUP = re.compile(r"@[\w.]+$")  # pytest-xdist's, behind a test's name
_LOG = re.compile(r"see (\S+\.log)")


@pytest.hookimpl(wrapper=True, tryfirst=True)  # last of all: after pytest's own list of failures
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> Generator[None]:
    """Say it."""
    yield
    stats = terminalreporter.stats
    bad = [*stats.get("failed", []), *stats.get("error", [])]
    lines = [*not_run(stats.get("skipped", [])), *(after_failures(bad, config) if bad else [])]
    if lines:
        terminalreporter.section("what next", sep="=", bold=True)
    for line in lines or ["what next: make check, then commit"]:
        terminalreporter.write_line(line)


def after_failures(reports: list[Any], config: pytest.Config) -> list[str]:
    """Return how to run each failure alone, its possible causes, and where logs lie."""
    texts = [report.longreprtext for report in reports]
    commands = list(dict.fromkeys(command(report.nodeid) for report in reports))
    more = [f"… and {len(commands) - MOST} more"] if len(commands) > MOST else []
    logs = sorted({found for text in texts for found in _LOG.findall(text)})
    return [
        "again, alone:",
        *(f"  {line}" for line in [*commands[:MOST], *more]),
        *(f"note: {said}" for said in causes(texts)),
        f"logs: {', '.join(logs) or _folder(config)}",
    ]


def command(nodeid: str) -> str:
    """Return the command that runs one test alone; xdist's group is no part of its name."""
    name = _GROUP.sub("", nodeid)
    verb = next((verb for folder, verb in VERBS.items() if name.startswith(folder)), "test")
    quoted = shlex.quote(name)
    if quoted == name:
        return f"make {verb} T={name}"
    # Once for make, which has $$ for a dollar, and once more for the shell that make starts.
    twice = re.sub(r'(["\\`$])', r"\\\1", quoted.replace("$", "$$"))
    return f'make {verb} T="{twice}"'


def causes(texts: Iterable[str]) -> list[str]:
    """Return what this machine lacks, where a failure shows it."""
    said = "\n".join(texts)
    return [advice for pattern, advice in CAUSES.items() if re.search(pattern, said)]


def not_run(reports: Iterable[Any]) -> list[str]:
    """Return what was skipped, by reason: a run that skips is not a run of everything."""
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in reports)
    return [f"NOT RUN, {count} of them: {reason}" for reason, count in reasons.items()]


def _folder(config: pytest.Config) -> str:
    """Return the command that finds the logs of tests' child processes."""
    factory = config._tmp_path_factory  # type: ignore[attr-defined]
    return f"find {factory.getbasetemp()} -name '*.log'"
