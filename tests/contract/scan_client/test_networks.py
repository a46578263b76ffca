"""All nodes belong to one network: another one's updates are never taken."""

import pytest

from services.accept import network_of
from services.errors import NetworkMismatch
from services.model import GENESIS
from tests.contract.scan_client.nodes import UNEXPECTED, answers, updates_in
from tests.updates import DSO, page_body

HINT = (
    "All nodes of CANTON_BASE_URL must belong to one network. DevNet and TestNet are reset every"
    " few months: take the other node out; or begin anew, with `make reset` or another"
    " SNOWFLAKE_DATABASE, or with CANTON_NETWORK beside what is there."
)
OTHER = "other-domain::1220" + "ab" * 32


def read_until_refused(client):
    """The pages that were taken, and why no more were."""
    pages = []
    with pytest.raises(NetworkMismatch) as refused:
        pages.extend(client.pages(GENESIS, None))
    assert not refused.value.retryable
    return pages, str(refused.value)


def test_a_node_of_another_network_is_refused_before_it_is_asked_for_a_page(scans):
    first, reset = scans.add(None, answers(500, UNEXPECTED)), scans.add(dso=DSO)
    pages, said = read_until_refused(scans.client())
    network = network_of(scans.dso_party_id)
    assert said == (
        f"{reset.url} serves network {network_of(DSO)}, {first.url} serves network {network}."
        f"\n{HINT}"
    )
    assert (len(pages), reset.asked) == (1, [])


def test_it_is_refused_at_the_head_as_well(scans):
    scans.add()
    reset = scans.add(dso=DSO)
    pages, said = read_until_refused(scans.client(page_size=140))
    assert said.startswith(f"{reset.url} serves network {network_of(DSO)}, ")
    assert (len(pages), reset.asked) == (2, []), "the last page is not taken"


def test_the_node_that_answers_first_tells_the_network(scans):
    first = scans.add(dso=DSO)
    first.outage = answers(500, UNEXPECTED)
    second = scans.add()
    client = scans.client()
    assert client.network() == network_of(scans.dso_party_id)
    first.outage = None
    with pytest.raises(NetworkMismatch) as refused:
        client.network()
    assert str(refused.value).startswith(f"{first.url} serves network {network_of(DSO)}, ")
    assert f", {second.url} serves network " in str(refused.value)


def after_a_reset(node, request):
    """Its pages are another synchronizer's; the DSO party is not asked for again."""
    lines = updates_in(node.proper(request).content)
    own = b'"synchronizer_id":"global-domain::'
    foreign = [line.replace(own, b'"synchronizer_id":"reset-domain::') for line in lines]
    assert foreign != lines
    return answers(200, page_body(*foreign).decode())(node, request)


def test_a_node_that_is_reset_while_a_run_reads_is_refused_by_its_synchronizer(scans):
    scans.add(None, answers(500, UNEXPECTED))
    reset = scans.add(after_a_reset)
    pages, said = read_until_refused(scans.client())
    assert said.startswith(f"{reset.url} sent updates of a second synchronizer: global-domain::")
    assert said.endswith(f"\n{HINT}")
    assert (len(pages), reset.met) == (1, 1)


def test_a_position_whose_synchronizer_is_known_holds_all_nodes_to_it(scans):
    first = scans.add()
    scans.add()
    with pytest.raises(NetworkMismatch, match=OTHER) as refused:
        next(scans.client().pages(GENESIS, OTHER))
    assert str(refused.value).startswith(f"{first.url} sent updates of a second synchronizer")


def test_a_single_node_with_a_second_synchronizer_says_what_it_always_did(scans):
    node = scans.add()
    with pytest.raises(NetworkMismatch) as alone:
        node.client().page(GENESIS, OTHER, page_size=10)
    with pytest.raises(NetworkMismatch) as refused:
        next(scans.client(page_size=10).pages(GENESIS, OTHER))
    assert str(refused.value) == str(alone.value)
