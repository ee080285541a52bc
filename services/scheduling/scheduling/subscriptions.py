"""Every event that scheduling hears, and what it does about it."""

from chassis.consumers import Subscriptions
from chassis.copies import keep
from contracts.catalog import (
    BookingPageChanged,
    BusinessChanged,
    CustomerChanged,
    ServiceChanged,
    StaffMemberChanged,
)
from contracts.pilates import (
    ClassSessionCancelled,
    ClassSessionChanged,
    ClassSessionPublished,
)
from contracts.portal import ErasureRequested
from scheduling.appointments.guests import recognise_guest
from scheduling.client_requests.erasing import erase_client
from scheduling.copies.models import BookingPage, Business, Customer, Service, StaffMember
from scheduling.session_holds.standing import keep_standing, release_session

SUBSCRIPTIONS: Subscriptions = {
    BusinessChanged: (keep(Business),),
    ServiceChanged: (keep(Service),),
    StaffMemberChanged: (keep(StaffMember),),
    CustomerChanged: (keep(Customer), recognise_guest),
    BookingPageChanged: (keep(BookingPage),),
    ClassSessionPublished: (keep_standing,),
    ClassSessionChanged: (keep_standing,),
    ClassSessionCancelled: (release_session,),
    ErasureRequested: (erase_client,),
}
