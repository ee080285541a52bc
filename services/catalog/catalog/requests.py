"""Every request that catalog answers over NATS."""

from catalog.introductions import introduce, introduce_page
from chassis.requests import Requests
from contracts.catalog import Introduce, IntroducePage

REQUESTS: Requests = {
    Introduce: introduce,
    IntroducePage: introduce_page,
}
