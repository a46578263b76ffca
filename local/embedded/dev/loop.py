"""``make dev``: services that stay up, and a run at each save."""

import socket
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from local.console.chosen_flow import read_parameters
from local.console.errors import CommandFailed
from local.console.retention import days_to_keep
from local.console.steering import freeze_clock
from local.embedded import world
from local.embedded.children import Children, ChildSpec
from local.embedded.dev.changes import Gold, change_lines, compare, read_gold
from local.embedded.dev.reach import PACKAGES, Order, Reach, joined, order_for
from local.embedded.dev.rerun import renew
from local.embedded.dev.saves import POLL_SECONDS, Save, Saves
from local.embedded.run import Run, addresses, prepare, start_data_services, start_home
from local.embedded.state import dev_root
from services.adapters.snowflake import Warehouse
from services.catalog import LAYERS, layers_from
from services.errors import WarehouseRefused
from services.parameters import DEFAULT_USD_RATE

HISTORY = "2000"  # updates: enough for each kind of movement, and little to wait for
# As in `local.embedded.dev.warm`, which loads what nobody needs here.
FINISHED, STOP = "finished", "stop"


@dataclass(frozen=True)
class Loop:
    """The parts of the `make dev` loop: services, the runner's connection, the watched files."""

    children: Children
    warehouse: Warehouse
    runner: Connection
    saves: Saves
    reach: Reach


def dev(environment: Mapping[str, str]) -> int:
    try:
        _serve(prepare(_own(environment)), environment)
    except KeyboardInterrupt:
        print("\nstopped; the state of make dev stays, until make reset")
    return 130


def _serve(this: Run, environment: Mapping[str, str]) -> None:
    # Gold's age means nothing where the ledger stands still.
    gold = {"usd_rate": str(DEFAULT_USD_RATE), **read_parameters(environment), "max_age_minutes": 0}
    with this.state.lock(), Children(this.state.path / "logs", this.environment) as children:
        began = time.monotonic()
        print(f"state in {this.state.path}; starting…", flush=True)
        server = world.prefect(this.state, this.ports, days_to_keep(this.environment))
        prefect = children.start(server)
        with _runner(this, children) as runner:
            warehouse = start_data_services(this, children, renew)
            freeze_clock(this.ports.url("scan"))
            children.wait_ready(prefect)
            start_home(this, children)
            runner.send("begin")
            print(addresses(this, time.monotonic() - began), flush=True)
            saves, reach = Saves([Path(name) for name in PACKAGES]), Reach(Path())
            with this.state.running(asdict(this.ports)):
                loop = Loop(children, warehouse, runner, saves, reach)
                _try_all(loop, Order(LAYERS[0], gold=gold))


def _own(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with a state of its own, and always the mocked Scan."""
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith("CANTON_") and name != "REPLAY"
    }
    return {"HISTORY": HISTORY, **kept, "STATE": str(dev_root(environment))}


@contextmanager
def _runner(this: Run, children: Children) -> Generator[Connection]:
    # Nothing here speaks TLS, and an empty folder is read in no time; certifi's list isn't.
    certificates = (this.state.path / "certificates").absolute()
    certificates.mkdir(exist_ok=True)
    ours, theirs = socket.socketpair()
    with theirs:
        number = theirs.fileno()
        children.start(
            ChildSpec(
                "runner",
                "local.embedded.dev.warm",
                (str(number),),
                env={"SSL_CERT_FILE": "", "SSL_CERT_DIR": str(certificates)},
                is_visible=True,
                descriptors=(number,),
            )
        )
    with Connection(ours.detach()) as runner:
        yield runner


def _try_all(loop: Loop, everything: Order) -> None:
    """Run all layers, then those that each save affects; a failed order joins the next save's."""
    order, save, gold = everything, Save(frozenset(), time.time()), None
    while True:
        reason = f"{_names(save.files)} saved: " if save.files else ""
        layers = " → ".join(layers_from(order.first))
        print(f"{time.strftime('%H:%M:%S')} | {reason}{layers}", flush=True)
        found, interrupting = _try(loop, order)
        if found is not None:
            _show(gold, found, save)
            gold = found
        loop.reach.read()
        save = interrupting or _wait(loop)
        touched = order_for(save.files, loop.reach) or everything  # if its imports went meanwhile
        left = order if found is None else None
        order = joined(left, replace(touched, gold=everything.gold))


def _try(loop: Loop, order: Order) -> tuple[Gold | None, Save | None]:
    """Gold after a run, None if it failed; and the save that stopped it, if one did."""
    loop.runner.send(order)
    with loop.warehouse.session() as session:  # logs in meanwhile
        outcome, save = _outcome(loop)
        try:
            return read_gold(session) if outcome == FINISHED else None, save
        except WarehouseRefused as error:  # a migration that was saved has made another gold
            print(f"error: {error}", flush=True)
            return None, save


def _outcome(loop: Loop) -> tuple[str, Save | None]:
    try:
        while not loop.runner.poll(POLL_SECONDS):
            if save := _newest(loop):
                loop.runner.send(STOP)
                return loop.runner.recv(), save
        return loop.runner.recv(), None
    except (EOFError, ConnectionError) as error:
        raise CommandFailed(
            "the process that runs the flows is gone: start make dev again"
        ) from error


def _wait(loop: Loop) -> Save:
    print("waiting for the next save\n", flush=True)
    while not (save := _newest(loop)):
        time.sleep(POLL_SECONDS)
    return save


def _newest(loop: Loop) -> Save | None:
    """Return the newest save if a layer runs any of its files; None otherwise."""
    loop.children.check()
    save = loop.saves.newest()
    if save is None or order_for(save.files, loop.reach):
        return save
    print(f"{_names(save.files)}: no layer runs any of it", flush=True)
    return None


def _show(before: Gold | None, after: Gold, save: Save) -> None:
    counts = (f"{len(rows):,} rows in {table}" for table, rows in after.items())
    print(*(change_lines(compare(before, after)) if before else counts), sep="\n")
    since = "the save" if save.files else "the start"
    print(f"{time.time() - save.at:.1f} s after {since}", flush=True)


def _names(files: Iterable[Path]) -> str:
    return ", ".join(sorted(map(str, files)))
