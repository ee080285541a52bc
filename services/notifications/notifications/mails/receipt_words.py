from contracts.receipts import Receipt
from notifications.mails import local_words
from notifications.mails.local_words import Place


def receipt_words(receipt: Receipt, place: Place) -> dict[str, object]:
    return {
        "receipt_number": f"{receipt.series}{receipt.number}",
        "amount": local_words.price(receipt.amount_cents, receipt.currency, place.locale),
        "issued": place.day(receipt.issued_at),
    }
