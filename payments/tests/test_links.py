"""What names a demand: the payer's link, and the reference in a provider's messages."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from payments.link import new_link, read_link
from payments.reference import named_by, reference_of

WORDS = st.sampled_from(["deposit", "drop-in"])


@given(WORDS, st.uuids(), st.uuids())
def test_links_and_references_name_what_they_were_made_for(
    word: str, business_id: UUID, id_: UUID
) -> None:
    link = new_link(business_id, id_)
    assert read_link(link.secret) == link
    assert link.key == (business_id, id_)
    assert named_by(word, reference_of(word, business_id, id_)) == (business_id, id_)


@given(WORDS, st.text(max_size=100))
def test_anything_else_names_nothing(word: str, text: str) -> None:
    assert read_link(text) is None
    assert named_by(word, text) is None
    assert named_by(word, None) is None


@given(st.uuids(), st.uuids())
def test_each_service_knows_its_own_by_the_first_word(business_id: UUID, id_: UUID) -> None:
    assert named_by("deposit", reference_of("drop-in", business_id, id_)) is None
    assert named_by("drop-in", reference_of("deposit", business_id, id_)) is None
