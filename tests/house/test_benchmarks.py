import importlib
import json
import os
import subprocess
import sys

import pytest

from benchmarks import __main__ as runner
from benchmarks import synthetic
from benchmarks.harness import Result, pair, tree_cpu_seconds


def test_costs_are_paired_run_by_run_and_medians_taken():
    ours, theirs = iter([1.0, 2.0, 4.0]), iter([10.0, 10.0, 10.0])
    us, peers, ratio = pair(lambda: next(ours), {"peer": lambda: next(theirs)}, 3)
    assert (us, peers, ratio) == (2.0, {"peer": 10.0}, {"peer": 5.0})


@pytest.mark.parametrize(("ratio", "lost"), [(2.39, ["peer"]), (2.41, [])])
def test_a_race_is_lost_under_four_fifths_of_its_goal(ratio, lost):
    result = Result(1.0, {"peer": ratio}, {"peer": ratio}, "s", "all", goals={"peer": 3.0})
    assert result.lost() == lost


def test_the_json_names_what_others_read():
    row = Result(1.0, {"peer": 2.0}, {"peer": 2.0}, "s", "all").as_json()
    assert row.keys() >= {"us", "peers", "ratio", "unit", "checked", "machine"}
    assert json.loads(json.dumps(row)) == row


@pytest.mark.parametrize("name", runner.RACES)
def test_every_race_can_be_run(name):
    assert callable(importlib.import_module(runner.RACES[name]).race)


def test_an_unknown_race_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as left:
        runner.main(["no-such-race"])
    assert left.value.code == 2
    assert "no-such-race" in capsys.readouterr().err


def test_cpu_of_children_that_have_ended_is_counted():
    before = tree_cpu_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", "sum(range(9_000_000))"], check=True)
    assert tree_cpu_seconds(os.getpid()) - before > 0.05


@pytest.mark.slow
def test_the_same_seed_makes_the_same_city():
    one, two = (synthetic.city(7) for _ in range(2))
    assert one.layers == two.layers
    assert synthetic.plots(one, 50, 8) == synthetic.plots(two, 50, 8)
    assert one.vertices() == pytest.approx(240_000, rel=0.2)
