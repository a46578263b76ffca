"""The lines of several services, as they came after each other."""

from local.stack.compose import in_order

SAID = [
    "deploy-1          | 2026-11-21T17:40:05.966218586Z done",
    "prefect-server-1  | 2026-11-21T17:40:04.780004123Z ready | at last",
    "deploy-1          | 2026-11-21T17:40:04.780003195Z ",
    "what Compose says of itself",
]


def test_lines_stand_in_the_order_of_their_times():
    assert in_order(SAID) == [
        "deploy-1 | 17:40:04",
        "prefect-server-1 | 17:40:04 ready | at last",
        "deploy-1 | 17:40:05 done",
    ]
