"""Every setting: its environment variable, type, default and meaning, in one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

PREFIX = "GEOREVIEW_"
HOME = Path("georeview-data")
DATABASE = "georeview.sqlite"
"""The embedded store's file in the home."""


Network = IPv4Network | IPv6Network
Check = Callable[[str], object]
"""Raises ``ValueError`` for a text that means nothing."""


def networks(listed: str) -> tuple[Network, ...]:
    """Addresses and networks of a comma-separated list.

    Raises:
        ValueError: One is neither.
    """
    return tuple(ip_network(part.strip()) for part in listed.split(",") if part.strip())


def _one_of(*allowed: str) -> Check:
    def check(text: str) -> None:
        if text not in allowed:
            raise ValueError(text)

    return check


def _positive(text: str) -> None:
    if int(text) < 1:
        raise ValueError(text)


def _setting(
    default: object, zh: str, en: str, *, secret: bool = False, check: Check | None = None
) -> Any:
    meaning = {"zh": zh, "en": en, "secret": secret, "check": check}
    return field(default=default, metadata=meaning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be set; each attribute is ``GEOREVIEW_<NAME>`` in the environment."""

    home: Path = _setting(HOME, "数据目录", "where everything is kept")  # noqa: RUF009 - frozen value
    store: str = _setting(
        "",
        "存储地址:postgresql://用户@主机/库名;空为数据目录中的 SQLite 文件",
        "store address, postgresql://USER@HOST/DATABASE; empty is the SQLite file in the home",
        secret=True,
    )
    host: str = _setting("127.0.0.1", "监听地址", "address to listen on")
    port: int = _setting(8000, "端口", "port to listen on")
    hosts: str = _setting(
        "127.0.0.1,localhost",
        "接受的 Host 名,逗号分隔;导出文件中的链接用第一个",
        "Host names answered to, comma-separated; links in exports have the first one",
    )
    https: bool = _setting(
        False, "由前端代理提供 HTTPS(Cookie 加 Secure)", "HTTPS by a front proxy (Secure cookie)"
    )
    proxies: str = _setting(
        "",
        "可信的前端代理:地址或网段,逗号分隔;只采信它们转告的来源地址与请求编号",
        "front proxies that are believed about a sender's address and a request's id: "
        "addresses or networks, comma-separated",
        check=networks,
    )
    metrics_from: str = _setting(
        "127.0.0.1,::1",
        "可读取 /metrics 的地址或网段,逗号分隔",
        "addresses or networks that may read /metrics, comma-separated",
        check=networks,
    )
    drain_seconds: int = _setting(
        1,
        "收到停止信号后 /readyz 答 503、仍照常受理的秒数",
        "seconds to go on answering after the signal to stop, with /readyz saying 503",
    )
    log: str = _setting(
        "",
        "日志样式:json 或 text;空为终端上用 text,否则用 json",
        "log lines: json or text; empty is text on a terminal, else json",
        check=_one_of("", "json", "text"),
    )
    log_level: str = _setting(
        "info",
        "日志级别:debug、info、warning、error",
        "least weight of a log line: debug, info, warning, error",
        check=_one_of("debug", "info", "warning", "error"),
    )
    demo: bool = _setting(
        False, "示例模式:登录页提供示例人员", "demo: sample people on the sign-in page"
    )
    live_max: int = _setting(
        500,
        "每个服务进程同时保持的实时连接上限;超出者改为定时询问",
        "most live connections of one server process; pages beyond it ask from time to time",
        check=_positive,
    )
    lock_minutes: int = _setting(
        20,
        "打开复核后锁定图斑的分钟数,可续",
        "minutes for which a plot that is opened for review is locked for others; renewable",
        check=_positive,
    )
    session_hours: int = _setting(12, "登录有效小时数", "hours a sign-in lasts")
    max_upload_mb: int = _setting(512, "单个上传文件上限(MB)", "largest uploaded file, MB")
    max_evidence_mb: int = _setting(40, "单个佐证文件上限(MB)", "largest evidence file, MB")
    read_seconds: int = _setting(
        120, "读取外来文件的时限(秒)", "time limit for reading a file from outside, s"
    )
    read_memory_mb: int = _setting(
        4096, "读取外来文件的内存上限(MB)", "memory limit for reading a file from outside, MB"
    )
    max_image_mpx: int = _setting(
        4000, "单幅影像像素上限(百万)", "most pixels of one image, millions"
    )
    image_seconds: int = _setting(
        3600, "转换一幅影像的时限(秒)", "time limit for converting one image, s"
    )
    worker: str = _setting(
        "embedded",
        "执行任务的进程:embedded 随服务启动一个;none 由 georeview worker 另行运行",
        "who runs jobs: embedded starts one process with the server; none leaves it to georeview worker",
        check=_one_of("embedded", "none"),
    )
    lease_seconds: int = _setting(
        30,
        "工作进程中断后,其任务由他人接手前的秒数",
        "seconds until another worker takes over the job of one that is gone",
        check=_positive,
    )
    min_free_mb: int = _setting(
        200, "磁盘剩余低于此值时停止接收(MB)", "stop taking in below this much free disk, MB"
    )
    extent: str = _setting(
        "106.30,31.20,107.80,32.80",
        "数据应在的范围:西,南,东,北(度)",
        "where data should lie: west,south,east,north in degrees",
    )
    head_key: str = _setting(
        "",
        "账本签名私钥文件,须在数据目录之外;空为 ~/.config/georeview/head.key",
        "file of the key that signs heads, outside the home; empty is ~/.config/georeview/head.key",
    )
    heads: str = _setting(
        "",
        "签名头另存目录,最好在另一台机器上;空为不另存",
        "folder where signed heads are put too, best of another machine; empty is none",
    )
    webhooks_to: str = _setting(
        "",
        "允许推送到的内部地址或网段,逗号分隔;其余只可推送到公网 https 地址",
        "internal addresses or networks that webhooks may go to, comma-separated; "
        "elsewhere only public https addresses",
        check=networks,
    )
    smtp_host: str = _setting(
        "",
        "发送邮件提醒的 SMTP 服务器;空为不发",
        "SMTP server that notices go out by; empty is none",
    )
    smtp_port: int = _setting(587, "SMTP 端口", "its port", check=_positive)
    smtp_tls: str = _setting(
        "starttls",
        "SMTP 加密:starttls、tls 或 none(仅限本机或可信内网)",
        "how it is secured: starttls, tls, or none (this machine or a trusted network only)",
        check=_one_of("starttls", "tls", "none"),
    )
    smtp_user: str = _setting("", "SMTP 用户名;空为不登录", "name to sign in with; empty is none")
    smtp_password: str = _setting("", "SMTP 密码", "password to sign in with", secret=True)
    smtp_from: str = _setting(
        "", "发件人地址;空为 SMTP 用户名", "address that mail comes from; empty is the name"
    )
    lang: str = _setting("zh-CN", "命令行语言", "language of the command line")

    @property
    def address(self) -> str:
        """Where people find the page: the first of ``hosts``, over HTTPS behind a proxy."""
        host = self.hosts.partition(",")[0].strip()
        return f"https://{host}" if self.https else f"http://{host}:{self.port}"

    @property
    def extent_degrees(self) -> tuple[float, float, float, float]:
        """``extent`` as numbers.

        Raises:
            ValueError: It is not four numbers.
        """
        west, south, east, north = (float(part) for part in self.extent.split(","))
        return west, south, east, north

    @property
    def database(self) -> Path:
        """The embedded store's file."""
        return self.home / DATABASE


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of ``georeview config``."""

    name: str
    variable: str
    value: str
    source: str
    zh: str
    en: str


def load(environ: Mapping[str, str], flags: Mapping[str, object] | None = None) -> Settings:
    """Settings from flags, else the environment, else the defaults.

    Raises:
        ValueError: A value means nothing; the message names the variable.
    """
    given: dict[str, Any] = {}
    for spec in fields(Settings):
        text = environ.get(PREFIX + spec.name.upper())
        if text is not None:
            given[spec.name] = _parse(spec.name, type(spec.default), text)
    given |= {name: value for name, value in (flags or {}).items() if value is not None}
    for spec in fields(Settings):
        _check(spec.name, spec.metadata["check"], given.get(spec.name))
    return Settings(**given)


def shown(settings: Settings, environ: Mapping[str, str]) -> list[Shown]:
    """Every setting with its value and where it came from; secrets masked."""
    lines = []
    for spec in fields(Settings):
        value, variable = getattr(settings, spec.name), PREFIX + spec.name.upper()
        source = "default" if value == spec.default else "flag"
        source = "environment" if variable in environ and source == "flag" else source
        text = "***" if spec.metadata["secret"] and value else str(value)
        lines.append(
            Shown(spec.name, variable, text, source, spec.metadata["zh"], spec.metadata["en"])
        )
    return lines


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, for a process of our own."""
    return {PREFIX + s.name.upper(): _text(getattr(settings, s.name)) for s in fields(Settings)}


def _text(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _check(name: str, check: Check | None, value: object) -> None:
    if check is None or value is None:
        return
    try:
        check(str(value))
    except ValueError as error:
        raise ValueError(f"{PREFIX}{name.upper()}={value!r}: {error}") from error


def _parse(name: str, kind: type, text: str) -> object:
    try:
        if kind is bool:
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                text.strip().lower()
            ]
        return kind(text)
    except (KeyError, ValueError) as error:
        raise ValueError(f"{PREFIX}{name.upper()}={text!r}: {kind.__name__}") from error
