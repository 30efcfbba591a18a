"""``georeview mail test``: a message over a real socket, or a sentence why not."""

from pathlib import Path

from tests.cli.shell import Shell
from tests.services.mailbox import mailbox


def test_a_test_message_arrives_or_the_reason_is_told(tmp_path: Path) -> None:
    run = Shell(tmp_path)
    unset = run("mail", "test", "li@example.cn")
    assert (unset.code, "GEOREVIEW_SMTP_HOST" in unset.err) == (1, True)
    with mailbox() as box:
        given = {
            "GEOREVIEW_SMTP_HOST": "127.0.0.1",
            "GEOREVIEW_SMTP_PORT": str(box.port),
            "GEOREVIEW_SMTP_TLS": "none",
            "GEOREVIEW_SMTP_FROM": "office@example.cn",
        }
        sent = run("mail", "test", "li@example.cn", **given)
        assert (sent.code, len(box.arrived)) == (0, 1), sent.err
        assert box.arrived[0]["Subject"] == "georeview mail test"
        secured = run(
            "mail", "test", "li@example.cn", **{**given, "GEOREVIEW_SMTP_TLS": "starttls"}
        )
        assert (secured.code, len(box.arrived)) == (1, 1)
    away = run("mail", "test", "li@example.cn", **given)
    assert (away.code, "mail server" in away.err) == (1, True)
    shown = run("config", "--json", **{**given, "GEOREVIEW_SMTP_PASSWORD": "secret-word"})
    assert "secret-word" not in shown.out
