"""``make sql``, ``make release``, ``make verify`` and ``make reset`` on the embedded state."""

import sys
from collections.abc import Mapping

from embedded import world
from embedded.attach import attach
from embedded.children import ChildSpec
from embedded.errors import CommandFailed
from embedded.state import current_state, networks, state_root
from services.tables import print_json, print_table
from verification.report import told
from verification.truth import over_http
from verification.verify import verify as hold_against_truth


def sql(environment: Mapping[str, str]) -> int:
    """Run Q on the warehouse of the last network (or NETWORK), and print its rows."""
    query = environment.get("Q", "")
    if not query.strip():
        raise CommandFailed('which query? make sql Q="select * from ops.batches"')
    show = {"": print_table, "table": print_table, "json": print_json}
    form = environment.get("FORMAT", "")
    if form not in show:
        raise CommandFailed(f"FORMAT={form} is neither table nor json")
    with attach(environment, ["snowflake"]) as found:
        # Not on standard output: there, rows are all there is.
        print(f"warehouse of {found.state.network}", file=sys.stderr)
        with found.warehouse().session() as session:
            show[form](session.query(query))
    return 0


def release(environment: Mapping[str, str]) -> int:
    """Set the offending lines of the page at KEY aside; the next run loads the rest."""
    key = environment.get("KEY", "")
    if not key:
        raise CommandFailed("which page? make release KEY=canton/…, as the failed run named it")
    with attach(environment, ["snowflake", "s3"]) as found:
        settings = world.pipeline_environment(found.state, found.ports)
        job = ChildSpec("release", "services", ("release", key), env=settings, is_visible=True)
        return found.children.start(job).process.wait()


def verify(environment: Mapping[str, str]) -> int:
    """Hold bronze, silver and gold against the mock's truth; 1 where something differs."""
    with attach(environment, ["snowflake", "scan"]) as found:
        ask = over_http(found.ports.url("scan"))
        verdict = hold_against_truth(found.warehouse(), found.state.network, ask)
    print("\n".join(told(verdict)))
    return 0 if verdict.holds else 1


def reset(environment: Mapping[str, str]) -> int:
    """Delete the state of NETWORK, or of all networks, after asking."""
    network = environment.get("NETWORK")
    root = state_root(environment)
    states = [current_state(name, root) for name in ([network] if network else networks(root))]
    if not states:
        print("nothing to reset")
        return 0
    doomed = ", ".join(str(state.path) for state in states)
    if environment.get("YES") != "1" and not _confirmed(doomed):
        print("nothing was deleted")
        return 1
    for state in states:
        state.delete()
    print(f"deleted {doomed}; the next make run starts over")
    return 0


def _confirmed(doomed: str) -> bool:
    print(f"This deletes {doomed}: objects, tables, runs.")
    try:
        return input("Type yes to go on: ").strip() == "yes"
    except (EOFError, KeyboardInterrupt):
        print()
        return False
