"""Processes that end in the middle of their work: ours by ``kill -9``, the database by restart."""

import pytest

from benchmarks.postgres import Cluster
from tests.faults.land import Land, serving
from tests.faults.load import under_load

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]


def test_a_killed_server_keeps_every_mark_it_promised(either: Land, times: int, busy: int) -> None:
    with serving(either) as server, under_load(either, server.port) as load:
        for turn in range(times):
            load.wait(busy + turn % 7)
            server.kill()
            server.start()
        load.wait(20)
    assert load.statuses[0] > 0, "no answer got lost, so nothing was killed at work"


def test_a_restarted_database_loses_and_doubles_nothing(
    postgis_land: Land, postgres: Cluster, times: int, busy: int
) -> None:
    with serving(postgis_land) as server, under_load(postgis_land, server.port) as load:
        for turn in range(max(2, times * 6 // 20)):
            load.wait(busy)
            postgres.restart("immediate" if turn % 2 else "fast")
        load.wait(20)
        assert server.status("/readyz") == 200
    assert load.statuses[503] > 0, "nobody was told to come again"


def test_several_servers_share_a_store(either: Land) -> None:
    with (
        serving(either) as one,
        serving(either) as other,
        under_load(either, one.port, other.port) as load,
    ):
        load.wait(100)
        one.kill()
        one.start()
        load.wait(100)
