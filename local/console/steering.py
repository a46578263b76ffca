"""The mocked ledger's steering (`/_mock/…`): its clock, and the faults that its Scan shows."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx

from local.console.errors import CommandFailed
from local.console.variables import is_on
from services.accept import network_of
from services.adapters.tls import trusted

DEFAULT_TTL = "60"  # seconds that faults stand
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")
_MOST_DAYS, _MOST_SPEED = 36_500, 1_000_000  # what the mock's clock takes at once
_CLOSE = timedelta(minutes=1)


def clock_notice(scan: str) -> list[str]:
    """Return a one-line notice if the ledger's clock isn't the wall clock, else an empty list."""
    shown = read_state(scan, "clock")
    ahead = datetime.fromisoformat(shown["now"]) - datetime.now(UTC)
    side = "ahead" if ahead > timedelta() else "behind"  # as after a restore
    parts = [f"{abs(ahead).total_seconds() / 3600:.1f} h {side}"] if abs(ahead) > _CLOSE else []
    parts += ["frozen"] if shown["is_frozen"] else []
    parts += [f"at {shown['speed']:g} times the speed"] if shown["speed"] != 1 else []
    return [f"the ledger's clock is {', '.join(parts)} (./pipeline clock)"] if parts else []


def ledger_network(scan: str) -> str:
    return network_of(read_state(scan, "ledger")["dso_party_id"])


def play_faults(scan: str, environment: Mapping[str, str]) -> None:
    ttl_seconds = _seconds("TTL", environment.get("TTL") or DEFAULT_TTL)
    _steer(scan, "faults", {"profile": environment["PROFILE"], "ttl_seconds": ttl_seconds})


def move_clock(scan: str, environment: Mapping[str, str]) -> None:
    """Move the ledger's clock by ADVANCE, FREEZE and SPEED; leave it if none is set."""
    if move := read_move(environment):
        _steer(scan, "clock", move)


def advance_clock(scan: str, seconds: int) -> None:
    """Move the ledger's clock on, so that there is something new to load."""
    _steer(scan, "clock", {"advance_seconds": seconds})


def freeze_clock(scan: str) -> None:
    _steer(scan, "clock", {"freeze": True})


def read_move(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the change of the mock's clock that ADVANCE, FREEZE and SPEED request.

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
        factor = _SPAN.fullmatch(speed)
        if not factor or factor[2] or float(speed) <= 0:
            raise CommandFailed(f"SPEED={speed}: expected a number above 0, such as 60")
        move["speed"] = float(speed)
        if move["speed"] > _MOST_SPEED:
            raise CommandFailed(f"SPEED={speed}: expected at most {_MOST_SPEED}")
    return move


def _steer(scan: str, what: str, body: dict[str, Any]) -> None:
    with _client() as client:
        answer = client.post(f"{scan}/_mock/{what}", json=body)
    if answer.status_code == HTTPStatus.BAD_REQUEST:
        raise CommandFailed(answer.json()["error"])
    answer.raise_for_status()


def read_state(scan: str, what: str) -> dict[str, Any]:
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
