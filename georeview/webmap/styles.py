"""The palette as CSS custom properties, so that page and map draw from one table."""

from collections.abc import Iterable

from georeview.core.palette import MARKS, MarkStyle


def palette_css() -> str:
    """Colours of each mark.

    ``--mark-<mark>`` and ``--mark-<mark>-outline`` are the symbol's, the same in both themes;
    ``--mark-<mark>-ink`` and ``--mark-<mark>-pill`` are the text and ground of a pill.
    """
    light = _block([*_symbols(), *_pills("light")])
    dark = _block(_pills("dark"))
    return "\n".join(
        (
            f":root {{\n{light}\n}}",
            f':root[data-theme="dark"] {{\n{dark}\n}}',
            "@media (prefers-color-scheme: dark) {",
            f':root:not([data-theme="light"]) {{\n{dark}\n}}',
            "}",
            "",
        )
    )


def _symbols() -> Iterable[tuple[str, str]]:
    for style in MARKS.values():
        yield _name(style), style.fill
        yield f"{_name(style)}-outline", style.outline


def _pills(theme: str) -> Iterable[tuple[str, str]]:
    for style in MARKS.values():
        pill = style.pills[theme]
        yield f"{_name(style)}-ink", pill.ink
        yield f"{_name(style)}-pill", pill.ground


def _name(style: MarkStyle) -> str:
    return f"--mark-{style.mark}"


def _block(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"  {name}: {value};" for name, value in pairs)
