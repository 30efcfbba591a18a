"""Reports over HTTP: asked for, set by a worker, fetched; each by its own right."""

import io
import zipfile
from typing import Any

import docx
import pypdfium2
import pytest

from georeview.core.access import GRANTS
from georeview.services.printing import REPORTS
from tests.api.conftest import BATCH, PEOPLE, World, work_off
from tests.api.test_evidence import attach, photo

URL = "/api/v1/reports"
ASKED: dict[str, dict[str, str]] = {
    "league": {},
    "breakdown": {"by": "river"},
    "river": {"river": "巴河"},
    "progress": {},
    "letters": {"letter": "notice", "county": "511923", "number": "巴河长办〔2023〕9号"},
    "dossier": {"plot": "p0"},
    "dossiers": {"batch": BATCH},
}
"""What each report is asked for with; a sample must have been drawn first."""


def made(client: Any, **body: str) -> dict[str, Any]:
    asked = client.post(URL, json=body)
    assert asked.status_code == 202, asked.json()
    work_off(client)
    state: dict[str, Any] = client.get(asked.headers["location"]).json()
    return state


def words(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    try:
        return "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


@pytest.mark.slow
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_every_report_comes_as_every_file_it_promises(world: World) -> None:
    city = world.browser("city")
    assert REPORTS.keys() - ASKED.keys() == {"sample"}
    for report, asked in ASKED.items():
        for form in REPORTS[report].forms:
            state = made(city, report=report, form=form, **asked)
            assert (state["state"], state["error"]) == ("done", None), (report, form)
            file = city.get(state["url"])
            assert f"{report}-2023-05-04.{form}" in file.headers["content-disposition"]
            assert file.content[:4] == (b"%PDF" if form == "pdf" else b"PK\x03\x04")
            if (report, form) == ("letters", "docx"):
                said = [p.text for p in docx.Document(io.BytesIO(file.content)).paragraphs]
                assert "巴河长办〔2023〕9号" in said
            if report == "dossiers":
                names = zipfile.ZipFile(io.BytesIO(file.content)).namelist()
                assert len(names) == 6 == state["progress"]["total"] == state["documents"]
                assert {name.split("/")[0] for name in names} == {"511923", "511922", "-"}


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_each_report_takes_its_own_right(world: World) -> None:
    for user, (role, _, _) in PEOPLE.items():
        browser = world.browser(user)
        for report, row in REPORTS.items():
            body = {"report": report, "form": row.forms[0], **ASKED.get(report, {})}
            status = browser.post(URL, json=body).status_code
            assert status == (202 if row.right in GRANTS[role] else 403), (user, report)


def test_nobody_gets_more_of_a_report_than_of_the_page(world: World) -> None:
    other = world.browser("other")
    state = made(other, report="dossiers", form="zip", batch=BATCH)
    file = zipfile.ZipFile(io.BytesIO(other.get(state["url"]).content))
    assert [name.split("/")[0] for name in file.namelist()] == ["511922"] * 2
    assert made(other, report="dossier", plot="p0")["error"]["code"] == "not_found"
    for address in (f"{URL}/{state['id']}", state["url"]):
        assert world.browser("city").get(address).status_code == 404


def test_a_dossier_of_a_past_day_knows_nothing_of_later(world: World) -> None:
    world.clock.forward(days=3)
    county = world.browser("county")
    attach(county, photo())
    body = {"mark": "false_positive", "reason": "FP31", "note": "线外四十六米"}
    marked = county.post("/api/v1/plots/p0/marks", json=body, headers={"If-Match": '"2"'})
    assert marked.status_code == 201, marked.json()
    told = {}
    for name, day in (("then", {"as_of": "2023-05-05"}), ("now", {})):
        state = made(county, report="dossier", form="pdf", plot="p0", **day)
        told[name] = words(county.get(state["url"]).content)
    assert "线外四十六米" in told["now"]
    assert "E_PHOTO" in told["now"] or "photo" in told["now"].lower() or "照片" in told["now"]
    assert "线外四十六米" not in told["then"]
    assert "2023-05-05" in told["then"]
    early = made(county, report="dossier", plot="p0", as_of="2023-05-01")
    assert early["error"]["code"] == "nothing_to_report"


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"report": "novel"}, "report"),
        ({"report": "league", "form": "zip"}, "form"),
        ({"report": "dossier"}, "plot"),
        ({"report": "breakdown"}, "by"),
        ({"report": "league", "as_of": "yesterday"}, "as_of"),
        ({"report": "league", "colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_asked_for_is_said(world: World, body: dict[str, str], field: str) -> None:
    answer = world.browser("city").post(URL, json=body)
    assert answer.status_code == 422
    assert field in str(answer.json()["errors"])
