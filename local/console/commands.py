"""Commands on data and on the mocked ledger, wherever the services run."""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from local.console.errors import CommandFailed
from local.console.local_settings import foreign_free
from local.console.person import user_at_host
from local.console.place import Opens, Place
from local.console.steering import ledger_network, move_clock, play_faults, read_state
from local.verify.truth import over_http
from local.verify.verify import report_lines
from local.verify.verify import verify as hold_against_truth
from services.quality_trial import find_rule
from services.tables import print_json, print_table

_SHOW = {"": print_table, "table": print_table, "json": print_json}


def sql(environment: Mapping[str, str], opened: Opens) -> int:
    query, form = environment.get("Q", ""), environment.get("FORMAT", "")
    if not query.strip():
        raise CommandFailed('which query? make sql Q="select * from ops.batches"')
    with opened(["snowflake"]) as place:
        # Not on standard output: there, rows are all there is.
        print(f"warehouse of {place.name}", file=sys.stderr)
        with place.warehouse().session() as session:
            _SHOW[form](session.query(query))
    return 0


def release(environment: Mapping[str, str], opened: Opens) -> int:
    if not (key := environment.get("KEY")):
        raise CommandFailed("which page? ./pipeline release canton/…, as the failed run named it")
    with opened(["snowflake", "s3"]) as place:
        return _run_services(place, "release", key, "--by", user_at_host())


def discard(environment: Mapping[str, str], opened: Opens) -> int:
    if not (key := environment.get("KEY")):
        raise CommandFailed("which page? ./pipeline quarantine lists what waits")
    if not (reason := environment.get("REASON", "").strip()):
        raise CommandFailed(f'why? ./pipeline discard {key} --reason "…"')
    with opened(["snowflake", "s3"]) as place:
        return _run_services(place, "discard", key, f"--reason={reason}", "--by", user_at_host())


def quarantine(environment: Mapping[str, str], opened: Opens) -> int:
    key = [environment["KEY"]] if environment.get("KEY") else []
    with opened(["snowflake", "s3"] if key else ["snowflake"]) as place:
        print(f"warehouse of {place.name}", file=sys.stderr)
        return _run_services(place, "quarantine", *key, *_form(environment))


def quality(environment: Mapping[str, str], opened: Opens) -> int:
    if rule := environment.get("TRY"):
        find_rule(rule)  # a slip is answered before anything is started
    command = ["try-rule", rule] if rule else ["quality"]
    with opened(["snowflake", "s3"] if rule else ["snowflake"]) as place:
        print(f"warehouse of {place.name}", file=sys.stderr)
        return _run_services(place, *command, *_form(environment))


def _form(environment: Mapping[str, str]) -> list[str]:
    return ["--json"] if environment.get("FORMAT") == "json" else []


def _run_services(place: Place, *command: str) -> int:
    # A process of its own: boto3 reads the environment, where a person's own account may stand.
    return subprocess.run(
        [sys.executable, "-m", "services", *command],
        env={**foreign_free(os.environ), **place.settings()},
        check=False,
    ).returncode


def verify(_: Mapping[str, str], opened: Opens) -> int:
    with opened(["snowflake", "scan"]) as place:
        return hold_against_ledger(place)


def hold_against_ledger(place: Place) -> int:
    """Run the comparison of `verify` on a place whose services are up."""
    scan = place.url("scan")
    with over_http(scan) as oracle:
        verdict = hold_against_truth(place.warehouse(), ledger_network(scan), oracle)
    print("\n".join(report_lines(verdict)))
    return 0 if verdict.holds else 1


def faults(environment: Mapping[str, str], opened: Opens) -> int:
    with opened(["scan"]) as place:
        scan = place.url("scan")
        if environment.get("PROFILE"):
            play_faults(scan, environment)
        rows: list[dict[str, Any]] = []
        for one in read_state(scan, "faults")["faults"]:
            when = [f"{one['probability']:.0%}"]
            when += [f"{one['times']} times"] if one["times"] else []
            when += [f"{one['ttl_seconds']:.0f} s"] if one["ttl_seconds"] else []
            rows.append(
                {
                    "kind": one["kind"],
                    "met": one["fired"],
                    "stands": one["stands"],
                    "when": ", ".join(when),
                }
            )
        print_table(rows, "faults")
    return 0


def clock(environment: Mapping[str, str], opened: Opens) -> int:
    with opened(["scan"]) as place:
        scan = place.url("scan")
        move_clock(scan, environment)
        updates = read_state(scan, "ledger")["count"]
        print_table([{**read_state(scan, "clock"), "updates": updates}], "clock")
    return 0
