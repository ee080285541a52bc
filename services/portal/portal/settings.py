from pydantic import Field

from chassis.settings import ServiceSettings


class PortalSettings(ServiceSettings):
    service: str = "portal"
    link_secret: str = Field(min_length=32)
    """Signs what is in links; notifications is told the same, for those that it makes itself."""
