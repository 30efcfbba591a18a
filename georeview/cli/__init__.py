"""The command line: arguments, progress, exit codes. What is done stands in the services."""

import sys

import click

from georeview.cli import (
    admin,
    calendar,
    demo,
    jobs,
    keys,
    load,
    mail,
    people,
    permits,
    personal,
    registers,
    report,
    results,
    serve,
    upkeep,
    webhooks,
    work,
)
from georeview.cli.common import EXIT_REFUSED, explain, t
from georeview.errors import GeoreviewError


@click.group(help=t("georeview"), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="georeview")
def root() -> None:
    """All commands."""


root.add_command(demo.demo)
root.add_command(load.load)
load.load.add_command(results.results)
report.report.add_command(results.worklist)
report.report.add_command(results.return_package)
root.add_command(work.overlay)
root.add_command(work.export)
root.add_command(work.mark)
root.add_command(work.act)
root.add_command(report.report)
root.add_command(registers.duties)
root.add_command(registers.findings)
root.add_command(registers.referrals)
root.add_command(serve.serve)
root.add_command(jobs.worker)
root.add_command(jobs.jobs)
root.add_command(people.users)
root.add_command(personal.personal)
root.add_command(keys.keys)
root.add_command(webhooks.webhooks)
root.add_command(permits.permits)
root.add_command(calendar.calendar)
root.add_command(mail.mail)
root.add_command(upkeep.verify)
root.add_command(upkeep.heads)
root.add_command(upkeep.backup)
root.add_command(upkeep.restore)
root.add_command(upkeep.transfer)
root.add_command(upkeep.migrate)
root.add_command(admin.config)


def main() -> None:
    """Run a command; a refusal is one sentence and exit code 1."""
    try:
        root(standalone_mode=True)
    except GeoreviewError as error:
        click.echo(explain(error), err=True)
        sys.exit(EXIT_REFUSED)
