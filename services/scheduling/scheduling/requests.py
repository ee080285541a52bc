"""Every request that scheduling answers over NATS."""

from chassis.requests import Requests
from contracts.scheduling import CountFutureBookings
from scheduling.appointments import queries as appointments

REQUESTS: Requests = {
    CountFutureBookings: appointments.count_future,
}
