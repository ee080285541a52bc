"""The colour of a business in its mails, and words upon it that can be read."""

ACCENT = "#3d5a4c"
DARK, LIGHT = "#1f1f26", "#ffffff"


def on(colour: str) -> str:
    """Whichever of dark and light stands out more against `#rrggbb` (WCAG 2, contrast ratio)."""
    luminance = luminance_of(colour)
    with_light = (luminance_of(LIGHT) + 0.05) / (luminance + 0.05)
    with_dark = (luminance + 0.05) / (luminance_of(DARK) + 0.05)
    return LIGHT if with_light >= with_dark else DARK


def luminance_of(colour: str) -> float:
    red, green, blue = (linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
