"""The most that each place may need and grow by in `./pipeline bench-month`.

Each figure is about 1.6 times what a run of it showed, so doubled growth is found, however
even it is; a figure that no long run has shown yet has a note. A run that shows more for a good
reason raises the figure here, with the new measurement.
"""

from tools.bench.growing import Bounds

# What a page of 1,000 updates takes, packed, and its rows in the layers: `./pipeline bench-month
# --at embedded --runs 4 --step 1h` showed 1,450 and, over 42,000 updates, 2,120 bytes an update.
_PAGES, _ROWS = 2_300, 3_400

# DuckDB kept 909 of 2,746 blocks free after 457 runs.
_FREE = {"snowflake": 0.4}

STACK = Bounds(
    memory=900e6,
    an_update={"localstack": _PAGES, "snowflake": _ROWS},
    # 540 runs showed 0.62 MB of Postgres's tables for each run of the 14 days that are kept; its
    # journal has 128 MB at most.
    a_run={"postgres": 1e6, "prefect-server": 50e3, "container logs": 15e3, ".stack": 1e3},
    slack=130e6,
    free=_FREE,
    # 540 runs showed 13, 30, 55 and 210 rows, without artifacts; one that loads more pages has
    # more. Artifacts, three a run with 6 events, were only counted in single runs.
    rows_a_run={
        "task_run": 60,
        "log": 120,
        "artifact": 5,
        "events": 300,
        "event_resources": 1_000,
    },
)
# Its memory is the sum of what each service had at most: the warehouse takes what the machine has.
EMBEDDED = Bounds(
    memory=2.5e9,
    memory_slack=500e6,
    an_update={"s3": _PAGES, "snowflake": _ROWS},
    free=_FREE,
    a_run={"prefect": 850e3, "logs": 10e3, "slack.jsonl": 5e3},
    rows_a_run={"task_run": 34, "log": 32, "artifact": 5, "events": 117, "event_resources": 378},
)
