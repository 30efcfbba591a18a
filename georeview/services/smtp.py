"""Handing messages to a mail server, over one connection."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from georeview.errors.mail import MailAddressRefused, MailNotSet, MailServerAway
from georeview.settings import Settings

TIMEOUT_S = 15


@contextmanager
def connected(settings: Settings) -> Iterator[smtplib.SMTP]:
    """A session with the server that is set.

    Raises:
        MailNotSet: None is.
        MailServerAway: It cannot be reached, proves itself badly, or does not let us in.
    """
    if not settings.smtp_host:
        raise MailNotSet
    try:
        session = _opened(settings)
    except (OSError, smtplib.SMTPException) as error:
        raise MailServerAway(why=type(error).__name__) from error
    try:
        yield session
    finally:
        try:
            session.quit()
        except (OSError, smtplib.SMTPException):
            session.close()


def _opened(settings: Settings) -> smtplib.SMTP:
    host, port = settings.smtp_host, settings.smtp_port
    secure = ssl.create_default_context()
    session: smtplib.SMTP
    if settings.smtp_tls == "tls":
        session = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=secure)
    else:
        session = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    try:
        if settings.smtp_tls == "starttls":
            session.starttls(context=secure)
        if settings.smtp_user:
            session.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        session.close()
        raise
    return session


def hand_over(session: smtplib.SMTP, message: EmailMessage) -> None:
    """Give the server one message.

    Raises:
        MailAddressRefused: It takes none for this address.
        MailServerAway: It is gone, or takes none now.
    """
    try:
        session.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        if 400 <= code < 500:
            raise MailServerAway(why=str(code)) from error
        raise MailAddressRefused(address=str(message["To"])) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailServerAway(why=type(error).__name__) from error


def message_to(
    settings: Settings, address: str, subject: str, text: str, at: datetime
) -> EmailMessage:
    """A plain message; line ends in what is given are refused by the library."""
    made = EmailMessage()
    made["From"] = settings.smtp_from or settings.smtp_user
    made["To"], made["Subject"], made["Date"] = address, subject, format_datetime(at)
    made["Message-ID"] = make_msgid(domain="georeview.invalid")
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    return made
