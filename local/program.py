"""`./pipeline VERB …`: the one program, built from `local.verbs`."""

import difflib
import os
import pkgutil
import re
import runpy
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click
import httpx
from botocore.exceptions import BotoCoreError, ClientError

from local.console.ending import end_with_make, stop_on_signals
from local.console.errors import CommandFailed
from local.console.local_settings import forget_accounts
from local.console.variables import (
    is_after_make,
    is_on,
    keep_typed,
    refuse_unknown,
    state_root,
)
from local.verbs import (
    GROUPS,
    ON_OR_OFF,
    SWITCH,
    TEXT,
    VERBS,
    Family,
    Option,
    Verb,
    Work,
    flags,
)
from services.errors import PipelineError

_SILENT = (httpx.HTTPError, subprocess.CalledProcessError, BotoCoreError, ClientError)
_MAKEFILE = Path(__file__).parents[1] / "Makefile"
_HELP = "The pipeline on this machine, and its way to the cloud."
_ENVIRONMENT = "Each option can be an environment variable, too: --usd-rate 0.2 is USD_RATE=0.2."


def main(words: list[str]) -> int:
    """Carry out a verb.

    Returns:
        The exit code: 1 when it failed, 2 when it can't be understood, 130 when it was stopped,
        and 141 when nobody reads on, as after `make status | head`: a shell says the same then.
    """
    try:
        return program().main(words, prog_name="pipeline", standalone_mode=False) or 0
    except click.ClickException as error:
        print(f"error: {error.format_message()}", file=sys.stderr)
        return error.exit_code
    except CommandFailed as error:  # before a place was found
        print(f"error: {error}", file=sys.stderr)
        return 1


def program() -> click.Group:
    made = _Program("pipeline", help=_HELP, epilog=_ENVIRONMENT, no_args_is_help=True)
    for name, verb in VERBS.items():
        made.add_command(_command(name, verb))
    return made


class _Program(click.Group):
    """Verbs under their headings; one that isn't there is answered with the nearest."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for group, verbs in GROUPS.items():
            with formatter.section(group):
                formatter.write_dl([(name, verb.description) for name, verb in verbs.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in VERBS:
            raise click.UsageError(f"there is no {args[0]}: {_hint(args[0])}")
        return super().resolve_command(ctx, args)


def _hint(word: str) -> str:
    """The nearest verb, or target of make, which has some of its own, such as test."""
    targets = re.findall(r"^([a-z][a-z-]*):.*## ", _MAKEFILE.read_text(), re.MULTILINE)
    for close in difflib.get_close_matches(word, [*VERBS, *targets], n=1):
        return f"did you mean {close if close in VERBS else f'make {close}'}?"
    return "./pipeline --help shows all"


def _command(name: str, verb: Verb) -> click.Command:
    def run(**options: Any) -> int:
        words = click.get_current_context().args
        if argument := options.get(verb.argument.lower()):
            words = [argument, *words]
        _refuse_words(name, verb, words)
        return _carry_out(
            name,
            verb,
            {
                key.upper(): str(int(value)) if isinstance(value, bool) else str(value)
                for key, value in options.items()
                if value is not None
            },
        )

    params: list[click.Parameter] = [
        _option(one, verb.option(one)) for one in sorted(verb.names - {verb.argument})
    ]
    paragraphs = [f"{verb.description}."]
    if verb.argument:
        option = verb.option(verb.argument)
        params.append(click.Argument([verb.argument], required=False, type=_kind(option)))
        paragraphs.append(f"{verb.argument}: {option.description.replace('`', '')}.")
    return click.Command(
        name,
        context_settings={"allow_extra_args": True},
        params=params,
        callback=run,
        help="\n\n".join(paragraphs),
        epilog=_ENVIRONMENT,
    )


def _refuse_words(name: str, verb: Verb, words: list[str]) -> None:
    """Refuse `NAME=value`, which make takes, and any word after a verb's argument."""
    for word in words:
        option, is_of_make, value = word.partition("=")
        if is_of_make and option in verb.names:
            is_argument = option == verb.argument
            typed = (
                shlex.quote(value) if is_argument else _typed(option, verb.option(option), value)
            )
            raise click.UsageError(f"{word} is typed after make: here, ./pipeline {name} {typed}")
    for word in words[bool(verb.argument) :]:
        raise click.UsageError(f"{word} is a word too many: ./pipeline {name} --help shows all")


def _typed(name: str, option: Option, value: str) -> str:
    """An option as `./pipeline` takes it."""
    plain, opposite = flags(name)
    if option.kind == TEXT:
        return f"{plain} {shlex.quote(value)}"
    return opposite if value == "0" and option.kind == ON_OR_OFF else plain


def _option(name: str, option: Option) -> click.Option:
    plain, opposite = flags(name)
    description = option.description.replace("`", "")
    if option.kind == SWITCH:
        return click.Option([plain, name], flag_value="1", default=None, help=description)
    if option.kind == ON_OR_OFF:
        return click.Option([f"{plain}/{opposite}", name], default=None, help=description)
    return click.Option([plain, name], type=_kind(option), help=description)


def _kind(option: Option) -> click.Choice[str] | None:
    return click.Choice(list(option.values)) if option.values else None


def _carry_out(name: str, verb: Verb, options: Mapping[str, str]) -> int:
    os.environ.update(options)
    keep_typed(os.environ, options)
    work = verb.at[place_of(verb, os.environ)]
    refuse_unknown(name, work.names, os.environ)
    refuse_value("FORMAT", verb, os.environ)
    environment = dict(os.environ)
    acts_elsewhere = "ENV" in work.names and environment.get("ENV")
    if work.family.leaves_accounts and not acts_elsewhere:
        forget_accounts(os.environ)
    stop_on_signals()
    if is_after_make(environment):
        end_with_make()

    def call() -> int:
        try:
            return _call(work, environment)
        except CommandFailed as error:
            raise CommandFailed(_as_options(str(error), verb, options, environment)) from error

    return ended(work.family, call)


# A whole command of make, which stays as it is, or a variable.
_ASSIGNED = re.compile(r"make [a-z-]+(?: [A-Z_]+=\S+)*|\b(?P<name>[A-Z_]+)=(?P<value>[^\s,;:]*)")


def _as_options(
    message: str, verb: Verb, options: Collection[str], environment: Mapping[str, str]
) -> str:
    """A message with `--advance soon`, not `ADVANCE=soon`, for a person who typed `./pipeline`."""

    def typed(found: re.Match[str]) -> str:
        name, value = found["name"], found["value"]
        is_to_type = not environment.get(name or "") and not is_after_make(environment)
        if name not in verb.names or not (name in options or is_to_type):
            return found[0]
        if name == verb.argument:
            return value
        return f"{flags(name)[0]} {value}" if verb.option(name).kind == TEXT else flags(name)[0]

    return _ASSIGNED.sub(typed, message)


def place_of(verb: Verb, environment: Mapping[str, str]) -> str:
    """The place that a verb acts on: the stack while it is up, else the state of `make run`.

    If only the stack has a state, it is the stack, which reports if it is down.
    """
    at = environment.get("AT")
    refuse_value("AT", verb, environment)
    for option, place in verb.led_by.items():
        is_switch = verb.option(option).kind == SWITCH
        if is_on(option, environment) if is_switch else environment.get(option):
            return place
    if len(verb.at) == 1 or verb.led_by:
        return next(iter(verb.at))
    if at:
        return at
    state = state_root(environment) / "current"
    mark = ".stack/up" if not verb.acts_on_what_is_down and state.exists() else ".stack/env"
    return "stack" if Path(mark).exists() else "embedded"


def refuse_value(name: str, verb: Verb, environment: Mapping[str, str]) -> None:
    """Raise `CommandFailed` where an option of the verb has another value than it may."""
    values, value = verb.option(name).values, environment.get(name)
    if value and name in verb.names and value not in values:
        raise CommandFailed(f"{name}={value}: expected {' or '.join(values)}")


def ended(family: Family, act: Callable[[], int]) -> int:
    """Run a verb; its exit code. An error is printed in a line or two."""
    try:
        try:
            code = act()
        except (CommandFailed, PipelineError) as error:
            print(f"error: {error}", file=sys.stderr)
            code = 1
        except _SILENT as error:
            print(f"error: {error}: {family.hint}", file=sys.stderr)
            code = 1
        except KeyboardInterrupt:
            print(f"\n{family.stopped}", file=sys.stderr)
            code = 130
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left to write would fail once more as the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    return code


def _call(work: Work, environment: Mapping[str, str]) -> int:
    if parts := [*work.family.parts, *work.parts]:
        # Without the flags and variables of a `make` around it.
        clean = {key: value for key, value in environment.items() if not key.startswith("MAKE")}
        subprocess.run(["make", "--silent", *parts], env=clean, check=True)
    if work.family.path:
        sys.path.insert(0, str(Path(work.family.path).resolve()))
        os.environ["PYTHONPATH"] = sys.path[0]
    if ":" in work.calls:
        opened = (
            [partial(pkgutil.resolve_name(work.opened_by), environment)] if work.opened_by else []
        )
        return pkgutil.resolve_name(work.calls)(environment, *opened)
    if "/" in work.calls:
        return subprocess.run([work.calls], check=False).returncode
    for module in work.calls.split():
        sys.argv = [module]
        try:
            runpy.run_module(module, run_name="__main__")
        except SystemExit as end:
            if end.code:
                raise
    return 0
