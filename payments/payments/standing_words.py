"""What is said of a payment, in the languages that mails are written in."""

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "awaited": "To be paid",
        "awaited_text": "{money} until {deadline}. From then on it is not kept for you.",
        "pay": "Pay {money}",
        "begun": "Have you just paid? The payment provider will tell us in a moment. This page "
        "looks again by itself.",
        "look": "Look again",
        "paid": "Paid",
        "paid_text": "{business} has received {money}. Thank you!",
        "forfeited": "Paid, and cancelled late",
        "forfeited_text": "You paid {money}. As it was cancelled late, it is not given back.",
        "refund_due": "On its way back",
        "refund_due_text": "The {money} that you paid go back to you. Depending on how you paid, "
        "this takes a few days.",
        "refunded": "Given back",
        "refunded_text": "The {money} that you paid have been given back. Depending on how you "
        "paid, it takes a few days until you see them.",
        "stands": "Nothing is to be paid here any more",
        "stands_text": "Your booking stands without it.",
        "gone": "Nothing is to be paid any more",
        "gone_text": "This booking was not paid in time or has been cancelled.",
        "try_again": "The payment provider does not answer at the moment. Nothing was paid by "
        "this; please try again in a moment.",
        "refused": "It cannot be paid here at the moment. Please turn to {business}.",
        "unknown": "There is nothing to pay here",
        "unknown_text": "This link is not complete, or not one of ours.",
    },
    "de": {
        "awaited": "Noch zu bezahlen",
        "awaited_text": "{money} bis {deadline}. Danach wird es nicht mehr für dich freigehalten.",
        "pay": "{money} bezahlen",
        "begun": "Hast du gerade bezahlt? Der Zahlungsanbieter sagt uns gleich Bescheid. Diese "
        "Seite sieht von selbst wieder nach.",
        "look": "Noch einmal nachsehen",
        "paid": "Bezahlt",
        "paid_text": "{business} hat {money} erhalten. Danke!",
        "forfeited": "Bezahlt und spät abgesagt",
        "forfeited_text": "Du hast {money} bezahlt. Weil spät abgesagt wurde, gibt es das Geld "
        "nicht zurück.",
        "refund_due": "Auf dem Weg zurück",
        "refund_due_text": "Die {money}, die du bezahlt hast, gehen an dich zurück. Je nach "
        "Zahlungsart dauert das ein paar Tage.",
        "refunded": "Erstattet",
        "refunded_text": "Die {money}, die du bezahlt hast, wurden erstattet. Je nach Zahlungsart "
        "dauert es ein paar Tage, bis du sie siehst.",
        "stands": "Hier ist nichts mehr zu bezahlen",
        "stands_text": "Deine Buchung steht auch so.",
        "gone": "Es ist nichts mehr zu bezahlen",
        "gone_text": "Diese Buchung wurde nicht rechtzeitig bezahlt oder ist abgesagt.",
        "try_again": "Der Zahlungsanbieter antwortet gerade nicht. Dabei wurde nichts bezahlt; "
        "bitte versuche es gleich noch einmal.",
        "refused": "Hier kann gerade nicht bezahlt werden. Bitte wende dich an {business}.",
        "unknown": "Hier ist nichts zu bezahlen",
        "unknown_text": "Dieser Link ist unvollständig oder nicht von uns.",
    },
    "es": {
        "awaited": "Pendiente de pago",
        "awaited_text": "{money} hasta el {deadline}. Después ya no se guarda para ti.",
        "pay": "Pagar {money}",
        "begun": "¿Acabas de pagar? El proveedor de pagos nos avisará enseguida. Esta página "
        "vuelve a mirar por sí sola.",
        "look": "Volver a mirar",
        "paid": "Pagado",
        "paid_text": "{business} ha recibido {money}. ¡Gracias!",
        "forfeited": "Pagado y cancelado tarde",
        "forfeited_text": "Pagaste {money}. Como se canceló tarde, no se devuelve.",
        "refund_due": "En camino de vuelta",
        "refund_due_text": "Te devolvemos {money}. Según cómo pagaste, tarda unos días.",
        "refunded": "Devuelto",
        "refunded_text": "Se han devuelto {money}. Según cómo pagaste, tardarás unos días en "
        "verlos.",
        "stands": "Aquí ya no hay nada que pagar",
        "stands_text": "Tu reserva sigue en pie.",
        "gone": "Ya no hay nada que pagar",
        "gone_text": "Esta reserva no se pagó a tiempo o se ha cancelado.",
        "try_again": "El proveedor de pagos no responde en este momento. No se ha pagado nada; "
        "vuelve a intentarlo enseguida.",
        "refused": "Ahora no se puede pagar aquí. Dirígete a {business}.",
        "unknown": "Aquí no hay nada que pagar",
        "unknown_text": "Este enlace está incompleto o no es nuestro.",
    },
}
