"""Sampling of negatives: who is looked at again, and what that says of all the others.

The draw ranks plots by a hash of seed and id, so whoever has both can repeat it in any language.
Bounds are those of the binomial distribution; nothing is said with more certainty than the sample
gives.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from georeview.core.ledger import canonical

SHARE = Fraction(63, 1000)
"""Part of the frame that is drawn."""

LEAST = 30
"""At least so many are drawn, where there are as many."""

FLOOR = 2
"""At least so many of each stratum."""

WHOLE = 5
"""Strata with fewer plots are taken whole."""

SUSPECT, EXPECTED = Fraction(4, 100), Fraction(2, 100)
"""Expected share of wrong negatives: of the critical band or without a real reason, and of others."""

Z = 1.96
ALPHA = 0.05

RESULTS = ("agree", "wrong_negative", "evidence_insufficient", "not_checkable")
"""What a second look may come to; the last one is as if it had not been taken."""

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "works": ("FP11", "FP12", "FP13", "FP51"),
        "permit": ("FP21", "FP22", "FP23", "FP24", "FP25", "FP26", "FP27", "FP28"),
        "outside": ("FP31", "FP32"),
        "natural": ("FP41", "FP42", "FP43", "FP45", "FP46"),
        "crop": ("FP44",),
        "historic": ("FP61",),
    }
)
"""Groups of reasons whose mistakes are alike; all else is ``other``."""

_GROUP_OF = {code: group for group, codes in GROUPS.items() for code in codes}


@dataclass(frozen=True, slots=True)
class Negative:
    """One plot of the frame.

    Attributes:
        plot_id: The plot.
        county: Its county, empty for none.
        reason: Why it is no problem.
        band: Where it lies to the management line.
    """

    plot_id: str
    county: str
    reason: str | None
    band: str | None

    @property
    def stratum(self) -> str:
        """County and group of reasons."""
        return f"{self.county or '-'}/{_GROUP_OF.get(self.reason or '', 'other')}"

    @property
    def expected(self) -> Fraction:
        """How likely it is wrong, before anybody has looked."""
        return SUSPECT if self.band == "critical" or self.reason == "FP99" else EXPECTED


@dataclass(frozen=True, slots=True)
class Part:
    """A stratum: how many there are, and which are drawn, first to last."""

    name: str
    size: int
    drawn: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """What is looked at again.

    Attributes:
        seed: What the ranks were made from.
        frame_sha256: Hash over the ids of the frame, sorted, a line each.
        parts: The strata by name.
    """

    seed: str
    frame_sha256: str
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """Plots that are drawn."""
        return sum(len(part.drawn) for part in self.parts)

    @property
    def frame(self) -> int:
        """Plots they stand for."""
        return sum(part.size for part in self.parts)

    def as_text(self) -> str:
        """The draw as it is kept and hashed."""
        return canonical(
            {
                "seed": self.seed,
                "frame_sha256": self.frame_sha256,
                "strata": [
                    {"name": p.name, "size": p.size, "drawn": list(p.drawn)} for p in self.parts
                ],
            }
        )


def draw(frame: Sequence[Negative], seed: str) -> Draw:
    """Draw plots from all negatives.

    Args:
        frame: Every negative, in any order.
        seed: Any text; the same one draws the same plots of the same frame.
    """
    strata: dict[str, list[Negative]] = {}
    for plot in frame:
        strata.setdefault(plot.stratum, []).append(plot)
    sizes = allocate(
        {
            name: (len(plots), sum((p.expected for p in plots), Fraction()) / len(plots))
            for name, plots in strata.items()
        }
    )
    ids = sorted(plot.plot_id for plot in frame)
    parts = tuple(
        Part(name, len(plots), _first(plots, seed, sizes[name]))
        for name, plots in sorted(strata.items())
    )
    return Draw(seed, hashlib.sha256("\n".join(ids).encode()).hexdigest(), parts)


def _first(plots: Iterable[Negative], seed: str, n: int) -> tuple[str, ...]:
    def rank(plot_id: str) -> str:
        return hashlib.sha256(f"{seed}:{plot_id}".encode()).hexdigest()

    return tuple(sorted((plot.plot_id for plot in plots), key=rank)[:n])


def allocate(strata: Mapping[str, tuple[int, Fraction]]) -> dict[str, int]:
    """How many plots of each stratum are drawn (Neyman), by name.

    Args:
        strata: Name → number of plots, and expected share of wrong ones.
    """
    total = sum(size for size, _ in strata.values())
    wanted = min(total, max(math.ceil(SHARE * total), LEAST))
    given = {name: size if size < WHOLE else FLOOR for name, (size, _) in strata.items()}
    open_names = {name for name, (size, _) in strata.items() if size >= WHOLE}
    weight = {name: size * math.sqrt(p * (1 - p)) for name, (size, p) in strata.items()}
    return _filled(
        given, {name: size for name, (size, _) in strata.items()}, weight, open_names, wanted
    )


def _filled(
    given: dict[str, int],
    sizes: Mapping[str, int],
    weight: Mapping[str, float],
    open_names: set[str],
    wanted: int,
) -> dict[str, int]:
    """Shares by weight, never under the floor nor over the stratum; largest remainders first.

    A stratum whose share leaves its bounds keeps the bound, and the rest is shared anew.
    """
    fixed = dict(given)
    free = set(open_names)
    while free:
        rest = wanted - sum(n for name, n in fixed.items() if name not in free)
        whole = sum(weight[name] for name in free)
        shares = {name: rest * weight[name] / whole if whole else rest / len(free) for name in free}
        low = {name for name in free if shares[name] < FLOOR}
        high = {name for name in free if shares[name] > sizes[name]}
        bound = low or high
        if not bound:
            return fixed | _rounded(shares, sizes, rest)
        for name in bound:
            fixed[name] = FLOOR if name in low else sizes[name]
        free -= bound
    return fixed


def _rounded(shares: Mapping[str, float], sizes: Mapping[str, int], rest: int) -> dict[str, int]:
    found = {name: math.floor(share) for name, share in shares.items()}
    left = rest - sum(found.values())
    order = sorted(shares, key=lambda name: (found[name] - shares[name], name))
    for name in order:
        if left > 0 and found[name] < sizes[name]:
            found[name] += 1
            left -= 1
    return found


# What results say --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Looked:
    """A stratum after the second look.

    Attributes:
        name: Its name.
        size: Plots in it.
        n: Plots that could be looked at.
        wrong: Of these, wrong negatives.
        missing: Plots that were drawn and could not be looked at.
    """

    name: str
    size: int
    n: int
    wrong: int
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Interval:
    """From least to most, shares of 1."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What a sample says of all it stands for.

    Attributes:
        frame: Plots in strata that were looked at.
        n: Plots looked at.
        wrong: Wrong ones among them.
        share: Estimated share of wrong negatives.
        error: Standard error of the share.
        n_eff: Size of a simple sample that would say as much; ``None`` without any wrong one.
        interval: 95 % interval of the share.
        conservative: Whether the interval is that of a sample without any wrong one.
        left_out: Strata of which nothing could be looked at.
        all_right: The share if every missing plot were right.
        all_wrong: The share if every missing plot were wrong.
    """

    frame: int
    n: int
    wrong: int
    share: float
    error: float
    n_eff: float | None
    interval: Interval
    conservative: bool
    left_out: tuple[str, ...]
    all_right: float
    all_wrong: float

    @property
    def least(self) -> int:
        """Wrong plots there are at least: those found."""
        return self.wrong

    def expected(self) -> tuple[float, float, float]:
        """Wrong plots expected in the frame, with their bounds; never fewer than were found."""
        values = (self.share, self.interval.low, self.interval.high)
        expected, low, high = (max(self.frame * value, float(self.wrong)) for value in values)
        return expected, low, high


def judge(strata: Sequence[Looked]) -> Judged | None:
    """The share of wrong negatives in the whole frame; ``None`` when nothing was looked at."""
    seen = [stratum for stratum in strata if stratum.n > 0]
    if not seen:
        return None
    frame, n, wrong = (
        sum(getattr(stratum, name) for stratum in seen) for name in ("size", "n", "wrong")
    )
    share = sum(s.size / frame * s.wrong / s.n for s in seen)
    variance = sum(_variance(s, frame) for s in seen)
    if wrong == 0:
        n_eff, interval = None, clopper_pearson(0, n)
    elif variance == 0:
        # Every stratum was taken whole, or all of what was looked at is wrong: no chance is left.
        n_eff, interval = (
            None,
            Interval(share, share) if _taken_whole(seen) else clopper_pearson(wrong, n),
        )
    else:
        n_eff = share * (1 - share) / variance
        interval = wilson(share, n_eff)
    return Judged(
        frame=frame,
        n=n,
        wrong=wrong,
        share=share,
        error=math.sqrt(variance),
        n_eff=n_eff,
        interval=interval,
        conservative=wrong == 0,
        left_out=tuple(s.name for s in strata if s.n == 0),
        all_right=_bound(strata, 0),
        all_wrong=_bound(strata, 1),
    )


def _taken_whole(strata: Sequence[Looked]) -> bool:
    return all(s.n == s.size for s in strata)


def _variance(stratum: Looked, frame: int) -> float:
    if stratum.n == stratum.size or stratum.n < 2:
        return 0.0
    p = stratum.wrong / stratum.n
    unseen = 1 - stratum.n / stratum.size
    return float((stratum.size / frame) ** 2 * unseen * p * (1 - p) / (stratum.n - 1))


def _bound(strata: Sequence[Looked], wrong: int) -> float:
    """The share over all strata with every missing plot right (0) or wrong (1)."""
    drawn = [s for s in strata if s.n + s.missing > 0]
    frame = sum(s.size for s in drawn)
    return sum(s.size / frame * (s.wrong + wrong * s.missing) / (s.n + s.missing) for s in drawn)


def wilson(p: float, n: float) -> Interval:
    """Wilson's interval of a share.

    Args:
        p: The share in the sample.
        n: The sample's size, effective where it was drawn by strata.
    """
    whole = 1 + Z * Z / n
    middle = (p + Z * Z / (2 * n)) / whole
    half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / whole
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def clopper_pearson(x: int, n: int) -> Interval:
    """The exact interval of a share: quantiles of the beta distribution, by the binomial's tails.

    Args:
        x: Wrong ones.
        n: All that were looked at, at least one.
    """
    low = 0.0 if x == 0 else _where(lambda p: 1 - _at_most(x - 1, n, p) < ALPHA / 2)
    high = 1.0 if x == n else _where(lambda p: _at_most(x, n, p) > ALPHA / 2)
    return Interval(low, high)


def _where(before: Callable[[float], bool]) -> float:
    """Where a condition that holds from 0 on ceases to hold."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if before(middle) else (low, middle)
    return (low + high) / 2


def _at_most(x: int, n: int, p: float) -> float:
    """Probability of at most x of n, each with probability p."""
    if p <= 0 or p >= 1:
        return 1.0 if p <= 0 or x >= n else 0.0
    log_p, log_q = math.log(p), math.log1p(-p)
    logs = (
        math.lgamma(n + 1)
        - math.lgamma(k + 1)
        - math.lgamma(n - k + 1)
        + k * log_p
        + (n - k) * log_q
        for k in range(x + 1)
    )
    return min(1.0, math.fsum(map(math.exp, logs)))
