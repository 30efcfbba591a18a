"""Write the reference pages in docs/ from the tables in the code.

Run ``python scripts/reference.py`` after changing a table; a test holds pages and tables equal.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from georeview import settings, texts
from georeview.core import codes, commands, fields, figures, layers, reasons, sampling
from georeview.core.access import GATES, GRANTS, ROLE_NAMES
from georeview.core.conditions import FILTER_FIELDS
from georeview.core.plot import STAGES, Stage
from georeview.core.procedure import STEPS
from georeview.core.procedure.step import OPEN
from georeview.services import cql2
from georeview.services.wording import field_name

DOCS = Path(__file__).resolve().parent.parent / "docs"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def settings_page() -> str:
    """Every setting."""
    shown = settings.shown(settings.Settings(), {})
    rows = [(f"`{s.variable}`", f"`{s.value}`" if s.value else "", s.zh, s.en) for s in shown]
    return f"""# Settings

Each setting is an environment variable; `georeview config` prints what is in force and where it
came from.

{table(("variable", "default", "含义", "meaning"), rows)}
"""


def fields_page() -> str:
    """Columns coming in and going out."""
    incoming = [(f"`{f.name}`", f.kind, " ".join(f.aliases)) for f in fields.PLOT_FIELDS]
    outgoing = [
        (f"`{f.name}`", f"`{f.short}`", f.kind, f.width, f.decimals or "", f.zh, f.en)
        for f in fields.EXPORT_FIELDS
    ]
    return f"""# Fields

## Coming in
A header means a field when it equals one of its aliases (blanks stripped, width and case folded),
an alias with `_1`, `_12` or a unit such as `(亩)` behind it, or the first six or more bytes of one,
as dBASE cuts names at ten bytes. What means nothing is kept untouched and exported again. Two
columns for one field are refused with a sentence that says how to choose (`--map FIELD=COLUMN`).

Headers that only resemble an alias (three quarters of a Chinese header's characters, 85 % of one in
letters, or an alias held whole), columns whose values can hardly be anything else, and what was
chosen for an earlier file of the same sender are *proposed*, with the reason, and never taken.

Values that say nothing (blank, `/`, `-`, `无`, `NULL`, `<空>` and the like) are none; dates keep the
precision they came in (`2023`, `2023-Q1`, `2023-01`, `2023-01-15`). Where a value is read otherwise
than it came, the cell as it came is kept beside it and goes back in exports.

{table(("field", "kind", "headers"), incoming)}

## Going out
GeoPackage, GeoJSON and CSV use the long names, shapefiles the short ones. The sender's own columns
follow with their own names; where one clashes, ours takes `GR_`. `CUT` is 1 where a text had to be
cut; the full text lies beside.

{table(("name", "shapefile", "type", "width", "decimals", "含义", "meaning"), outgoing)}
"""


def reasons_page() -> str:
    """Reasons, violations and what each needs."""
    kinds = [(f"`{kind}`", *names) for kind, names in reasons.EVIDENCE_KINDS.items()]
    negatives = [
        (
            f"`{r.code}`",
            _key(r.code),
            r.zh,
            r.en,
            ", ".join(" or ".join(group) for group in r.evidence),
            ", ".join(r.fields),
            r.determination,
        )
        for r in reasons.REASONS.values()
    ]
    violations = [
        (f"`{v.code}`", reasons.DISORDERS[v.disorder][0], v.zh, v.en)
        for v in reasons.VIOLATIONS.values()
    ]
    return f"""# Reasons and evidence

## Not a problem (mark `false_positive`)
{table(("code", "key", "原因", "reason", "evidence", "fields", "determination"), negatives)}

`FP31` also needs a photo where the plot is not clear of the line by more than 10 m. `E_PERMIT` is
met by a permit of the loaded register at the place, or by number, authority, date and file.

## A problem (mark `confirmed`)
Needs the overlay facts, {reasons.PHOTOS_FOR_CONFIRMED} photos, a class, a measured area or volume and words.

{table(("code", "四乱", "类别", "class"), violations)}

## Kinds of evidence
{table(("kind", "种类", "meaning"), kinds)}
"""


def _key(code: str) -> str:
    return str(reasons.CHIPS.index(code) + 1) if code in reasons.CHIPS else ""


def procedure_page() -> str:
    """Stages, steps, who may take them, what they carry, in both languages."""
    zh, en = texts.catalogue("zh-CN"), texts.catalogue("en")
    stages = [
        (
            f"`{stage}`",
            zh[f"stage.{stage}"],
            en[f"stage.{stage}"],
            ", ".join(info.holders) or "–",
            (info.clock or "–") + (" (stopped)" if info.stopped else ""),
        )
        for stage, info in STAGES.items()
    ]
    steps = [
        (
            step.id,
            f"`{step.action}`",
            zh[f"action.{step.action}"],
            en[f"action.{step.action}"],
            _stages(step.sources) + _also(step.city_also),
            ", ".join(step.targets) or "–",
            ", ".join(role.value for role in step.takers()),
            ", ".join(
                f"**`{f.name}`**" if f.name in step.needs else f"`{f.name}`"
                for f in commands.ACTION_FIELDS[step.action]
            ),
            "yes" if step.bulk else "",
        )
        for step in STEPS
    ]
    rights = [
        (role.value, *ROLE_NAMES[role], GATES.get(role, "all"), ", ".join(sorted(actions)))
        for role, actions in GRANTS.items()
    ]
    coded = [
        (f"`{code.code}`", code.zh, code.en, code.evidence or code.field or "")
        for table in (codes.REFUSALS, codes.RETURNS, codes.REOPENINGS, codes.MEASURES)
        for code in table.values()
    ]
    return f"""# 办理流程 / Procedure

入库图斑按最大面积占比派县;不在任何县内的留在市里。区域以外的图斑对该人员不存在。
A plot that is taken in is dispatched to the county that holds its largest share; one that lies in
no county stays with the city. What lies outside a person's areas does not exist for that person.

```mermaid
{_diagram()}
```

## 阶段 / Stages
{table(("stage", "阶段", "meaning", "holder", "clock"), stages)}

## 步骤 / Steps
Every step is `POST /api/v1/plots/{{id}}/actions/{{step}}` with `If-Match`, or `georeview act`; what must be
given is bold. 粗体为必填项。Those marked *many* may be taken at once (`POST /api/v1/plots/bulk`).
In the browser a step stands on the plot's panel (办理), and on the procedure desk `/board` (办理台) for many plots
together: choose a stage, tick plots, take the step; what is refused says why and leaves the others alone.

Work done offline (marks, submissions, claims, progress) is sent with `Prefer: conflict=keep`. When the plot has moved on
meanwhile it is kept beside it (`201`, `conflict: true`; event `aside`, which moves nothing), or, when the plot has left
the sender's area, kept with a receipt. Whoever holds the plot, whoever stands above and the author settle it:
`settle_conflict` with `record` keeps what is there, the same step again with `record` makes the record good.
迟到的离线记录留存在图斑旁,不改变复核状态,由持有单位、其上级或本人处理。

A plot that lies in several counties is split (`split`) into parts that cover it to 1 m² without overlap, given as
GeoJSON polygons, EPSG:4490. They are numbered behind it, `<number>~1`, `~2`, …; a number that is taken is passed over.
The plot keeps its source and its history; `unmerge` takes parts back until one is past review.
拆分后的图斑编号为“原编号~序号”。

![办理台 / The procedure desk](images/board-desktop.png)

{table(("id", "step", "步骤", "meaning", "from", "to", "who", "carries", "many"), steps)}

A mark is taken at once; what is still missing is listed until it can be submitted. Undo takes back
one's own last mark as long as nobody else has acted. Four eyes (四眼): nobody accepts what he or she
marked, approved or claimed. What one person proposes and a second confirms (`overrule`, `recheck`,
`resolve_boundary`) waits on the plot as `course.proposal` until `confirm` or `decline`, and lapses when
the plot moves on.

## 代码 / Codes
{table(("code", "原因", "meaning", "needs"), coded)}

## 计时 / Clocks
Each phase has a due date: the plot's own (`extend`, `reopen`), else the batch's. The county's days do not
run while the plot is refused, with the city (`city_check`, `city_accept`), in a boundary query, or stopped
by document (`stop_clock`); a refusal that is denied has stopped nothing. `clock` of `GET /plots/{{id}}` tells
the date in force, the same with stopped days, since when and why it stands still, and how late it is as of
today; nothing of that is stored. The review is done when the county approves (for the city's own mark
when it submits), the rectification when the county accepts it.

## 权限 / Rights
*all*: every plot of the area; *checked*: those that have been submitted once; *undrafted*: those without a
mark in draft. An issuer sees the evidence of negatives only.

{table(("role", "角色", "meaning", "sees", "may"), rights)}
"""


def _diagram() -> str:
    """The stages and the steps between them, as Mermaid."""
    lines = ["stateDiagram-v2", "    [*] --> imported: T01 import"]
    arrows: dict[tuple[str, str], list[str]] = {}
    for step in STEPS:
        if step.sources >= OPEN - {Stage.WATCH}:
            continue  # from anywhere: in the table, for a diagram of all of them shows none
        for source in STAGES:
            if source in step.sources | step.city_also:
                for target in step.targets:
                    if target != source:
                        arrows.setdefault((source, target), []).append(f"{step.id} {step.action}")
    lines += [f"    {a} --> {b}: {', '.join(named)}" for (a, b), named in arrows.items()]
    return "\n".join([*lines, "    closed --> [*]"])


def _stages(stages: Iterable[str]) -> str:
    given = set(stages)
    if given >= OPEN:
        left = [stage for stage in STAGES if stage not in given]
        return "any" + (f" but {', '.join(left)}" if left else "")
    return ", ".join(stage for stage in STAGES if stage in given)


def _also(stages: Iterable[str]) -> str:
    named = ", ".join(sorted(stages))
    return f" (city also: {named})" if named else ""


def layers_page() -> str:
    """Kinds of layers."""
    rows = [
        (f"`{k.name}`", k.shape, k.zh, k.en, f"{k.accuracy_m:g} m") for k in layers.KINDS.values()
    ]
    return f"""# Boundary layers

{table(("kind", "geometry", "名称", "name", "usual accuracy"), rows)}

A layer has versions that never change. A version says who made it, by which notice it was approved, from
when it holds, its scale, its accuracy and the system it came in. Every fact names the kind and the
version it was computed with, so a version name has one meaning within its kind. The newest version of
a kind is the one in use (现行). A new version touches no review: it only shows which plots' facts are
behind.

The page 界线图层 (`/layers`, in the workbench's bar for city and GIS staff) has all of it:

![Kinds and their versions](images/layers-desktop-1-list.png)

## Publish a version
Drop the file anywhere on the page: one data set, in any format that [incoming](incoming.md) lists.

![What was found, what is said of it, what it would change](images/layers-desktop-2-draft.png)

1. **Look.** Format, encoding and coordinate system are told with what spoke for them; kind, name and the
   next version name are proposed. What cannot be told is asked: the system (drawn for each that fits),
   the encoding, the layer of several, the kind. A file is taken whole or not at all.
2. **See what it would change.** The file is drawn over the version in use, with the differences.
3. **Say what it is**, and publish. Each change has the same bytes looked at again; nothing is published
   before **发布这个版本**.

Publishing runs as a job: it can be stopped, and killed at any moment it ends as if it had run once.

### A layer off a phone map
A layer is held against the *other* layers: along rivers for what belongs to rivers, along the known county
lines for counties and townships. Where undoing GCJ-02 or BD-09 brings the outline back to them, that
is said, for the whole layer or for a stretch of 2 km and more with its place; nothing is moved. If
it is so, choose the system with the shift in its name (`EPSG:4490+GCJ-02`): the version keeps that name.

## What a version changed
![A version against the one before](images/layers-desktop-3-version.png)

| | 名称 | meaning |
| --- | --- | --- |
| `added` | 新增 | covered now, not before |
| `removed` | 移出 | covered before, not any more |
| `moved` | 归属变化 | covered by both, but by another feature than before (told by code or name; of shoreline zones also by zone) |

Areas count from 1 m² on, lines from 1 m. Plots that lie on a difference are listed, those with the
largest part first; each leads to its place on this map and to the workbench.

**重算这些图斑** computes the facts of the plots that are behind, and of no others; what was known before is
kept beside. Marks stay as they are.

<img src="images/layers-phone-3-version.png" width="260" alt="The same on a phone">

## Shapes a plot once had
A later delivery may give a plot another outline (see [import](import.md)). The workbench then lists its
earlier ones (此前的图形) with the day until which each held, and draws those that are switched on.

![An earlier outline, dashed](images/earlier-shape.png)

## The same by HTTP and by command line
| page | HTTP (`/api/v1`) | command line |
| --- | --- | --- |
| list | `GET /layers`, `GET /layers/{{id}}` (`plots_on_it`, `plots_behind`) | |
| look | `POST /layers/drafts` → 202, `GET /layers/drafts/{{id}}`, `…/preview?crs=`, `…/diff` | |
| decide | `POST /layers/drafts/{{id}}/adjust` → 202 | `--crs` `--encoding` `--layer` `--source` `--approval-no` `--scale` `--accuracy` |
| publish | `POST /layers/drafts/{{id}}/commit` → 202; at once: `POST /layers` | `georeview load layer FILE --kind K --name N --version V` |
| differences | `GET /layers/{{id}}/diff?against=`, `…/diff/plots` | |
| behind | `GET /plots?outdated=true` | |
| compute anew | `POST /jobs` `{{"kind":"overlay","behind":true}}` | `georeview overlay --behind` |
| earlier shapes | `GET /plots/{{id}}/shapes` | |
"""


def filters_page() -> str:
    """What lists and exports can be filtered by."""
    rows = [
        (
            f"`{name}`",
            known.kind,
            field_name(name, "zh-CN"),
            field_name(name, "en"),
            ", ".join(f"`{value}`" for value in known.possible[:9])
            + (" …" if len(known.possible) > 9 else ""),
        )
        for name, known in FILTER_FIELDS.items()
    ]
    operators = [(kind, ", ".join(f"`{op}`" for op in ops)) for kind, ops in cql2.OF_KIND.items()]
    return f"""# Filters

Lists and exports take, beside their named conditions, one expression of
[CQL2](https://docs.ogc.org/is/21-065r2/21-065r2.html), as text or as JSON. All conditions must hold, and
nobody finds what lies outside their area.

| where | how |
| --- | --- |
| map, export dialog | *Filter (CQL2)*; the number of plots is shown before anything is written |
| command line | `georeview export --batch 2023-1 --format xlsx --out out.xlsx --filter "mark = 'pending' AND area_m2 > 500"` |
| `GET /plots` | `?filter=…`, percent-encoded |
| `POST /exports` | `"filter": "…"`, or CQL2 JSON itself |

```
mark = 'confirmed' AND severity IN ('serious', 'major')
reason IS NULL AND NOT mark = 'pending'
river LIKE '巴%' AND edge_m BETWEEN -10 AND 10
due_on < DATE('2023-06-30') OR updated_at >= TIMESTAMP('2023-06-01T00:00:00+08:00')
S_INTERSECTS(geometry, BBOX(107.0, 31.5, 107.2, 31.6))
S_INTERSECTS(geometry, POLYGON((107 31.5, 107.2 31.5, 107.1 31.6, 107 31.5)))
```

The same as JSON:
`{{"op": "and", "args": [{{"op": "=", "args": [{{"property": "mark"}}, "pending"]}}, {{"op": ">", "args": [{{"property": "area_m2"}}, 500]}}]}}`.

Texts and moments stand in single quotes (`''` for one inside). In `LIKE`, `%` stands for any characters, `_`
for one, `\\` before either for itself; letters count as they are written. A moment without an offset is
local time (+08:00). A value that is not there meets no comparison, nor its `NOT`: ask with `IS NULL`.
`S_INTERSECTS` compares the plot's own shape, in degrees (EPSG:4490). Withdrawn plots are left out unless
`stage` names `withdrawn`. An expression has at most {cql2.CHARACTERS_MAX:,} characters, {cql2.DEPTH_MAX} levels and
{cql2.PARTS_MAX} conditions; what is not taken is answered with 400 and the place it stands at. Overdue plots have a
condition of their own (`overdue=true`, `--overdue`), for it follows the calendar of working days. `due_on` is
the day lists are sorted by: of the clock that runs, stopped days added; none once its work is done.

To work on what was found, plot by plot, with the rules of the map:
`georeview export --batch 2023-1 --format csv --out todo.csv --filter "mark = 'pending' AND band = 'out'"`, then
`georeview mark PLOT_ID false_positive --reason FP31 --as NAME` for each `plot_id` of the file.

## What can be asked
{table(("kind of field", "operators"), operators)}

`AND`, `OR`, `NOT` and brackets join them; `geometry` takes `S_INTERSECTS` alone.

## Fields
By the names `GET /plots` and exports give them.

{table(("field", "kind", "字段", "meaning", "values"), rows)}
"""


def figures_page() -> str:
    """Key figures and the sets of plots they count."""
    rows = [
        (f"`{f.id}`", f.zh, f.en, f"`{f.num}`", f"`{f.den}`" if f.den else "", f"`{f.formula}`")
        for f in figures.FIGURES.values()
    ]
    sets = [(f"`{s.id}`", s.zh, s.en) for s in figures.SETS.values()]
    ranking = [
        (n, f"`{name}`", "more first" if sign > 0 else "fewer first")
        for n, (name, sign) in enumerate((*figures.RANKING, ("county code", -1)), 1)
    ]
    return f"""# Key figures

`GET /stats` gives the figures of one's own area, `GET /league` the table of the counties, both as of
the end of any past day (`as_of=`, Asia/Shanghai). `GET /league/plots?set=…&unit=…` lists the plots that
a figure counted, as they stood then: the same rows, for numerators and denominators. City, province and
auditors see the live table; every other unit of the area reads what the city has published
(`POST /league/published`): a frozen copy with the number of its last event, the version of the formulas,
and a signed head of the ledger over its hash.

{table(("figure", "指标", "meaning", "counts", "out of", "formula"), rows)}

An empty whole gives `null`, shown as “–”. Per cent have one decimal, half up; counts stand beside.
`D` are dispatched plots that were not merged, withdrawn or transferred away, `S` those with the city and not
sent back, `V` those the city has accepted, `P` the problems among them, `Q` those that must be rectified,
`R` and `C` those of them the county has accepted and the city has closed.

## Sets of plots
{table(("set", "图斑", "plots"), sets)}

## Clocks
What counts is when an event was recorded; the *day* something was done is that of the device when it told
so within three days. `due_eff` is the date in force (of the batch, of an extension, or of a reopening) and
the calendar days on which the county waited for others: an undecided or granted refusal, the city's check,
a boundary in question, or a stop by order; a denied refusal never stopped the clock. Days overdue are
working days of China's calendar. Where the State Council's plan of a year is not known yet, statutory
holidays and weekends count and tables say `calendar_provisional`; `georeview calendar set` puts a day
right, and what was counted by another calendar is counted anew. From then on the same day
holds for the last day to refuse (T04), for the dates that reopening sets (T27), for working days of
lateness and for what is due soon. A date that a step has already set stays as the ledger says it,
in lists and in figures alike; extending (T28) moves it.

`median_days` takes the working days of a county's own time, less all that its clock stood still.

## Ranks
Exact fractions are compared, and where nothing is owed all is done.

{table(("", "compared", "order"), ranking)}

## Reports
`georeview report league|progress|sample|letters --as-of DATE --out FILE` and `georeview report dossier PLOT --out FILE`
write what the end of the file's name says: `.xlsx` (a sheet a table, shares as numbers with count and whole
beside), `.pdf` (needs a font with Chinese characters: Debian's `fonts-noto-cjk`) or `.docx`. Letters are drafts
of notice (提示), summons (约谈) and criticism (通报); the product proposes, the city office numbers and issues.

## Samples of negatives
`POST /samples` draws from all negatives that are closed: strata are county and group of reasons, sizes
go by what is expected to be wrong (Neyman), at least {sampling.FLOOR} of each and all of those with fewer
than {sampling.WHOLE}; in all {float(sampling.SHARE * 100)} %, at least {sampling.LEAST}. Within a stratum plots stand in the order
of `sha256("seed:plot_id")`, so anybody can repeat the draw. Each plot drawn has an event with the draw's hash
before any result is there. The second look (`POST /samples/{{id}}/plots/{{plot_id}}`) is for another unit than the
one that marked; the sample does not show the first verdict before. `GET /samples/{{id}}` gives the estimate:
weighted by strata, with Wilson's interval at the effective size; where nothing wrong was found, the exact
interval of Clopper and Pearson, which is conservative here: a clean sample of 81 still allows 4.45 % wrong.
What could not be looked at is missing: the share is also given with all of it right and all of it wrong.

{table(("group", "reasons"), [(f"`{name}`", ", ".join(codes)) for name, codes in sampling.GROUPS.items()])}
"""


PAGES: Mapping[str, str] = {
    "figures.md": figures_page(),
    "settings.md": settings_page(),
    "fields.md": fields_page(),
    "reasons.md": reasons_page(),
    "procedure.md": procedure_page(),
    "layers.md": layers_page(),
    "filters.md": filters_page(),
}


def main() -> None:
    """Write every page."""
    DOCS.mkdir(exist_ok=True)
    for name, text in PAGES.items():
        (DOCS / name).write_text(text, encoding="utf-8")
        os.write(1, f"docs/{name}\n".encode())


if __name__ == "__main__":
    main()
