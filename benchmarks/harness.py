"""What every race shares: how a cost is taken, how costs become ratios, what is printed."""

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

ENOUGH = 0.8
"""A race is lost when its median ratio is under this part of its goal."""


class AnswersDiffer(Exception):
    """Peer and product do not give the same answer, so their costs mean nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a race ended.

    Attributes:
        us: Median cost of the product.
        peers: Median cost of each peer.
        ratio: Median over the runs of peer's cost over ours in the same run.
        unit: What the costs count.
        checked: Which answers were compared, and how closely they agree.
        goals: Ratio to reach for each peer.
        notes: Further figures, one sentence each.
    """

    us: float
    peers: Mapping[str, float]
    ratio: Mapping[str, float]
    unit: str
    checked: str
    goals: Mapping[str, float] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def lost(self) -> list[str]:
        """Peers against which the goal is missed by more than allowed."""
        return [peer for peer, goal in self.goals.items() if self.ratio[peer] < ENOUGH * goal]

    def as_json(self) -> dict[str, object]:
        """The shape other programs read."""
        return {
            "us": self.us,
            "peers": dict(self.peers),
            "ratio": dict(self.ratio),
            "unit": self.unit,
            "checked": self.checked,
            "machine": machine(),
            "goals": dict(self.goals),
            "notes": list(self.notes),
        }


Cost = Callable[[], float]


def pair(
    us: Cost, peers: Mapping[str, Cost], runs: int
) -> tuple[float, dict[str, float], dict[str, float]]:
    """Run product and peers in turn and take medians.

    Args:
        us: Does the work once and returns what it cost.
        peers: The same for each peer.
        runs: How often.

    Returns:
        Our median cost, each peer's, and the median of the ratios taken run by run.
    """
    ours: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(runs):
        ours.append(us())
        for name, peer in peers.items():
            theirs[name].append(peer())
    ratios = {
        name: median(cost / own for cost, own in zip(costs, ours, strict=True))
        for name, costs in theirs.items()
    }
    return median(ours), {name: median(costs) for name, costs in theirs.items()}, ratios


def cpu_of(work: Callable[[], object]) -> Cost:
    """Cost of work in this process: CPU seconds, user and system."""

    def cost() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return cost


def tree_cpu_seconds(root: int) -> float:
    """CPU seconds of a process and all its descendants, exited and waited-for ones included."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # gone meanwhile; its parent has its time
            continue
        pid = int(entry.name)
        parents[pid] = int(stat[1])
        ticks[pid] = sum(int(value) for value in stat[11:15])

    def below(pid: int) -> bool:
        while pid in parents and pid != root:
            pid = parents[pid]
        return pid == root

    return sum(count for pid, count in ticks.items() if below(pid)) / os.sysconf("SC_CLK_TCK")


def machine() -> str:
    """Processor, cores, load and versions, in one line."""
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    load = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}"
