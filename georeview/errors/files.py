"""Files from outside, as they are unpacked and read."""

from georeview.errors import BadValue, Malformed, TooLarge, WrongKind


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
