from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from contracts.text import reject_control_characters

SearchText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200),
    AfterValidator(reject_control_characters),
]
"""What somebody looks for; PostgreSQL cannot even be asked for a NUL character."""
