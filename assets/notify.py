"""Telling people that a run failed: webhook, Slack, e-mail and many more, by their Apprise address."""

from __future__ import annotations

import dagster as dg

from assets.config import Config


def failure_sensor(config: Config) -> dg.SensorDefinition:
    """Sends which run failed and why to every address under `notify`; addresses are secrets and stay unprinted."""

    @dg.run_failure_sensor(
        name="tell_of_failed_runs",
        description="Tells the addresses under notify: in readiness.yaml which run failed, and why.",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def _sensor(context: dg.RunFailureSensorContext) -> None:
        run = context.dagster_run
        told = tell(config, f"{run.job_name} failed", f"{context.failure_event.message}\nRun {run.run_id}")
        if not told:
            context.log.warning("At least one address under notify could not be reached.")

    return _sensor


def tell(config: Config, title: str, body: str) -> bool:
    """Send a message to every address; False when one could not be reached."""
    from apprise import Apprise

    messenger = Apprise()
    valid = [messenger.add(secret.read("notify").get_secret_value()) for secret in config.notify]
    return all(valid) and bool(messenger.notify(title=title, body=body))
