from dataclasses import replace

import pytest

from infra.growth.work import Volume, bronze_seconds, computing, land_page_seconds, start_seconds


def test_a_volume_in_pages_and_bytes(volume):
    assert volume.pages_a_day == 2_400
    assert volume.json_gb_a_day == pytest.approx(24)
    assert volume.file_mb == pytest.approx(1)
    assert volume.stored_gb_a_day == pytest.approx(2.4)
    assert volume.warehouse_gb_a_day == pytest.approx(4.8 + 2.4)
    assert volume.prefect_gb_a_year == pytest.approx(2_400 * 365 * 10_000 / 1e9)


def test_a_page_takes_the_scans_time_and_ours_but_not_the_mocks(facts):
    assert land_page_seconds(facts) == pytest.approx(1.0 + (0.5 - 0.25))


def test_bronze_starts_lands_and_commits(facts):
    assert start_seconds(facts) == 60
    assert bronze_seconds(facts, pages=100) == pytest.approx(60 + 125 + 75)


def test_readers_share_the_landing_alone(facts):
    assert bronze_seconds(facts, pages=100, readers=5) == pytest.approx(60 + 25 + 75)


def test_the_warehouse_works_on_a_windows_updates_and_on_all_of_history(volume):
    work = computing(volume, windows_a_day=24, history_days=10)

    assert work.copy == pytest.approx(10)
    assert work.silver == pytest.approx(100)
    assert work.gold == pytest.approx(20)
    assert work.compare == pytest.approx(2.4e6 * 10 * 1.5 / 1e6)
    assert work.total == pytest.approx(10 + 100 + 20 + 36)
    assert work.longest == pytest.approx(100)


def test_deleting_by_id_does_not_get_less_with_shorter_windows(volume):
    hourly, often = (computing(volume, windows, history_days=10) for windows in (24, 240))

    assert often.silver == pytest.approx(hourly.silver / 10)
    assert often.compare == hourly.compare


def test_what_is_known_about_an_update_counts(facts):
    larger = Volume(1e6, replace(facts, update_bytes=20_000))

    assert larger.json_gb_a_day == pytest.approx(2 * Volume(1e6, facts).json_gb_a_day)
    assert larger.pages_a_day == Volume(1e6, facts).pages_a_day
