"""The layers that a save affects, and the order to the runner that follows.

It follows from the imports: a file that bronze's flow reaches can change bronze, one that only
gold's reaches can't. SQL belongs to the layer whose folder it is in.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from services.catalog import LAYERS

PACKAGES = ("flows", "services")
_SQL = ("services", "sql")


class Reach:
    """Knows a working tree's imports; a file that can't be read keeps those that it had."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._imports: dict[str, set[str]] = {}
        self.read()

    def read(self) -> None:
        for package in PACKAGES:
            for file in (self._root / package).rglob("*.py"):
                try:
                    self._imports[_module(file.relative_to(self._root))] = set(_imports(file))
                except (SyntaxError, ValueError, FileNotFoundError):
                    continue

    def first_layer(self, file: Path) -> str | None:
        """The first layer to run again for a path in the tree; None where none has to."""
        parts = file.parts
        if parts[:2] == _SQL:
            return parts[2] if parts[2] in LAYERS else LAYERS[0]
        if file.suffix != ".py":
            return None
        module = _module(file)
        for layer in LAYERS:
            if module in self._reached(f"flows.{layer}_transactions"):
                return layer
        return None

    def _reached(self, start: str) -> set[str]:
        found, waiting = {start}, [start]
        while waiting:
            for name in self._imports.get(waiting.pop(), set()) - found:
                found.add(name)
                waiting.append(name)
        return found


def _module(file: Path) -> str:
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


def _imports(file: Path) -> Iterator[str]:
    """Every module of ours that a file names, with the packages around it."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.partition(".")[0] in PACKAGES:
                yield name
                yield name.rpartition(".")[0]


# Tables and functions of the warehouse are made from these.
_SCHEMA = ("services/sql/migrations", "services/movements.py", "services/coin_contracts.py")


@dataclass(frozen=True)
class Order:
    """Run the layers from `first` on, with these parameters of gold's flow.

    `is_renewed`: tables or the movement rules may have changed.
    """

    first: str
    is_renewed: bool = False
    gold: Mapping[str, Any] = field(default_factory=dict)


def order_for(files: Iterable[Path], reach: Reach) -> Order | None:
    """Return the order for these files (paths in the working tree); None if no layer runs them."""
    saved = list(files)
    layers = {layer for file in saved if (layer := reach.first_layer(file))}
    if not layers:
        return None
    is_renewed = any(str(file).startswith(_SCHEMA) for file in saved)
    return Order(min(layers, key=LAYERS.index), is_renewed)


def joined(left: Order | None, new: Order) -> Order:
    if left is None:
        return new
    first = min(left.first, new.first, key=LAYERS.index)
    return replace(new, first=first, is_renewed=left.is_renewed or new.is_renewed)
