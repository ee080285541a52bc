"""Every event that pilates hears, and what it does about it."""

from chassis.consumers import Subscriptions
from contracts.catalog import BusinessChanged, CustomerChanged, ServiceChanged, StaffMemberChanged
from pilates.businesses import commands as businesses
from pilates.customers import commands as customers
from pilates.services import commands as services
from pilates.staff import commands as staff

SUBSCRIPTIONS: Subscriptions = {
    BusinessChanged: (businesses.keep,),
    ServiceChanged: (services.keep,),
    StaffMemberChanged: (staff.keep,),
    CustomerChanged: (customers.keep,),
}
