"""Every request that pilates answers over NATS."""

from chassis.requests import Requests
from contracts.feeds import ReadPilatesFeed
from contracts.pilates import IntroduceResource, ReadSessionHold
from pilates.class_sessions import queries as class_sessions
from pilates.feeds import queries as feeds
from pilates.resources import queries as resources

REQUESTS: Requests = {
    IntroduceResource: resources.introduce,
    ReadPilatesFeed: feeds.read,
    ReadSessionHold: class_sessions.read_hold,
}
