from chassis.problems import Problem


class CustomerInUse(Problem):
    """`bookings` says how many still lie ahead."""

    status, title = 409, "Future bookings depend on this customer"


class CustomerEmailTaken(Problem):
    status, title = 409, "Another customer has this e-mail"
    constraints = ("one_customer_an_email",)


class CsvNotReadable(Problem):
    status, title = 422, "This is not a table of customers"


class CsvExpected(Problem):
    status, title = 415, "Send the table as text/csv"
