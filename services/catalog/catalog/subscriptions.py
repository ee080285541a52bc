"""Every event that catalog hears, and what it does about it."""

from catalog.customers.erasing import erase_customer
from catalog.customers.guests import recognise_guest
from chassis.consumers import Subscriptions
from contracts.pilates import PlaceBooked, WaitlistJoined
from contracts.portal import ErasureRequested
from contracts.scheduling import AppointmentConfirmed, AppointmentRequested

SUBSCRIPTIONS: Subscriptions = {
    AppointmentRequested: (recognise_guest,),
    AppointmentConfirmed: (recognise_guest,),
    PlaceBooked: (recognise_guest,),
    WaitlistJoined: (recognise_guest,),
    ErasureRequested: (erase_customer,),
}
