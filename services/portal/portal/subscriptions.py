"""Every event that portal hears, and what it does about it."""

from chassis.consumers import Subscriptions
from chassis.copies import keep
from contracts.catalog import (
    BusinessChanged,
    CustomerChanged,
    CustomerRecordErased,
    ServiceChanged,
)
from contracts.notifications import MessagesErased
from contracts.pilates import (
    AttendanceRecorded,
    DropInPaid,
    DropInRefunded,
    LedgerEntryRecorded,
    PackageChanged,
    PackageSold,
    PlaceBooked,
    PlaceCancelled,
    PlaceChanged,
    PlaceOffered,
    PlacesErased,
    WaiterSkipped,
    WaitlistJoined,
    WaitlistLeft,
)
from contracts.scheduling import (
    AppointmentCancelled,
    AppointmentCompleted,
    AppointmentConfirmed,
    AppointmentKept,
    AppointmentMissed,
    AppointmentReopened,
    AppointmentRequested,
    AppointmentRescheduled,
    AppointmentsErased,
    DepositPaid,
    DepositRefunded,
)
from portal.bookings.keeping import (
    adopt_bookings,
    keep_appointment,
    keep_deposit,
    keep_drop_in,
    keep_place,
    keep_unmoved,
)
from portal.copies.models import Business, Customer, Service
from portal.erasures.commands import note_answer
from portal.packages.keeping import keep_ledger_entry, keep_package
from portal.receipts.keeping import (
    adopt_receipts,
    keep_deposit_receipt,
    keep_drop_in_receipt,
    keep_package_receipt,
)
from portal.waitlist.keeping import adopt_waiting, keep_waiting

SUBSCRIPTIONS: Subscriptions = {
    BusinessChanged: (keep(Business),),
    CustomerChanged: (keep(Customer), adopt_bookings, adopt_waiting, adopt_receipts),
    ServiceChanged: (keep(Service),),
    AppointmentRequested: (keep_appointment,),
    AppointmentConfirmed: (keep_appointment,),
    AppointmentRescheduled: (keep_appointment,),
    AppointmentCancelled: (keep_appointment,),
    AppointmentCompleted: (keep_appointment,),
    AppointmentMissed: (keep_appointment,),
    AppointmentReopened: (keep_appointment,),
    AppointmentKept: (keep_unmoved,),
    DepositPaid: (keep_deposit, keep_deposit_receipt),
    DepositRefunded: (keep_deposit, keep_deposit_receipt),
    PlaceBooked: (keep_place,),
    PlaceChanged: (keep_place,),
    PlaceCancelled: (keep_place,),
    AttendanceRecorded: (keep_place,),
    DropInPaid: (keep_drop_in, keep_drop_in_receipt),
    DropInRefunded: (keep_drop_in, keep_drop_in_receipt),
    WaitlistJoined: (keep_waiting,),
    PlaceOffered: (keep_waiting,),
    WaiterSkipped: (keep_waiting,),
    WaitlistLeft: (keep_waiting,),
    PackageSold: (keep_package, keep_package_receipt),
    PackageChanged: (keep_package,),
    LedgerEntryRecorded: (keep_ledger_entry,),
    CustomerRecordErased: (note_answer,),
    AppointmentsErased: (note_answer,),
    PlacesErased: (note_answer,),
    MessagesErased: (note_answer,),
}
