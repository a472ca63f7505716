"""What the config, and the CRM connection, say about the meaning of the data: the settings of the transforms."""

from __future__ import annotations

from assets.session import Session
from transforms.fields import FIELDS
from transforms.settings import Settings

PHASES = ("unaware", "aware", "knowledge", "liking", "preference", "conviction", "commitment")


def settings_of(session: Session) -> Settings:
    """The transforms' settings for this connection."""
    config = session.connection.config
    return Settings(
        language=config.language,
        time_zone=config.zone,
        country=config.country or "",
        seats=config.seats,
        loss_reasons=config.loss_reasons,
        pipelines=tuple(config.pipelines.include),
        stages={
            pipeline: {stage: PHASES.index(phase) for stage, phase in stages.items()}
            for pipeline, stages in config.stages.items()
        },
        currency=config.currency,
        rates=config.rates,
        internal_domains=tuple(config.internal_domains),
        native={
            (field.object, field.name): session.connector.native_field(field.object, field.name) for field in FIELDS
        },
        alerts_per_owner_per_day=config.alerts.per_owner_per_day,
        cooldown_days=config.alerts.cooldown_days,
        hide_phase=config.hide_phase,
    )
