"""What headers and words of a list mean, and what they do not."""

from georeview.core.results import KNOWN_WORDS, SKIP, WORDED, body_of, match, meaning, possible


def test_headers_mean_fields_by_their_whole_name() -> None:
    found = match(("TBBH", "复核结论", "误报原因", "备 注", "FHSJ", "别的"))
    assert found.columns == {
        "source_id": "TBBH",
        "mark": "复核结论",
        "code": "误报原因",
        "note": "备 注",
        "observed_on": "FHSJ",
    }
    assert found.unclear == {}


def test_two_headers_for_one_field_are_asked_and_neither_is_taken() -> None:
    found = match(("TBBH", "复核情况", "复核结果"))
    assert "mark" not in found.columns
    assert found.unclear == {"mark": ("复核情况", "复核结果")}


def test_in_a_list_we_gave_out_our_columns_go_before_the_senders() -> None:
    found = match(("PLOT_ID", "SRC_ID", "TBBH", "MARK", "FHQK", "NOTE", "BZ"))
    assert found.unclear == {}
    assert {found.columns[name] for name in ("source_id", "mark", "note")} == {
        "SRC_ID",
        "MARK",
        "NOTE",
    }


def test_yes_and_no_mean_nothing_until_somebody_says_what() -> None:
    for word in ("是", "否", "√", "桥梁?"):
        assert meaning("mark", word, {}) is None
    assert meaning("mark", "否", {"否": "false_positive"}) == "false_positive"


def test_a_code_is_known_alone_with_its_name_and_by_its_name() -> None:
    for word in ("FP21", "fp21", "FP21 桥梁(已许可)", "桥梁（已许可）", "Bridge with permit"):
        assert meaning("code", word, {}) == "FP21"
    assert meaning("code", "FP21 码头", {}) is None


def test_every_word_means_something_that_may_be_meant() -> None:
    for field in WORDED:
        assert set(KNOWN_WORDS[field].values()) <= set(possible(field))
        assert SKIP in possible(field)


def test_a_code_alone_says_the_mark_it_belongs_to() -> None:
    assert body_of({"code": "FP31"}) == {"mark": "false_positive", "reason": "FP31"}
    assert body_of({"code": "PR33"}) == {"mark": "confirmed", "violation": "PR33"}


def test_a_row_without_a_mark_says_nothing_whatever_else_it_holds() -> None:
    assert body_of({"note": "已看", "observed_on": "2023-05-01"}) == {}
