import time

from payments.sandbox_signature import is_signed, sign

SECRET = "of the sandbox"


def test_a_signature_holds_for_its_body_its_secret_and_a_while() -> None:
    body = b'{"kind": "paid"}'
    assert is_signed(body, sign(body, SECRET), SECRET)
    assert not is_signed(body + b" ", sign(body, SECRET), SECRET)
    assert not is_signed(body, sign(body, "another"), SECRET)
    assert not is_signed(body, sign(body, SECRET, at=time.time() - 301), SECRET)
    for nonsense in ("", "t=,v1=", "t=\u0661,v1=" + "0" * 64, sign(body, SECRET) + "\n"):
        assert not is_signed(body, nonsense, SECRET)
