"""Every verb of `./pipeline`: what it does, the places where it acts, and its options.

An option is set on the command line (`--usd-rate 0.2`) or by the environment variable of its name
(`USD_RATE=0.2`), which is what `make trigger USD_RATE=0.2` does.
`./pipeline docs` writes docs/reference/verbs.md from this module.
"""
# ruff: noqa: E501 -- a line for each option and verb

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from deployments.containers import SCAN_LIMITS
from local.console.chosen_flow import FLOWS, KINDS
from local.console.debugging import FLOWS as DEBUGGED
from local.console.ports import EMBEDDED_SERVICES, SERVICES
from local.console.variables import flag
from services.settings import setting_names

TEXT, SWITCH, ON_OR_OFF = "text", "switch", "on or off"


@dataclass(frozen=True)
class Option:
    """An option that verbs take.

    Attributes:
        description: Its meaning, in Markdown.
        kind: A switch is 1 or not there; ON_OR_OFF is 1, 0 or not there; all else is text.
        values: The values there are, where the text is one of a few.
    """

    description: str
    kind: str = TEXT
    values: Collection[str] = ()


@dataclass(frozen=True)
class Family:
    """The settings that verbs of one kind share.

    Attributes:
        hint: What to do where something doesn't answer or fails.
        stopped: Printed when somebody stopped the verb.
        leaves_accounts: Whether it works without the person's own accounts.
        parts: What it needs beside `.venv`, as `make` names it.
        path: A folder that only its processes find packages in.
        takes: The options that all of its verbs have.
    """

    hint: str = "is the stack up? make status tells"
    stopped: str = "stopped"
    leaves_accounts: bool = False
    parts: Collection[str] = ()
    path: str = ""
    takes: Collection[str] = ("AT",)


@dataclass(frozen=True)
class Work:
    """A verb at one place.

    Attributes:
        family: What it has in common with others.
        calls: `module:function`, which takes the environment and returns the exit code; or modules
            to run one after the other, or a script.
        takes: The options that it knows.
        parts: What it needs beside those of its family.
        opened_by: What opens the place, which is handed to the function beside the environment.
    """

    family: Family
    calls: str
    takes: Collection[str] = ()
    parts: Collection[str] = ()
    opened_by: str = ""

    @property
    def names(self) -> set[str]:
        return {*self.takes, *self.family.takes}


@dataclass(frozen=True)
class Verb:
    """A word after `./pipeline`.

    Attributes:
        description: Its effect, in a line.
        at: By place what to do there.
        more: What its options mean, where that is unlike what they mean elsewhere.
        argument: The option that is typed without its name.
        led_by: The options that choose a place, with the place; without them, it is the first.
        acts_on_what_is_down: Whether it means a stack that is there and not up.
    """

    description: str
    at: Mapping[str, Work]
    more: Mapping[str, Option] = field(default_factory=dict)
    argument: str = ""
    led_by: Mapping[str, str] = field(default_factory=dict)
    acts_on_what_is_down: bool = False

    @property
    def names(self) -> set[str]:
        return {name for work in self.at.values() for name in work.names}

    def option(self, name: str) -> Option:
        return self.more.get(name) or OPTIONS[name]

    def where(self, name: str) -> str:
        """The only place where a name is taken, if the verb acts in others too."""
        places = [place for place, work in self.at.items() if name in work.names]
        return "" if len(places) == len(self.at) else " and ".join(places)


STACK = Family()
EMBEDDED = Family(
    hint="a service of make run failed; see its log",
    stopped="stopped; nothing is lost, the next make run goes on from here",
    leaves_accounts=True,
)
SNAPSHOTS = Family(
    hint="does the place answer? make status tells of the stack",
    stopped="stopped; snapshots are written whole or not at all",
    leaves_accounts=True,
)
CLOUD = Family(parts=(".venv/.infra", ".venv/.ecs"), path=".venv/ecs")
TOOLS = Family(takes=())

PORTS = tuple(f"{name}_PORT" for name in SERVICES)
EMBEDDED_PORTS = tuple(f"{name}_PORT" for name in EMBEDDED_SERVICES)
_SETTINGS = {
    name: Option(description)
    for name, description in setting_names().items()
    if name.startswith("CANTON_")
}

OPTIONS: Mapping[str, Option] = {
    "AT": Option("what the verb acts on. Without it, the stack while it is up, else the state of `make run`", values=("stack", "embedded")),
    "NETWORK": Option("the network whose state is meant, by its 12 hex digits; without it, that of the last run"),
    "STATE": Option("the folder of the state, in place of `.local`"),
    "ENV": Option("which of `cloud/infra/Pulumi.*.yaml` is meant", values=("prod", "dev")),
    "FORMAT": Option("`json`: a JSON object a line, for programs; `table` without it", values=("table", "json")),
    "BASE_IMAGE": Option("the image to build on, pulled from a registry; without it, one that is made from Debian's archive where no registry answers"),
    "PIP_INDEX_URL": Option("the package index that images are built from"),
    "DASHBOARD": Option("starts the dashboard of gold too; without it, it is not there", SWITCH),
    "FORCE": Option("overwrites what was changed on Prefect's server by hand", SWITCH),
    "HISTORY": Option("how many updates a new mocked ledger begins with"),
    "KEEP_RUNS": Option("after how many days Prefect deletes what has ended: runs with their logs and artifacts, and events. Without it 14; on the stack, what was said last"),
    "FLOW_MEMORY": Option("what a flow run may have, `256m` to `4g`; without it, that of `.env`, or what was said last; at first `1g`"),
    "FLOW_CPUS": Option("how many cores a flow run may use; without it, that of `.env`, or what was said last; at first 2"),
    "ERA": Option("what the updates of a new mocked ledger are like: `mixed`, `fees` (before CIP-78), `0.5.16` or `0.6.11` (releases of Splice), `devnet` (with taps); another era is another network"),
    "SCANS": Option("how many Scans the mocked network has, each 30 seconds behind the one before"),
    "YES": Option("doesn't ask", SWITCH),
    "S": Option("the service, as docker-compose.yml names it"),
    "BUDGET_PAGES": Option("how many pages, of up to 1000 updates, bronze fetches at most"),
    "BUDGET_SECONDS": Option("how long bronze fetches pages at most"),
    "USD_RATE": Option("USD for 1 CC from now on; minutes before keep theirs. On the stack, without it, the variable `usd_rate` of Prefect's page; here the default"),
    "MAX_AGE_MINUTES": Option("how old the newest update of each layer may be before Slack is told; `0` never tells"),
    **{f"{name}_PORT": Option(f"the port of {what}") for name, what in SERVICES.items()},
    "DEBUG_PORT": Option("the port where a debugger attaches; the next one is the movement rules'"),
    "REPLAY": Option("a file of recorded updates (a JSON object with `transactions`, as the Scan answers) that the mock serves"),
    "SEED": Option("what a new mocked ledger is made from; another seed is another network"),
    "RATE": Option("updates a second by which the mocked ledger grows"),
    "FLOW": Option("the flow to run instead of the pipeline: `audit` reads the landed objects again; `silver` and `gold` build a layer again with `--rebuild-from`", values=tuple(FLOWS)),
    "STACK": Option("runs it in its container on the stack", SWITCH),
    "RULES": Option("lets a debugger into the movement rules, within the stack's warehouse; without `--stack` they take one anyway, and `--rules` is refused", SWITCH),
    "REBUILD_FROM": Option("the batch of the layer before to consume again from"),
    "DAYS": Option("audit: the newest so many days of each network; without it 90"),
    "AFTER": Option("backfill: the position to begin after, or `genesis`"),
    "UPTO": Option("backfill: the position to end with"),
    "FIX": Option("does what can lose nothing", SWITCH),
    "NAME": Option("what the file is called"),
    "RUN": Option("the flow run, by its name; without it and a service, all of them"),
    "QUICK": Option("kills fewer", SWITCH),
    "MOUNT": Option("`0` runs the code that was built into the images; else an edit shows in the next run", ON_OR_OFF),
    "ON": Option("`1` lets the schedules run, `0` rest; without it, how they stand", ON_OR_OFF),
    "FOLLOW": Option("goes on with new lines", SWITCH),
    "Q": Option("the statement; one that changes rows is carried out too"),
    "KEY": Option("the landed page, as the failure names it"),
    "REASON": Option("why it may be missing; recorded with who decided and when"),
    "TRY": Option("a rule, by its name: shows what it finds in the newest 20 batches that are committed, or of one about freshness, how each layer stands now; records nothing"),
    "ADVANCE": Option("how far to move the ledger's time on: `90` (seconds), `30m`, `6h`, `2d`"),
    "FREEZE": Option("`1` stops the ledger's time, `0` lets it go on", ON_OR_OFF),
    "SPEED": Option("how many seconds the ledger lives in one"),
    "PROFILE": Option("which faults: a profile that docs/reference/mock-api.md lists, such as `storm`; `calm` lifts all"),
    "TTL": Option("after how many seconds they lift by themselves"),
    "WHY": Option("adds the reasons for what is unlike local", SWITCH),
    "BUILD": Option("builds an image that nothing asks for", SWITCH),
    "PUSH": Option("pushes the image and tells its digest; registers nothing", SWITCH),
    "TO": Option("the record to go back to, by its name in `cloud/records/`; without it, the one before"),
    "KEEP": Option("leaves worker, pool and deployments for more runs", SWITCH),
    "STEADY": Option("for how many minutes runs follow one another in the end, while services are asked for their health"),
    "SIZES": Option("the numbers of updates to load, separated by spaces"),
    "SAVES": Option("how many saves of each layer are timed"),
    "FIRST": Option("measures the first start too, without any image or package at hand", SWITCH),
    "RUNS": Option("how many runs there shall have been in the end, each for an hour; without it 720, thirty days of them"),
    "STEP": Option("how much of the ledger's time passes before each run: `300` (seconds), `5m`, `1h`, `1d`"),
    "UPDATES": Option("how many updates the ledger shall have in the end, in place of `--runs`"),
    "IMAGES": Option("deletes the stack's images too", SWITCH),
    **_SETTINGS,
}  # fmt: skip
_OPPOSITES = {"ON": "--off", "FREEZE": "--unfreeze"}
_LEDGER = ("SEED", "ERA", "HISTORY")
_OF_A_RUN = ("STATE", "KEEP_RUNS", "REPLAY", "RATE", "SCANS", *_LEDGER, *EMBEDDED_PORTS, *_SETTINGS)
_OF_AN_IMAGE = ("BASE_IMAGE", "PIP_INDEX_URL")
_DEBUGGED = ("FLOW", "STACK", "RULES", "DEBUG_PORT", *(one for one in KINDS if one != "DAYS"))
_OF_A_STATE = ("NETWORK", "STATE")


# What opens a place for a command, by the place's name.
OPENED_BY = {"stack": "local.stack.running:opened", "embedded": "local.embedded.attach:attach"}


def _on_data(name: str, *takes: str) -> dict[str, Work]:
    calls, embedded = f"local.console.commands:{name}", (*takes, *_OF_A_STATE)
    return {
        "stack": Work(STACK, calls, takes, opened_by=OPENED_BY["stack"]),
        "embedded": Work(EMBEDDED, calls, embedded, opened_by=OPENED_BY["embedded"]),
    }


def _here(calls: str, *takes: str) -> dict[str, Work]:
    return {"embedded": Work(EMBEDDED, calls, takes)}


def _stack(calls: str, *takes: str, parts: Collection[str] = ()) -> dict[str, Work]:
    return {"stack": Work(STACK, calls, takes, parts)}


def _either(
    family: Family, calls: str, *takes: str, parts: Collection[str] = ()
) -> dict[str, Work]:
    return {"": Work(family, calls, takes, parts)}


GROUPS: Mapping[str, Mapping[str, Verb]] = {
    "Run": {
        "run": Verb("Run the pipeline here, without Docker", _here("local.embedded.run:run", *_OF_A_RUN, "FLOW", *KINDS)),
        "dev": Verb("Run again at each save, and show what changed in gold", _here("local.embedded.dev.loop:dev", "STATE", "USD_RATE", "KEEP_RUNS", *_LEDGER, *EMBEDDED_PORTS)),
        "up": Verb(
            "Start the whole stack in Docker",
            _stack("local.stack.lifecycle:up", "MOUNT", "DASHBOARD", "SCANS", "CANTON_BASE_URL", "CANTON_START_AT", "HISTORY", "KEEP_RUNS", "FLOW_MEMORY", "FLOW_CPUS", *SCAN_LIMITS, "ERA", *_OF_AN_IMAGE, *PORTS, "DEBUG_PORT", parts=(".debugger/.complete",)),
            {"SCANS": Option("`2` starts a second Scan of the same network, 30 seconds behind")},
        ),
        "down": Verb("Stop the stack; the data stays", _stack("local.stack.lifecycle:down")),
        "images": Verb("Build the images of the stack and of its tests", _stack("local.stack.lifecycle:images", *_OF_AN_IMAGE)),
        "trigger": Verb("Run the pipeline on the stack, with its log", _stack("local.stack.runs:trigger", "FLOW", *KINDS)),
        "schedule": Verb(
            "Let the schedules of the stack run or rest, or those of --env",
            {"stack": Work(STACK, "local.console.schedules:schedule", ("ON",), opened_by=OPENED_BY["stack"]), "cloud": Work(CLOUD, "cloud.deploy.schedules:schedule", ("ENV", "ON"))},
            led_by={"ENV": "cloud"},
        ),
    },
    "Look": {
        "status": Verb("The stack's health, memory, runs and layers", _stack("local.stack.status:status", "FORMAT")),
        "logs": Verb("The last lines of the stack", _stack("local.stack.look:logs", "S", "RUN", "FOLLOW"), argument="S"),
        "shell": Verb("A shell in a service of the stack", _stack("local.stack.look:shell", "S"), argument="S"),
        "open": Verb(
            "The home page in a browser, and the addresses of all others",
            {**_stack("local.stack.look:open_pages"), "embedded": Work(EMBEDDED, "local.embedded.commands:open_pages", _OF_A_STATE)},
        ),
        "dashboard": Verb(
            "The dashboard of gold in a browser",
            {**_stack("local.stack.look:open_dashboard"), "embedded": Work(EMBEDDED, "local.embedded.commands:open_dashboard", _OF_A_STATE, parts=(".venv/.client-streamlit",))},
        ),
        "doctor": Verb("What is wrong on this machine, and what to type", _either(STACK, "local.support.doctor:doctor", "FIX", "FORMAT", "STATE")),
        "report": Verb("One file for a bug report, its secrets masked", _either(STACK, "local.support.report:report", "STATE")),
    },
    "Data": {
        "sql": Verb("Ask the warehouse", _on_data("sql", "Q", "FORMAT"), argument="Q"),
        "quarantine": Verb(
            "What waits in quarantine, or one thing in it with its acts", _on_data("quarantine", "KEY", "FORMAT"),
            {"KEY": Option("the page, as the list without it has it: shows what stands there, why, since when, and who did what")}, argument="KEY",
        ),
        "release": Verb("Set a landed page's offending lines aside", _on_data("release", "KEY"), argument="KEY"),
        "discard": Verb(
            "Give up what stands in quarantine, for good", _on_data("discard", "KEY", "REASON"),
            {"KEY": Option("the page, as `./pipeline quarantine` lists it")}, argument="KEY",
        ),
        "quality": Verb("The latest result of each quality rule, and its trend", _on_data("quality", "TRY", "FORMAT")),
        "verify": Verb("Hold all layers against what the mocked ledger knows", _on_data("verify")),
    },
    "Snapshots": {
        "snapshot": Verb(
            "Keep the whole state as one file", _either(SNAPSHOTS, "local.snapshots.take:snapshot", "NAME", *_OF_A_STATE, "YES"),
            {"NAME": Option("what the snapshot is called; without it, it has the time for a name")}, argument="NAME",
        ),
        "restore": Verb(
            "Bring a snapshot back", _either(SNAPSHOTS, "local.snapshots.restore:restore", "NAME", "STATE", "YES"),
            {"NAME": Option("the snapshot, by its name or its file")}, argument="NAME",
        ),
        "snapshots": Verb("The snapshots that there are, and if each is whole", _either(SNAPSHOTS, "local.snapshots.listing:snapshots", "FORMAT")),
        "incident": Verb(
            "Pack a failed run, masked, for home", _either(SNAPSHOTS, "local.snapshots.incident.pack:incident", "RUN", "NAME", "ENV", *_OF_A_STATE, "YES"),
            {"RUN": Option("the failed run, by its id or its name")}, argument="RUN",
        ),
    },
    "Drills": {
        "clock": Verb("Move the ledger's time", _on_data("clock", "ADVANCE", "FREEZE", "SPEED")),
        "faults": Verb(
            "Let the Scan fail",
            {**_on_data("faults", "PROFILE", "TTL"), "embedded": Work(EMBEDDED, "local.embedded.commands:faults", ("PROFILE", "TTL", *_OF_A_STATE))},
            argument="PROFILE",
        ),
        "chaos": Verb("Kill a stack's services and runs", _either(TOOLS, "tools/chaos", "QUICK")),
    },
    "Debug": {
        "debug": Verb(
            "Step through a flow",
            {"embedded": Work(EMBEDDED, "local.embedded.debug:debug", (*_OF_A_RUN, *_DEBUGGED)), **_stack("local.stack.debug:debug", *_DEBUGGED, parts=(".debugger/.complete",))},
            {"FLOW": Option("the flow that waits for a debugger", values=DEBUGGED)},
            argument="FLOW",
            led_by={"STACK": "stack"},
        ),
    },
    "Cloud": {
        "plan": Verb("What a deploy would do, and what is broken", _either(CLOUD, "cloud.plan.command:plan", "ENV", "FORMAT", "WHY")),
        "deploy": Verb("Check, build, push, register all or nothing", _either(CLOUD, "cloud.deploy.deploy:deploy", "ENV", "FORCE", "BUILD", "PUSH", *_OF_AN_IMAGE)),
        "rollback": Verb("Go back to the deploy before", _either(CLOUD, "cloud.deploy.roll_back:rollback", "ENV", "FORCE", "TO")),
        "rehearse": Verb("The deployment as ECS runs it, beside the stack", _either(CLOUD, "cloud.rehearsal.command:rehearse", "KEEP", "FORMAT", "STEADY")),
    },
    "Upkeep": {
        "docs": Verb("Write docs/reference again, from what it describes", _either(TOOLS, "tools.reference")),
        "lock": Verb("Resolve requirements/*.in into hashed locks again", _either(TOOLS, "tools/lock")),
        "bench": Verb("Time and memory of mock and pipeline here", _either(TOOLS, "tools.bench.scan tools.bench.pipeline", "SIZES")),
        "bench-dev": Verb("make dev: seconds from a save to its result", _either(TOOLS, "tools.bench.dev", "SAVES")),
        "bench-dashboard": Verb(
            "The dashboard: seconds to its first numbers and its charts", _either(TOOLS, "tools.bench.dashboard", "UPDATES", parts=(".venv/.client-streamlit", ".venv/.browser")),
            {"UPDATES": Option("how many updates the ledger has; without it 100,000")},
        ),
        "bench-stack": Verb("Starts, memory, delays of the stack, in a copy", _either(TOOLS, "tools.bench.stack", "FIRST")),
        "bench-month": Verb(
            "A month of runs, and what grew", _either(TOOLS, "tools.bench.month", "AT", "RUNS", "STEP", "UPDATES"),
            {"AT": Option("which of the two grows in a copy of the clone; without it the stack", values=("stack", "embedded"))},
        ),
    },
    "Start over": {
        "reset": Verb(
            "Delete the stack's data, else make run's; snapshots stay",
            {**_stack("local.stack.lifecycle:reset", "YES", "IMAGES"), "embedded": Work(EMBEDDED, "local.embedded.commands:reset", ("YES", *_OF_A_STATE))},
            acts_on_what_is_down=True,
        ),
    },
}  # fmt: skip
VERBS: Mapping[str, Verb] = {
    name: verb for group in GROUPS.values() for name, verb in group.items()
}


def flags(name: str) -> tuple[str, str]:
    plain = flag(name)
    return plain, _OPPOSITES.get(name, f"--no-{plain[2:]}")
