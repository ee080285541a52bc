"""Every event that portal hears, and what it does about it."""

from chassis.consumers import Subscriptions
from chassis.copies import keep
from contracts.catalog import BusinessChanged, CustomerChanged
from portal.copies.models import Business, Customer

SUBSCRIPTIONS: Subscriptions = {
    BusinessChanged: (keep(Business),),
    CustomerChanged: (keep(Customer),),
}
