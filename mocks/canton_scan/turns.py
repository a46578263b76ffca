"""Contracts that their owners renew: whose turn it is, and where the version before was made.

Each owner comes up once in a cycle, in another order each time. So the newest version of anybody's
contract is found in the last few cycles, however long the history is.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from mocks.canton_scan.draws import Seed
from mocks.canton_scan.mix import Mix
from mocks.canton_scan.plan import Quiet

LICENSES = frozenset({Quiet.LIVENESS_RECORDED, Quiet.ACTIVITY_REPORTED, Quiet.LICENSE_UPDATED})
NODES = frozenset({Quiet.NODE_CONFIGURED})
REPORTS = frozenset({Quiet.STATUS_REPORTED})


class Turns:
    """Turns of the owners of one kind of contract, among the updates of some kinds.

    Args:
        seed: Determines the order in each cycle.
        owners: Each has one contract.
        kinds: Kinds of updates that renew it.
        mix: Has the places of updates of these kinds.
        is_taken: True if a mining round has taken the place of the update at an index.
    """

    def __init__(
        self,
        seed: Seed,
        owners: Sequence[str],
        kinds: frozenset[Quiet],
        mix: Mix,
        is_taken: Callable[[int], bool],
    ) -> None:
        self.owners = owners
        self.kinds = kinds
        self._mix = mix
        self._is_taken = is_taken
        self._name = min(kind.name for kind in kinds)
        self._seed = seed
        self._cycle = lru_cache(maxsize=16)(self._drawn)

    def owner(self, index: int) -> str:
        """The party that the update at ``index`` belongs to."""
        cycle, place = divmod(self._mix.count(self.kinds, index), len(self.owners))
        return self._cycle(cycle)[place]

    def newest(self, owner: str, end: int) -> int | None:
        """The index of an owner's last turn before the update at ``end``; None: it had none."""
        return next((one for one in self._turns(owner, end) if not self._is_taken(one)), None)

    def _turns(self, owner: str, end: int) -> Iterator[int]:
        count = self._mix.count(self.kinds, end)
        for cycle in range(count // len(self.owners), -1, -1):
            number = cycle * len(self.owners) + self._cycle(cycle).index(owner)
            if number < count:
                yield self._mix.nth(self.kinds, number)

    def _drawn(self, cycle: int) -> list[str]:
        owners = list(self.owners)
        self._seed.draws(f"turns {self._name} {cycle}").shuffle(owners)
        return owners
