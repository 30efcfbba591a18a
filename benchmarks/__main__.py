"""``python -m benchmarks [NAME…] [--json]``: run races, print them side by side."""

import argparse
import importlib
import json
import sys
from collections.abc import Mapping
from types import MappingProxyType

from benchmarks.harness import AnswersDiffer, Result, machine

RACES: Mapping[str, str] = MappingProxyType(
    {
        "overlay": "benchmarks.overlay",
        "map": "benchmarks.map",
        "marks": "benchmarks.marks",
        "start": "benchmarks.start",
        "store": "benchmarks.store",
        "export": "benchmarks.export",
        "import": "benchmarks.importing",
        "league": "benchmarks.league",
        "replay": "benchmarks.replay",
    }
)
"""Name of a race → module with ``race(runs: int) -> Result``."""

SIZED = frozenset({"store", "export", "import", "league"})
"""Races of any number of plots."""


def main(arguments: list[str] | None = None) -> int:
    """Run the races asked for; 1 when answers differ or a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RACES))
    parser.add_argument("--json", action="store_true", help="one JSON object a race")
    parser.add_argument("--runs", type=int, default=5, help="paired runs (default 5)")
    parser.add_argument("--plots", type=int, help=f"plots of the races {', '.join(sorted(SIZED))}")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - RACES.keys():
        parser.error(f"no such race: {', '.join(sorted(unknown))}")
    failed = False
    if not options.json:
        print(machine())
    for name in options.names or RACES:
        try:
            size = {"plots": options.plots} if name in SIZED and options.plots else {}
            result: Result = importlib.import_module(RACES[name]).race(options.runs, **size)
        except AnswersDiffer as error:
            print(f"{name}: answers differ: {error}", file=sys.stderr)
            failed = True
            continue
        failed = failed or bool(result.lost())
        print(json.dumps(result.as_json()) if options.json else _table(name, result))
    return int(failed)


def _table(name: str, result: Result) -> str:
    lines = [f"\n{name} ({result.unit})", f"  {'georeview':<24}{result.us:>12.4g}"]
    for peer, cost in result.peers.items():
        goal = f"  goal {result.goals[peer]:g}x" if peer in result.goals else ""
        missed = "  MISSED" if peer in result.lost() else ""
        lines.append(f"  {peer:<24}{cost:>12.4g}{result.ratio[peer]:>9.1f}x{goal}{missed}")
    lines.append(f"  checked: {result.checked}")
    lines.extend(f"  {note}" for note in result.notes)
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
