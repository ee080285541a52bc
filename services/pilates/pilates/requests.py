"""Every request that pilates answers over NATS."""

from chassis.requests import Requests
from contracts.client_requests import (
    AcceptOfferAsCustomer,
    BookPlaceAsCustomer,
    CancelPlaceAsCustomer,
    DeclineOfferAsCustomer,
    LeaveWaitlistAsCustomer,
    MovePlaceAsCustomer,
    ReadSessionsForCustomer,
    ReadWaitlistPositions,
)
from contracts.feeds import ReadPilatesFeed
from contracts.pilates import (
    CountFuturePlaces,
    HoldForAppointment,
    IntroduceResource,
    ReadSessionHold,
)
from pilates.appointment_holds import commands as appointment_holds
from pilates.class_sessions import queries as class_sessions
from pilates.client_requests import places, waiting
from pilates.client_requests.sessions import read_sessions
from pilates.feeds import queries as feeds
from pilates.resources import queries as resources

REQUESTS: Requests = {
    CountFuturePlaces: class_sessions.count_future,
    HoldForAppointment: appointment_holds.hold,
    IntroduceResource: resources.introduce,
    ReadPilatesFeed: feeds.read,
    ReadSessionHold: class_sessions.read_hold,
    ReadSessionsForCustomer: read_sessions,
    ReadWaitlistPositions: waiting.positions,
    BookPlaceAsCustomer: places.book,
    CancelPlaceAsCustomer: places.cancel,
    MovePlaceAsCustomer: places.move,
    AcceptOfferAsCustomer: waiting.accept,
    DeclineOfferAsCustomer: waiting.decline,
    LeaveWaitlistAsCustomer: waiting.leave,
}
