"""Checks of how commands read their arguments and refuse what they can't do."""

import pytest

from cloud.choices import selected_settings
from local.console.errors import CommandFailed


def test_an_environment_is_chosen_by_its_name():
    assert selected_settings("plan", {"ENV": "prod"}).stack_name == "prod"


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "./pipeline plan --env prod"),
        ({"ENV": ""}, "there are: dev, prod"),
        ({"ENV": "production"}, "ENV=production: expected one of dev, prod"),
        ({"ENV": "stack"}, "on this machine: make up deploys it"),
        ({"ENV": "embedded"}, "on this machine: make run deploys it"),
    ],
)
def test_another_is_refused_with_what_there_is(environment, told):
    with pytest.raises(CommandFailed, match=told):
        selected_settings("plan", environment)
