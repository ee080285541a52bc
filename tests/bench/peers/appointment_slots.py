"""django-appointment: the free slots of every staff member on every day, as its views find them."""

from datetime import date, time, timedelta
from itertools import count, cycle

from answering import answer_rounds, told
from django_here import set_up

TOLD = told()
set_up(TOLD["database_url"], "phonenumber_field", "appointment", USE_DJANGO_Q_FOR_EMAILS=False)

from appointment.models import (  # noqa: E402  Models exist once Django is set up.
    Appointment,
    AppointmentRequest,
    Service,
    StaffMember,
    WorkingHours,
)
from appointment.services import get_available_slots_for_staff  # noqa: E402
from appointment.utils.db_helpers import get_weekday_num_from_date  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402

OPENS, CLOSES = time(8), time(20)
LASTS = timedelta(minutes=TOLD["duration"])


def seed() -> tuple[Service, list[StaffMember]]:
    service = Service.objects.create(name="Reformer private", duration=LASTS, price=95)
    people = [person(number, service) for number in range(TOLD["people"])]
    numbers = count(1)
    requests = [
        AppointmentRequest(
            date=date.fromisoformat(day),
            start_time=clock(minutes),
            end_time=clock(minutes + TOLD["duration"]),
            service=service,
            staff_member=people[who],
            id_request=str(next(numbers)),
        )
        for who, day, minutes in TOLD["bookings"]
    ]
    AppointmentRequest.objects.bulk_create(requests)
    client = get_user_model().objects.create(username="client")
    Appointment.objects.bulk_create(
        Appointment(client=client, appointment_request=request, id_request=request.id_request)
        for request in requests
    )
    return service, people


def person(number: int, service: Service) -> StaffMember:
    user = get_user_model().objects.create(username=f"tessa-{number}")
    member = StaffMember.objects.create(
        user=user, slot_duration=TOLD["step"], slot_gap_time=TOLD["buffer_after"]
    )
    member.services_offered.add(service)
    for weekday in range(7):
        WorkingHours.objects.create(
            staff_member=member, day_of_week=weekday, start_time=OPENS, end_time=CLOSES
        )
    return member


def clock(minutes_after_opening: int) -> time:
    hours, minutes = divmod(minutes_after_opening, 60)
    return time(OPENS.hour + hours, minutes)


SERVICE, PEOPLE = seed()
FIRST = date.fromisoformat(TOLD["first"])


DAYS = [FIRST + timedelta(days=n) for n in range(TOLD["days"])]
SHARES = cycle([PEOPLE[n :: TOLD["shares"]] for n in range(TOLD["shares"])])


def next_share() -> int:
    """Of the people whose turn it is; each costs what the others do."""
    return sum(
        len(
            get_available_slots_for_staff(
                day, member, get_weekday_num_from_date(day), service=SERVICE
            )
        )
        for member in next(SHARES)
        for day in DAYS
    )


answer_rounds(next_share)
