"""A receipt on paper."""

import asyncio
import logging

from font_roboto import Roboto, RobotoBold
from fpdf import FPDF

from contracts.languages import language_of
from portal.receipts.local_words import day, locale_of, moment, money
from portal.receipts.schemas import ReceiptPage

KEYS = ("payment", "refund", "number", "date", "for", "customer", "paid", "refunded", "tax")
ENGLISH = (
    *("Receipt", "Refund", "No.", "Date", "For", "Customer"),
    *("Amount paid", "Amount refunded", "Tax number"),
)
GERMAN = (
    *("Beleg", "Erstattung", "Nr.", "Datum", "Für", "Kunde"),
    *("Bezahlter Betrag", "Erstatteter Betrag", "Steuernummer"),
)
SPANISH = (
    *("Recibo", "Reembolso", "N.º", "Fecha", "Por", "Cliente"),
    *("Importe pagado", "Importe reembolsado", "Número fiscal"),
)
WORDS = {
    language: dict(zip(KEYS, words, strict=True))
    for language, words in (("en", ENGLISH), ("de", GERMAN), ("es", SPANISH))
}
LABEL_MM = 45

# It would log the letters that the typeface has not, and so parts of names.
logging.getLogger("fpdf").setLevel(logging.CRITICAL)


async def rendered(receipt: ReceiptPage, locale: str) -> bytes:
    """In a thread: a page takes some 50 ms, for which nobody else shall wait."""
    return await asyncio.to_thread(render, receipt, locale)


def render(receipt: ReceiptPage, locale: str) -> bytes:
    language = language_of(locale)
    words = WORDS[language]
    pdf = FPDF(format="A4")
    pdf.set_margin(20)
    pdf.add_font("Roboto", "", Roboto)
    pdf.add_font("Roboto", "B", RobotoBold)
    pdf.set_title(f"{words[receipt.kind]} {receipt.label}")
    pdf.set_lang(language)
    pdf.set_creation_date(receipt.issued_at)
    pdf.add_page()
    write_issuer(pdf, receipt, words)
    pdf.ln(14)
    pdf.set_font("Roboto", "B", 18)
    text(pdf, f"{words[receipt.kind]} {words['number']} {receipt.label}", 10)
    pdf.ln(4)
    for label, value in lines(receipt, words, locale):
        pdf.set_font("Roboto", "", 11)
        pdf.cell(LABEL_MM, 7, label)
        pdf.set_font("Roboto", "B" if label == words["paid"] else "", 11)
        text(pdf, value, 7)
    return bytes(pdf.output())


def write_issuer(pdf: FPDF, receipt: ReceiptPage, words: dict[str, str]) -> None:
    issuer = receipt.issuer
    pdf.set_font("Roboto", "B", 13)
    text(pdf, issuer.legal_name or issuer.name, 7)
    pdf.set_font("Roboto", "", 10)
    for line in issuer.address.splitlines():
        text(pdf, line, 5)
    if issuer.tax_number:
        text(pdf, f"{words['tax']}: {issuer.tax_number}", 5)
    if issuer.email:
        text(pdf, issuer.email, 5)


def lines(receipt: ReceiptPage, words: dict[str, str], wanted: str) -> list[tuple[str, str]]:
    zone, locale = receipt.time_zone, locale_of(wanted)
    about = receipt.about
    if receipt.starts_at:
        about += f", {moment(receipt.starts_at, zone, locale)}"
    total = words["paid"] if receipt.kind == "payment" else words["refunded"]
    return [
        (words["date"], day(receipt.issued_at, zone, locale)),
        (words["customer"], receipt.customer_name),
        (words["for"], about),
        (total, money(receipt.amount_cents, receipt.currency, locale)),
    ]


def text(pdf: FPDF, line: str, height: float) -> None:
    pdf.multi_cell(0, height, line, new_x="LMARGIN", new_y="NEXT")
