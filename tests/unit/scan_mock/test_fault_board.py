"""Checks of when a fault is played: by chance, by count, for a time."""

from mocks.canton_scan.faults import PROFILES, UPDATES_PATH, Board, Fault, Kind


class Stopwatch:
    now = 0.0

    def __call__(self):
        return self.now


def play(board, count, path=UPDATES_PATH):
    """Play each fault that `count` requests meet; return how many requests met one."""
    met = [rule for _ in range(count) for rule in board.draw(path)[:1]]
    for rule in met:
        rule.fired += 1
    return len(met)


def test_a_fault_lifts_by_itself_when_its_time_is_over():
    watch = Stopwatch()
    board = Board(clock=watch)
    board.add(Fault(Kind.ERROR, ttl_seconds=60))
    assert play(board, 1) == 1
    watch.now = 59.9
    assert play(board, 1) == 1
    watch.now = 60
    assert play(board, 1) == 0
    assert [(one["stands"], one["fired"]) for one in board.describe()] == [(False, 2)]


def test_a_fault_with_a_count_is_played_that_often():
    board = Board()
    board.add(Fault(Kind.ERROR, times=2))
    assert [play(board, 1) for _ in range(4)] == [1, 1, 0, 0]


def test_chances_are_met_about_that_often_and_the_same_each_time():
    def met(seed):
        board = Board(seed)
        board.add(Fault(Kind.ERROR, probability=0.25))
        return [play(board, 1) for _ in range(1000)]

    assert 200 < sum(met(1)) < 300
    assert met(1) == met(1) != met(2)


def test_a_profile_takes_the_place_of_what_stood_and_counts_stay():
    board = Board()
    board.add(Fault(Kind.ERROR))
    play(board, 1)
    board.play("lagging", ttl_seconds=None)
    assert [(one["kind"], one["stands"], one["fired"]) for one in board.describe()] == [
        ("error", False, 1), ("lagging", True, 0),
    ]  # fmt: skip


def test_every_kind_can_be_told_by_name_and_storm_is_the_worst():
    assert len(PROFILES["storm"]) > len(PROFILES["flaky"]) > len(PROFILES["calm"]) == 0
