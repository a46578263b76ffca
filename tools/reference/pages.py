"""Every generated page, by its path."""

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
        ".env.example": environment_example(),
        str(tour.PAGE): tour.page(),
    }


def problems() -> list[str]:
    return [*mock_api.problems(), *tour.problems()]
