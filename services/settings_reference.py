"""The reference of all settings, generated from the settings classes by `./pipeline docs`.

It is written to docs/reference/settings.md and .env.example.
"""

from collections.abc import Iterator

from pydantic.fields import FieldInfo

from services.settings import SECTIONS, Section

_CONFIGURATION = """\
# Settings

<!-- Written by `./pipeline docs`; a test compares the two. -->

Settings are read from the environment, once, and nowhere else. An empty value counts as none. A
name that begins like a setting and is none (`CANTON_BASE_ULR`) is an error, so that nothing
misspelt goes unnoticed. `make run` gives what it starts all of them, and takes those that begin
with `CANTON_` from you.

Of several Scans in `CANTON_BASE_URL` the first is read as long as it answers; where one fails, the
next goes on from the same position, because `/v2/updates` is the same bytes on all of them. While
every one refuses with 429, the run waits, three minutes at most for a page, and says so. A node
may lag: at the end of the history each of the others is asked for the last page too, one request
each a run, and the longest is taken. A node of another network ends the run with an explanation.

S3 and Prefect have variables of their own: boto3's `AWS_…` (`AWS_ENDPOINT_URL_S3` for any S3 but
Amazon's) and `PREFECT_…`.
"""

_EXAMPLE = """\
# Every setting, with its default. An empty value counts as none. A flow run by hand reads them from
# the environment: copy this file to .env, fill in what you need, then
# `set -a; . ./offline.env; . ./.env; set +a`. The first file keeps Prefect from reporting its use.
# Written by `./pipeline docs`.
"""


def configuration() -> str:
    """The settings as a Markdown page, a table a section."""
    return "\n".join([_CONFIGURATION, *map("\n".join, _tables())])


def environment_example() -> str:
    """The settings as an env file, all of them empty."""
    return "\n".join([_EXAMPLE, *map("\n".join, _groups())])


def _tables() -> Iterator[list[str]]:
    for section, model in SECTIONS.items():
        yield [
            f"## {_title(model)}",
            "",
            "| Setting | Required | Default | Meaning |",
            "|---|---|---|---|",
            *(
                f"| `{name}` | {_mark(field)} | {_code(_default(field))} | {field.description} |"
                for name, field in _fields(section, model)
            ),
            "",
        ]


def _groups() -> Iterator[list[str]]:
    for section, model in SECTIONS.items():
        lines = [f"# --- {_title(model)} ---", ""]
        for name, field in _fields(section, model):
            lines += [f"# {field.description}{_note(field)}", f"{name}=", ""]
        yield lines


def _fields(section: str, model: type[Section]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        yield f"{section}_{name}".upper(), field


def _title(model: type[Section]) -> str:
    return (model.__doc__ or "").partition(".")[0]


def _mark(field: FieldInfo) -> str:
    return "yes" if field.is_required() else ""


def _default(field: FieldInfo) -> str:
    return "" if field.is_required() or field.default is None else str(field.default)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _note(field: FieldInfo) -> str:
    if field.is_required():
        return " Required."
    default = _default(field)
    return f" Default: {default}." if default else ""
