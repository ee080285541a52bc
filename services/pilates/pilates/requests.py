"""Every request that pilates answers over NATS."""

from chassis.requests import Requests
from contracts.feeds import ReadPilatesFeed
from pilates.feeds import queries as feeds

REQUESTS: Requests = {ReadPilatesFeed: feeds.read}
