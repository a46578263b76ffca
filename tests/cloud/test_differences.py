"""Checks that differences are named by path, and items of lists by their names."""

import pytest

from cloud.plan.changes import Change, Field, changes, differing

ENVIRONMENT = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]


def test_things_are_added_changed_and_removed_by_name():
    before = {"old": {"x": 1}, "both": {"x": 1, "y": 2}, "same": {"x": 1}}
    after = {"new": {"x": 2}, "both": {"x": 1, "y": 3}, "same": {"x": 1}}
    assert changes(before, after) == [
        Change("added", "new", (Field("x", None, 2),)),
        Change("changed", "both", (Field("y", 2, 3),)),
        Change("removed", "old", (Field("x", 1, None),)),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            ENVIRONMENT,
            [{"name": "0", "value": "0"}, *ENVIRONMENT],
            [Field("env.0.value", None, "0")],
            id="one-more-in-front",
        ),
        pytest.param(
            ENVIRONMENT,
            [{"name": "A", "value": "9"}, ENVIRONMENT[1]],
            [Field("env.A.value", "1", "9")],
            id="one-changed",
        ),
        pytest.param([], ENVIRONMENT[:1], [Field("env.A.value", None, "1")], id="the-first"),
        pytest.param([1, 2], [2, 1], [Field("env", [1, 2], [2, 1])], id="without-names"),
        pytest.param(
            [{"name": "A"}, {"name": "A", "x": 1}],
            [{"name": "A"}],
            [
                Field("env", [{"name": "A"}, {"name": "A", "x": 1}], [{"name": "A"}]),
            ],
            id="a-name-twice",
        ),
        pytest.param({"a": {}}, {"a": {"b": {"c": 1}}}, [Field("env.a.b.c", None, 1)], id="deep"),
        pytest.param({"a": None}, {}, [], id="nothing-is-nothing"),
    ],
)
def test_fields_are_compared(before, after, expected):
    assert list(differing({"env": before}, {"env": after})) == expected
