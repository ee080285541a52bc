from chassis.settings import ServiceSettings


class PilatesSettings(ServiceSettings):
    service: str = "pilates"
