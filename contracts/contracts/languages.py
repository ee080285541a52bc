"""The languages in which whoever is not a member is spoken to, in mails and on pages."""

LANGUAGES = ("en", "de", "es")
"""The first one, where none of them is asked for."""


def language_of(locale: str) -> str:
    """Of a business or a customer, such as `de-AT`."""
    return language_in(locale) if is_spoken(locale) else LANGUAGES[0]


def is_spoken(locale: str) -> bool:
    """If not, the language of the business is as good as any."""
    return language_in(locale) in LANGUAGES


def language_in(locale: str) -> str:
    return locale.replace("_", "-").partition("-")[0].lower()


def language_asked(accepted: str) -> str:
    """Where nobody's language is known: the first of ours in Accept-Language."""
    wanted = [part.partition(";")[0].strip().partition("-")[0] for part in accepted.split(",")]
    return next((one.lower() for one in wanted if one.lower() in LANGUAGES), LANGUAGES[0])
