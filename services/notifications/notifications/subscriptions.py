"""Every event this service listens to, and what it does about it."""

from chassis.consumers import Subscriptions
from chassis.copies import keep
from contracts.catalog import (
    BusinessChanged,
    CustomerChanged,
    MemberInvited,
    StaffMemberChanged,
)
from contracts.pilates import (
    AttendanceRecorded,
    ClassSessionCancelled,
    ClassSessionChanged,
    ClassSessionPublished,
    DropInPaid,
    DropInRefunded,
    PackageChanged,
    PackageExpiryNeared,
    PackageSold,
    PackageVoided,
    PlaceBooked,
    PlaceCancelled,
    PlaceChanged,
    PlaceOffered,
    WaiterSkipped,
    WaitlistJoined,
    WaitlistLeft,
)
from contracts.portal import (
    EmailChanged,
    EmailChangeRequested,
    ErasureCompleted,
    ErasureRequested,
    MagicLinkRequested,
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
    DepositPaid,
    DepositRefunded,
)
from notifications.appointments.commands import send_receipt, tell_appointment
from notifications.bookings.commands import follow_appointment, follow_place, follow_session
from notifications.clients.commands import (
    ask_new_address,
    confirm_erasure,
    send_magic_link,
    warn_old_address,
)
from notifications.clients.erasing import erase_client
from notifications.copies.commands import keep_customers
from notifications.copies.models import Business, StaffMember
from notifications.mail_settings.commands import follow_business
from notifications.members.commands import invite_member
from notifications.packages.commands import tell_expiry, tell_low, tell_sale, tell_voided
from notifications.places.commands import send_drop_in_receipt, tell_instructor, tell_place
from notifications.waitlist.commands import tell_waiter

SUBSCRIPTIONS: Subscriptions = {
    BusinessChanged: (keep(Business), follow_business),
    CustomerChanged: (keep_customers,),
    StaffMemberChanged: (keep(StaffMember),),
    MemberInvited: (invite_member,),
    AppointmentRequested: (tell_appointment, follow_appointment),
    AppointmentConfirmed: (tell_appointment, follow_appointment),
    AppointmentRescheduled: (tell_appointment, follow_appointment),
    AppointmentKept: (tell_appointment, follow_appointment),
    AppointmentCancelled: (tell_appointment, follow_appointment),
    AppointmentReopened: (tell_appointment, follow_appointment),
    AppointmentCompleted: (follow_appointment,),
    AppointmentMissed: (follow_appointment,),
    DepositPaid: (send_receipt,),
    DepositRefunded: (send_receipt,),
    ClassSessionPublished: (follow_session,),
    ClassSessionChanged: (tell_instructor, follow_session),
    ClassSessionCancelled: (tell_instructor, follow_session),
    PlaceBooked: (tell_place, follow_place),
    PlaceChanged: (tell_place, follow_place),
    PlaceCancelled: (tell_place, follow_place),
    AttendanceRecorded: (follow_place,),
    DropInPaid: (send_drop_in_receipt, follow_place),
    DropInRefunded: (send_drop_in_receipt,),
    WaitlistJoined: (tell_waiter,),
    WaitlistLeft: (tell_waiter,),
    PlaceOffered: (tell_waiter,),
    WaiterSkipped: (tell_waiter,),
    PackageSold: (tell_sale,),
    PackageVoided: (tell_voided,),
    PackageChanged: (tell_low,),
    PackageExpiryNeared: (tell_expiry,),
    MagicLinkRequested: (send_magic_link,),
    EmailChangeRequested: (ask_new_address,),
    EmailChanged: (warn_old_address,),
    ErasureRequested: (erase_client,),
    ErasureCompleted: (confirm_erasure,),
}
