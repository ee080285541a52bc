"""Every event this service listens to, and what it does about it."""

from chassis.consumers import Subscriptions
from contracts.catalog import BusinessChanged, MemberInvited
from contracts.scheduling import (
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentRequested,
    AppointmentRescheduled,
)
from notifications.businesses import commands as businesses
from notifications.messages import commands as messages

SUBSCRIPTIONS: Subscriptions = {
    BusinessChanged: (businesses.keep_business,),
    MemberInvited: (messages.invite_member,),
    AppointmentRequested: (messages.tell_customer,),
    AppointmentConfirmed: (messages.tell_customer,),
    AppointmentRescheduled: (messages.tell_customer,),
    AppointmentCancelled: (messages.tell_customer,),
}
