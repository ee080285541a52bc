"""The sandbox's checkout as a person sees it. No scripts, nothing fetched, everything escaped."""

from html import escape

from stack.checkout_store import Checkout
from stack.mailbox_page import document

WITHOUT_CENTS = frozenset(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"))

_STYLE = """<style>
main { max-width: 26rem; margin: 3rem auto; padding: 2rem; border: 1px solid var(--line);
  border-radius: .75rem; }
form { display: grid; gap: .75rem; margin-top: 1.5rem; }
button { font: inherit; padding: .7rem; border: 1px solid var(--line); border-radius: .5rem;
  background: none; color: inherit; cursor: pointer; }
button.pay { background: var(--accent); border-color: var(--accent); color: #fff;
  font-weight: 600; }
.amount { font-size: 2rem; margin: .5rem 0; font-variant-numeric: tabular-nums; }
</style>"""


def checkout_page(checkout: Checkout) -> str:
    here = escape(checkout.id)
    facts = (
        "<p class=soft>Sandbox checkout: no money moves</p>"
        f"<h1>{escape(checkout.title)}</h1><p class=amount>{money(checkout)}</p>"
    )
    if checkout.email:
        facts += f"<p class=soft>{escape(checkout.email)}</p>"
    if checkout.state == "open":
        rest = (
            f"<form method=post action='{here}/pay'><button class=pay>Pay {money(checkout)}"
            "</button>"
            f"<button formaction='{here}/pay?later=1'>Pay, but tell the studio later</button>"
            f"<button formaction='{here}/leave'>Leave without paying</button></form>"
        )
    elif checkout.state == "paid":
        again = f"<form method=post action='{here}/messages'><button>Tell the studio again</button>"
        state = "Given back." if checkout.refund else "Paid."
        rest = f"<p>{state} <a href='{escape(checkout.paid_url)}'>Go back</a></p>{again}"
    else:
        rest = f"<p>This checkout is over. <a href='{escape(checkout.left_url)}'>Go back</a></p>"
    return document("Sandbox checkout", f"<main>{facts}{rest}</main>", _STYLE)


def money(checkout: Checkout) -> str:
    decimals = 0 if checkout.currency in WITHOUT_CENTS else 2
    return escape(f"{checkout.amount_cents / 10**decimals:.{decimals}f} {checkout.currency}")
