"""Checks that a place is read for as long as somebody looks, and no longer."""

import asyncio
import sys

from local.home.readings import Reading
from local.home.watch import Watch

READER = """
import sys
from local.home.readings import Reading, to_line
print(to_line("scan", Reading({"number": 0})), flush=True)
for number, _ in enumerate(sys.stdin, 1):
    print(to_line("scan", Reading({"number": number})), flush=True)
"""


def watching(program, idle_seconds=30.0):
    return Watch([sys.executable, "-c", program], ["scan", "slack"], idle_seconds)


async def until(holds):
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110 -- the condition is the page's, which is asked
            await asyncio.sleep(0.02)


def test_nothing_is_read_before_somebody_looks():
    async def story():
        watch = watching(READER)
        assert not watch.is_reading
        await watch.close()

    asyncio.run(story())


def test_a_look_starts_the_reader_and_knows_what_it_read():
    async def story():
        watch = watching(READER)
        first = await watch.look()
        assert first["scan"].is_pending

        async def is_read():
            return not (await watch.look())["scan"].is_pending

        await until(is_read)
        assert (await watch.look())["scan"] == Reading({"number": 0})
        await watch.renew("scan")
        assert (await watch.look())["scan"] == Reading({"number": 1})
        await watch.close()
        assert not watch.is_reading

    asyncio.run(story())


def test_the_reader_ends_when_nobody_looks_any_more():
    async def story():
        watch = watching(READER, idle_seconds=0.5)
        await watch.look()

        async def is_over():
            return not watch.is_reading

        async def is_reading():
            return watch.is_reading

        await until(is_reading)
        await until(is_over)
        assert (await watch.look())["scan"].is_pending, "old news is forgotten"
        await watch.close()

    asyncio.run(story())


def test_a_reader_that_ends_by_itself_is_told():
    async def story():
        watch = watching("raise SystemExit(3)")

        async def is_told():
            return (await watch.look())["slack"].problem

        await until(is_told)
        assert (await watch.look())["scan"].problem == (
            "the reader ended with code 3; its log says why"
        )
        await watch.close()

    asyncio.run(story())
