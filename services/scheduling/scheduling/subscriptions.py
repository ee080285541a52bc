"""Every event that scheduling hears, and what it does about it."""

from chassis.consumers import Subscriptions
from contracts.catalog import (
    BookingPageChanged,
    BusinessChanged,
    CustomerChanged,
    ServiceChanged,
    StaffMemberChanged,
)
from scheduling.copies import commands as copies

SUBSCRIPTIONS: Subscriptions = {
    BusinessChanged: (copies.keep_business,),
    ServiceChanged: (copies.keep_service,),
    StaffMemberChanged: (copies.keep_staff_member,),
    CustomerChanged: (copies.keep_customer,),
    BookingPageChanged: (copies.keep_booking_page,),
}
