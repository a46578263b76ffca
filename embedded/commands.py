"""``make sql`` and ``make reset`` on the embedded state."""

import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from embedded import world
from embedded.children import Children, free_port
from embedded.errors import CommandFailed
from embedded.state import ROOT, StateFolder, current_state, networks
from services.adapters.snowflake import Warehouse
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
    with _warehouse(environment) as warehouse, warehouse.session() as session:
        show[form](session.query(query))
    return 0


def reset(environment: Mapping[str, str]) -> int:
    """Delete the state of NETWORK, or of all networks, after asking."""
    network = environment.get("NETWORK")
    if not ROOT.exists():
        print("nothing to reset")
        return 0
    states = [current_state(name) for name in ([network] if network else networks())]
    doomed = [state.path for state in states] if network else [ROOT]
    if any(state.is_locked() for state in states):
        raise CommandFailed("a make run is working here: stop it first")
    if environment.get("YES") != "1" and not _confirmed(doomed, states):
        print("nothing was deleted")
        return 1
    for path in doomed:
        shutil.rmtree(path)
    print(f"deleted {', '.join(map(str, doomed))}; the next make run starts over")
    return 0


@contextmanager
def _warehouse(environment: Mapping[str, str]) -> Generator[Warehouse]:
    """The warehouse of a running `make run`, or one started for this command."""
    state = current_state(environment.get("NETWORK"))
    if state.is_locked():
        yield _warehouse_at(state, state.running_ports().get("snowflake", 0))
        return
    port = free_port()
    with (
        state.lock(),
        Children(state.path / "logs", world.foreign_free(environment)) as children,
    ):
        # No S3 beside it: what is asked here reads tables, not the stage.
        children.wait_ready(children.start(world.snowflake(state, port, aws={})))
        yield _warehouse_at(state, port)


def _warehouse_at(state: StateFolder, port: int) -> Warehouse:
    if not port:
        raise CommandFailed(f"a make run is starting in {state.path}: try again in a moment")
    return open_warehouse(read_snowflake(world.warehouse_environment(state, port)))


def _confirmed(doomed: list[Path], states: list[StateFolder]) -> bool:
    held = ", ".join(state.network for state in states) or "nothing"
    print(
        f"This deletes {', '.join(map(str, doomed))} (networks: {held}): all objects, tables, runs."
    )
    try:
        return input("Type yes to go on: ").strip() == "yes"
    except EOFError:
        return False
