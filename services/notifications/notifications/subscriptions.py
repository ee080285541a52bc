"""Every event this service listens to, and what it does about it."""

from chassis.consumers import Subscriptions
from chassis.copies import keep
from contracts.catalog import BusinessChanged, MemberInvited
from contracts.scheduling import (
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentReopened,
    AppointmentRequested,
    AppointmentRescheduled,
    DepositPaid,
    DepositRefunded,
)
from notifications.copies.models import Business
from notifications.messages import commands as messages

SUBSCRIPTIONS: Subscriptions = {
    BusinessChanged: (keep(Business),),
    MemberInvited: (messages.invite_member,),
    AppointmentRequested: (messages.tell_customer,),
    AppointmentConfirmed: (messages.tell_customer,),
    AppointmentRescheduled: (messages.tell_customer,),
    AppointmentCancelled: (messages.tell_customer,),
    AppointmentReopened: (messages.tell_customer,),
    DepositPaid: (messages.send_receipt,),
    DepositRefunded: (messages.send_receipt,),
}
