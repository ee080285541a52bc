"""Every event that portal hears, and what it does about it."""

from chassis.consumers import Subscriptions
from contracts.catalog import BusinessChanged, CustomerChanged
from portal.businesses import commands as businesses
from portal.customers import commands as customers

SUBSCRIPTIONS: Subscriptions = {
    BusinessChanged: (businesses.keep,),
    CustomerChanged: (customers.keep,),
}
