"""Legal pages, privacy, how long things are kept, targets, and what must hold before the site opens."""

from typing import Literal

from quartier.tenancy.blueprint.measures import File, Key, Mail, Positive, Text
from quartier.tenancy.blueprint.shape.base import Table

RetentionClass = Literal[
    "checkin", "booking_unbilled", "booking_billed", "registration", "advice_note", "grant_file",
    "erdf_evidence", "rejected_application", "audit", "notice",
]  # fmt: skip

# What may have a target: the figures that are one number a year.
Indicator = Literal[
    "rco01", "rco02", "rco04", "rco05", "rco15", "rco74", "rco75", "rco76", "rco101", "rco112",
    "rcr01", "rcr02", "rcr03", "rcr04", "rcr17", "rcr18", "rcr19", "rcr98",
    "room_use", "civil_share", "room_subsidy", "no_show_rate", "memberships", "active_organisations",
    "first_time", "advice_minutes", "advice_cases", "sessions", "seats", "attendance", "waitlist_served",
    "applications", "award_rate", "own_share", "reports_overdue", "jobs_kept", "survival_12",
    "introductions", "lasting", "register_late",
]  # fmt: skip

OpeningNeed = Literal[
    "legal_pages", "opening_hours", "space_bookable", "plan_offered", "site_admin_with_second_factor",
    "privacy_contact", "mail_tested", "partner_login_tested", "budget_line", "guideline_in_force",
    "targets_set", "unconfirmed_seen",
]  # fmt: skip


class LegalPage(Table, frozen=True, kw_only=True):
    """`text` and `data` are read in the site's own folder, also where the page is inherited."""

    title_de: Text
    title_en: Text | None = None
    text: File
    data: File | None = None
    monitoring_body_de: Text | None = None


class Legal(Table, frozen=True, kw_only=True):
    required_to_open: tuple[Key, ...]
    pages: dict[Key, LegalPage]


class Privacy(Table, frozen=True, kw_only=True):
    controller_de: Text
    officer_mail: Mail
    answer_days: Positive
    log_looks_at: tuple[Literal["advice_note", "data_request", "bank_account", "membership_paper"], ...]


class Retention(Table, frozen=True, kw_only=True):
    """Either days or years, and what happens then."""

    days: Positive | None = None
    years: Positive | None = None
    then: Literal["count", "pseudonymise", "delete", "delete_keep_figures", "roll_up"]


class Opening(Table, frozen=True, kw_only=True):
    needs: tuple[OpeningNeed, ...]
