"""Every request that catalog answers over NATS."""

from catalog.customers.client_requests import change_email, change_profile, read_profile
from catalog.introductions import introduce, introduce_page
from chassis.requests import Requests
from contracts.catalog import Introduce, IntroducePage
from contracts.client_requests import (
    ChangeEmailAsCustomer,
    ChangeProfileAsCustomer,
    ReadProfile,
)

REQUESTS: Requests = {
    Introduce: introduce,
    IntroducePage: introduce_page,
    ReadProfile: read_profile,
    ChangeProfileAsCustomer: change_profile,
    ChangeEmailAsCustomer: change_email,
}
