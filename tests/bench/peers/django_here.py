"""Django, set up for one app on the PostgreSQL that is measured."""

from typing import Any
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.management import call_command


def set_up(database_url: str, *apps: str, **more: Any) -> None:
    url = urlsplit(database_url)
    settings.configure(
        SECRET_KEY="of a bench",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            *apps,
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": url.path[1:],
                "USER": url.username,
                "PASSWORD": unquote(url.password or ""),
                "HOST": url.hostname,
                "PORT": url.port,
                # A connection kept open, as in a server that runs.
                "CONN_MAX_AGE": None,
            }
        },
        TIME_ZONE="Europe/Berlin",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGGING_CONFIG=None,
        **more,
    )
    django.setup()
    call_command("migrate", verbosity=0)
    # An app without migrations refers to tables of those that have some.
    call_command("migrate", run_syncdb=True, verbosity=0)
