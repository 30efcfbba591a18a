import os
from datetime import UTC, datetime, timedelta

from georeview.services.ids import new_id, new_plot_ids

NOW = datetime(2023, 4, 10, 2, 0, tzinfo=UTC)


def test_plots_that_come_in_later_have_greater_ids() -> None:
    first, later = new_plot_ids(500, NOW), new_plot_ids(500, NOW + timedelta(milliseconds=1))
    every = first + later
    assert every == sorted(every)
    assert len(set(every)) == 1000
    assert {len(plot_id) for plot_id in every} == {len("p_") + len(new_id())}


def test_nobody_can_tell_an_id_from_the_time() -> None:
    tails = {plot_id[-13:] for _ in range(3) for plot_id in new_plot_ids(100, NOW)}
    assert len(tails) == 300


def test_a_forked_process_gives_other_ids() -> None:
    new_id()  # some are drawn ahead
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, new_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reader, 100).decode()
    os.close(reader)
    os.close(writer)
    assert theirs
    assert theirs not in {new_id() for _ in range(1000)}
