"""Every request that scheduling answers over NATS."""

from chassis.requests import Requests
from contracts.feeds import ReadSchedulingFeed
from contracts.scheduling import CountFutureBookings
from scheduling.appointments import queries as appointments
from scheduling.feeds import queries as feeds

REQUESTS: Requests = {
    CountFutureBookings: appointments.count_future,
    ReadSchedulingFeed: feeds.read,
}
