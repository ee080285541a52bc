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
from pilates.attendances.guests import recognise_guest
from pilates.copies.models import BookingPage, Business, Customer, Service, StaffMember

SUBSCRIPTIONS: Subscriptions = {
    BusinessChanged: (keep(Business),),
    ServiceChanged: (keep(Service),),
    StaffMemberChanged: (keep(StaffMember),),
    CustomerChanged: (keep(Customer), recognise_guest),
    BookingPageChanged: (keep(BookingPage),),
}
