"""``make sql``, ``make release`` and ``make reset`` on the embedded state."""

import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from http import HTTPStatus

import httpx

from embedded import world
from embedded.children import Children, ChildSpec
from embedded.errors import CommandFailed
from embedded.state import StateFolder, current_state, networks, state_root
from embedded.world import Ports
from services.adapters.tls import trusted
from services.settings import read_snowflake
from services.tables import print_json, print_table
from services.wiring import open_warehouse


def sql(environment: Mapping[str, str]) -> int:
    """Run Q on the warehouse of the last network (or NETWORK), and print its rows."""
    query = environment.get("Q", "")
    if not query.strip():
        raise CommandFailed('which query? make sql Q="select * from ops.batches"')
    show = {"": print_table, "table": print_table, "json": print_json}
    form = environment.get("FORMAT", "")
    if form not in show:
        raise CommandFailed(f"FORMAT={form} is neither table nor json")
    with _warehouse(environment) as (state, ports, _):
        settings = read_snowflake(world.warehouse_environment(state, ports.snowflake))
        # Not on standard output: there, rows are all there is.
        print(f"warehouse of {state.network}", file=sys.stderr)
        with open_warehouse(settings).session() as session:
            show[form](session.query(query))
    return 0


def release(environment: Mapping[str, str]) -> int:
    """Set the offending lines of the page at KEY aside; the next run loads the rest."""
    key = environment.get("KEY", "")
    if not key:
        raise CommandFailed("which page? make release KEY=canton/…, as the failed run named it")
    with _warehouse(environment, with_s3=True) as (state, ports, children):
        settings = world.pipeline_environment(state, ports)
        job = ChildSpec("release", "services", ("release", key), env=settings, is_visible=True)
        return children.start(job).process.wait()


def faults(environment: Mapping[str, str]) -> int:
    """Let the running Scan mock show PROFILE's faults for TTL seconds; without one, show them."""
    state = current_state(environment.get("NETWORK"), state_root(environment))
    running = state.running_ports() if state.is_locked() else {}
    if not running:
        raise CommandFailed("no make run is working here: faults are for one that is")
    profile, ttl = environment.get("PROFILE"), environment.get("TTL") or "60"
    url = f"{Ports(**running).url('scan')}/_mock/faults"
    with httpx.Client(trust_env=False, verify=trusted()) as scan:
        if profile:
            answer = scan.post(url, json={"profile": profile, "ttl_seconds": _seconds(ttl)})
            if answer.status_code == HTTPStatus.BAD_REQUEST:
                raise CommandFailed(f"PROFILE: {answer.json()['error']}")
        print_table(scan.get(url).raise_for_status().json()["faults"], "faults")
    return 0


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise CommandFailed(f"TTL={text} is no number of seconds") from None


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


@contextmanager
def _warehouse(
    environment: Mapping[str, str], *, with_s3: bool = False
) -> Generator[tuple[StateFolder, Ports, Children]]:
    """The warehouse (and S3) of a running `make run`, or one started for this command."""
    state = current_state(environment.get("NETWORK"), state_root(environment))
    with ExitStack() as stack:
        children = stack.enter_context(
            Children(state.path / "logs", world.foreign_free(environment))
        )
        if state.is_locked():
            if not (running := state.running_ports()):
                raise CommandFailed(
                    f"another command works in {state.path} (a make run that starts, a make sql):"
                    " try again soon"
                )
            yield state, Ports(**running), children
            return
        stack.enter_context(state.lock())
        ports = world.choose_ports({})
        aws = world.aws_environment(ports)
        specs = [world.snowflake(state, ports.snowflake, aws)]
        if with_s3:
            specs.append(world.s3(state, ports))
        children.wait_ready(*[children.start(spec) for spec in specs])
        yield state, ports, children


def _confirmed(doomed: str) -> bool:
    print(f"This deletes {doomed}: objects, tables, runs.")
    try:
        return input("Type yes to go on: ").strip() == "yes"
    except (EOFError, KeyboardInterrupt):
        print()
        return False
