"""Every mail in every language on one page: `python -m notifications.mails.gallery <folder>`."""

import html
import sys
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from contracts.languages import LANGUAGES
from notifications.mails.envelope import compose
from notifications.mails.links import Links
from notifications.mails.samples import Sample, samples

SENDER = "no-reply@bookly.example"
LINKS = Links("https://bookly.example", "a secret of this gallery, and of nobody")
COUNTRIES = {"en": "en-GB", "de": "de-DE", "es": "es-ES"}
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Mails of Bookly</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem; background: #eceae5 }}
section {{ display: grid; grid-template-columns: repeat({languages}, 1fr); gap: 1rem }}
h2 {{ margin: 2rem 0 .5rem; font-size: 1.1rem }}
figure {{ margin: 0 }}
iframe {{ width: 100%; height: 620px; border: 1px solid #cfcbc2; background: #fff }}
pre {{ white-space: pre-wrap; font-size: 12px; background: #fff; padding: .75rem }}
</style>
<h1>{count} mails in {languages} languages</h1>
{mails}
</html>
"""


def render(sample: Sample, language: str) -> EmailMessage:
    """As whoever gets it reads it."""
    letter = sample.letter(COUNTRIES[language])
    sent = compose(letter, letter.facts, SENDER, LINKS).as_bytes()
    return message_from_bytes(sent, policy=default)


def gallery() -> str:
    shown = list(samples())
    mails = "\n".join(one_kind(sample) for sample in shown)
    return PAGE.format(languages=len(LANGUAGES), count=len(shown), mails=mails)


def one_kind(sample: Sample) -> str:
    title = html.escape(sample.kind.value + (f": {sample.case}" if sample.case else ""))
    shown = "\n".join(one_mail(render(sample, language)) for language in LANGUAGES)
    return f"<h2>{title}</h2>\n<section>\n{shown}\n</section>"


def one_mail(mail: EmailMessage) -> str:
    return (
        f"<figure><figcaption>{html.escape(str(mail['Subject']))}</figcaption>"
        f'<iframe sandbox loading="lazy" srcdoc="{html.escape(body(mail, "html"))}"></iframe>'
        f"<details><summary>Text, and what a calendar gets</summary>"
        f"<pre>{html.escape(body(mail, 'plain'))}</pre>{calendar(mail)}</details></figure>"
    )


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part else ""


def calendar(mail: EmailMessage) -> str:
    files = [part.get_content() for part in mail.iter_attachments()]
    return "".join(f"<pre>{html.escape(text.decode())}</pre>" for text in files)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "index.html"
    page.write_text(gallery())
    sys.stdout.write(f"{page}\n")


if __name__ == "__main__":
    main()
