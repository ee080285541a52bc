from chassis.settings import ServiceSettings


class PortalSettings(ServiceSettings):
    service: str = "portal"
