"""The benchmark's flow process ends with the measurement, however that ends."""

from types import SimpleNamespace

import psutil
import pytest

from tests.clone import ROOT
from tools.bench import pipeline


class Interrupted(Exception):
    """Whatever stops a measurement half way."""


def test_a_measurement_that_is_stopped_leaves_no_flow_behind(tmp_path, monkeypatch):
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "pipeline.py").write_text("import signal\nsignal.pause()\n")
    (tmp_path / "logs").mkdir()
    monkeypatch.chdir(tmp_path)
    started = []

    def stopped(process):
        started.append(psutil.Process(process.pid))
        raise Interrupted

    monkeypatch.setattr(pipeline, "_peak_bytes", stopped)
    state, environment = SimpleNamespace(path=tmp_path), {"PYTHONPATH": str(ROOT)}
    with pytest.raises(Interrupted):
        pipeline.run_flow(SimpleNamespace(state=state, environment=environment))
    (process,) = started
    assert not process.is_running()
