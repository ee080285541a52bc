"""What an entry of a ledger says, as a sentence."""

from contracts.pilates import LedgerEntry, LedgerKind

Words = dict[LedgerKind, tuple[str, str]]
"""Of one credit, and of several; `{n}` is how many, `{about}` what for."""

ENGLISH: Words = {
    "sale": ("{n} credit bought", "{n} credits bought"),
    "debit": ("{n} credit paid for {about}", "{n} credits paid for {about}"),
    "reversal": ("{n} credit returned for {about}", "{n} credits returned for {about}"),
    "forfeiture": ("Cancelled too late: {about} stays paid",) * 2,
    "waiver": ("{n} credit given back for {about}", "{n} credits given back for {about}"),
    "adjustment": (
        "Corrected by the studio by {n} credit",
        "Corrected by the studio by {n} credits",
    ),
    "expiry": ("{n} credit expired", "{n} credits expired"),
    "void": ("Sale taken back: {n} credit less", "Sale taken back: {n} credits less"),
}
GERMAN: Words = {
    "sale": ("{n} Guthaben gekauft", "{n} Guthaben gekauft"),
    "debit": ("{n} Guthaben für {about} eingelöst",) * 2,
    "reversal": ("{n} Guthaben für {about} zurückerhalten",) * 2,
    "forfeiture": ("Zu spät abgesagt: {about} bleibt bezahlt",) * 2,
    "waiver": ("{n} Guthaben für {about} aus Kulanz zurückerhalten",) * 2,
    "adjustment": ("Vom Studio um {n} Guthaben berichtigt",) * 2,
    "expiry": ("{n} Guthaben verfallen",) * 2,
    "void": ("Verkauf zurückgenommen: {n} Guthaben weniger",) * 2,
}
SPANISH: Words = {
    "sale": ("{n} crédito comprado", "{n} créditos comprados"),
    "debit": ("{n} crédito usado para {about}", "{n} créditos usados para {about}"),
    "reversal": ("{n} crédito devuelto por {about}", "{n} créditos devueltos por {about}"),
    "forfeiture": ("Cancelado demasiado tarde: {about} queda pagado",) * 2,
    "waiver": ("{n} crédito reembolsado por {about}", "{n} créditos reembolsados por {about}"),
    "adjustment": (
        "Corregido por el estudio en {n} crédito",
        "Corregido por el estudio en {n} créditos",
    ),
    "expiry": ("{n} crédito caducado", "{n} créditos caducados"),
    "void": ("Venta anulada: {n} crédito menos", "Venta anulada: {n} créditos menos"),
}
LANGUAGES = {"en": ENGLISH, "de": GERMAN, "es": SPANISH}
SOMETHING = {"en": "a booking", "de": "eine Buchung", "es": "una reserva"}


def in_words(entry: LedgerEntry, locale: str) -> str:
    language = locale[:2].lower()
    language = language if language in LANGUAGES else "en"
    one, several = LANGUAGES[language][entry.kind]
    count = abs(entry.credits)
    shown = f"{entry.credits:+d}" if entry.kind == "adjustment" else str(count)
    said = (one if count == 1 else several).replace("{n}", shown)
    said = said.replace("{about}", entry.about or SOMETHING[language])
    return f"{said} ({entry.reason})" if entry.reason else said
