import pytest

from local.stack.compose import health_of, is_well

SERVICE, JOB = {"restart": "unless-stopped"}, {"restart": "no"}


def container(state="running", code=0, health=""):
    return {"State": state, "ExitCode": code, "Health": health}


@pytest.mark.parametrize(
    ("found", "declared", "word", "well"),
    [
        (container(health="healthy"), SERVICE, "healthy", True),
        (container(health="starting"), SERVICE, "starting", False),
        (container(health="unhealthy"), SERVICE, "unhealthy", False),
        (container(), SERVICE, "running", True),
        (container("restarting", 1), SERVICE, "restarting", False),
        (container("paused", health="healthy"), SERVICE, "paused", False),
        (container("exited"), JOB, "done", True),
        (container("exited"), SERVICE, "exited (0)", False),
        (container("exited", 1), JOB, "exited (1)", False),
        (None, SERVICE, "missing", False),
    ],
)
def test_a_service_is_well_or_says_in_a_word_how_it_is(found, declared, word, well):
    assert (health_of(found, declared), is_well(word)) == (word, well)
