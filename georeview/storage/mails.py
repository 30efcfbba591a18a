"""Who wants notices by mail, and what each was sent."""

from collections.abc import Mapping, Sequence

from georeview.storage.engine import Connection, Engine

WISHES = "SELECT user_name, wish FROM mail_wish"
SET_WISH = """INSERT INTO mail_wish (user_name, wish) VALUES (:user, :wish)
ON CONFLICT (user_name) DO UPDATE SET wish = excluded.wish"""
SENT = "SELECT notice, seq FROM mail_sent WHERE user_name = :user"
KEEP = """INSERT INTO mail_sent (user_name, notice, seq, at) VALUES (:user, :notice, :seq, :at)
ON CONFLICT (user_name, notice) DO UPDATE SET seq = excluded.seq, at = excluded.at"""
FORGET = "DELETE FROM mail_sent WHERE user_name = :user AND notice = :notice"


class MailRecords:
    """The mails over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def wishes(self) -> Mapping[str, str]:
        """Sign-in name → how the person wants it; whoever has not said so is missing."""
        with self._engine.view() as connection:
            return dict(connection.execute(WISHES).fetchall())

    def set_wish(self, user: str, wish: str) -> None:
        """Keep how a person wants it."""
        values = {"user": user, "wish": wish}
        self._engine.write(lambda connection: connection.execute(SET_WISH, values))

    def sent(self, user: str) -> Mapping[str, int]:
        """What a person was sent, each notice with what it had come to then."""
        with self._engine.view() as connection:
            return dict(connection.execute(SENT, {"user": user}).fetchall())

    def keep(self, user: str, sent: Mapping[str, int], at: str) -> None:
        """Keep what is about to be sent."""
        rows = [{"user": user, "notice": name, "seq": seq, "at": at} for name, seq in sent.items()]
        self._engine.write(lambda connection: connection.executemany(KEEP, rows))

    def take_back(
        self, user: str, names: Sequence[str], before: Mapping[str, int], at: str
    ) -> None:
        """What was kept did not go out: as it was before."""

        def work(connection: Connection) -> None:
            connection.executemany(FORGET, [{"user": user, "notice": name} for name in names])
            again = [
                {"user": user, "notice": name, "seq": before[name], "at": at}
                for name in names
                if name in before
            ]
            connection.executemany(KEEP, again)

        self._engine.write(work)
