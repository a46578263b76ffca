"""Deploying again leaves schedules running or resting, as somebody turned them."""

from control.deployments import without_states

HOURLY = {"slug": "hourly", "cron": "5 * * * *", "active": False}


def test_only_new_schedules_say_whether_they_are_active():
    wanted = {
        "deployments": [
            {"name": "bronze", "schedules": [HOURLY.copy(), HOURLY | {"slug": "daily"}]},
            {"name": "gold", "schedules": [HOURLY.copy()]},
            {"name": "pipeline"},
        ]
    }
    bronze, gold, _ = without_states(wanted, {("bronze", "hourly")})["deployments"]
    assert bronze["schedules"] == [
        {"slug": "hourly", "cron": "5 * * * *"},
        {"slug": "daily", "cron": "5 * * * *", "active": False},
    ]
    assert gold["schedules"] == [HOURLY]
