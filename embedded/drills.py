"""``make faults`` and ``make clock``: steering the mocked Scan."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from embedded.attach import attach
from embedded.errors import CommandFailed
from embedded.state import current_state, state_root
from embedded.world import Ports
from services.adapters.tls import trusted
from services.tables import print_table

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")


def faults(environment: Mapping[str, str]) -> int:
    """Let the running Scan mock show PROFILE's faults for TTL seconds; without one, show them."""
    state = current_state(environment.get("NETWORK"), state_root(environment))
    running = state.running_ports() if state.is_locked() else {}
    if not running:
        raise CommandFailed("no make run is working here: faults are for one that is")
    scan = Ports(**running).url("scan")
    if profile := environment.get("PROFILE"):
        ttl_seconds = _seconds("TTL", environment.get("TTL") or "60")
        _steer(scan, "faults", {"profile": profile, "ttl_seconds": ttl_seconds})
    print_table(_ask(scan, "faults")["faults"], "faults")
    return 0


def clock(environment: Mapping[str, str]) -> int:
    """Move the ledger's clock (ADVANCE=6h, FREEZE=1 or 0, SPEED=60), and show it."""
    move: dict[str, Any] = {}
    if span := environment.get("ADVANCE"):
        move["advance_seconds"] = _seconds("ADVANCE", span)
    if freeze := environment.get("FREEZE"):
        move["freeze"] = _truth("FREEZE", freeze)
    if speed := environment.get("SPEED"):
        move["speed"] = _seconds("SPEED", speed)
    with attach(environment, ["scan"]) as found:
        scan = found.ports.url("scan")
        if move:
            _steer(scan, "clock", move)
        print_table([{**_ask(scan, "clock"), "updates": _ask(scan, "ledger")["count"]}], "clock")
    return 0


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
        raise CommandFailed(f"{name}={text} is no number: 90, 1.5 or, of time, 30m, 6h, 2d")
    return float(span[1]) * _UNITS[span[2]]


def _truth(name: str, text: str) -> bool:
    if text not in {"0", "1"}:
        raise CommandFailed(f"{name}={text} is neither 1 nor 0")
    return text == "1"
