"""The languages in which whoever is not a member is spoken to, in mails and on pages."""

LANGUAGES = ("en", "de", "es")
"""The first one, where none of them is asked for."""


def language_of(locale: str) -> str:
    """Of a business or a customer, such as `de-AT`."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    return language if language in LANGUAGES else LANGUAGES[0]


def language_asked(accepted: str) -> str:
    """Where nobody's language is known: the first of ours in Accept-Language."""
    wanted = [part.partition(";")[0].strip().partition("-")[0] for part in accepted.split(",")]
    return next((one.lower() for one in wanted if one.lower() in LANGUAGES), LANGUAGES[0])
