"""The updates of a generated ledger that are about coin, or look like it, as trees of events."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from mocks.canton_scan import wire
from mocks.canton_scan.clock import SECOND
from mocks.canton_scan.eras import Era, seed_of
from mocks.canton_scan.mix import BLOCK
from mocks.canton_scan.network import Network
from mocks.canton_scan.plan import Quiet, Renewal
from mocks.canton_scan.planner import Planner
from mocks.canton_scan.render import render
from mocks.canton_scan.timeline import first_timeline
from mocks.canton_scan.update import update_at

COUNT = 20 * BLOCK
REPORT = "EventLog_HoldingsChange"
_LOOKALIKES = frozenset({Quiet.FOREIGN_COIN, Quiet.FOREIGN_HOLDINGS})

Node = dict[str, Any]


class Tree(NamedTuple):
    """The events of an update by id, the ids of its roots, and the network's DSO party."""

    nodes: dict[str, Node]
    roots: list[str]
    dso: str

    def exercised(self, choice: str, template: str = "") -> list[Node]:
        """The exercises of a choice of splice-amulet, or of a template of it alone."""
        return [
            node
            for node in self.nodes.values()
            if node.get("choice") == choice
            and node["package_name"] == "splice-amulet"
            and template in ("", entity(node))
        ]

    def over(self, choice: str, below: str, template: str = "") -> bool:
        """Tell whether a choice is exercised that has another one below it."""
        inner = self.exercised(below, template)
        return any(one in inner for node in self.exercised(choice) for one in self.below(node))

    def below(self, node: Node) -> Iterator[Node]:
        """The consequences of an event."""
        for event_id in node.get("child_event_ids", []):
            yield self.nodes[event_id]
            yield from self.below(self.nodes[event_id])

    def legs(self) -> list[Node]:
        """The legs of all trades that are settled."""
        trades = self.exercised("SettlementFactory_SettleBatch")
        return [leg for one in trades for leg in one["choice_argument"]["transferLegs"]]

    def is_theirs(self) -> bool:
        """Tell whether coin of the package is another DSO party's."""
        coins = [node["create_arguments"] for node in self.nodes.values() if is_coin(node)]
        return any(coin.get("amulet", coin)["dso"] != self.dso for coin in coins)

    def is_foreign_report(self, *instruments: str, is_of_dso: bool) -> bool:
        """Tell whether somebody else's report, in the standard's own way, is a root."""
        reports = [self.nodes[one] for one in self.roots if self.nodes[one].get("choice") == REPORT]
        told = [node["choice_argument"] for node in reports if node["interface_id"]]
        return any(
            one["admin"] != self.dso
            and one["admin"].startswith("DSO::") is is_of_dso
            and one["transferLegSides"][0]["instrumentId"] in instruments
            for one in told
        )

    def is_other_token(self, choice: str) -> bool:
        """Tell whether the standard's choice is exercised on another token's template."""
        found = [node for node in self.nodes.values() if node.get("choice") == choice]
        return any(node["package_name"] != "splice-amulet" for node in found)


def entity(node: Node) -> str:
    """The name of an event's template."""
    return node["template_id"].rpartition(":")[2]


def interface(node: Node) -> str:
    """The module and name of the interface whose choice this is."""
    return (node.get("interface_id") or "").partition(":")[2]


def is_coin(node: Node) -> bool:
    """Tell whether an event creates a coin of splice-amulet."""
    is_of_package = node["package_name"] == "splice-amulet"
    return is_of_package and "choice" not in node and entity(node) in ("Amulet", "LockedAmulet")


@cache
def emitted(era: Era) -> tuple[list[Tree], list[Tree]]:
    """The updates about coin among the first of a ledger, and those that only look like it."""
    seed = seed_of("emitted", era)
    network = Network(seed, era)
    timeline = first_timeline(seed, COUNT, SECOND, 1_800_000_000 * SECOND)
    planner = Planner(network, timeline)
    of_coin, lookalikes = [], []
    for moment in map(timeline.moment, range(COUNT)):
        plan = planner.plan(moment)
        if isinstance(plan, Quiet | Renewal) and plan not in _LOOKALIKES:
            continue
        generation = None if isinstance(plan, Quiet | Renewal) else plan.generation
        update = json.loads(wire.encode(render(plan, update_at(network, moment, generation))))
        tree = Tree(update["events_by_id"], update["root_event_ids"], network.dso)
        (lookalikes if plan in _LOOKALIKES else of_coin).append(tree)
    return of_coin, lookalikes
