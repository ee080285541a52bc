from chassis.settings import ServiceSettings


class NotebookSettings(ServiceSettings):
    service: str = "notebook"
