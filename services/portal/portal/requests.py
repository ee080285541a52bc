"""Every request that portal answers over NATS."""

from chassis.requests import Requests

REQUESTS: Requests = {}
