import pytest

from georeview.imagery import handles as pool
from tests.imagery.rasters import ground, write


@pytest.fixture
def display(scene, tmp_path):
    return scene(write(tmp_path / "a.tif", ground((60, 60)).astype("uint16")))[1] / "display.tif"


def test_a_file_is_opened_once_and_lent_again(handles, display):
    with handles.lent(display, 0) as first:
        pass
    with handles.lent(display, 0) as second:
        assert second is first


def test_two_at_once_get_two(handles, display):
    with handles.lent(display, 0) as first, handles.lent(display, 0) as second:
        assert first is not second


def test_no_more_are_kept_than_allowed_and_closing_closes_them(display):
    handles = pool.Handles()
    lent = [handles.lent(display, 0) for _ in range(pool.KEPT + 3)]
    images = [one.__enter__() for one in lent]
    for one in lent:
        one.__exit__(None, None, None)
    assert sum(not image.closed for image in images) == pool.KEPT
    handles.close()
    assert all(image.closed for image in images)


def test_what_failed_is_not_lent_again(handles, display):
    with pytest.raises(ZeroDivisionError), handles.lent(display, 0) as image:
        1 / 0  # noqa: B018
    assert image.closed


def test_a_missing_file_is_said_to_be_missing(handles, tmp_path):
    with pytest.raises(FileNotFoundError), handles.lent(tmp_path / "none.tif", 0):
        pass
