"""A node that lags shows less: its short page is not the network's head."""

import pytest

from services.accept import position_of
from services.model import GENESIS
from tests.contract.scan_client.nodes import BUSY, LOADING, answers, cut_off, shortened


def read(client, after=GENESIS):
    return list(client.pages(after, None))


def lines_of(pages):
    return tuple(line for page in pages for line in page.lines)


def hosts(pages):
    return [page.source_url.removeprefix("https://").partition(".")[0] for page in pages]


@pytest.mark.parametrize(
    ("visible", "expected"),
    [
        pytest.param((130, 300), "abb", id="a short page"),
        pytest.param((100, 300), "abb", id="an empty page"),
        pytest.param((0, 300), "bbb", id="nothing at all"),
        pytest.param((300, 130), "aaa", id="the other one lags"),
        pytest.param((130, 160, 300), "acc", id="two lag"),
        pytest.param((130, 300, 160), "abb", id="the first and the last lag"),
        pytest.param((130, 200, 300), "abc", id="a full page is enough"),
    ],
)
def test_the_longest_page_is_taken_and_nothing_is_lost(scans, visible, expected):
    for count in visible:
        scans.add(visible=count)
    pages = read(scans.client(page_size=100))
    assert lines_of(pages) == scans.lines
    assert [page.after for page in pages] == [GENESIS, *(page.upto for page in pages[:-1])]
    assert "".join(hosts(pages)) == expected


def test_the_node_that_has_more_goes_on(scans):
    lagging, ahead, behind_it = scans.add(visible=130), scans.add(), scans.add()
    assert lines_of(read(scans.client(page_size=40))) == scans.lines
    assert [len(node.asked) for node in (lagging, ahead, behind_it)] == [4 + 1, 5, 1]


def test_nothing_new_is_only_so_when_no_node_has_more(scans):
    scans.add(visible=200)
    scans.add(visible=201)
    after = position_of(scans.lines[199])
    (page,) = read(scans.client(), after)
    assert (page.lines, hosts([page]), page.is_short) == (scans.lines[200:201], ["b"], True)


def test_the_head_costs_one_request_to_each_of_the_others(scans):
    for _ in range(3):
        scans.add()
    read(scans.client(page_size=40))
    assert [len(node.asked) for node in scans.nodes] == [8, 1, 1]
    assert scans.nodes[1].asked == scans.nodes[2].asked == scans.nodes[0].asked[-1:]


def test_full_pages_are_asked_of_one_node(scans):
    for _ in range(3):
        scans.add()
    pages = scans.client(page_size=40).pages(GENESIS, None)
    for _ in range(7):
        next(pages)
    assert [len(node.asked) for node in scans.nodes] == [7, 0, 0]


def test_a_node_that_has_caught_up_is_short_no_more(scans):
    scans.add(None, shortened)
    scans.add(visible=130)
    client = scans.client()
    first = read(client)
    assert (len(lines_of(first)), first[-1].is_short) == (150, True)
    assert lines_of(first) + lines_of(read(client, first[-1].upto)) == scans.lines


@pytest.mark.parametrize(
    "fault",
    [answers(503, LOADING), answers(404), cut_off],
    ids=["backfilling", "no Scan", "half a page"],
)
def test_a_node_that_fails_at_the_head_does_not_stop_the_run_which_says_so(scans, fault, caplog):
    first, second = scans.add(), scans.add(fault)
    assert lines_of(read(scans.client())) == scans.lines
    assert second.met == 1
    passed_over, alone = [record.getMessage() for record in caplog.records]
    assert passed_over.startswith(f"passing over a Scan: {second.url}")
    assert alone == f"{first.url} alone says where the history ends: no other Scan answered"


def test_a_head_that_is_the_last_nodes_word_alone_is_said_to_be(scans, caplog):
    scans.add(answers(503, LOADING))
    last = scans.add()
    assert lines_of(read(scans.client(page_size=1000))) == scans.lines
    (*_, alone) = [record.getMessage() for record in caplog.records]
    assert alone == f"{last.url} alone says where the history ends: no other Scan answered"


def test_one_node_that_agrees_is_enough(scans, caplog):
    for faults in ((), (answers(503, LOADING),), ()):
        scans.add(*faults)
    assert lines_of(read(scans.client())) == scans.lines
    assert [record.getMessage() for record in caplog.records if "alone" in record.msg] == []


def test_a_busy_node_is_waited_for_at_the_head_as_well(scans):
    scans.add(visible=100)
    scans.add(answers(429, BUSY))
    assert lines_of(read(scans.client())) == scans.lines
    assert scans.waited == [0.25]


def test_a_single_node_is_asked_once(scans, caplog):
    node = scans.add()
    read(scans.client(page_size=1000))
    assert (len(node.asked), caplog.records) == (1, [])
