"""Checks of which containers the worker may create: flow runs, and nothing that reaches further."""

import json

import pytest

from local.stack.flow_containers import Refused, Rules, checked_create
from local.stack.gate import LONGEST_BODY, MOST_RUNS
from tests.unit.stack.gate.wanted import (
    FLOW_RUN,
    HOST_CONFIG,
    OF_THE_WORKER,
    RULES,
    SERVICE,
    WANTED,
)


def test_what_the_worker_sends_is_created(ask, docker):
    status, _ = ask("POST /v1.41/containers/create", json.dumps(OF_THE_WORKER).encode())
    [asked] = docker.asked
    unset = {name for name, value in OF_THE_WORKER.items() if value in (None, False)}
    expected = {name: value for name, value in OF_THE_WORKER.items() if name not in unset}
    assert status == 200
    assert json.loads(asked.content) == expected
    assert asked.headers["content-type"] == "application/json"


def test_the_image_s_own_user_may_be_named_by_number():
    sent = json.loads(checked_create(RULES, json.dumps(WANTED | {"User": "10001:10001"}).encode()))
    assert sent == WANTED | {"User": "10001:10001"}


@pytest.mark.parametrize(
    ("query", "name"),
    [
        pytest.param("", "", id="none"),
        pytest.param("?name=clever-fox", "name=stack-flow-run-clever-fox", id="the-run-s"),
        pytest.param("?name=snowflake", "name=stack-flow-run-snowflake", id="a-service-s"),
        pytest.param("?name=a&name=b&platform=x", "name=stack-flow-run-b", id="nothing-else"),
    ],
)
def test_a_flow_run_cannot_take_the_name_of_a_service(ask, docker, query, name):
    ask(f"POST /containers/create{query}", json.dumps(WANTED).encode())
    assert [one.url.query.decode() for one in docker.asked] == [name]


@pytest.mark.parametrize(
    ("host_config", "reason"),
    [
        pytest.param({"Privileged": True}, "Privileged=true", id="privileged"),
        pytest.param({"privileged": True}, "privileged=true", id="privileged-lower"),
        pytest.param({"Binds": ["/:/h:ro"]}, "Binds=", id="bind-root"),
        pytest.param({"Binds": ["/etc:/h:ro"]}, "Binds=", id="bind-outside"),
        pytest.param({"Binds": ["/repo:/h:ro"]}, "Binds=", id="bind-above"),
        pytest.param({"Binds": ["/repo/flows2:/h:ro"]}, "Binds=", id="bind-beside"),
        pytest.param({"Binds": ["/repo/flows/link:/h:ro"]}, "Binds=", id="bind-within"),
        pytest.param({"Binds": ["/repo/flows/../..:/h:ro"]}, "Binds=", id="bind-dots"),
        pytest.param({"Binds": ["/repo/flows:/h"]}, "Binds=", id="bind-writable"),
        pytest.param({"Binds": ["/repo/flows:/h:rw"]}, "Binds=", id="bind-rw"),
        pytest.param({"Binds": ["/repo/flows:/h:ro,rshared"]}, "Binds=", id="bind-shared"),
        pytest.param({"Binds": ["/repo/flows:/h:ro:rw"]}, "Binds=", id="bind-four-parts"),
        pytest.param({"Binds": ["postgres:/h:ro"]}, "Binds=", id="named-volume"),
        pytest.param({"Binds": ["flows:/h:ro"]}, "Binds=", id="bind-relative"),
        pytest.param({"Binds": ["./flows:/h:ro"]}, "Binds=", id="bind-dot-relative"),
        pytest.param({"Binds": [*HOST_CONFIG["Binds"], "/:/h:ro"]}, "Binds=", id="bind-last"),
        pytest.param({"Binds": "/repo/flows:/h:ro"}, "Binds=", id="binds-no-list"),
        pytest.param({"Binds": {"/repo/flows": {}}}, "Binds=", id="binds-an-object"),
        pytest.param({"Binds": [1]}, "Binds=", id="bind-no-text"),
        pytest.param({"binds": ["/:/h"]}, "binds=", id="binds-lower"),
        pytest.param({"Bind\u017f": ["/:/h"]}, "Bind", id="binds-long-s"),
        pytest.param({"Mounts": [{"Type": "bind"}]}, "Mounts=", id="mounts"),
        pytest.param({"PidMode": "host"}, "PidMode=", id="pid"),
        pytest.param({"PidMode": f"container:{SERVICE}"}, "PidMode=", id="pid-of-another"),
        pytest.param({"IpcMode": "host"}, "IpcMode=", id="ipc"),
        pytest.param({"UTSMode": "host"}, "UTSMode=", id="uts"),
        pytest.param({"UsernsMode": "host"}, "UsernsMode=", id="userns"),
        pytest.param({"CgroupnsMode": "host"}, "CgroupnsMode=", id="cgroupns"),
        pytest.param({"NetworkMode": "host"}, "NetworkMode=", id="net-host"),
        pytest.param({"NetworkMode": "none"}, "NetworkMode=", id="net-none"),
        pytest.param({"NetworkMode": "default"}, "NetworkMode=", id="net-default"),
        pytest.param({"NetworkMode": None}, "NetworkMode=null", id="net-unset"),
        pytest.param({"NetworkMode": "other"}, "NetworkMode=", id="net-another"),
        pytest.param({"NetworkMode": "container:x"}, "NetworkMode=", id="net-of-another"),
        pytest.param({"Devices": [{"PathOnHost": "/dev/sda"}]}, "Devices=", id="devices"),
        pytest.param({"DeviceRequests": [{"Count": -1}]}, "DeviceRequests=", id="gpus"),
        pytest.param({"DeviceCgroupRules": ["a *:* rwm"]}, "DeviceCgroupRules=", id="rules"),
        pytest.param({"CapAdd": ["SYS_ADMIN"]}, "CapAdd=", id="cap-add"),
        pytest.param({"CapDrop": None}, "CapDrop=null", id="cap-drop-unset"),
        pytest.param({"CapDrop": ["MKNOD"]}, "CapDrop=", id="cap-drop-one"),
        pytest.param({"SecurityOpt": None}, "SecurityOpt=null", id="security-unset"),
        pytest.param({"SecurityOpt": []}, "SecurityOpt=", id="security-empty"),
        pytest.param({"SecurityOpt": ["seccomp=unconfined"]}, "SecurityOpt=", id="seccomp"),
        pytest.param(
            {"SecurityOpt": ["no-new-privileges:true", "apparmor=unconfined"]},
            "SecurityOpt=",
            id="apparmor",
        ),
        pytest.param({"VolumesFrom": [SERVICE]}, "VolumesFrom=", id="volumes-from"),
        pytest.param({"VolumeDriver": "x"}, "VolumeDriver=", id="volume-driver"),
        pytest.param({"Sysctls": {"net.core.somaxconn": "1"}}, "Sysctls=", id="sysctls"),
        pytest.param({"PortBindings": {"80/tcp": [{}]}}, "PortBindings=", id="ports"),
        pytest.param({"PublishAllPorts": True}, "PublishAllPorts=", id="all-ports"),
        pytest.param({"Runtime": "other"}, "Runtime=", id="runtime"),
        pytest.param({"CgroupParent": "/"}, "CgroupParent=", id="cgroup-parent"),
        pytest.param({"Cgroup": f"container:{SERVICE}"}, "Cgroup=", id="cgroup"),
        pytest.param({"MaskedPaths": ["/x"]}, "MaskedPaths=", id="masked"),
        pytest.param({"MaskedPaths": []}, "MaskedPaths=[]", id="nothing-masked"),
        pytest.param({"ReadonlyPaths": []}, "ReadonlyPaths=[]", id="nothing-readonly"),
        pytest.param({"Links": ["postgres:db"]}, "Links=", id="links"),
        pytest.param({"GroupAdd": ["111"]}, "GroupAdd=", id="group-add"),
        pytest.param({"Memory": 0}, "Memory=0", id="memory-without-limit"),
        pytest.param({"Memory": True}, "Memory=true", id="memory-no-number"),
        pytest.param({"Memory": 1 << 40}, "Memory=1099511627776", id="a-terabyte"),
        pytest.param({"MemorySwap": -1}, "MemorySwap=-1", id="swap-without-limit"),
        pytest.param({"MemorySwap": (4 << 30) + 1}, "MemorySwap=", id="much-swap"),
        pytest.param({"PidsLimit": 0}, "PidsLimit=0", id="pids-without-limit"),
        pytest.param({"PidsLimit": -1}, "PidsLimit=-1", id="pids-unlimited"),
        pytest.param({"PidsLimit": 1025}, "PidsLimit=1025", id="many-pids"),
        pytest.param({"PidsLimit": "512"}, "PidsLimit=", id="pids-a-text"),
        pytest.param({"OomKillDisable": True}, "OomKillDisable=", id="oom"),
        pytest.param({"Ulimits": [{"Name": "core"}]}, "Ulimits=", id="ulimits"),
        pytest.param({"StorageOpt": {"size": "1T"}}, "StorageOpt=", id="storage"),
        pytest.param({"Dns": ["203.0.113.1"]}, "Dns=", id="dns"),
        pytest.param({"ContainerIDFile": "/x"}, "ContainerIDFile=", id="id-file"),
        pytest.param({"RestartPolicy": {"Name": "always"}}, "RestartPolicy=", id="restart"),
        pytest.param({"LogConfig": {"Type": "syslog"}}, "LogConfig=", id="log-driver"),
        pytest.param({"LogConfig": {"Config": {"tag": "x"}}}, "LogConfig=", id="log-options"),
        pytest.param({"NewerThanTheGate": 1}, "NewerThanTheGate=", id="unknown"),
    ],
)
def test_a_host_config_that_is_more_than_a_flow_run_s_is_refused(host_config, reason):
    body = WANTED | {"HostConfig": HOST_CONFIG | host_config}
    with pytest.raises(Refused, match="is not for flow runs") as refused:
        checked_create(RULES, json.dumps(body).encode())
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize(
    ("top", "reason"),
    [
        pytest.param({"Image": "alpine"}, "Image=", id="another-image"),
        pytest.param({"Image": "stack/pipeline:old"}, "Image=", id="another-tag"),
        pytest.param({"Image": "stack/pipeline"}, "Image=", id="another-tag"),
        pytest.param({"Image": None}, "Image=null", id="no-image"),
        pytest.param({"Labels": None}, "Labels=null", id="no-labels"),
        pytest.param({"Labels": {}}, "Labels=", id="empty-labels"),
        pytest.param({"Labels": list(FLOW_RUN)}, "Labels=", id="labels-no-object"),
        pytest.param(
            {"Labels": FLOW_RUN | {"com.docker.compose.project": "another"}},
            "Labels=",
            id="another-project",
        ),
        pytest.param(
            {"Labels": FLOW_RUN | {"com.docker.compose.service": "postgres"}},
            "Labels=",
            id="a-service-s-labels",
        ),
        pytest.param({"HostConfig": None}, "null is no object", id="no-host-config"),
        pytest.param({"HostConfig": []}, "[] is no object", id="host-config-a-list"),
        pytest.param({"HostConfig": "x"}, '"x" is no object', id="host-config-a-text"),
        pytest.param({"HostConfig": {}}, "NetworkMode=null", id="host-config-empty"),
        pytest.param({"hostconfig": {"Privileged": True}}, "hostconfig=", id="host-config-lower"),
        pytest.param({"HOSTCONFIG": {}}, "HOSTCONFIG=", id="host-config-upper"),
        pytest.param({"image": "alpine"}, "image=", id="image-lower"),
        pytest.param({"labels": {}}, "labels=", id="labels-lower"),
        pytest.param({"User": "0"}, "User=", id="user"),
        pytest.param({"User": ""}, "User=", id="user-of-nobody"),
        pytest.param({"User": "10001:0"}, "User=", id="group"),
        pytest.param({"User": "10001:10001:0"}, "User=", id="user-and-more"),
        pytest.param({"User": ["10001:10001"]}, "User=", id="user-a-list"),
        pytest.param({"WorkingDir": "/proc/self/fd/8"}, "WorkingDir=", id="working-dir"),
        pytest.param({"Hostname": "postgres"}, "Hostname=", id="hostname"),
        pytest.param({"Domainname": "postgres"}, "Domainname=", id="domain"),
        pytest.param({"MacAddress": "02:42:ac:11:00:02"}, "MacAddress=", id="mac"),
        pytest.param({"Healthcheck": {"Test": ["CMD", "x"]}}, "Healthcheck=", id="health"),
        pytest.param({"ExposedPorts": {"80/tcp": {}}}, "ExposedPorts=", id="exposed"),
        pytest.param({"Tty": True}, "Tty=", id="tty"),
        pytest.param({"OpenStdin": True}, "OpenStdin=", id="stdin"),
        pytest.param({"Volumes": {"/cache": {}}}, "Volumes=", id="anonymous-volume"),
        pytest.param({"Volumes": {"/app/flows": {}, "/x": {}}}, "Volumes=", id="one-more-volume"),
        pytest.param({"Volumes": {"/app/flows": {"x": 1}}}, "Volumes=", id="volume-with-more"),
        pytest.param({"Volumes": ["/app/flows"]}, "Volumes=", id="volumes-a-list"),
        pytest.param({"Volumes": {"/app/flows/..": {}}}, "Volumes=", id="volume-above-a-mount"),
        pytest.param({"NetworkingConfig": []}, "NetworkingConfig=", id="networking-a-list"),
        pytest.param({"NetworkingConfig": {"other": None}}, "NetworkingConfig=", id="networking"),
        pytest.param(
            {"NetworkingConfig": {"EndpointsConfig": {"other": None}}},
            "NetworkingConfig=",
            id="another-network",
        ),
        pytest.param(
            {"NetworkingConfig": {"EndpointsConfig": {"stack-net": None, "other": None}}},
            "NetworkingConfig=",
            id="a-second-network",
        ),
        pytest.param(
            {"NetworkingConfig": {"EndpointsConfig": {"stack-net": {"Aliases": ["postgres"]}}}},
            "NetworkingConfig=",
            id="alias",
        ),
        pytest.param(
            {"NetworkingConfig": {"EndpointsConfig": {"stack-net": {"IPAMConfig": {}}}}},
            "NetworkingConfig=",
            id="address",
        ),
        pytest.param(
            {"NetworkingConfig": {"endpointsconfig": {"other": {}}}},
            "NetworkingConfig=",
            id="networking-lower",
        ),
    ],
)
def test_a_container_that_is_no_flow_run_is_not_created(top, reason):
    with pytest.raises(Refused) as refused:
        checked_create(RULES, json.dumps(WANTED | top).encode())
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize(
    "name",
    [
        "Image",
        "Labels",
        "HostConfig",
        "NetworkMode",
        "CapDrop",
        "SecurityOpt",
        "Memory",
        "MemorySwap",
        "PidsLimit",
    ],
)
def test_what_keeps_a_flow_run_in_its_place_cannot_be_left_out(name):
    body = {key: value for key, value in WANTED.items() if key != name}
    if name in HOST_CONFIG:
        body["HostConfig"] = {key: value for key, value in HOST_CONFIG.items() if key != name}
    with pytest.raises(Refused):
        checked_create(RULES, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "no JSON", id="empty"),
        pytest.param(b"Image=x", "no JSON", id="form"),
        pytest.param(b"\xff\xfe\x00", "no JSON", id="bytes"),
        pytest.param(b'{"Image"', "no JSON", id="half"),
        pytest.param(json.dumps(WANTED).encode() + b"{}", "no JSON", id="two-values"),
        pytest.param(b"[" * 100_000, "no JSON", id="deep"),
        pytest.param(b"[]", "is no object", id="list"),
        pytest.param(b"null", "is no object", id="null"),
        pytest.param(b'"x"', "is no object", id="text"),
    ],
)
def test_a_body_that_is_no_object_is_refused(body, reason):
    with pytest.raises(Refused, match=reason):
        checked_create(RULES, body)


def test_a_body_that_is_longer_than_any_flow_run_s_is_refused(ask, docker):
    body = json.dumps(WANTED | {"Env": ["A=" + "a" * LONGEST_BODY]}).encode()
    status, answer = ask("POST /containers/create", body)
    assert (status, docker.asked) == (403, [])
    assert "is longer than" in answer["message"]


def test_of_two_keys_the_one_that_was_checked_is_sent_on():
    first = json.dumps(WANTED)[:-1] + ', "HostConfig": {"Privileged": true}}'
    with pytest.raises(Refused, match="Privileged=true"):
        checked_create(RULES, first.encode())
    last = '{"HostConfig": {"Privileged": true}, ' + json.dumps(WANTED)[1:]
    assert json.loads(checked_create(RULES, last.encode())) == WANTED


@pytest.mark.parametrize(
    ("top", "host_config"),
    [
        # Docker takes keys in any case, and null empties what was set before.
        pytest.param({"labels": None, "hostconfig": None}, {}, id="null-at-the-top"),
        pytest.param({}, {"capdrop": None, "securityopt": None}, id="null-in-the-host-config"),
        pytest.param({"user": False}, {"privileged": False}, id="false"),
    ],
)
def test_a_key_that_is_not_known_is_not_sent_on_even_empty(top, host_config):
    body = {**WANTED, "HostConfig": HOST_CONFIG | host_config, **top}
    assert json.loads(checked_create(RULES, json.dumps(body).encode())) == WANTED


def test_a_refused_create_call_never_reaches_docker_and_says_why(ask, docker, capsys):
    body = json.dumps(WANTED | {"HostConfig": HOST_CONFIG | {"Privileged": True}}).encode()
    status, answer = ask("POST /v1.41/containers/create", body)
    why = "POST '/v1.41/containers/create': Privileged=true is not for flow runs"
    assert (status, answer, docker.asked) == (403, {"message": why}, [])
    assert capsys.readouterr().out == f"refused {why}\n"


def test_a_limit_says_how_far_it_goes():
    body = WANTED | {"HostConfig": HOST_CONFIG | {"Memory": 1 << 40}}
    with pytest.raises(Refused) as refused:
        checked_create(RULES, json.dumps(body).encode())
    assert str(refused.value) == (
        "Memory=1099511627776 is not for flow runs: expected a number up to 4294967296"
    )


def test_as_many_flow_runs_as_there_may_be_are_created_and_the_next_one_is_told_why(ask, docker):
    body = json.dumps(WANTED).encode()
    docker.runs = MOST_RUNS - 1
    assert ask("POST /v1.41/containers/create", body)[0] == 200
    docker.runs = MOST_RUNS
    status, answer = ask("POST /v1.41/containers/create", body)
    assert (status, len(docker.asked)) == (429, 1)
    assert answer["message"] == (
        "POST '/v1.41/containers/create': 50 flow runs have a container, which is as many as there"
        " may be: wait for one to end, or cancel one"
    )


def test_the_rules_are_read_from_the_environment_of_the_service():
    environment = {
        "COMPOSE_PROJECT": "stack",
        "FLOW_IMAGE": "stack/pipeline:local",
        "NEXT_IMAGE": "stack/pipeline:next",
        "FLOW_NETWORKS": '["stack-net","stack-egress"]',
        "DEBUG_NETWORK": "stack-ports",
        "FLOW_FOLDERS": "/repo/flows:/repo/services",
        "FLOW_MOST_MEMORY_MIB": "4096",
        "DEBUG_FOLDER": "/repo/.debugger",
        "DEBUG_PORT": "5688",
    }
    assert Rules.from_environment(environment) == RULES
    assert Rules.from_environment(environment | {"FLOW_FOLDERS": ""}).folders == ()
