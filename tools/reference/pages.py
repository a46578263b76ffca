"""Every generated page, by its path."""

from local.stack.choices import FLOW_LIMITS
from local.verbs import OPTIONS
from services.settings_reference import configuration, environment_example
from tools.reference import coverage, mock_api, ports, tour, verbs

_NOTE = "<!-- Written by `./pipeline docs`; a test compares the two. -->"


def pages() -> dict[str, str]:
    written = {
        "verbs": verbs.page(),
        "ports": ports.page(),
        "mock-api": mock_api.page(),
        "emulator-coverage": coverage.page(),
    }
    return {
        **{
            # the note stands under the title
            f"docs/reference/{name}.md": text.replace("\n", f"\n\n{_NOTE}\n", 1)
            for name, text in written.items()
        },
        "docs/reference/settings.md": configuration(),
        ".env.example": f"{environment_example()}\n{_limits()}",
        str(tour.PAGE): tour.page(),
    }


def _limits() -> str:
    """The limits of a flow run on the stack, as part of an env file."""
    lines = ["# --- The stack's flow runs: `make up` reads these from .env ---", ""]
    for name in FLOW_LIMITS:
        meaning, _, _ = OPTIONS[name].description.partition(";")
        lines += [f"# {meaning.capitalize()}.", f"{name}=", ""]
    return "\n".join(lines)


def problems() -> list[str]:
    return [*mock_api.problems(), *tour.problems()]
