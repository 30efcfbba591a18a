"""What an administrator copies is whole: it parses, and every name in it is one of ours."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from api import routes
from georeview.cli import root
from georeview.cli.serve import KEEP_ALIVE_S
from georeview.settings import PREFIX, Settings, load
from tests.api.conftest import World
from tests.house.test_docs import ROOT

DEPLOY = ROOT / "deploy"
UNITS = ("georeview.service", "georeview-worker.service")
NOT_OURS = {"GEOREVIEW_SITE", "GEOREVIEW_UPSTREAM"}
"""Variables that compose hands to the front; the service never sees them."""


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def options_of(command: click.Command) -> set[str]:
    return {name for option in command.params for name in option.opts}


def check_command(words: list[str]) -> None:
    """A command line of ours names a command and options that there are."""
    assert Path(words[0]).name == "georeview"
    command: click.Command = root
    rest = words[1:]
    while rest and isinstance(command, click.Group):
        assert rest[0] in command.commands, rest[0]
        command, rest = command.commands[rest[0]], rest[1:]
    assert {word for word in rest if word.startswith("--")} <= options_of(command)


def check_settings(given: dict[str, str]) -> Settings:
    """Every variable is a setting, and the service would take its value."""
    names = {PREFIX + name.upper() for name in Settings.__dataclass_fields__}
    ours = {name for name in given if name.startswith(PREFIX)}
    assert ours <= names, ours - names
    return load(given)


def environment(text: str) -> dict[str, str]:
    """Lines ``NAME=value``, those behind a single ``#`` included."""
    return dict(re.findall(r"^#?([A-Z_]+)=(\S*)$", text, re.MULTILINE))


def addresses() -> set[str]:
    return {route.path for router in routes.ROOT for route in router.routes}


# systemd -----------------------------------------------------------------------------------------


def unit(name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in read(name).splitlines():
        if line and not line.startswith(("#", "[")):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_a_command_there_is(name: str) -> None:
    said = unit(name)
    (command,) = said["ExecStart"]
    check_command(shlex.split(command))
    (environment_file,) = said["EnvironmentFile"]
    assert (DEPLOY / Path(environment_file).name).exists()
    (page,) = said["Documentation"]
    assert (ROOT / page.removeprefix("file:/opt/georeview/")).exists()


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_fenced_in_and_leaves_the_readers_their_own_fences(name: str) -> None:
    said = {key: " ".join(values).split() for key, values in unit(name).items()}
    for key in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "PrivateDevices", "RemoveIPC"):
        assert said[key] == ["yes"], key
    assert said["ProtectSystem"] == ["strict"]
    assert said["CapabilityBoundingSet"] == []
    # See georeview/sandbox_walls.py: without these the walls silently do not stand.
    assert set(said["RestrictNamespaces"]) == {"user", "net"}
    calls = {"create_ruleset", "add_rule", "restrict_self"}
    assert {f"landlock_{call}" for call in calls} <= set(said["SystemCallFilter"])
    assert "AF_UNIX" in said["RestrictAddressFamilies"]


@pytest.mark.parametrize("name", UNITS)
def test_what_a_unit_may_write_is_where_the_settings_point(name: str) -> None:
    given = check_settings(environment(read("georeview.env")))
    folders = {Path("/var/lib") / folder for folder in unit(name)["StateDirectory"][0].split()}
    assert given.home in folders
    assert Path(given.head_key).parent in folders
    assert given.home not in Path(given.head_key).parents
    assert unit(name)["RequiresMountsFor"] == [str(given.home)]


def test_a_service_has_longer_to_stop_than_it_takes() -> None:
    (seconds,) = unit("georeview.service")["TimeoutStopSec"]
    given = check_settings(environment(read("georeview.env")))
    assert int(seconds) > given.drain_seconds + 20 + 30


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_a_unit(name: str, tmp_path: Path) -> None:
    """As it is, but for a program that is there."""
    program = tmp_path / "georeview"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    page = (DEPLOY / name).read_text(encoding="utf-8")
    copy = tmp_path / name
    copy.write_text(page.replace("/opt/georeview/.venv/bin/georeview", str(program)))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], check=False, capture_output=True, text=True
    )
    told = [line for line in done.stderr.splitlines() if name in line]
    assert told == []


# Fronts ------------------------------------------------------------------------------------------


def blocks(text: str, end: str) -> Iterator[list[str]]:
    """The directives of a file of nested braces, each with the blocks it stands in.

    Args:
        text: The file.
        end: What closes a directive: a semicolon, or nothing where a line does.
    """
    place: list[str] = []
    for line in re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE).splitlines():
        said = line.strip()
        if said == "}":
            place.pop()
        elif said.endswith("{"):
            place.append(said[:-1].strip())
        elif said:
            assert said.endswith(end), said
            yield [*place, said.removesuffix(end)]
    assert place == []


def test_the_caddyfile_leads_to_the_service() -> None:
    said = list(blocks(read("Caddyfile"), ""))
    site = "{$GEOREVIEW_SITE:localhost}"
    assert [site, "respond /metrics 404"] in said
    inner = {line[-1] for line in said if len(line) > 2 and line[1].startswith("reverse_proxy")}
    assert "header_up X-Request-Id {http.request.uuid}" in inner
    assert "lb_try_duration 10s" in inner
    assert f"127.0.0.1:{Settings().port}" in read("Caddyfile")
    sizes = [line[-1] for line in said if "request_body" in line]
    assert sizes == [f"max_size {Settings().max_upload_mb + 8}MiB"]
    assert {"read_header 10s", "read_body 30m"} <= {line[-1] for line in said}


def test_the_nginx_file_leads_to_the_service() -> None:
    said = list(blocks(read("nginx.conf"), ";"))
    assert ["upstream georeview", f"server 127.0.0.1:{Settings().port} max_fails=0"] in said
    assert ["server", "location = /metrics", "return 404"] in said
    for place, told in (("location /", set()), ("location = /ui/live", {"proxy_buffering off"})):
        passed = {line[-1] for line in said if line[1:2] == [place]}
        assert {"proxy_pass http://georeview"} | told <= passed
        assert not any(line.startswith("proxy_set_header") for line in passed), (
            "it would stand alone"
        )
    assert {
        "proxy_set_header Host $http_host",
        "proxy_set_header X-Forwarded-For $remote_addr",
        "proxy_set_header X-Request-Id $request_id",
    } <= {line[-1] for line in said if line[0] == "server"}
    own = {line[-1] for line in said if line[0] == "server"}
    assert f"client_max_body_size {Settings().max_upload_mb + 8}m" in own
    assert "listen 443 ssl http2" in own
    for time_out in ("client_header_timeout", "client_body_timeout", "send_timeout"):
        assert any(line.startswith(time_out) for line in own), time_out


def test_a_front_lets_go_of_a_connection_before_the_service_does() -> None:
    """Else it sends a request into one that is being closed, and may not send it twice."""
    in_nginx = re.search(r"upstream georeview \{[^}]*keepalive_timeout (\d+)s;", read("nginx.conf"))
    in_caddy = re.search(r"\n\t\t\tkeepalive (\d+)s\n", read("Caddyfile"))
    for found in (in_nginx, in_caddy):
        assert found is not None
        assert int(found[1]) < KEEP_ALIVE_S


def test_a_front_on_the_same_machine_is_believed() -> None:
    given = check_settings(environment(read("georeview.env")))
    assert given.https
    assert "127.0.0.1" in given.proxies.split(",")


# Containers --------------------------------------------------------------------------------------


@pytest.fixture
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(read("compose.yaml"))
    return found


def filled(value: str) -> str:
    """A value as compose would fill it in."""
    return re.sub(r"\$\{\w+(?::[-?]([^}]*))?\}", lambda found: found.group(1) or "x", value)


def test_every_service_of_compose_is_wired(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"app", "worker", "db", "front"}
    for service in services.values():
        assert set(service["networks"]) <= set(compose["networks"])
        assert set(service.get("depends_on", ())) <= set(services)
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).exists(), volume
    assert compose["networks"]["inside"]["internal"] is True
    assert "ports" not in services["app"]


@pytest.mark.parametrize("name", ["app", "worker"])
def test_a_container_runs_a_command_there_is_with_settings_there_are(
    compose: dict[str, Any], name: str
) -> None:
    service = compose["services"][name]
    check_command(service["command"])
    given = check_settings({k: filled(str(v)) for k, v in service["environment"].items()})
    assert given.store.endswith("@db/georeview")
    (subnet,) = compose["networks"]["inside"]["ipam"]["config"]
    assert given.proxies == subnet["subnet"]
    assert {"app", "127.0.0.1"} <= set(given.hosts.split(","))
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    build = service["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).samefile(DEPLOY / "Dockerfile")


def test_the_front_of_compose_leads_to_the_app(compose: dict[str, Any]) -> None:
    given = compose["services"]["front"]["environment"]
    assert set(given) == NOT_OURS
    host, _, port = given["GEOREVIEW_UPSTREAM"].partition(":")
    command = compose["services"]["app"]["command"]
    assert host in compose["services"]
    assert port == command[command.index("--port") + 1]


def test_the_image_is_made_of_what_is_there_and_locked() -> None:
    lines = re.sub(r"\\\n\s*", " ", read("Dockerfile")).splitlines()
    copied = [
        word
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    ]
    ignored = read("Dockerfile.dockerignore").splitlines()
    for path in copied:
        assert (ROOT / path).exists(), path
        assert f"!{path}" in ignored, path
    assert any("--require-hashes -r requirements/run.lock" in line for line in lines)
    (user,) = [line for line in lines if line.startswith("USER ")]
    assert user == "USER georeview"
    (command,) = [line for line in lines if line.startswith("CMD ")]
    check_command(yaml.safe_load(command.removeprefix("CMD ")))
    (probe,) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", "\n".join(lines))
    (port,) = [line.split()[1] for line in lines if line.startswith("EXPOSE ")]
    assert probe[0] == port == str(Settings().port)
    assert probe[1] in addresses()
    check_settings(dict(re.findall(r"(GEOREVIEW_\w+)=(\S+)", "\n".join(lines))))


# Alerts ------------------------------------------------------------------------------------------


def test_alerts_are_about_figures_there_are(world: World) -> None:
    text = world.browser("admin").get("/metrics").text
    known = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    rules = yaml.safe_load(read("alerts.yaml"))["groups"][0]["rules"]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["annotations"]["summary"]
        named = re.findall(r"\b(?:georeview|process)_\w+", rule["expr"])
        assert named, rule["alert"]
        for name in named:
            assert {name, re.sub("_(bucket|count|sum)$", "", name)} & known, name


def test_every_figure_of_ours_is_explained(world: World) -> None:
    text = world.browser("admin").get("/metrics").text
    page = (ROOT / "docs" / "administration.md").read_text(encoding="utf-8")
    for name in re.findall(r"^# TYPE (georeview_\w+)", text, re.MULTILINE):
        assert name in page, name


# The page ----------------------------------------------------------------------------------------


def commands() -> list[str]:
    """Every command line of the page, in blocks and in running text."""
    page = (ROOT / "docs" / "administration.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    lines = [line.partition("#")[0] for block in blocks for line in block.splitlines()]
    lines += re.findall(
        r"`((?:geo|georeview) [^`]+)`", re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    )
    return [line for line in lines if re.match(r"(geo|georeview) \w", line)]


@pytest.mark.parametrize("line", commands())
def test_a_command_of_the_page_can_be_given(line: str) -> None:
    check_command(["georeview", *shlex.split(line)[1:]])


def test_a_setting_of_the_page_is_one() -> None:
    page = (ROOT / "docs" / "administration.md").read_text(encoding="utf-8")
    names = set(re.findall(r"\bGEOREVIEW_[A-Z_]+\b", page)) - NOT_OURS
    assert names <= {PREFIX + name.upper() for name in Settings.__dataclass_fields__}
