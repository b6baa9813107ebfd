"""Spreadsheets (xlsx, xls, ods), through calamine: each row a line with its columns' names."""

from __future__ import annotations

import datetime
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from index.formats import Limits, Reading, Refused
from index.formats.text import TextBuilder, names_columns


def read(path: Path, limits: Limits) -> Reading:
    builder = TextBuilder()
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            for sheet in workbook.sheets_metadata:
                if sheet.typ == SheetTypeEnum.WorkSheet:
                    # A row at a time: one stray cell far below makes a table of millions of empty ones.
                    rows = workbook.get_sheet_by_name(sheet.name).iter_rows()
                    filled = [[shown(cell) for cell in row] for row in rows if row.count("") < len(row)]
                    add_sheet(builder, sheet.name, filled)
    except CalamineError as exc:
        raise Refused(f"it is no whole spreadsheet, or is protected by a password ({exc}).") from exc
    return builder.reading()


def add_sheet(builder: TextBuilder, name: str, rows: list[list[str]]) -> None:
    """A sheet under its name. Lines above the row that names the columns (a caption, a date) stay lines."""
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        return
    builder.heading(name, 2)
    width = max(sum(bool(cell.strip()) for cell in row) for row in rows)
    top = 0
    while top < len(rows) - 1 and width > 1 and sum(bool(cell.strip()) for cell in rows[top]) == 1:
        builder.paragraph(" ".join(rows[top]))
        top += 1
    filled = [[cell.strip() for cell in row] for row in rows[top:]]
    columns = [i for i in range(len(filled[0])) if any(i < len(row) and row[i] for row in filled)]
    narrow = [[row[i] if i < len(row) else "" for i in columns] for row in filled]
    builder.table(narrow, headed=names_columns(narrow))


def shown(cell: object) -> str:
    """A cell as a person reads it: 3.0 is 3, midnight is a date."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ", "seconds")
    return str(cell)
