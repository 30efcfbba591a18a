"""Notices by mail: to each person as the person wishes, in the person's language, never twice.

What is sent is kept before it is handed over, and forgotten again where the server did not take it:
a mail may be lost with the machine, the inbox keeps the notice, but nobody is told the same twice.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import urlencode

from georeview import texts
from georeview.clock import SHANGHAI, Clock
from georeview.core.access import Action, Actor, may
from georeview.errors import BadValue, NotFound
from georeview.errors.mail import MailAddressRefused
from georeview.services.notices import Item, NoticeService
from georeview.services.people import as_actor
from georeview.settings import Settings
from georeview.storage.ports import Json
from georeview.storage.ports.people import Person
from georeview.storage.ports.store import Store

if TYPE_CHECKING:
    from email.message import EmailMessage
    from smtplib import SMTP

log = logging.getLogger("georeview.mail")

KIND = "mail"
Wish = Literal["now", "daily", "never"]
WISHES: tuple[Wish, ...] = get_args(Wish)
DEFAULT: Wish = "daily"

DIGEST_HOUR = 8
"""From which hour here the daily mail goes out."""

NOW_MINUTES = 5
"""How often is looked for what goes out at once."""

LINES = 50
"""Notices in one mail; the inbox has them all."""


class MailService:
    """Who wants mail, and sending it."""

    def __init__(
        self, store: Store, notices: NoticeService, clock: Clock, settings: Settings
    ) -> None:
        self._store = store
        self._notices = notices
        self._clock = clock
        self._settings = settings

    # Wishes --------------------------------------------------------------------------------------

    def wish(self, actor: Actor) -> tuple[Wish, str | None, bool]:
        """How the actor wants it, to which address, and whether the service sends any mail."""
        person = self._store.people.get(actor.user)
        wish = self._store.mails.wishes().get(actor.user, DEFAULT)
        return _wish(wish), person.email if person else None, bool(self._settings.smtp_host)

    def set_wish(self, actor: Actor, wish: str) -> None:
        """Keep how the actor wants it.

        Raises:
            BadValue: There is no such way.
            NotFound: A system has no inbox.
        """
        if wish not in WISHES:
            raise BadValue(field="wish", value=wish[:20])
        if self._store.people.get(actor.user) is None:
            raise NotFound(what=actor.user)
        self._store.mails.set_wish(actor.user, wish)

    # Sending -------------------------------------------------------------------------------------

    def due(self) -> Iterator[tuple[str, Json]]:
        """Mails to be asked for: the name that only one job has, and for whom."""
        if not self._settings.smtp_host:
            return
        now = self._clock().astimezone(SHANGHAI)
        if now.hour >= DIGEST_HOUR:
            yield f"{KIND} daily {now:%Y-%m-%d}", {"wish": "daily"}
        if "now" in self._store.mails.wishes().values():
            slot = now.minute // NOW_MINUTES
            yield f"{KIND} now {now:%Y-%m-%d %H} {slot}", {"wish": "now"}

    def send(self, wish: str, told: Callable[[int], None]) -> int:
        """Send everybody who wishes it so what has not been sent.

        Args:
            wish: ``now`` or ``daily``.
            told: Is called after each mail.

        Returns:
            How many mails went out.

        Raises:
            MailServerAway: The server is; the rest goes out with the next try.
        """
        from georeview.services.smtp import connected

        wishes, n = self._store.mails.wishes(), 0
        waiting = [
            (person, items)
            for person in self._store.people.all()
            if person.email and not person.disabled and wishes.get(person.user, DEFAULT) == wish
            if (items := self._unsent(person))
        ]
        if not waiting:
            return 0
        with connected(self._settings) as session:
            for person, items in waiting:
                n += self._sent(session, person, items)
                told(1)
        return n

    def test(self, address: str, lang: texts.Lang) -> None:
        """Send one message that says that mail works.

        Raises:
            MailNotSet: No server is set.
            MailServerAway: It cannot be reached or does not let us in.
            MailAddressRefused: It takes none for this address.
        """
        from georeview.services.smtp import connected, hand_over, message_to

        subject, text = (texts.say(f"mail.test.{part}", lang) for part in ("subject", "text"))
        with connected(self._settings) as session:
            hand_over(session, message_to(self._settings, address, subject, text, self._clock()))

    def _unsent(self, person: Person) -> list[Item]:
        actor = as_actor(person)
        if not may(actor, Action.SEE):
            return []
        sent = self._store.mails.sent(person.user)
        found = self._notices.inbox(actor)
        return [one for one in found if not one.read and one.seq > sent.get(one.name, -1)]

    def _sent(self, session: "SMTP", person: Person, items: Sequence[Item]) -> int:
        from georeview.services.smtp import hand_over

        now, user = self._clock(), person.user
        before = self._store.mails.sent(user)
        self._store.mails.keep(user, {one.name: one.seq for one in items}, now.isoformat())
        try:
            hand_over(session, self._message(person, items, now))
        except MailAddressRefused:
            log.warning("mail.address_refused", extra={"user": user})
            return 0
        except Exception:
            self._store.mails.take_back(user, [one.name for one in items], before, now.isoformat())
            raise
        return 1

    def _message(self, person: Person, items: Sequence[Item], now: datetime) -> "EmailMessage":
        from georeview.services.smtp import message_to

        lang = texts.pick(person.lang)

        def say(key: str, **facts: object) -> str:
            return texts.say(f"mail.{key}", lang, **facts)

        lines = [say("hello", name=person.name), ""]
        lines += [self._line(one, lang) for one in items[:LINES]]
        if len(items) > LINES:
            lines.append(say("more", n=len(items) - LINES))
        address = self._settings.address
        lines += ["", say("open", url=f"{address}/"), say("change", url=f"{address}/mail")]
        subject = say("subject", n=len(items))
        return message_to(self._settings, str(person.email), subject, "\n".join(lines), now)

    def _line(self, item: Item, lang: texts.Lang) -> str:
        said = texts.say(f"notice.{item.kind}", lang, n=item.plots)
        if not item.batch:
            return f"- {said}"
        place = {"b": item.batch} | ({"plot": item.plot_id} if item.plot_id else {})
        return f"- {said} ({item.batch})\n  {self._settings.address}/#{urlencode(place)}"


def _wish(text: str) -> Wish:
    return next((wish for wish in WISHES if wish == text), DEFAULT)
