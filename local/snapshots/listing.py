"""`./pipeline snapshots`: what there is, how old it is, and whether each file is whole."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.console.errors import CommandFailed
from local.snapshots import archive
from services.catalog import LAYERS
from services.tables import print_table

_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"))


def snapshots(environment: Mapping[str, str], shelf: Path = archive.FOLDER) -> int:
    """Print them, the newest first; 1 where one isn't whole."""
    form = environment.get("FORMAT", "")
    files = sorted(
        shelf.glob(f"[!.]*{archive.SUFFIX}"),
        key=lambda file: file.stat().st_mtime,
        reverse=True,
    )
    rows = [_row(file) for file in files]
    if form == "json":
        print(json.dumps(rows))
    elif rows:
        print_table([_shown(row) for row in rows], "snapshots")
    else:
        print("no snapshots yet: ./pipeline snapshot x takes one")
    return 1 if any(row["problem"] for row in rows) else 0


def _row(file: Path) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": file.name.removesuffix(archive.SUFFIX),
        "age_seconds": round(time.time() - file.stat().st_mtime),
        "bytes": file.stat().st_size,
        "problem": "",
    }
    try:
        manifest = archive.unpack(file)
    except CommandFailed as error:
        return {**row, "kind": "", "place": "", "network": "", "updates": {}, "problem": str(error)}
    return {
        **row,
        "kind": manifest.kind,
        "place": manifest.place,
        "network": manifest.network,
        "updates": dict(manifest.updates),
    }


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    layers = {layer: row["updates"].get(layer, "") for layer in LAYERS}
    return {
        "name": row["name"],
        "kind": row["kind"],
        "age": age(row["age_seconds"]),
        "place": row["place"],
        "network": row["network"],
        "MB": round(row["bytes"] / 1e6, 1),
        **layers,
        "file": row["problem"] or "whole",
    }


def age(seconds: int) -> str:
    """A time for people: in its largest unit."""
    for length, unit in _UNITS:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
