from pilates.attendances.holding import HeldSession
from pilates.waitlist.announcing import position_of
from pilates.waitlist.models import WaitlistEntry
from pilates.waitlist.schemas import WaitlistEntryView


def entry_view(entry: WaitlistEntry, held: HeldSession) -> WaitlistEntryView:
    seen = WaitlistEntryView.model_validate(entry)
    seen.position = position_of(entry, held)
    return seen
