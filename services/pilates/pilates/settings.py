from chassis.settings import ServiceSettings
from payments.settings import PaymentSettings


class PilatesSettings(PaymentSettings, ServiceSettings):
    service: str = "pilates"
