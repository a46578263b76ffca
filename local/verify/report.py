"""The output of `make verify`."""

from collections.abc import Iterator

from local.verify.verify import Verdict


def report_lines(verdict: Verdict) -> Iterator[str]:
    """Each difference under its table; a count where there is none; what was left out."""
    if verdict.holds and not any(verdict.row_counts.values()):
        yield "nothing is loaded yet, so nothing could be wrong"
        return
    for table, differences in verdict.differences.items():
        if not differences:
            yield f"{table}: {verdict.row_counts[table]:,} rows, all as they should be"
            continue
        yield f"{table}: differences: {len(differences):,}"
        yield from (f"  {difference}" for difference in differences)
    if verdict.discarded_count:
        yield f"updates left out: {verdict.discarded_count:,}, which ops.quarantine_acts discards"
