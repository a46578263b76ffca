import inspect

import pytest

from flows.backfill_transactions import backfill_transactions_flow
from flows.bronze_transactions import bronze_transactions_flow
from flows.pipeline import pipeline_flow
from infra.growth.figures import Figure, read_facts, read_figures, read_prices
from services import bronze
from services.model import LandedPage, Position
from services.settings import CantonSettings
from services.watermarks import BatchRecord


def test_the_pipelines_own_figures_are_the_pipelines():
    facts = read_facts()
    page_size = CantonSettings.model_fields["page_size"].default
    for flow in (bronze_transactions_flow, pipeline_flow):
        parameters = inspect.signature(flow.fn).parameters
        assert parameters["budget_pages"].default == facts.budget_pages
        assert parameters["budget_seconds"].default == facts.budget_seconds
    backfill = inspect.signature(backfill_transactions_flow.fn).parameters
    assert backfill["budget_pages"].default == facts.budget_pages
    assert (page_size, bronze.MAX_FILES) == (facts.page_size, facts.max_files)


class _Stopped(Exception):
    """The statement was seen."""


class _Seeing:
    """A session that only looks at a statement."""

    size = 0

    def query(self, sql, _values):
        self.size = len(sql)
        raise _Stopped


def _copy_size(count: int) -> int:
    at = Position.parse("4/2026-11-01T00:00:00.000001Z")
    folder = "canton/1220b1431ef2/updates/migration_id=4/date=2026-11-01"
    key = f"{folder}/after=4_20261101T000000.{{:06}}Z.ndjson.gz"
    url = "https://scan.sv-1.global.canton.network.sync.global/api/scan/v2/updates"
    pages = [
        bronze.CheckedPage(LandedPage(key.format(n), at, at, 1, "", url), key.format(n), 1)
        for n in range(count)
    ]
    batch = BatchRecord("bronze", "1220b1431ef2", 1, "live", 0, 0)
    seeing = _Seeing()
    with pytest.raises(_Stopped):
        bronze._copy(seeing, batch, pages, "run")
    return seeing.size


def test_a_full_copy_stays_under_snowflakes_megabyte():
    facts = read_facts()
    a_file = (_copy_size(1_000) - _copy_size(1)) / 999

    assert a_file == pytest.approx(facts.statement_bytes_a_file, abs=5)
    assert _copy_size(bronze.MAX_FILES) < 1_000_000


@pytest.mark.parametrize("file", ["facts", "prices"])
def test_each_figure_says_where_it_is_from(file):
    for name, figure in read_figures(file).items():
        assert figure.value > 0, name
        assert figure.source, name
        assert figure.as_of or file == "facts", name


def test_a_price_that_was_read_names_its_page():
    for name, figure in read_figures("prices").items():
        assert figure.source.startswith("https://"), name
        assert figure.kind in ("documented", "assumed"), name


def test_a_figure_with_a_misspelt_part_is_refused():
    with pytest.raises(ValueError, match="sauce"):
        Figure.model_validate({"value": 1, "unit": "x", "kind": "assumed", "sauce": "y"})


def test_the_stacks_databases_have_a_price(prod, dev):
    for stack in (prod, dev):
        assert read_prices().database_hour(stack.prefect.api.database_class) > 0
