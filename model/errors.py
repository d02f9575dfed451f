"""The errors that a user can mend. The page and the command line show their text as it stands."""


class SidelightError(Exception):
    """Base of every error that says what was expected, what came and what to do."""


class ArticleError(SidelightError):
    """The text cannot be read as an article (empty, too short, too long, binary)."""


class PartyError(SidelightError):
    """A party list cannot be used (empty name, the same name twice)."""


class WeightsError(SidelightError):
    """Model weights are missing, damaged, or not the pinned ones."""


class MemoryFullError(SidelightError):
    """There is not enough memory to load or to run a model."""


class DeviceError(SidelightError):
    """The device that was asked for is not there."""


class LabelError(SidelightError):
    """A label file breaks its format; the text names the file and line."""


class SettingsError(SidelightError):
    """A setting from the environment cannot be used."""


class BusyError(SidelightError):
    """Somebody asks for more than the server gives; the text says when to come back."""


class PromptError(SidelightError):
    """A prompt file is missing or damaged, or its slots and values do not fit."""


class ServerError(SidelightError):
    """A language model's server is down, too slow, or refuses; `passing` says that it may answer the same later."""

    def __init__(self, message: str, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class CorpusError(SidelightError):
    """A corpus, or a folder begun with another one, cannot be used."""
