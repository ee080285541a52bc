"""Every request that catalog answers over NATS."""

from chassis.requests import Requests

REQUESTS: Requests = {}
