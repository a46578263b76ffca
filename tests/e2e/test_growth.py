"""What ended long ago doesn't stay on the stack; `make bench-month` holds the rest, in hours."""

from bench.places import StackPlace
from tests.clone import until

OLD_DAYS = 15  # more than KEEP_RUNS
OF_RUNS = ("flow_run", "task_run", "log", "events", "event_resources")


def test_prefect_deletes_runs_tasks_logs_and_events_that_are_old_enough(up):
    place = StackPlace(up)
    up.makes("clock", "ADVANCE=5m")
    up.makes("trigger")
    before = place.counts()
    assert min(before[table] for table in OF_RUNS) > 0
    place.pass_for_prefect(OLD_DAYS)

    def are_gone():
        found = place.counts()
        return all(found[table] < before[table] / 2 for table in OF_RUNS)

    until(are_gone, "the old runs gone", 120)
