"""Every event that catalog hears, and what it does about it."""

from chassis.consumers import Subscriptions

SUBSCRIPTIONS: Subscriptions = {}
