"""`./pipeline report`: one file for a bug report, without secrets, also where half is dead."""

import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from local.support.configuration import add_configuration, known_secrets, packages, versions
from local.support.doctor import as_json, as_text, examine
from local.support.evidence import Evidence
from local.support.logs import add_embedded_logs, add_stack_logs
from local.support.runs import add_embedded_runs, add_stack_runs

_HEAD = """\
A report of `./pipeline report`, {at}.
Secrets are replaced by ***, as far as they are known or look like one.

In here:
{files}

Not in here, and why:
{missing}
"""


def report(environment: Mapping[str, str]) -> int:
    at = datetime.now(UTC)
    file = Path(f"canton-report-{at:%Y%m%dT%H%M%SZ}.zip")
    print("packing… (half a minute, longer where services don't answer)", flush=True)
    evidence = gathered(environment)
    _write(file, evidence, at)
    print(f"{file} ({file.stat().st_size >> 10} KiB, {len(evidence.files)} files)")
    for name, why in evidence.missing.items():
        print(f"  without {name}: {why.partition(chr(10))[0]}")
    print("read it before you attach it: what looks like no secret may be one")
    return 0


def gathered(environment: Mapping[str, str]) -> Evidence:
    evidence = Evidence(known_secrets(environment))
    evidence.add("versions.txt", versions)
    evidence.add("packages.txt", packages)
    found = examine(environment)
    evidence.add("doctor.txt", lambda: as_text(found))
    evidence.add("doctor.json", lambda: as_json(found))
    parts: dict[str, Callable[[Evidence, Mapping[str, str]], None]] = {
        "configuration": add_configuration,
        "logs/stack": add_stack_logs,
        "logs/embedded": add_embedded_logs,
        "runs/stack": add_stack_runs,
        "runs/embedded": add_embedded_runs,
    }
    for name, fill in parts.items():
        evidence.attempt(name, partial(fill, evidence, environment))
    return evidence


def _write(file: Path, evidence: Evidence, at: datetime) -> None:
    draft = file.with_suffix(".draft")
    draft.touch(mode=0o600)
    head = _HEAD.format(
        at=at.isoformat(timespec="seconds"),
        files="\n".join(f"  {name}" for name in evidence.files),
        missing="\n".join(f"  {name}: {why}" for name, why in evidence.missing.items())
        or "  nothing",
    )
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {"README.txt": head, **evidence.files}.items():
            archive.writestr(f"{file.stem}/{name}", text)
    draft.replace(file)
