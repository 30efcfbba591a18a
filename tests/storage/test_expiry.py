"""What is kept for a time only goes when the time is over, and nothing else does."""

from dataclasses import replace
from datetime import timedelta

from georeview.core.ledger import Value
from georeview.core.review import attachment
from georeview.storage.ports.ledger import Idempotency, Pending, Stale
from georeview.storage.store import DatabaseStore
from tests.builders import NOW, a_batch, a_mark, an_actor, kept

COUNTY = an_actor("county", "511902")
KEY = Idempotency(COUNTY.user, "marks", "k-1", "body")
LIFE = timedelta(days=30)


def forget(store: DatabaseStore, later: timedelta) -> int:
    now = NOW + later
    before = (now - LIFE).isoformat()
    return store.expiry.forget(now=now.isoformat(), answers_before=before, jobs_before=before)[
        "answers"
    ]


def test_answers_go_after_their_time_and_events_stay(store: DatabaseStore) -> None:
    first, second = [plot.plot_id for plot in a_batch(store, 10)[::5]]
    old = replace(a_mark(store, first, COUNTY), idempotency=KEY)
    young = replace(a_mark(store, second, COUNTY, at=NOW + LIFE), idempotency=KEY)
    store.ledger.append([old, young])
    events = store.ledger.head().seq
    assert forget(store, LIFE - timedelta(hours=1)) == 0
    assert forget(store, LIFE + timedelta(hours=1)) == 1
    forgotten, known = store.ledger.append([old, young])
    assert isinstance(forgotten, Stale)
    assert kept(known).repeated
    assert store.ledger.head().seq == events
    assert list(store.ledger.verify()) == []


def test_a_photo_lies_beside_a_plot_once_however_long_ago(store: DatabaseStore) -> None:
    plot = a_batch(store, 1)[0].plot_id
    state = kept(store.ledger.append([a_mark(store, plot, COUNTY)])[0]).review
    body: dict[str, Value] = {"evidence_id": "e1", "kind": "E_PHOTO", "sha256": "ab" * 32}
    draft = attachment(state, "a1", COUNTY, body=body, observed_at=None, now=NOW)
    same = Pending(draft, Idempotency("", "attach", "E_PHOTO abab", "ab" * 32))
    assert not kept(store.ledger.append([same])[0]).repeated
    assert forget(store, 12 * LIFE) == 0
    assert kept(store.ledger.append([same])[0]).repeated
