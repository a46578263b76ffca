"""Keepers of a ledger's state: the node that keeps the file, or one that follows it."""

from typing import Protocol

from msgspec import structs

from mocks.canton_scan.clock import ClockSetting
from mocks.canton_scan.state import State, StateFile, StateRefused


class Keeper(Protocol):
    """Holds a ledger's state for the nodes that serve it."""

    def state(self) -> State:
        """The state as it is now."""
        ...

    def show(self, count: int) -> int:
        """Count updates as shown; how many have been, which never goes down."""
        ...

    def set_clock(self, clock: ClockSetting) -> None:
        """Let the ledger go by another clock.

        Raises:
            StateRefused: This node may not.
        """
        ...


class MemoryKeeper:
    """Keeps a state in memory alone."""

    def __init__(self, state: State) -> None:
        self._state = state

    def state(self) -> State:
        """See `Keeper.state`."""
        return self._state

    def show(self, count: int) -> int:
        """See `Keeper.show`."""
        if count > self._state.count:
            self.replace(structs.replace(self._state, count=count))
        return self._state.count

    def set_clock(self, clock: ClockSetting) -> None:
        """See `Keeper.set_clock`."""
        self.replace(structs.replace(self._state, clock=clock))

    def replace(self, state: State) -> None:
        """Hold this state from now on."""
        self._state = state


class Owned(MemoryKeeper):
    """The state of the node that keeps the file: written whenever it changes."""

    def __init__(self, file: StateFile, state: State) -> None:
        super().__init__(state)
        self._file = file

    def replace(self, state: State) -> None:
        """Write the state, then hold it."""
        self._file.write(state)
        super().replace(state)


class Followed:
    """The state of a node that serves what another one keeps: read again whenever it changed."""

    def __init__(self, file: StateFile, seed: str | None) -> None:
        self._file = file
        self._seed = seed
        self._count = 1
        self._stamp = file.stamp()
        self._state = self._read()
        self._seed = self._state.seed

    def state(self) -> State:
        """See `Keeper.state`."""
        stamp = self._file.stamp()
        if stamp != self._stamp:
            before, self._stamp, self._state = self._state, stamp, self._read()
            if before.stretches[0] != self._state.stretches[0]:  # it began anew
                self._count = 1
        return self._state

    def show(self, count: int) -> int:
        """See `Keeper.show`; in memory alone."""
        self._count = max(self._count, count)
        return self._count

    def set_clock(self, _: ClockSetting) -> None:
        """See `Keeper.set_clock`."""
        raise StateRefused("this node follows another one: steer the clock of that")

    def _read(self) -> State:
        state = self._file.read(self._seed)
        if state is None:
            raise StateRefused(f"{self._file.path} is not there: start the node that keeps it")
        return state
