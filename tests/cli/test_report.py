"""``georeview report``: written, opened again, and read."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import docx
import pypdfium2
import pytest
from python_calamine import CalamineWorkbook

from georeview.errors.figures import FontMissing
from georeview.reports.document import Document
from georeview.services import Services, open_services
from georeview.settings import Settings
from tests.builders import an_actor, some_facts
from tests.cli.shell import Shell
from tests.services.season import Season

pytestmark = pytest.mark.slow

AS_OF = ("--as-of", "2023-12-15")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A season behind it, two second looks taken."""
    shell = Shell(tmp_path_factory.mktemp("report"), lang="zh-CN")
    season = Season()
    services = open_services(Settings(home=shell.home), season.clock)
    season.play(services, 200)
    season.now = datetime(2023, 12, 20, 4, tzinfo=UTC)
    _look(services)
    services.close()
    return shell


def _look(services: Services) -> None:
    city = an_actor("city", "5119")
    sample = services.samples.draw(city, "2023-1", "seed")
    one, two, *_ = services.samples.view(city, sample.sample_id).plots
    services.samples.answer(city, sample.sample_id, one.drawn.plot_id, "agree")
    services.samples.answer(city, sample.sample_id, two.drawn.plot_id, "wrong_negative", "房屋")
    services.store.facts.put([some_facts(one.plot.given)])


def written(run: Shell, name: str, *asked: str) -> Path:
    out = run.home.parent / name
    answer = run("report", *asked, "--out", str(out))
    assert answer.code == 0, answer.err
    return out


def pages(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_the_league_table_holds_numbers_under_chinese_names(run: Shell) -> None:
    book = CalamineWorkbook.from_path(str(written(run, "l.xlsx", "league", *AS_OF)))
    head, *rows = book.get_sheet_by_name("通报表").to_python()
    assert head[:5] == ["名次", "县(区)", "上报率", "上报率 个数", "上报率 总数"]
    assert [row[0] for row in rows[:-1]] == [1, 2, 3, 4, 5]
    total = dict(zip(head, rows[-1], strict=True))
    assert total["县(区)"] == "合计"
    assert total["复核率 总数"] == sum(row[head.index("复核率 总数")] for row in rows[:-1])
    assert total["复核率"] == pytest.approx(total["复核率 个数"] / total["复核率 总数"])
    assert book.sheet_names == ["通报表", "指标说明", "说明"]


def test_a_breakdown_is_written_part_by_part(run: Shell) -> None:
    book = CalamineWorkbook.from_path(
        str(written(run, "b.xlsx", "breakdown", "--by", "disorder", *AS_OF))
    )
    head, *rows = book.get_sheet_by_name("四乱类别").to_python()
    total = dict(zip(head, rows[-1], strict=True))
    assert total["上报率 总数"] == sum(row[head.index("上报率 总数")] for row in rows[:-1])
    assert {row[0] for row in rows} <= {"乱占", "乱采", "乱堆", "乱建", "其他", "无", "合计"}


def test_a_river_is_written_with_whoever_answers_for_it(run: Shell, tmp_path: Path) -> None:
    listed = tmp_path / "河长名录.csv"
    listed.write_text(
        "类别,姓名,职务,级别,行政区代码,河流,任职起\n"
        "河长,张某,县长,县级,511923,巴河,2023/1/5\n"
        "河长,李某,县长,特级,511923,巴河,2023/1/5\n",
        encoding="gb18030",
    )
    looked = run("duties", "load", str(listed), "--dry-run", "--json")
    assert (looked.code, run("duties", "list", "--json").json["items"]) == (3, [])
    loaded = run("duties", "load", str(listed))
    assert loaded.code == 3
    assert "第 3 行 李某" in loaded.out
    (kept,) = run("duties", "list", "--river", "巴河", "--json").json["items"]
    assert (kept["name"], kept["level"], kept["since"]) == ("张某", "county", "2023-01-05")
    assert run("findings", "list", "--overdue").code == run("referrals", "list").code == 0
    book = CalamineWorkbook.from_path(str(written(run, "r.xlsx", "river", "巴河", *AS_OF)))
    assert "张某" in [row[0] for row in book.get_sheet_by_name("责任人与成员单位").to_python()]
    told = dict(row[:2] for row in book.get_sheet_by_name("指标").to_python())
    assert "复核率" in told
    assert "张某" in pages(written(run, "r.pdf", "river", "巴河", *AS_OF))
    nowhere = run("report", "river", "长江", "--out", str(tmp_path / "x.pdf"))
    assert nowhere.code == 1


def test_pages_are_set_with_their_own_fonts(run: Shell) -> None:
    path = written(run, "l.pdf", "league", *AS_OF)
    assert "复核整改通报表" in pages(path).replace(" ", "")
    document = pypdfium2.PdfDocument(path)
    texts = [o for o in document[0].get_objects() if o.type == pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
    assert texts
    assert all(
        pypdfium2.raw.FPDFFont_GetIsEmbedded(pypdfium2.raw.FPDFTextObj_GetFont(o.raw)) == 1
        for o in texts[:20]
    )
    document.close()


def test_progress_tells_every_day_it_draws(run: Shell) -> None:
    book = CalamineWorkbook.from_path(str(written(run, "p.xlsx", "progress", *AS_OF)))
    head, *rows = book.get_sheet_by_name("复核率").to_python()
    days = [row[0] for row in rows]
    assert (days[0], days[-1]) == (date(2023, 4, 10), date(2023, 12, 15))
    assert days == sorted(days)
    assert head[-3:] == ["合计", "合计 个数", "合计 总数"]
    assert "进度" in pages(written(run, "p.pdf", "progress", *AS_OF))


def test_letters_are_filled_in_for_counties_that_are_late(run: Shell) -> None:
    path = written(run, "n.docx", "letters", "notice", "--number", "巴河长办〔2023〕9号", *AS_OF)
    word = docx.Document(str(path))
    said = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert said.count("提示函") == 5 == said.count("巴河长办〔2023〕9号")
    assert "511921河长制办公室" in said
    assert word.tables[0].rows[0].cells[1].text == "图斑编号"
    one = written(run, "c.docx", "letters", "criticism", "--county", "511921", *AS_OF)
    assert sum("通报" in p.text for p in docx.Document(str(one)).paragraphs) == 2


def test_the_sample_says_what_it_proves(run: Shell) -> None:
    said = (
        pages(written(run, "s.pdf", "sample", "--as-of", "2023-12-20"))
        .replace("\r\n", "")
        .replace(" ", "")
    )
    assert "核查2个,发现误判1个" in said
    assert "无一核查" in said


def test_a_dossier_tells_one_plot_whole(run: Shell) -> None:
    services = open_services(Settings(home=run.home), lambda: datetime.now(UTC))  # noqa: TID251
    plot = services.figures.behind(an_actor("city", "5119"), set_id="closed", limit=1).items[0]
    services.close()
    said = pages(written(run, "d.pdf", "dossier", plot.plot_id))
    for part in (plot.source_id, "已销号", "入库", "疑似采砂"):
        assert part in said


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        (("league", "--out", "x.txt"), 1, "x.txt"),
        (("league", "--out", "/nowhere/x.xlsx"), 1, "x.xlsx"),
        (("letters", "notice", "--as-of", "2023-04-20", "--out", "x.docx"), 1, "2023-1"),
        (("sample", "--as-of", "2023-04-20", "--out", "x.pdf"), 1, "2023-1"),
        (("letters", "threat", "--out", "x.docx"), 2, "threat"),
    ],
)
def test_what_cannot_be_written_is_said(
    run: Shell, asked: tuple[str, ...], code: int, said: str
) -> None:
    refused = run("report", *asked)
    assert (refused.code, said in refused.err) == (code, True), refused.err


def test_a_machine_without_fonts_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from georeview.reports import pages as setting

    monkeypatch.setattr(setting, "FONTS", ("No such font",))
    setting._font.cache_clear()
    with pytest.raises(FontMissing):
        setting.write(Document("t", "", (), foot="", lang="en"), tmp_path / "x.pdf")
    setting._font.cache_clear()


def test_documents_cost_nothing_before_they_are_asked_for() -> None:
    import subprocess

    told = subprocess.run(
        [sys.executable, "-c", "import sys, api.main; print(*sys.modules)"],
        capture_output=True, check=True, text=True,
    ).stdout.split()  # fmt: skip
    assert not {"typst", "docx", "xlsxwriter", "lxml"} & set(told)


def test_drawing_and_publishing_are_commands_too(run: Shell) -> None:
    drawn = run("report", "draw", "--seed", "again", "--json").json
    assert drawn["n"] == min(30, drawn["frame"])
    published = run("report", "publish", *AS_OF, "--json").json
    assert published["as_of"] == "2023-12-15"
