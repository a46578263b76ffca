"""Checks that the page of what the emulators cover tells what this server answers."""

import pytest

from tests.contract.snowflake.parity import measured, part_of_page
from tests.contract.snowflake.server import LocalSnowflake
from tools.reference.coverage import MEASURED, PAGE


@pytest.mark.timeout(300)
def test_the_page_is_what_the_server_answers_and_nothing_is_wrong(
    local_snowflake: LocalSnowflake,
) -> None:
    areas = measured(local_snowflake.connect)

    assert {area: found["wrong"] for area, found in areas.items() if found["wrong"]} == {}
    assert MEASURED.findall(PAGE.read_text()) == [part_of_page(areas)], (
        "python -m tests.contract.snowflake.parity writes it again"
    )
