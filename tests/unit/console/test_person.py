"""Checks of who is recorded for an act."""

import os
import platform

import pytest

from local.console.person import user_at_host


def without_name():
    raise KeyError("getpwuid(): uid not found: 54321")


@pytest.mark.parametrize(
    ("name", "user"), [(lambda: "ada", "ada"), (without_name, str(os.getuid()))]
)
def test_a_person_is_the_user_at_this_machine_or_its_number(name, user):
    assert user_at_host(name) == f"{user}@{platform.node()}"
