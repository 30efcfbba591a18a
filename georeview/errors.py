"""Every refusal there is: a stable code and the facts of the case.

The sentence for a person stands in ``georeview/texts/<language>.toml`` under
``error.<code>``; ``api/problems.py`` gives each family its HTTP status and
``georeview/cli`` its exit code. Families, by what the caller can do about it:

    GeoreviewError
    ├── Malformed           not readable as what it claims to be
    ├── NotSignedIn         who is asking is not known
    ├── Forbidden           known, but may not
    ├── NotFound            not there, or not visible to whoever asks
    ├── RuleBroken          against the rules of the workflow
    ├── VersionMismatch     somebody else was first
    │   └── VersionMissing  the change names no version
    ├── TooLarge            over a stated limit
    ├── WrongKind           a kind of file or body that is not taken
    ├── BadValue            readable, but a value is impossible
    ├── TooOften            slow down
    └── Unavailable         try again later
"""

from typing import ClassVar


class GeoreviewError(Exception):
    """Something asked for was refused.

    Args:
        **facts: What the sentence needs: plain text and numbers, fit for a person to read.
            Never a path of the server, SQL, or a secret.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts: dict[str, object] = facts


class Malformed(GeoreviewError):
    """The input cannot be read as what it claims to be."""

    code = "malformed"


class NotSignedIn(GeoreviewError):
    """Nobody is signed in, or the session has ended."""

    code = "not_signed_in"


class Forbidden(GeoreviewError):
    """The person is known and may not do this."""

    code = "forbidden"


class NotFound(GeoreviewError):
    """The thing is not there, or not visible to whoever asks."""

    code = "not_found"


class RuleBroken(GeoreviewError):
    """The rules of the workflow do not allow this now."""

    code = "rule_broken"


class VersionMismatch(GeoreviewError):
    """The thing has changed since the caller looked."""

    code = "version_mismatch"


class VersionMissing(VersionMismatch):
    """A change must name the version it is based on."""

    code = "version_missing"


class TooLarge(GeoreviewError):
    """Over a stated limit."""

    code = "too_large"


class WrongKind(GeoreviewError):
    """A kind of file or body that is not taken here."""

    code = "wrong_kind"


class BadValue(GeoreviewError):
    """Readable, but a value is not possible."""

    code = "bad_value"


class TooOften(GeoreviewError):
    """Too many tries in too short a time."""

    code = "too_often"


class Unavailable(GeoreviewError):
    """The store or a part of the service cannot answer now."""

    code = "unavailable"


# Sign-in -----------------------------------------------------------------------------------------


class BadCredentials(NotSignedIn):
    """Name and password do not match."""

    code = "bad_credentials"


class BadKey(NotSignedIn):
    """The key is none of ours, was revoked, or has come to its end."""

    code = "bad_key"


class PersonUnknown(BadValue):
    """Who is named for a system is nobody who may sign in: ``user``."""

    code = "person_unknown"


class PersonMissing(Forbidden):
    """A system writes about plots for a named person only, and nothing else."""

    code = "person_missing"


class KeyKnown(RuleBroken):
    """There is, or was, a key of that name: ``name``."""

    code = "key_known"


class AddressRefused(BadValue):
    """The address is unknown, or lies where nobody outside may send us: ``host``."""

    code = "address_refused"


class TooManyWebhooks(RuleBroken):
    """One may have so many: ``n``."""

    code = "too_many_webhooks"


class PasswordToChange(Forbidden):
    """The password was given by somebody else, and only opens the way to a new one."""

    code = "password_to_change"


class PersonKnown(RuleBroken):
    """There is an account of that name already: ``user``."""

    code = "person_known"


class OwnAccount(RuleBroken):
    """One's own roles, password and state are for somebody else to change."""

    code = "own_account"


# Review ------------------------------------------------------------------------------------------


class StaleVersion(VersionMismatch):
    """The plot was changed by someone else meanwhile: ``plot who at``."""

    code = "stale_version"


class ActionNotAllowed(RuleBroken):
    """The stage does not allow the action: ``action stage``."""

    code = "action_not_allowed"


class EvidenceIncomplete(RuleBroken):
    """Submitting needs more: ``missing``."""

    code = "evidence_incomplete"


class OtherUnit(RuleBroken):
    """Only the unit that marked may go on with it: ``unit``."""

    code = "other_unit"


class NothingToUndo(RuleBroken):
    """There is no own mark to take back, or someone has acted since."""

    code = "nothing_to_undo"


class FieldMissing(BadValue):
    """A step needs a field that is not given: ``field``."""

    code = "field_missing"


class DateImpossible(BadValue):
    """A day lies before or after what is possible: ``field value first last``."""

    code = "date_impossible"


class TargetUnfit(BadValue):
    """A plot cannot be merged into this one: ``field value``."""

    code = "target_unfit"


class PersonUnfit(BadValue):
    """Somebody who cannot do this on this plot: ``field value``."""

    code = "person_unfit"


class FourEyes(RuleBroken):
    """The same person may not decide twice: ``action who``."""

    code = "four_eyes"


class SecondNeeded(RuleBroken):
    """Somebody else was named as the second person: ``who``."""

    code = "second_needed"


class AlreadySubmitted(RuleBroken):
    """Once submitted, a plot is neither refused nor sent back: ``action``."""

    code = "already_submitted"


class RefusalLate(RuleBroken):
    """The days for refusing are over: ``last``."""

    code = "refusal_late"


class RefusalFinal(RuleBroken):
    """The city has decided for good which county has it."""

    code = "refusal_final"


class RefusedBefore(RuleBroken):
    """A county has refused already: ``county``."""

    code = "refused_before"


class MarkUnfit(RuleBroken):
    """The mark does not go with this step: ``action mark``."""

    code = "mark_unfit"


class SeverityUnfit(RuleBroken):
    """Serious problems need more: ``action severity``."""

    code = "severity_unfit"


class NeverReturned(RuleBroken):
    """Overruling comes after a return only."""

    code = "never_returned"


class FinishLate(RuleBroken):
    """The planned day is after the due date: ``finish due``."""

    code = "finish_late"


class HardDate(RuleBroken):
    """Beyond the ministry's date only the province extends: ``due``."""

    code = "hard_date"


class ClockAsItIs(RuleBroken):
    """A clock is stopped already, or not stopped: ``action``."""

    code = "clock_as_it_is"


class NothingProposed(RuleBroken):
    """There is nothing to confirm or decline."""

    code = "nothing_proposed"


class BulkUnfit(RuleBroken):
    """Not fit to be taken with many others: ``action``."""

    code = "bulk_unfit"


class TooManyAtOnce(TooLarge):
    """More plots than one request may change: ``most``."""

    code = "too_many_at_once"


class KeyReused(BadValue):
    """The same idempotency key came with another body."""

    code = "key_reused"


# Coordinates -------------------------------------------------------------------------------------


class CrsNotReadable(Malformed):
    """A coordinate system is neither ``EPSG:n`` nor inline WKT: ``text``."""

    code = "crs_not_readable"


class CrsNotAccepted(BadValue):
    """A coordinate system that is not taken: ``name``."""

    code = "crs_not_accepted"


class CrsOldDatum(BadValue):
    """A datum without a valid transformation to CGCS2000: ``name``."""

    code = "crs_old_datum"


class CrsMissing(BadValue):
    """The file names no coordinate system: ``candidates`` that would fit, or a dash."""

    code = "crs_missing"


class CrsUntold(BadValue):
    """The file names no coordinate system and its numbers, ``x y``, fit none in use here."""

    code = "crs_untold"


class CrsContradicted(BadValue):
    """The coordinates do not fit the system the file names: ``declared candidates``."""

    code = "crs_contradicted"


class ZonePrefixMissing(CrsContradicted):
    """The file names a system whose eastings begin with the zone, and they do not."""

    code = "zone_prefix_missing"


class ZonePrefixExtra(CrsContradicted):
    """The eastings begin with the zone, and the system the file names knows of none."""

    code = "zone_prefix_extra"


class CrsWrongZone(CrsContradicted):
    """The coordinates fit another zone, or meridian, than the file names."""

    code = "crs_wrong_zone"


class CrsIsDegrees(CrsContradicted):
    """The file names a projected system, and the coordinates are degrees."""

    code = "crs_is_degrees"


class CrsIsMetres(CrsContradicted):
    """The file names degrees, and the coordinates are metres."""

    code = "crs_is_metres"


class AxesSwapped(BadValue):
    """North stands where east should be: ``crs``; ``offer`` reads it the other way round."""

    code = "axes_swapped"


class OutsideArea(BadValue):
    """Read in its system the data lie outside the expected area: ``crs lon lat``."""

    code = "outside_area"


# Evidence ----------------------------------------------------------------------------------------


class NotAPhotoOrPdf(WrongKind):
    """Evidence is neither a photo nor a PDF."""

    code = "not_a_photo_or_pdf"


class TooManyPixels(TooLarge):
    """A picture over the pixel limit: ``width height limit``."""

    code = "too_many_pixels"


# HTTP --------------------------------------------------------------------------------------------


class ForeignRequest(Forbidden):
    """A change asked for by a page of another site."""

    code = "foreign_request"


class UnknownParameter(Malformed):
    """A query parameter this address does not know: ``name known``."""

    code = "unknown_parameter"


class NotJson(WrongKind):
    """The body is not sent as JSON."""

    code = "not_json"


class BodyTooSlow(Malformed):
    """The body did not arrive in time: ``seconds``."""

    code = "body_too_slow"


class UnknownHost(BadValue):
    """The request names a host this server does not answer to: ``host``."""

    code = "unknown_host"


class BadVersionHeader(Malformed):
    """``If-Match`` is not a version we gave out: ``value``."""

    code = "bad_version_header"


# Store -------------------------------------------------------------------------------------------


class StoreUnsafe(Unavailable):
    """The database would not keep what it promises: ``why``."""

    code = "store_unsafe"


class StoreAddressUnread(Unavailable):
    """``GEOREVIEW_STORE`` is no address of a store; it is not repeated, for it holds a password."""

    code = "store_address_unread"


class PostgisMissing(Unavailable):
    """The database has no PostGIS and we may not add it: ``why``."""

    code = "postgis_missing"


class StoreBusy(Unavailable):
    """Somebody else held the store for too long: ``why``."""

    code = "store_busy"


class TooMuchAtOnce(Unavailable):
    """More is waiting to be written than is taken at a time; this was not."""

    code = "too_much_at_once"


class StoreConflict(Unavailable):
    """Another write came first and forbids this one; a new try sees it: ``why``."""

    code = "store_conflict"


class StoreReadOnly(Unavailable):
    """The store cannot be written: ``why``."""

    code = "store_read_only"


class StoreGone(Unavailable):
    """The store cannot be opened, or was closed: ``why``."""

    code = "store_gone"


class MachineShort(Unavailable):
    """The machine has no file handles, memory or disk left for this request: ``why``."""

    code = "machine_short"


class StoreBroken(Unavailable):
    """The store is damaged: ``why``."""

    code = "store_broken"


class DiskFull(Unavailable):
    """There is no room left: ``why``."""

    code = "disk_full"


class HomeOfAnother(Unavailable):
    """The home's files belong to another store: ``store`` and ``home`` begin their numbers."""

    code = "home_of_another"


class HomeEmpty(Unavailable):
    """The store has kept something and the home holds nothing: perhaps it is not mounted."""

    code = "home_empty"


class ClockBehind(Unavailable):
    """The server's clock stands before the ledger's last event: ``last`` is when that was."""

    code = "clock_behind"


class Draining(Unavailable):
    """The process is about to stop; another one answers."""

    code = "draining"


class MigrationChanged(Unavailable):
    """A migration file is not what was run here: ``why`` names it."""

    code = "migration_changed"


class SchemaUnknown(Unavailable):
    """The store was written by a later version: ``why`` names its migration."""

    code = "schema_unknown"


# Files from outside ------------------------------------------------------------------------------


class FileTooHeavy(TooLarge):
    """Reading needs more memory than it may have: ``memory_mb``."""

    code = "file_too_heavy"


class FileTooSlow(TooLarge):
    """Reading takes longer than it may: ``seconds``."""

    code = "file_too_slow"


class ReaderFailed(Malformed):
    """The file breaks its reader."""

    code = "reader_failed"


class UnknownFormat(WrongKind):
    """The content is none of the formats taken: ``file``."""

    code = "unknown_format"


class FormatDisguised(WrongKind):
    """The content is not what the name says: ``file found``."""

    code = "format_disguised"


class PartMissing(Malformed):
    """A part of a shapefile is missing: ``file part``."""

    code = "part_missing"


class FileEmpty(Malformed):
    """The file holds nothing: ``file``."""

    code = "file_empty"


class NoRows(Malformed):
    """The file can be read and holds no row: ``file``."""

    code = "no_rows"


class FileBroken(Malformed):
    """The file cannot be read as its format: ``file``."""

    code = "file_broken"


class ArchiveTooLarge(TooLarge):
    """An archive would unpack to more than it may: ``file members gb n`` (the caps)."""

    code = "archive_too_large"


class ArchiveEncrypted(WrongKind):
    """The archive wants a password: ``file``."""

    code = "archive_encrypted"


class ArchiveNested(WrongKind):
    """The archive holds archives in archives, too deep: ``file member n``."""

    code = "archive_nested"


class ArchiveHasLinks(WrongKind):
    """The archive holds links to other files: ``file``."""

    code = "archive_has_links"


class RarNotRead(WrongKind):
    """The archive is a RAR, for which there is no free reader: ``file``."""

    code = "rar_not_read"


class ArchiveMethod(WrongKind):
    """The archive is packed in a way that is not read: ``file method``."""

    code = "archive_method"


class FileEncrypted(WrongKind):
    """The file wants a password: ``file``."""

    code = "file_encrypted"


class GeometryEncoding(WrongKind):
    """Geometries are written in a way that is not known: ``file encoding``."""

    code = "geometry_encoding"


class MarkupDeclares(WrongKind):
    """An XML file declares a document type, by which it could read other files: ``file``."""

    code = "markup_declares"


class SheetTooLarge(TooLarge):
    """A sheet reaches over more cells than are taken: ``file rows columns limit`` (millions)."""

    code = "sheet_too_large"


class JsonTooLarge(TooLarge):
    """A file of JSON, which is parsed at one go, is over the cap: ``file limit`` (MB)."""

    code = "json_too_large"


class TooManyColumns(TooLarge):
    """A table has more columns than are taken: ``file n limit``."""

    code = "too_many_columns"


class TooManyRows(TooLarge):
    """A file holds more rows than are taken at a time: ``file n limit``."""

    code = "too_many_rows"


class PartCut(Malformed):
    """A part of a shapefile ends before its header says it does: ``file part``."""

    code = "part_cut"


class NoShapes(Malformed):
    """Not one row has usable coordinates: ``file``."""

    code = "no_shapes"


class LayerUnclear(BadValue):
    """The file holds several layers, or not the one named: ``file layers``."""

    code = "layer_unclear"


class EncodingUnclear(BadValue):
    """The text is in none of the known encodings: ``file column row``."""

    code = "encoding_unclear"


class EncodingNotKnown(BadValue):
    """The encoding that was given is none of those read here: ``encoding known``."""

    code = "encoding_not_known"


class EncodingWrong(BadValue):
    """The text is not in the encoding that was given: ``file encoding column row``."""

    code = "encoding_wrong"


class ColumnsUnclear(BadValue):
    """Two columns mean one field: ``field columns``."""

    code = "columns_unclear"


class HeaderUnclear(ColumnsUnclear):
    """One column, cut short, may mean several fields: ``field columns``."""

    code = "header_unclear"


class ColumnMissing(BadValue):
    """The column chosen for a field is not in the file: ``field column columns``."""

    code = "column_missing"


class NumberMissing(ColumnMissing):
    """No column is that of the plot numbers: ``columns`` there are, and ``likely`` ones or a dash."""

    code = "number_missing"


class GeometryKindWrong(BadValue):
    """A layer's features are not of the kind's geometry: ``kind expected found``."""

    code = "geometry_kind_wrong"


class LayerKindUnclear(BadValue):
    """Nothing tells what kind of layer a file is: ``field value``."""

    code = "layer_kind_unclear"


class LayerVersionTaken(BadValue):
    """Another layer of the kind has this version, with other content: ``field value name``."""

    code = "layer_version_taken"


class LayerOneFile(BadValue):
    """A version of a layer is one file, and several or none came: ``field value n``."""

    code = "layer_one_file"


class LayerHasFaults(Malformed):
    """Features of a layer have no usable shape: ``rows``."""

    code = "layer_has_faults"


# Images ------------------------------------------------------------------------------------------


class NotAGeoTiff(WrongKind):
    """The content is no TIFF: ``file``."""

    code = "not_a_geotiff"


class ImageTooLarge(TooLarge):
    """The header names more pixels than are taken: ``file width height limit`` (millions)."""

    code = "image_too_large"


class TooManyBands(TooLarge):
    """The header names more bands than are taken: ``file n limit``."""

    code = "too_many_bands"


class ImageValuesWrong(BadValue):
    """The bands hold no plain numbers, or not all of one kind: ``file found``."""

    code = "image_values_wrong"


class ImageWithoutCrs(BadValue):
    """The image does not say where it lies: ``file``."""

    code = "image_without_crs"


class ImageRotated(BadValue):
    """The grid is turned and names no coordinate system: ``file``."""

    code = "image_rotated"


class ImageNotOrthorectified(BadValue):
    """Only a sensor model (RPC) or control points place the image: ``file``."""

    code = "image_not_orthorectified"


class ImageWithoutData(BadValue):
    """Every pixel is empty: ``file``."""

    code = "image_without_data"


# Figures -----------------------------------------------------------------------------------------


class AsOfInFuture(BadValue):
    """Figures are asked for as of a day that has not come: ``value``, and ``today``."""

    code = "as_of_in_future"


class NothingPublished(NotFound):
    """No table of the batch was published by then: ``what`` is the batch."""

    code = "nothing_published"


class NoNegatives(RuleBroken):
    """There is nothing to draw from: no negative of the batch is closed: ``batch``."""

    code = "no_negatives"


class SameUnit(RuleBroken):
    """A second look is taken by another unit than the one that marked: ``unit``."""

    code = "same_unit"


class ReportForm(BadValue):
    """A report cannot be written as a file of this name: ``value possible``."""

    code = "report_form"


class NothingToReport(RuleBroken):
    """There is nothing the report could tell of: ``what`` names the batch or county."""

    code = "nothing_to_report"


class FontMissing(Unavailable):
    """The machine has no font with Chinese characters to set pages with."""

    code = "font_missing"


class ReportFailed(GeoreviewError):
    """The pages of a report could not be set."""

    code = "report_failed"


# Exports -----------------------------------------------------------------------------------------


class ExportOption(BadValue):
    """A format, or what it cannot be written in: ``option value possible``."""

    code = "export_option"


class NothingToExport(BadValue):
    """No plot meets the filter in the area of whoever asks."""

    code = "nothing_to_export"


class ExportTooLarge(TooLarge):
    """More than the format holds: ``format what found limit``."""

    code = "export_too_large"


class ExportDiffers(GeoreviewError):
    """The reopened file is not what went in: ``what`` (rows, columns, shapes, values) ``plot column``."""

    code = "export_differs"


class ExportFailed(GeoreviewError):
    """The writer broke, or needed more than it may."""

    code = "export_failed"


class OutNotWritable(BadValue):
    """The file cannot be put where it was asked for: ``out``."""

    code = "out_not_writable"


# Upkeep ------------------------------------------------------------------------------------------


class HeadMalformed(Malformed):
    """This is no signed head: ``file``."""

    code = "head_malformed"


class KeyInside(RuleBroken):
    """The signing key lies in the home, beside what it swears to: ``file``."""

    code = "key_inside"


class KeyUnusable(Unavailable):
    """The signing key cannot be read or made: ``file why``."""

    code = "key_unusable"


class StoreNotEmpty(RuleBroken):
    """A store is only ever restored or carried into an empty one: ``what`` holds something."""

    code = "store_not_empty"


class HomeNotEmpty(RuleBroken):
    """A backup is only ever restored into an empty home: ``what`` lies there."""

    code = "home_not_empty"


class SameStore(RuleBroken):
    """Source and target are one and the same."""

    code = "same_store"


class TransferDiffers(GeoreviewError):
    """Something other arrived than what was sent: ``what sent arrived``."""

    code = "transfer_differs"


class StoreFlawed(GeoreviewError):
    """What was carried over does not hold against itself: ``flaw`` (a code), ``seq plot``."""

    code = "store_flawed"


class OutExists(RuleBroken):
    """There is a file of that name already: ``out``."""

    code = "out_exists"


class BackupBroken(Malformed):
    """A file is no backup of ours, or not whole: ``file what``."""

    code = "backup_broken"


class MigrationsPending(RuleBroken):
    """The store has not been brought to this version's schema: ``names``."""

    code = "migrations_pending"


# Long work ---------------------------------------------------------------------------------------


class JobLost(VersionMismatch):
    """Another worker holds the job now; what this one wrote was not kept."""

    code = "job_lost"


class JobOver(RuleBroken):
    """The job is over, or not: ``state`` does not allow what was asked for."""

    code = "job_over"


class JobBroke(GeoreviewError):
    """Every try ended in a defect; the log says where."""

    code = "job_broke"


class JobAbandoned(GeoreviewError):
    """The worker was gone before the job was over, too many times: ``attempts``."""

    code = "job_abandoned"


class Stopped(Unavailable):
    """Work was asked to stop before it was done."""

    code = "stopped"


class ImportNotReady(RuleBroken):
    """Files can be taken in once they have been looked through without a refusal: ``state``."""

    code = "import_not_ready"


class NotTakenIn(RuleBroken):
    """Files that have not been taken in cannot be taken back: ``state``."""

    code = "not_taken_in"


class AlreadyRetracted(RuleBroken):
    """A file is taken back once: ``file``, ``at``."""

    code = "already_retracted"


class BuiltUpon(RuleBroken):
    """A later file changed plots of this one, and must be taken back first: ``file``, ``later``."""

    code = "built_upon"


class ReviewBegun(RuleBroken):
    """Plots of the file have been reviewed: ``file``, ``n`` and the first of their ``plots``."""

    code = "review_begun"


class ImportOver(RuleBroken):
    """Files that are being taken in, or have been, are looked at in no other way any more."""

    code = "import_over"


class DraftOver(ImportOver):
    """A version of a layer that is being published, or has been, never changes."""

    code = "draft_over"


class FileTwice(BadValue):
    """Two files of one upload have the same name: ``field value``."""

    code = "file_twice"


# Filters -----------------------------------------------------------------------------------------


class FilterUnreadable(Malformed):
    """A filter breaks off or goes on as CQL2 does not: ``at near``, the character, from 1."""

    code = "filter_unreadable"


class FilterTooLarge(Malformed):
    """A filter is longer, deeper or has more parts than is taken: ``what limit``."""

    code = "filter_too_large"


class FilterFieldUnknown(Malformed):
    """A filter names what plots cannot be filtered by: ``name possible``."""

    code = "filter_field_unknown"


class FilterOperatorUnknown(Malformed):
    """A filter asks in a way that is not taken, or not of this field: ``op field possible``."""

    code = "filter_operator_unknown"


class FilterValueWrong(Malformed):
    """A filter compares a field with what it never holds: ``name value possible``."""

    code = "filter_value_wrong"


class FilterShapeWrong(Malformed):
    """The shape of a filter is none, or not in degrees: ``value``."""

    code = "filter_shape_wrong"
