"""Memory of the processes that run the embedded place, by the program that each runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

LOOK_SECONDS = 0.5
_LEASH = "local.embedded.leash"
_NAMES = {"uvicorn": "prefect", "canton_scan": "scan"}


def memory_by_program() -> dict[str, float]:
    """Resident bytes of each child on a leash (`local.embedded.leash`) below this process."""
    found: dict[str, float] = {}
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has just ended
            words = process.cmdline()
            if _LEASH in words:
                name = _name(words[words.index(_LEASH) + 1])
                found[name] = found.get(name, 0) + process.memory_info().rss
    return found


def _name(program: str) -> str:
    """The name that its folder or log has: `mocks.s3` is s3, `flows/pipeline.py` is pipeline."""
    name = program.removesuffix(".py").rpartition("/")[2].rpartition(".")[2]
    return _NAMES.get(name, name)


@contextmanager
def most_memory() -> Iterator[dict[str, float]]:
    """The most that each program has while this lasts."""
    found: dict[str, float] = {}
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(LOOK_SECONDS):
            for name, used in memory_by_program().items():
                found[name] = max(used, found.get(name, 0))

    watcher = threading.Thread(target=look, name="memory")
    watcher.start()
    try:
        yield found
    finally:
        is_over.set()
        watcher.join()
