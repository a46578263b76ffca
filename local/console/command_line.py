"""One command of ``make``: run by name, and whatever stops it is said in a line or two."""

import os
import pkgutil
import signal
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import httpx

from local.console.ending import end_with_make
from local.console.errors import CommandFailed
from local.console.variables import refuse_unknown
from services.errors import PipelineError


@dataclass(frozen=True)
class CommandLine:
    """The commands of one place.

    Attributes:
        commands: `module:function` by command, so that each loads only what it needs. The function
            takes the environment and returns the exit code.
        variables: What each may be given; a command that isn't named takes nothing.
        silent: What is raised when something here doesn't answer or fails.
        hint: What to do then.
        stopped: Said when somebody stopped the command.
    """

    commands: Mapping[str, str]
    variables: Mapping[str, Collection[str]]
    silent: tuple[type[Exception], ...] = (httpx.HTTPError, subprocess.CalledProcessError)
    hint: str = "is the stack up? make status tells"
    stopped: str = "stopped"

    def run(self, command: str, environment: Mapping[str, str]) -> int:
        """The exit code of a command: 1 when it failed, 130 when it was stopped.

        141 when nobody reads on, as after `make status | head`; a shell says the same then.
        """
        end_with_make()
        try:
            code = self._run(command, environment)
            sys.stdout.flush()
        except BrokenPipeError:
            # What is left to write would fail once more as the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 128 + signal.SIGPIPE
        return code

    def _run(self, command: str, environment: Mapping[str, str]) -> int:
        try:
            refuse_unknown(command, self.variables.get(command, ()), environment)
            return pkgutil.resolve_name(self.commands[command])(environment)
        except (CommandFailed, PipelineError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        except self.silent as error:
            print(f"error: {error}: {self.hint}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print(f"\n{self.stopped}", file=sys.stderr)
            return 130
