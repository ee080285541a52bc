"""Every event that pilates hears, and what it does about it."""

from chassis.consumers import Subscriptions
from chassis.copies import keep
from contracts.catalog import (
    BookingPageChanged,
    BusinessChanged,
    CustomerChanged,
    ServiceChanged,
    StaffMemberChanged,
)
from contracts.portal import ErasureRequested
from contracts.scheduling import (
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentMissed,
    AppointmentReopened,
    AppointmentRequested,
    AppointmentRescheduled,
)
from pilates.appointment_holds.standing import (
    forfeit_missed,
    keep_standing,
    release_appointment,
)
from pilates.attendances.guests import recognise_guest
from pilates.client_requests.erasing import erase_client
from pilates.copies.models import BookingPage, Business, Customer, Service, StaffMember

SUBSCRIPTIONS: Subscriptions = {
    BusinessChanged: (keep(Business),),
    ServiceChanged: (keep(Service),),
    StaffMemberChanged: (keep(StaffMember),),
    CustomerChanged: (keep(Customer), recognise_guest),
    BookingPageChanged: (keep(BookingPage),),
    AppointmentRequested: (keep_standing,),
    AppointmentConfirmed: (keep_standing,),
    AppointmentRescheduled: (keep_standing,),
    AppointmentReopened: (keep_standing,),
    AppointmentCancelled: (release_appointment,),
    AppointmentMissed: (forfeit_missed,),
    ErasureRequested: (erase_client,),
}
