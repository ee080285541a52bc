from chassis.settings import ServiceSettings


class SchedulingSettings(ServiceSettings):
    service: str = "scheduling"
