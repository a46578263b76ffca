"""Commands on data and on the mocked ledger, wherever the services run."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx

from local.console.errors import CommandFailed
from local.console.local_settings import foreign_free
from local.console.place import Opens, Place
from local.console.variables import is_on
from local.verify.report import told
from local.verify.truth import over_http
from local.verify.verify import verify as hold_against_truth
from services.accept import network_of
from services.adapters.tls import trusted
from services.tables import print_json, print_table

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")
_MOST_DAYS, _MOST_SPEED = 36_500, 1_000_000  # what the mock's clock takes at once
_CLOSE = timedelta(minutes=1)
_SHOW = {"": print_table, "table": print_table, "json": print_json}


def sql(environment: Mapping[str, str], opened: Opens) -> int:
    """Run Q on the warehouse, and print its rows."""
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
    """Set the offending lines of the page at KEY aside; the next run loads the rest."""
    if not (key := environment.get("KEY")):
        raise CommandFailed("which page? ./pipeline release canton/…, as the failed run named it")
    with opened(["snowflake", "s3"]) as place:
        # A process of its own: boto3 reads the environment, where a person's own account may stand.
        return subprocess.run(
            [sys.executable, "-m", "services", "release", key],
            env={**foreign_free(os.environ), **place.settings()},
            check=False,
        ).returncode


def verify(_: Mapping[str, str], opened: Opens) -> int:
    """Hold bronze, silver and gold against the mock's truth; 1 where something differs."""
    with opened(["snowflake", "scan"]) as place:
        return hold_against_ledger(place)


def hold_against_ledger(place: Place) -> int:
    """Run the comparison of `verify` on a place whose services are up."""
    scan = place.url("scan")
    with over_http(scan) as oracle:
        verdict = hold_against_truth(place.warehouse(), ledger_network(scan), oracle)
    print("\n".join(told(verdict)))
    return 0 if verdict.holds else 1


def clock_notice(scan: str) -> list[str]:
    """Return a one-line notice if the ledger's clock isn't the wall clock, else an empty list."""
    shown = _ask(scan, "clock")
    ahead = datetime.fromisoformat(shown["now"]) - datetime.now(UTC)
    side = "ahead" if ahead > timedelta() else "behind"  # as after a restore
    told = [f"{abs(ahead).total_seconds() / 3600:.1f} h {side}"] if abs(ahead) > _CLOSE else []
    told += ["frozen"] if shown["is_frozen"] else []
    told += [f"at {shown['speed']:g} times the speed"] if shown["speed"] != 1 else []
    return [f"the ledger's clock is {', '.join(told)} (./pipeline clock)"] if told else []


def ledger_network(scan: str) -> str:
    """The network whose ledger a mocked Scan keeps."""
    return network_of(_ask(scan, "ledger")["dso_party_id"])


def faults(environment: Mapping[str, str], opened: Opens) -> int:
    """Let the Scan mock show PROFILE's faults for TTL seconds; without one, show them."""
    with opened(["scan"]) as place:
        scan = place.url("scan")
        if profile := environment.get("PROFILE"):
            ttl_seconds = _seconds("TTL", environment.get("TTL") or "60")
            _steer(scan, "faults", {"profile": profile, "ttl_seconds": ttl_seconds})
        print_table([_fault(one) for one in _ask(scan, "faults")["faults"]], "faults")
    return 0


def _fault(one: dict[str, Any]) -> dict[str, Any]:
    chance, times, ttl = one["probability"], one["times"], one["ttl_seconds"]
    when = [
        f"{chance:.0%}",
        *([f"{times} times"] if times else []),
        *([f"{ttl:.0f} s"] if ttl else []),
    ]
    return {
        "kind": one["kind"],
        "met": one["fired"],
        "stands": one["stands"],
        "when": ", ".join(when),
    }


def clock(environment: Mapping[str, str], opened: Opens) -> int:
    """Move the ledger's clock (ADVANCE=6h, FREEZE=1 or 0, SPEED=60), and show it."""
    with opened(["scan"]) as place:
        scan = place.url("scan")
        if move := read_move(environment):
            _steer(scan, "clock", move)
        print_table([{**_ask(scan, "clock"), "updates": _ask(scan, "ledger")["count"]}], "clock")
    return 0


def advance_clock(scan: str, seconds: int) -> None:
    """Move the ledger's clock on, so that there is something new to load."""
    _steer(scan, "clock", {"advance_seconds": seconds})


def freeze_clock(scan: str) -> None:
    """Stop the ledger's time: nothing new comes."""
    _steer(scan, "clock", {"freeze": True})


def read_move(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the change of the mock's clock that ADVANCE, FREEZE and SPEED ask for.

    Raises:
        CommandFailed: One of them is no value, or more than the clock takes.
    """
    move: dict[str, Any] = {}
    if span := environment.get("ADVANCE"):
        move["advance_seconds"] = _seconds("ADVANCE", span)
        if move["advance_seconds"] > _MOST_DAYS * _UNITS["d"]:
            raise CommandFailed(f"ADVANCE={span}: expected at most {_MOST_DAYS}d (100 years)")
    if environment.get("FREEZE"):
        move["freeze"] = is_on("FREEZE", environment)
    if speed := environment.get("SPEED"):
        move["speed"] = _factor("SPEED", speed)
        if move["speed"] > _MOST_SPEED:
            raise CommandFailed(f"SPEED={speed}: expected at most {_MOST_SPEED}")
    return move


def _steer(scan: str, what: str, wanted: dict[str, Any]) -> None:
    with _client() as client:
        answer = client.post(f"{scan}/_mock/{what}", json=wanted)
    if answer.status_code == HTTPStatus.BAD_REQUEST:
        raise CommandFailed(answer.json()["error"])
    answer.raise_for_status()


def _ask(scan: str, what: str) -> dict[str, Any]:
    with _client() as client:
        return client.get(f"{scan}/_mock/{what}").raise_for_status().json()


def _client() -> httpx.Client:
    return httpx.Client(trust_env=False, verify=trusted())


def _seconds(name: str, text: str) -> float:
    span = _SPAN.fullmatch(text)
    if not span:
        raise CommandFailed(
            f"{name}={text}: expected a number such as 90 or 1.5 or, of time, 30m, 6h, 2d"
        )
    return float(span[1]) * _UNITS[span[2]]


def _factor(name: str, text: str) -> float:
    span = _SPAN.fullmatch(text)
    if not span or span[2] or float(span[1]) <= 0:
        raise CommandFailed(f"{name}={text}: expected a number above 0, such as 60")
    return float(span[1])
