"""`./pipeline incident`: a failed run's pages, parameters and message, masked, in one file."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.console.errors import CommandFailed
from local.console.formats import this_revision
from local.console.masking import masked
from local.snapshots import archive, objects
from local.snapshots.incident.evidence import Evidence, gather
from local.snapshots.incident.failed import Failed, read_failed, refuse_outage
from local.snapshots.incident.masks import Masks
from local.snapshots.incident.origin import Origin, origin
from local.snapshots.manifest import INCIDENT, Failure, Manifest
from local.snapshots.objects import StoredObject
from local.snapshots.state import EMBEDDED
from services.landing import pack, sha256
from services.model import GENESIS
from services.tables import print_table

REPLAY = "replay.json"
SOURCE_URL = "https://scan.example/api/scan"
PARTS = (REPLAY, *objects.PARTS)


def incident(environment: Mapping[str, str], shelf: Path = archive.FOLDER) -> int:
    if not (run := environment.get("RUN")):
        raise CommandFailed(
            "which run? ./pipeline incident and a flow run's name or id, as Slack's message has"
        )
    name = environment.get("NAME") or f"incident-{run[:20]}"
    file = archive.new_file(name, shelf)
    if file.exists() and environment.get("YES") != "1":
        raise CommandFailed(f"{file} is there already: YES=1 replaces it, or choose another NAME")
    with origin(environment) as found:
        failed = read_failed(found.prefect, run)
        refuse_outage(failed)
        evidence = gather(found, failed)
        failure, size = pack_run(found, failed, evidence, file, shelf)
    rows = [
        {"what": "run", "packed": f"{failed.run}, {failed.flow}"},
        {"what": "position", "packed": str(evidence.position)},
        {"what": "failure", "packed": failure.message.splitlines()[0][:100]},
    ]
    print_table(rows, f"{file}: {size / 1e6:.1f} MB, masked")
    print(f"./pipeline restore {file} brings it back on any machine; read it before you hand it on")
    return 0


def pack_run(
    found: Origin, failed: Failed, evidence: Evidence, file: Path, shelf: Path
) -> tuple[Failure, int]:
    """Write an incident's file; return the failure as it is packed, and the file's bytes."""
    masks = Masks(evidence.network)
    for page in evidence.pages:
        for line in page.lines:
            masks.learn(line)
    if evidence.refused:
        masks.learn(evidence.refused.body)
    pages = [_page(page, masks) for page in evidence.pages]
    failure = Failure(
        run=failed.run,
        flow=failed.flow,
        parameters={name: str(value) for name, value in failed.parameters.items()},
        position=str(evidence.position),
        synchronizer_id=masks.text(evidence.synchronizer_id or "") or None,
        message=masked(masks.text(failed.message), found.secrets),
        environment=found.name,
    )
    with archive.workshop(shelf) as folder:
        with objects.written(folder) as writer:
            for page in pages:
                writer.add(page)
        (folder / REPLAY).write_bytes(_recording(evidence, pages, masks))
        parts = archive.describe(folder, PARTS)
        manifest = Manifest(
            kind=INCIDENT,
            made_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            made_by=this_revision(),
            place=EMBEDDED,
            network=f"{evidence.network}-replay-{parts[REPLAY].sha256[:8]}",
            parts=parts,
            failure=failure,
        )
        _refuse_leaks(found, folder, masks, manifest)
        return failure, archive.write(file, folder, manifest)


def _page(page: StoredObject, masks: Masks) -> StoredObject:
    """A page with masked lines, and the metadata that it would have if it had been landed so."""
    if not page.lines:
        raise CommandFailed(
            f"{page.kept.key} can't be read line by line, and so not be masked: it stays there"
        )
    lines = [masks.masked(line) for line in page.lines]
    content = pack(lines)
    changed = {"sha256": sha256(content), "source-url": SOURCE_URL}
    kept = replace(
        page.kept,
        metadata={**page.kept.metadata, **changed},
        sha256=changed["sha256"],
        size=sum(len(line) + 1 for line in lines),
        head=objects.head_of(content),
    )
    return StoredObject(kept, lines, content)


def _recording(evidence: Evidence, pages: Sequence[StoredObject], masks: Masks) -> bytes:
    """Return the mocked Scan's recording: the newest landed page and the refused answer as is.

    The pages before it are landed: a run finds them, and doesn't request them.
    """
    answers: list[dict[str, Any]] = []
    if refused := evidence.refused:
        position = refused.after
        at = str(position).partition("/")[2]
        after = {"after_migration_id": position.migration_id, "after_record_time": at}
        body = base64.b64encode(masks.masked(refused.body)).decode()
        answers = [{"after": None if position == GENESIS else after, "body": body}]
    # The network's name is how the DSO's namespace begins; the rest of it may be unknown.
    namespace = (evidence.synchronizer_id or "").rpartition("::")[2]
    if not namespace.startswith(evidence.network):
        namespace = evidence.network.ljust(68, "0")
    head = {"dso_party_id": f"DSO::{namespace}", "answers": answers}
    updates = b",\n".join(pages[-1].lines if pages else ())
    opened = json.dumps(head).encode().removesuffix(b"}")
    return opened + b', "transactions": [' + updates + b"]}\n"


def _refuse_leaks(found: Origin, folder: Path, masks: Masks, manifest: Manifest) -> None:
    written = [(folder / name).read_bytes() for name in manifest.parts]
    answers = [base64.b64decode(one["body"]) for one in json.loads(written[0])["answers"]]
    failure = repr(manifest.failure).encode()
    for content in (*written, *answers, failure):
        if masks.left(content) or any(one.encode() in content for one in found.secrets):
            raise CommandFailed(
                "a secret or a party would have been in the file: it wasn't written"
            )
