"""Quarantined pages and lines, and the revisions that are loaded in their place.

A refused page never gets a landing key; its bytes stand in quarantine with the reason. A landed
page that breaks a rule stays where it is (objects are immutable), and its offending lines are
copied to quarantine; a person may release it: these lines are set aside, the others move to a
revision that is loaded in its place. A line that only the warehouse refuses is known once COPY has
failed: it is copied to quarantine then, and a release sets it aside as well. What people do is
recorded in ``ops.quarantine_acts``.
"""

import json
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Literal

from services.accept import identity_of
from services.adapters.snowflake import Session, Warehouse
from services.errors import (
    LandingCorrupt,
    LandingRefused,
    LineRefused,
    QualityFailed,
    QuarantineRefused,
)
from services.landing import network_of_key, pack, quarantine_key, revision_key, unpack
from services.model import GENESIS
from services.ports import LandingStore
from services.quality import Finding, check_lines
from services.quality_rules import LINE_RULES


@dataclass(frozen=True)
class Aside:
    """A row of ``ops.quarantine``."""

    network: str
    quarantine_key: str
    reason: str
    object_key: str | None = None
    revision_key: str | None = None
    line_count: int | None = None
    kept_count: int | None = None
    rule: str | None = None
    source_url: str | None = None


@dataclass(frozen=True)
class Act:
    """A row of ``ops.quarantine_acts``.

    Attributes:
        network: Whose page it is.
        act: `release` sets lines aside for now, `discard` for good.
        quarantine_key: Where they stand.
        object_key: The landed page that has them; None of a page that was never landed.
        reason: Of a discard.
        by: Who acts; None for the user that is logged in to the warehouse.
    """

    network: str
    act: Literal["release", "discard"]
    quarantine_key: str
    object_key: str | None = None
    reason: str | None = None
    by: str | None = None


@dataclass(frozen=True)
class Release:
    """A page whose offending lines were set aside."""

    object_key: str
    revision_key: str
    quarantine_key: str
    line_count: int
    kept_count: int

    def accounted_for(self, original: Sequence[bytes], kept: list[bytes]) -> list[bytes]:
        """The lines to load, proven to be the original's but for those set aside.

        Raises:
            LandingCorrupt: Lines of the original are neither kept nor set aside.
        """
        aside = self.line_count - self.kept_count
        remaining = iter(original)
        if len(original) != len(kept) + aside or not all(line in remaining for line in kept):
            raise LandingCorrupt(
                f"{self.revision_key} holds {len(kept)} lines and {aside} are set aside,"
                f" which are not the {len(original)} of {self.object_key}"
            )
        return kept


def set_aside(session: Session, aside: Aside, run_id: str) -> None:
    """Write down what was set aside and why."""
    session.execute(
        """insert into ops.quarantine (network, object_key, revision_key, quarantine_key,
               line_count, kept_count, rule, reason, source_url, run_id)
           select %(network)s, %(object_key)s, %(revision_key)s, %(quarantine_key)s,
               %(line_count)s, %(kept_count)s, %(rule)s, %(reason)s, %(source_url)s, %(run_id)s""",
        {**asdict(aside), "run_id": run_id},
    )


def record_act(session: Session, act: Act, lines: Iterable[bytes]) -> None:
    """Write down what a person does, and to which updates."""
    found = [identity_of(line) for line in lines]
    updates = [{"update_id": update_id, "position": str(at)} for update_id, at in found]
    session.execute(
        """insert into ops.quarantine_acts (network, object_key, quarantine_key, act, reason,
               updates, acted_by)
           select %(network)s, %(object_key)s, %(quarantine_key)s, %(act)s, %(reason)s,
               parse_json(%(updates)s)::array, coalesce(%(by)s, current_user())""",
        {**asdict(act), "updates": json.dumps(updates)},
    )


def releases(session: Session, keys: Sequence[str]) -> dict[str, Release]:
    """The released pages among these keys; of several releases of one page the last."""
    requested = set(keys)
    return {one.object_key: one for one in _all_releases(session) if one.object_key in requested}


def revisions(session: Session) -> dict[str, Release]:
    """All releases, by the key of the revision that is loaded in the page's place."""
    return {one.revision_key: one for one in _all_releases(session)}


def _all_releases(session: Session) -> list[Release]:
    rows = session.query(
        """select object_key, revision_key, quarantine_key, line_count, kept_count
           from ops.quarantine where revision_key is not null order by created_at, revision_key"""
    )
    return [Release(**row) for row in rows]


@contextmanager
def keeping_refused_lines(
    landing: LandingStore, warehouse: Warehouse, run_id: str
) -> Generator[None]:
    """Copy a line that the warehouse refuses in here to quarantine, for a release of its page."""
    try:
        yield
    except LineRefused as refused:
        lines = unpack(landing.read(refused.loaded_key), refused.loaded_key)
        aside = Aside(
            network=network_of_key(refused.page_key),
            quarantine_key=_keep(landing, [lines[refused.number - 1]]),
            reason=f"line {refused.number} of {refused.loaded_key}: {refused.reason}",
            object_key=refused.page_key,
            line_count=len(lines),
            kept_count=len(lines) - 1,
        )
        with warehouse.session() as session:
            set_aside(session, aside, run_id)
        raise


def _refused_lines(landing: LandingStore, session: Session, key: str) -> dict[bytes, str]:
    """The lines of a page that COPY refused in earlier runs, each with the reason."""
    rows = session.query(
        """select quarantine_key, reason from ops.quarantine
           where object_key = %(key)s and revision_key is null and rule is null""",
        {"key": key},
    )
    found = {row["quarantine_key"]: row["reason"] for row in rows}
    return {
        line: reason for kept, reason in found.items() for line in unpack(landing.read(kept), kept)
    }


def keep_offending(  # noqa: PLR0913 -- where, of which page, and what was found
    landing: LandingStore,
    session: Session,
    key: str,
    lines: Sequence[bytes],
    findings: Sequence[Finding],
    *,
    run_id: str,
) -> None:
    """Copy the lines that stop a landed page to quarantine, for people to look at.

    Args:
        landing: Where the page stands.
        session: Where it is written down.
        key: The page's own key.
        lines: The page's lines, or those of its revision.
        findings: What the rules found in them.
        run_id: Written beside it.
    """
    fatal, offending = _offending(findings)
    aside = Aside(
        network=network_of_key(key),
        quarantine_key=_keep(landing, _at(offending, lines)),
        reason="; ".join(map(str, fatal)),
        object_key=key,
        line_count=len(lines),
        kept_count=len(lines) - len(offending),
        rule=_names(fatal),
    )
    set_aside(session, aside, run_id)


def _offending(findings: Sequence[Finding]) -> tuple[list[Finding], set[int]]:
    """The findings of rules of severity `error`, and the numbers of their lines."""
    fatal = [one for one in findings if one.offenders and one.severity == "error"]
    return fatal, {number for finding in fatal for number in finding.lines}


def _at(numbers: set[int], lines: Sequence[bytes]) -> list[bytes]:
    return [line for number, line in enumerate(lines) if number in numbers]


def _keep(landing: LandingStore, lines: Iterable[bytes]) -> str:
    """Keep lines in quarantine; the key of the object."""
    content = pack(lines)
    landing.keep(key := quarantine_key(content), content)
    return key


def _names(findings: Sequence[Finding]) -> str | None:
    return ", ".join(finding.rule for finding in findings) or None


def refuse_loaded(session: Session, key: str) -> None:
    """Raise `QuarantineRefused` where a batch holds a page or a revision of it: it stays so."""
    if session.query(
        """select b.batch_id from ops.batches b
           cross join (
               select %(key)s as loaded_key
               union all
               select revision_key from ops.quarantine where object_key = %(key)s
           ) keys
           where b.layer = 'bronze' and array_contains(keys.loaded_key::variant, b.object_keys)""",
        {"key": key},
    ):
        raise QuarantineRefused(
            f"{key} is loaded already, a release changes nothing:"
            " ./pipeline quarantine lists what waits"
        )


def release_page(
    landing: LandingStore, warehouse: Warehouse, key: str, by: str | None = None
) -> Release:
    """Set a landed page's offending lines aside, so that the rest can be loaded.

    The offending lines are those that break a rule of severity `error`, and those that COPY
    refused in earlier runs.

    Args:
        landing: Where the page stands.
        warehouse: Where the release is written down; the next run acts on it.
        key: The page's own key, as the failed run named it.
        by: Who releases it; see `Act`.

    Raises:
        LandingRefused: No page stands there.
        QuarantineRefused: The page is loaded already.
        QualityFailed: None of its lines breaks a rule or was refused; nothing has to be released.
    """
    if landing.find(key, GENESIS) is None:
        raise LandingRefused(f"{key} does not exist: KEY is the object that the failed run named")
    lines = unpack(landing.read(key), key)
    fatal, offending = _offending(check_lines(lines, LINE_RULES))
    with warehouse.session() as session:
        refuse_loaded(session, key)
        refused = _refused_lines(landing, session, key)
    offending |= {number for number, line in enumerate(lines) if line in refused}
    if not offending:
        raise QualityFailed(f"{key}: no line breaks a rule, nothing has to be released")
    aside = _at(offending, lines)
    kept = pack(line for number, line in enumerate(lines) if number not in offending)
    release = Release(
        object_key=key,
        quarantine_key=_keep(landing, aside),
        revision_key=_keep_revision(landing, key, kept),
        line_count=len(lines),
        kept_count=len(lines) - len(offending),
    )
    network = network_of_key(key)
    reason = "released: " + "; ".join([*map(str, fatal), *refused.values()])
    with (
        warehouse.session() as session,
        session.transaction(is_committed=lambda: _is_released(warehouse, release)),
    ):
        row = Aside(network=network, reason=reason, rule=_names(fatal), **asdict(release))
        set_aside(session, row, run_id="release")
        record_act(session, Act(network, "release", release.quarantine_key, key, by=by), aside)
    return release


def _is_released(warehouse: Warehouse, release: Release) -> bool:
    with warehouse.session() as session:
        return releases(session, [release.object_key]).get(release.object_key) == release


def _keep_revision(landing: LandingStore, key: str, kept: bytes) -> str:
    """Keep lines under the first revision key that is free, or already holds these very lines."""
    number = 1
    while True:
        try:
            landing.keep(revision_key(key, number), kept)
        except LandingCorrupt:
            number += 1
        else:
            return revision_key(key, number)
