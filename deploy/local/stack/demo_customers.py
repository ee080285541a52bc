"""Three hundred people who do not exist."""

import csv
import io
import random

_FIRST = (
    "Ada Amira Antonia Ben Carla Chloé Clara David Eda Elena Elif Emil Emma Fatma Felix Finn Frida "
    "Greta Hannah Helene Ida Ilse Jakob Jana Johanna Jule Karim Klara Lara Lea Leni Lina Lotte "
    "Luisa Malte Marie Marta Max Maya Mathilda Milan Nele Nina Noah Nora Olga Oskar Paula Paul "
    "Pia Rosa Ruth Samira Selma Simon Sophie Thea Theo Tilda Tim Vera Yasmin Zoë"
)
_LAST = (
    "Albrecht Arslan Bauer Beck Berger Böhm Braun Busch Demir Dietrich Engel Fuchs Graf Groß Haas "
    "Hahn Hartmann Heinrich Horn Jansen Jung Kaiser Klein Koch Kowalski Krause Krüger Lang "
    "Lehmann Lindner Lorenz Ludwig Maier Möller Nguyen Novak Otto Pohl Richter Roth Sahin Schäfer "
    "Scholz Schreiber Seidel Simon Sommer Stein Vogel Voigt Wagner Winkler Wolf Öztürk Ziegler"
)
_TAGS = ("regular", "morning", "evening", "reformer", "mat", "prenatal", "gift card", "")
_NOTES = ("", "", "", "Prefers mornings.", "Left knee: no deep flexion.", "Speaks French.")
_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "ë": "e"})


def customers_csv(count: int = 300) -> str:
    """Always the same people, so that importing them again changes nothing."""
    chance = random.Random("core-berlin")  # noqa: S311 - a demo, not a secret
    pairs = chance.sample(
        [(first, last) for first in _FIRST.split() for last in _LAST.split()], count
    )
    file = io.StringIO()
    sheet = csv.DictWriter(file, ["name", "email", "phone", "tags", "notes"])
    sheet.writeheader()
    for first, last in pairs:
        address = f"{first}.{last}".casefold().translate(_ASCII)
        sheet.writerow(
            {
                "name": f"{first} {last}",
                "email": f"{address}@example.org",
                "phone": f"+49 30 {chance.randrange(1_000_000, 9_999_999)}",
                "tags": chance.choice(_TAGS),
                "notes": chance.choice(_NOTES),
            }
        )
    return file.getvalue()
