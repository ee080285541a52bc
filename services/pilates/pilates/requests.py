"""Every request that pilates answers over NATS."""

from chassis.requests import Requests

REQUESTS: Requests = {}
