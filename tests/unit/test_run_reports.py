"""A run's report, to the letter."""

import pytest

from services.model import Position
from services.quality import Finding
from services.run_reports import BatchReport, StepTimes, render
from services.watermarks import BatchRecord

AFTER = Position.parse("4/2025-12-10T16:00:00Z")
UPTO = Position.parse("4/2025-12-10T16:30:00Z")


def finding(rule, severity="warn", offenders=0, *, is_broken=False, report=None):
    return Finding(rule, severity, "a promise", 0.5, offenders, 2_000, is_broken, report=report)


def loaded(*keys, is_in_aws=False):
    batch = BatchRecord(
        "bronze", "1220aa", 3, "live", 2_000, 1_999, after=AFTER, upto=UPTO, object_keys=keys
    )
    seconds = {"land": 4.0, "load": 0.5}
    return BatchReport(
        batch, [finding("updates_are_unique")], seconds, 1, bucket="landing", is_in_aws=is_in_aws
    )


def built(layer, counts, movements, findings=()):
    batch = BatchRecord(
        layer, "1220aa", 7, "replay", 3_000, 1_200, after_batch_id=3, upto_batch_id=5, counts=counts
    )
    return BatchReport(batch, findings, {"build": 2.0}, 4, movements)


def test_a_report_of_bronze_has_window_pages_speed_rules_and_objects():
    keys = ["canton/a.ndjson.gz", "canton/b.ndjson.gz"]
    assert (
        render("from the command line", [loaded(*keys)])
        == """\
Started from the command line.

## bronze: live batch 3 of 1220aa

|  |  |
| --- | --- |
| window | (4/2025-12-10T16:00:00.000000Z, 4/2025-12-10T16:30:00.000000Z] |
| pages | 2 |
| updates | 2,000 |
| rows | 1,999 |
| rejected | 1 lines |

| step | seconds | updates/s | rows/s |
| --- | --- | --- | --- |
| land | 4.00 | 500 | 500 |
| load | 0.50 | 4,000 | 3,998 |

Quality rules: 1, broken: 0.

Objects:

- `s3://landing/canton/a.ndjson.gz`
- `s3://landing/canton/b.ndjson.gz`"""
    )


def test_a_report_of_silver_has_movements_by_kind_and_the_rules_with_offenders():
    findings = [
        finding("templates_are_known", offenders=1_500, is_broken=True),
        finding("payments_have_two_sides", "error", 1),
        finding("volume_is_usual", "trial", 2_000, is_broken=True),
        finding("rows_agree_with_contracts", report="1 of 2 updates with coin"),
    ]
    report = built(
        "silver", {"A/create": 1_000, "B/x": 1_100}, {"mint": 1, "burn": 1_199}, findings
    )
    assert (
        render("by schedule `hourly`", [report])
        == """\
Started by schedule `hourly`.

## silver: replay batch 7 of 1220aa

|  |  |
| --- | --- |
| window | bronze batches 4 to 5 |
| updates | 3,000 |
| updates without movement | 2,100 |
| rows | 1,200 |
| rejected | 4 events |

| step | seconds | updates/s | rows/s |
| --- | --- | --- | --- |
| build | 2.00 | 1,500 | 600 |

| movement | rows |
| --- | --- |
| burn | 1,199 |
| mint | 1 |

Quality rules: 4, broken: 2.

| rule | result | offenders | of |
| --- | --- | --- | --- |
| templates_are_known | warned | 1,500 | 2,000 |
| payments_have_two_sides | passed | 1 | 2,000 |
| volume_is_usual | tried | 2,000 | 2,000 |

- rows_agree_with_contracts: 1 of 2 updates with coin"""
    )


def test_a_run_of_two_networks_has_a_part_for_each_batch():
    text = render("from the command line", [built("gold", None, {}), built("gold", None, {})])
    assert text.count("## gold: replay batch 7") == 2
    assert text.count("| window | silver batches 4 to 5 |") == 2
    assert "without movement" not in text
    assert "| movement |" not in text


def test_of_many_objects_the_first_and_the_last_are_named():
    keys = [f"canton/{number}.ndjson.gz" for number in range(6)]
    few, many = (render("", [loaded(*shown)]) for shown in (keys[:5], keys))
    assert few.endswith("\n".join(f"- `s3://landing/{key}`" for key in keys[:5]))
    assert many.endswith(
        f"Objects, the first and the last of 6:\n\n- `s3://landing/{keys[0]}`\n"
        f"- `s3://landing/{keys[5]}`"
    )


def test_objects_in_aws_are_links_to_its_console():
    assert render("", [loaded("canton/12 20+/a.ndjson.gz", is_in_aws=True)]).endswith(
        "- [`s3://landing/canton/12 20+/a.ndjson.gz`](https://console.aws.amazon.com/s3/object/"
        "landing?prefix=canton%2F12%2020%2B%2Fa.ndjson.gz)"
    )


def test_steps_are_timed_in_their_order_and_one_that_fails_is_not():
    times = StepTimes()
    with times.of("land"), times.of("fetch"):
        pass
    with pytest.raises(ValueError, match="odd"), times.of("check"):
        raise ValueError("odd")
    assert list(times.seconds) == ["fetch", "land"]
    assert times.seconds["land"] > times.seconds["fetch"] > 0
