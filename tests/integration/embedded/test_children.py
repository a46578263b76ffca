"""Children are started together, watched, and gone with us."""

import os
import signal

import pytest

from local.console.formats import StateRefused
from local.embedded import children
from local.embedded.children import ChildFailed, Children, ChildSpec, free_port

SERVER = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[2]))
        self.end_headers()
print("listening as", os.environ.get("NAME"), flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
DEAF = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
FAILS = "print('one')\nprint('two', flush=True)\nraise SystemExit('no such file: ledger.json')\n"


@pytest.fixture
def family(tmp_path):
    environment = {**os.environ, "NAME": "everybody"}
    with Children(tmp_path / "logs", environment) as family:
        yield family


@pytest.fixture
def spec(tmp_path):
    """Describes a child that runs a text."""

    def of(text, name="child", arguments=(), **options):
        file = tmp_path / f"{name}.py"
        file.write_text(text)
        return ChildSpec(name, str(file), tuple(map(str, arguments)), **options)

    return of


@pytest.fixture
def service(spec):
    """Describes a child that answers over HTTP."""

    def of(name="service", text=SERVER, status=200, **options):
        port = free_port()
        url = f"http://127.0.0.1:{port}/health"
        return spec(text, name, (port, status), ready_url=url, **options)

    return of


def test_what_a_child_prints_over_the_years_fills_two_files_at_most(family, spec, tmp_path):
    log = tmp_path / "logs" / "child.log"
    beside = log.with_name("child.log.1")
    beside.write_text("of last year")
    log.write_bytes(b"x" * children.MOST_LOG_BYTES)
    family.start(spec("print('one', flush=True)")).process.wait()
    assert log.read_bytes().endswith(b"xone\n"), "not full yet"
    family.start(spec("print('two', flush=True)")).process.wait()
    assert log.read_text() == "two\n"
    assert beside.stat().st_size == children.MOST_LOG_BYTES + len("one\n")


def test_services_are_ready_when_all_of_them_answer(family, service):
    started = [family.start(service(name)) for name in ("one", "two")]
    family.wait_ready(*started)
    family.check()
    assert [child.process.poll() for child in started] == [None, None]


def test_what_a_child_prints_is_kept_in_a_file_of_its_name(family, service, tmp_path):
    child = family.start(service(env={"NAME": "somebody"}))
    family.wait_ready(child)
    assert child.log == tmp_path / "logs" / "service.log"
    assert child.last_lines(5)[0] == "listening as somebody"


def test_children_find_the_familys_environment(family, service):
    child = family.start(service())
    family.wait_ready(child)
    assert child.last_lines(5)[0].startswith("listening as everybody")


def test_a_visible_child_prints_where_we_do(family, spec, capfd):
    job = family.start(spec("print('rows: 60')", is_visible=True))
    assert job.process.wait() == 0
    assert (capfd.readouterr().out, job.last_lines(5)) == ("rows: 60\n", [])


def test_a_service_that_ends_before_it_answers_is_named_with_its_last_words(family, service):
    child = family.start(service("ledger", FAILS))
    with pytest.raises(ChildFailed) as failed:
        family.wait_ready(child)
    assert str(failed.value) == (
        f"ledger ended with exit code 1; see {child.log}\none\ntwo\nno such file: ledger.json"
    )


@pytest.mark.parametrize("status", [404, 500])
def test_a_service_that_does_not_answer_well_in_time_is_named_with_its_url(family, service, status):
    child = family.start(service(status=status, ready_seconds=0.5))
    with pytest.raises(ChildFailed) as failed:
        family.wait_ready(child)
    assert str(failed.value) == (
        f"service did not answer {child.spec.ready_url} within 0 s; see {child.log}"
    )


def test_a_service_that_refuses_its_state_is_told_by_that_alone(family, service):
    refusing = service("ledger", "raise SystemExit('ledger: state refused: format 9')")
    with pytest.raises(StateRefused, match=r"^format 9$"):
        family.wait_ready(family.start(refusing))


def test_what_an_earlier_service_refused_is_no_cause_now(family, service, tmp_path):
    (tmp_path / "logs" / "ledger.log").write_text("ledger: state refused: format 9\n")
    with pytest.raises(ChildFailed, match="no such file"):
        family.wait_ready(family.start(service("ledger", FAILS)))


def test_a_service_that_ends_later_is_noticed(family, service):
    child = family.start(service())
    family.wait_ready(child)
    child.process.kill()
    child.process.wait()
    with pytest.raises(ChildFailed, match=r"service ended with exit code -9; see .*service\.log"):
        family.check()


def test_a_job_may_end(family, spec):
    job = family.start(spec("raise SystemExit(4)"))
    assert job.process.wait() == 4
    family.check()


def test_another_childs_end_is_noticed_while_one_is_waited_for(family, service):
    family.start(service("ledger", FAILS)).process.wait()
    slow = family.start(service("slow", "import signal\nsignal.pause()\n"))
    with pytest.raises(ChildFailed, match="ledger ended with exit code 1"):
        family.wait_ready(slow)


def test_all_children_are_stopped_on_the_way_out(service, spec, tmp_path):
    with Children(tmp_path / "logs") as family:
        server = family.start(service())
        job = family.start(spec("import signal\nsignal.pause()\n", "job"))
        family.wait_ready(server)
    assert server.process.returncode == -signal.SIGTERM
    assert job.process.returncode == -signal.SIGTERM


def test_a_child_that_does_not_stop_is_killed(service, tmp_path, monkeypatch):
    monkeypatch.setattr(children, "STOP_SECONDS", 0.2)
    with Children(tmp_path / "logs") as family:
        child = family.start(service(text=DEAF + SERVER))
        family.wait_ready(child)
    assert child.process.returncode == -signal.SIGKILL


def refused_in(family, service, *, is_alive):
    """A request that fails while a service lives, or because it is gone."""
    with family:
        child = family.start(service("slack"))
        family.wait_ready(child)
        if not is_alive:
            child.process.kill()
            child.process.wait()
        raise ConnectionRefusedError(111, "Connection refused")


def test_a_failure_because_a_service_is_gone_names_the_service_and_its_log(tmp_path, service):
    with pytest.raises(ChildFailed) as failed:
        refused_in(Children(tmp_path / "logs"), service, is_alive=False)
    said = f"slack ended with exit code -9; see {tmp_path / 'logs' / 'slack.log'}"
    assert str(failed.value).startswith(said)


def test_a_failure_while_all_services_live_stays_what_it_is(tmp_path, service):
    with pytest.raises(ConnectionRefusedError):
        refused_in(Children(tmp_path / "logs"), service, is_alive=True)


def test_a_job_that_was_killed_is_told_to_have_been(family, spec):
    job = family.start(spec("import time\ntime.sleep(60)\n", "pipeline"))
    assert job.ended(0.01) is None
    os.killpg(job.process.pid, signal.SIGKILL)
    with pytest.raises(ChildFailed) as failed:
        job.ended(10)
    said = "pipeline was killed by SIGKILL; the next run goes on where this one was"
    assert str(failed.value) == said


@pytest.mark.parametrize("code", [0, 3])
def test_a_job_that_ends_by_itself_has_its_exit_code(family, spec, code):
    assert family.start(spec(f"raise SystemExit({code})\n", "job")).ended(30) == code
