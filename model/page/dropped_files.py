"""The files that a reader dropped, and how far each of them is."""

from dataclasses import dataclass, field
from enum import StrEnum

from ..domain import Analysis
from .latest_run import LatestRun
from .strings import Words
from .views.batch import DONE, FAILED


class State(StrEnum):
    """How far a file is."""

    READING = "reading"
    WAITING = "waiting"
    ANALYZING = "analyzing"
    DONE = DONE
    FAILED = FAILED


@dataclass(eq=False)
class DroppedFile:
    """One file: its `text` once it is read, what was `found` once it is analyzed, what is `told` of it at its end.

    `language` is that of what is told: errors of the analysis are English.
    `counted` says that its next analysis counts for the rate already.
    """

    name: str
    state: State = State.READING
    text: str = ""
    found: Analysis | None = None
    told: str = ""
    language: str = "en"
    counted: bool = True

    def done(self, found: Analysis, say: Words) -> None:
        """It is analyzed."""
        parties = sum(party.main for party in found.parties)
        told = say("files_found", paragraphs=len(found.article.paragraphs), parties=parties)
        self.state, self.text, self.found = State.DONE, found.article.text, found
        self.told, self.language = told, say.language

    def failed(self, told: str, language: str = "en") -> None:
        """It cannot be analyzed, and nothing of it is kept."""
        self.state, self.text, self.told, self.language = State.FAILED, "", told, language


@dataclass
class Batch:
    """A reader's files in the order in which they came; `number` is that of the run that analyzes them.

    `running` is that of the run which analyzes one now, though it may stop after it.
    """

    files: list[DroppedFile] = field(default_factory=list)
    number: float | None = None
    running: float | None = None

    def next(self) -> DroppedFile | None:
        """The file whose turn it is."""
        return next((file for file in self.files if file.state is State.WAITING), None)

    def at_work(self, runs: LatestRun) -> bool:
        """Whether one of its files is being analyzed, be it the last one before it stops, and nothing newer asked."""
        return runs.asked >= 0 and runs.asked == self.running

    def goes_on(self, runs: LatestRun) -> bool:
        """Whether its files are what the reader asked for last."""
        return self.number is not None and runs.asked == self.number

    def analyses(self, shown: Analysis | None) -> list[tuple[str, Analysis]]:
        """Name and analysis of each that is done; of an article that is `shown`, maybe with other parties, that one."""
        done = [(file.name, file.found) for file in self.files if file.found]
        return [(name, shown if shown and shown.article == found.article else found) for name, found in done]
