from contracts.pilates import Attendance


def was_never_paid(place: Attendance) -> bool:
    """Given up while it waited for its money: neither studio nor calendar has heard of it."""
    return place.paid_with == "drop_in" and place.payment_status == "none"
