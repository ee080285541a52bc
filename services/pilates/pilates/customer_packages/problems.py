from chassis.problems import Problem


class NoCredit(Problem):
    """`reasons` says of each package of this customer why it does not pay."""

    status, title = 409, "No package of this customer pays for this"


class BoughtBefore(Problem):
    status, title = 409, "This customer has had this package, and it is sold once to each"
    constraints = ("one_a_customer",)


class TooFewCredits(Problem):
    """`balance` says how many there are, `short_by` how many more are needed."""

    status, title = 409, "The package has too few credits for this"
    constraints = ("ck_customer_packages_balance_is_never_negative",)


class AlreadyReversed(Problem):
    status, title = 409, "This debit has been given back before"
    constraints = ("one_reversal_a_debit",)


class NotForfeited(Problem):
    status, title = 409, "Nothing was forfeited here that could be waived"


class SaleVoided(Problem):
    status, title = 409, "The sale of this package was taken back"


class PackageExpired(Problem):
    """`expires_on` was its last day."""

    status, title = 409, "The package has expired"


class FreezeInThePast(Problem):
    """`today` is the business's, and the first day on which a freeze can begin."""

    status, title = 422, "A package is frozen from today on, or from a later day"


class FreezeOverlaps(Problem):
    """`first_on` and `last_on` say which freeze is in the way."""

    status, title = 409, "The package is frozen on some of these days already"
    constraints = ("one_freeze_at_a_time",)


class NotFrozen(Problem):
    status, title = 409, "The package is not frozen"


class SoldInTheFuture(Problem):
    """`today` is the business's."""

    status, title = 422, "A sale is of today or of a day before"


class NotYetOver(Problem):
    """`today` is the business's."""

    status, title = 422, "What is owed is known of today and of days before"


class RefundTooHigh(Problem):
    """`price_cents` is what was paid."""

    status, title = 422, "Nobody gets back more than was paid"


class NotLater(Problem):
    """`expires_on` is its last day; absent: it has no end, or it has not begun."""

    status, title = 422, "The last day of a package can only become a later one"
