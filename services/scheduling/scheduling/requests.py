"""Every request that scheduling answers over NATS."""

from chassis.requests import Requests
from contracts.client_requests import (
    BookAppointmentAsCustomer,
    CancelAppointmentAsCustomer,
    ReadAppointmentSlots,
    ReadServicesForCustomer,
    ReadServiceSlots,
    RescheduleAppointmentAsCustomer,
    SettleAppointmentAsCustomer,
)
from contracts.feeds import ReadSchedulingFeed
from contracts.scheduling import CountFutureBookings, HoldSessionTimes, ReadAppointmentHold
from scheduling.appointments import queries as appointments
from scheduling.client_requests.booking import book
from scheduling.client_requests.cancelling import cancel
from scheduling.client_requests.offered import read_service_slots, read_services
from scheduling.client_requests.rescheduling import reschedule
from scheduling.client_requests.settling import settle_booking
from scheduling.client_requests.slots import read_slots
from scheduling.feeds import queries as feeds
from scheduling.session_holds import commands as session_holds
from scheduling.things_needed import queries as things_needed

REQUESTS: Requests = {
    CountFutureBookings: appointments.count_future,
    HoldSessionTimes: session_holds.hold,
    ReadAppointmentHold: things_needed.read_hold,
    ReadSchedulingFeed: feeds.read,
    ReadAppointmentSlots: read_slots,
    ReadServicesForCustomer: read_services,
    ReadServiceSlots: read_service_slots,
    BookAppointmentAsCustomer: book,
    SettleAppointmentAsCustomer: settle_booking,
    CancelAppointmentAsCustomer: cancel,
    RescheduleAppointmentAsCustomer: reschedule,
}
