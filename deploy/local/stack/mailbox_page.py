"""The mailbox as a person reads it. No scripts, nothing fetched, everything escaped."""

import re
from html import escape
from typing import Any

SHOWN = 200

_STYLE = """
:root { color-scheme: light dark; --line: #8883; --soft: #8889; --accent: #b4532a; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 2rem 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 1rem; }
a { color: var(--accent); }
ul.mails { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
ul.mails a { display: grid; grid-template-columns: 14rem 1fr auto; gap: 1rem; padding: .6rem .5rem;
  border-bottom: 1px solid var(--line); color: inherit; text-decoration: none; }
ul.mails a:hover { background: var(--line); }
ul.mails span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.soft { color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0 0 1.5rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--line); padding: 1rem;
  border-radius: .5rem; font-size: .85rem; }
iframe { width: 100%; height: 32rem; border: 1px solid var(--line); border-radius: .5rem;
  background: #fff; color-scheme: light; }
summary { cursor: pointer; margin: 1rem 0 .5rem; }
@media (max-width: 40rem) { ul.mails a { grid-template-columns: 1fr; gap: 0; } }
"""


def overview(mails: list[dict[str, Any]]) -> str:
    if not mails:
        body = "<p class=soft>No mail yet. Book something: the confirmation arrives here.</p>"
    else:
        body = f"<ul class=mails>{''.join(map(_row, mails))}</ul>"
    refresh = '<meta http-equiv="refresh" content="5">'
    return document("Mailbox", f"<h1>Mailbox</h1>{body}", refresh)


def _row(mail: dict[str, Any]) -> str:
    return (
        f'<li><a href="mailbox/{escape(mail["id"])}">'
        f"<span>{escape(', '.join(mail['to']))}</span>"
        f"<span>{escape(mail['subject'] or '(no subject)')}</span>"
        f"<span class=soft>{_time(mail)}</span></a></li>"
    )


def detail(mail: dict[str, Any], source: str) -> str:
    facts = {
        "From": mail["from"],
        "To": ", ".join(mail["to"]),
        "Received": _time(mail),
        "Message-ID": mail["message_id"],
    }
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    parts = [f"<p><a href='../mailbox'>Mailbox</a></p><h1>{escape(mail['subject'])}</h1>"]
    parts.append(f"<dl>{rows}</dl>")
    if mail["html"]:
        # Without allow-scripts and allow-same-origin the mail can show itself and open links.
        framed = escape(f'<base target="_blank">{mail["html"]}')
        permissions = "allow-popups allow-popups-to-escape-sandbox"
        parts.append(f'<iframe title="HTML" sandbox="{permissions}" srcdoc="{framed}"></iframe>')
    if mail["text"]:
        parts.append(_fold("Text", _with_links(mail["text"]), unfolded=not mail["html"]))
    for attachment in mail["attachments"]:
        name = attachment["filename"] or attachment["content_type"]
        content = escape(attachment["text"] or "(not text)")
        parts.append(_fold(f"Attachment {escape(name)}", content, unfolded=True))
    parts.append(_fold("Source", escape(source), unfolded=False))
    return document(mail["subject"], "".join(parts))


def _fold(title: str, content: str, *, unfolded: bool) -> str:
    state = " open" if unfolded else ""
    return f"<details{state}><summary>{title}</summary><pre>{content}</pre></details>"


def _with_links(text: str) -> str:
    """The odd pieces of a split by a group are what the group matched."""
    pieces = [escape(piece) for piece in re.split(r"(https?://[^\s<>\"]+)", text)]
    for odd in range(1, len(pieces), 2):
        link = pieces[odd]
        pieces[odd] = f'<a href="{link}" target="_blank" rel="noreferrer">{link}</a>'
    return "".join(pieces)


def _time(mail: dict[str, Any]) -> str:
    return escape(mail["received_at"][:19].replace("T", " ") + " UTC")


def document(title: str, body: str, head: str = "") -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"{head}<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body>{body}</body></html>"
    )
