"""An index as one file: to carry it elsewhere, or to keep a copy."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path, PurePosixPath

from index.errors import IndexDamaged, IndexMissing, StorageError
from index.manifest import open_index, storage_name
from index.store.rows import FILE_NAME
from index.store.whole import check, save
from index.uploads import FOLDER
from index.writer import one_writer

MARK = "footnote-index"
"""The entry that says what the file is; its content is the version of this layout."""
VERSION = "1"


def export_index(file: Path, storage: str | Path | None = None) -> int:
    """Write the index at `storage`, with the originals of what was uploaded, into `file`; the number of its documents.

    One state of the index, also while others write to it. Files in the user's own folders are not carried: answers
    work from the stored text. Raises IndexMissing, StorageError where `file` is there already or cannot be written.
    """
    folder = _folder(storage)
    index = open_index(folder)
    documents = index.documents()
    index.close()
    if file.exists():
        raise StorageError(f"{file} is there already. Remove it or name another file.")
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    copy = folder / f".export-{os.getpid()}.sqlite"
    try:
        save(folder, copy)
        with zipfile.ZipFile(beside, "x", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(MARK, VERSION)
            archive.write(copy, FILE_NAME)
            own = (folder / FOLDER).resolve()
            for document in documents:
                original = Path(document.location)
                if original.is_relative_to(own) and original.is_file():
                    archive.write(original, f"{FOLDER}/{original.relative_to(own).as_posix()}")
        beside.replace(file)
    except OSError as exc:
        raise StorageError(f"Cannot write {file} ({exc.strerror}). Choose another place.") from exc
    finally:
        beside.unlink(missing_ok=True)
        copy.unlink(missing_ok=True)
    return len(documents)


def import_index(file: Path, storage: str | Path | None = None) -> int:
    """Unpack an exported index into `storage`, where there must be none yet; the number of its documents.

    The file is not trusted: entries that would lie elsewhere are refused, and all rows' checksums are checked. Raises
    StorageError, IndexDamaged, IndexMismatch; nothing is left then.
    """
    folder = _folder(storage)
    if (folder / FILE_NAME).exists():
        raise StorageError(f"There is an index at {folder}/ already. Choose another --storage.")
    with one_writer(str(folder)):
        beside = folder / ".importing"
        shutil.rmtree(beside, ignore_errors=True)
        try:
            _unpack(file, beside)
            check(beside)
            index = open_index(beside)
            count = len(index.documents())
            index.store.get([])
            index.close()
            if (beside / FOLDER).is_dir():
                shutil.rmtree(folder / FOLDER, ignore_errors=True)
                (beside / FOLDER).replace(folder / FOLDER)
            (beside / FILE_NAME).replace(folder / FILE_NAME)
        except IndexMissing as exc:
            raise IndexDamaged(f"{file} holds no index. Export it again with: qa export {file.name}") from exc
        except OSError as exc:
            raise StorageError(f"Cannot write to {folder}/ ({exc.strerror}). Choose another --storage.") from exc
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return count


def _folder(storage: str | Path | None) -> Path:
    name = storage_name(storage)
    if "://" in name:
        raise StorageError(
            f"Only an index in a folder is exported and imported. Before or after, move it: qa move {name} FOLDER, or "
            f"qa move FOLDER {name}"
        )
    return Path(name)


def _unpack(file: Path, folder: Path) -> None:
    if not file.is_file():
        raise StorageError(f"There is no file {file}. Check the path.")
    try:
        with zipfile.ZipFile(file) as archive:
            if MARK not in archive.namelist() or archive.read(MARK).decode("ascii", "replace") != VERSION:
                raise IndexDamaged(f"{file} is no index that qa export has written, or one of a later version.")
            for name in archive.namelist():
                if name != MARK:
                    _check_entry(file, name)
                    archive.extract(name, folder)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, UnicodeDecodeError) as exc:
        raise IndexDamaged(f"{file} is damaged ({exc}). Export the index again with: qa export {file.name}") from exc


def _check_entry(file: Path, name: str) -> None:
    """Raises IndexDamaged for an entry that an export has not."""
    parts = PurePosixPath(name).parts
    upload = len(parts) == 3 and parts[0] == FOLDER and not any(part.startswith(".") for part in parts)
    if name != FILE_NAME and not upload:
        raise IndexDamaged(f"{file} holds {name!r}, which no export has. It was not unpacked.")
