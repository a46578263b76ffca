"""The state of an alarm, by CloudWatch's documented rules of evaluation.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html and, on
missing data, alarms-and-missing-data.html beside it: an alarm looks at more periods than it
evaluates. Those with data go first, the newest of them; only where they are too few, missing ones
are filled in.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

Points = Sequence[float | None]  # a value a period, the oldest first; None: there was none
# AWS says that the number varies; its own examples are of two more for three periods.
MORE_PERIODS = 2
_BREACHES = {
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
}


def state(alarm: Mapping[str, Any], points: Points) -> str:
    """The state, `OK` or `ALARM`, at the end of some periods.

    Args:
        alarm: A metric alarm's inputs, as the infrastructure program makes them.
        points: Its metric in every period until now.
    """
    wanted = int(alarm["evaluationPeriods"])
    seen = _filled(alarm, points)[-(wanted + MORE_PERIODS) :]
    there = [value for value in seen if value is not None][-wanted:]
    breaches = _BREACHES[alarm["comparisonOperator"]]
    breaching = [breaches(value, alarm["threshold"]) for value in there]
    filled = wanted - len(breaching)
    if filled == wanted and alarm["treatMissingData"] not in {"breaching", "notBreaching"}:
        return "INSUFFICIENT_DATA"
    breaching += [alarm["treatMissingData"] == "breaching"] * filled
    needed = int(alarm.get("datapointsToAlarm") or wanted)
    return "ALARM" if sum(breaching) >= needed else "OK"


def period(alarm: Mapping[str, Any]) -> int:
    """The length of its periods, in seconds."""
    queries = alarm.get("metricQueries") or [{"metric": alarm}]
    (seconds,) = {one["metric"]["period"] for one in queries if "metric" in one}
    return int(seconds)


def _filled(alarm: Mapping[str, Any], points: Points) -> Points:
    """Apply the expression FILL(…, 0) to a metric; it fills nothing if the metric has no point."""
    expressions = [
        one["expression"] for one in alarm.get("metricQueries", ()) if "expression" in one
    ]
    assert len(expressions) <= 1, json.dumps(expressions)
    if not expressions or all(value is None for value in points):
        return points
    (query,) = (one["id"] for one in alarm["metricQueries"] if "metric" in one)
    assert expressions == [f"FILL({query}, 0)"]
    return [0 if value is None else value for value in points]
