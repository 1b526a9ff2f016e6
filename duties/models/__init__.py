"""The tables of duties, by subject."""

from duties.models.admission import GridItemAdmission
from duties.models.care import CareTarget
from duties.models.incident import (
    Incident,
    IncidentLogEntry,
    MissedReport,
    SituationReport,
)
from duties.models.mediation import (
    AgreementPhoto,
    Mediation,
    MediationFollowUp,
    MediationParty,
    MediationSession,
    MediationTemplate,
)
from duties.models.patrol import PatrolRecord
from duties.models.task import Task, TaskReceiver
from duties.models.visit import VisitPhoto, VisitRecord

__all__ = [
    "AgreementPhoto",
    "CareTarget",
    "GridItemAdmission",
    "Incident",
    "IncidentLogEntry",
    "Mediation",
    "MediationFollowUp",
    "MediationParty",
    "MediationSession",
    "MediationTemplate",
    "MissedReport",
    "PatrolRecord",
    "SituationReport",
    "Task",
    "TaskReceiver",
    "VisitPhoto",
    "VisitRecord",
]
