"""Simulations in files: nothing lost on the way there and back, and never half a file."""

import json
import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import xarray as xr

import ketascope as ks
from ketascope.engine import export
from ketascope.errors import InputError

TEXT = "esketamine 50 mg sublingual film twice weekly for 1 week"
TIMES = [0.0, 0.1, 1 / 3, 2.0, 73.0]
ANALYTES = ["esketamine", "esnorketamine", "eshydroxynorketamine"]


@pytest.fixture(scope="module")
def result():
    return ks.simulate(TEXT, 4, seed=2, model="simons_2022", times=TIMES)


@pytest.fixture(scope="module")
def repeated():
    return ks.simulate(TEXT, 3, seed=2, model="simons_2022", times=TIMES, replicates=2)


def expected_rows(result):
    """Rows worked out one by one: people in order, times within people."""
    rows = []
    for i, person in enumerate(result["id"].to_numpy()):
        for k, time in enumerate(result["time"].to_numpy()):
            values = [float(result[a].isel(subject=i, time=k)) for a in ANALYTES]
            rows.append([int(person), float(time), *values])
    return rows


@pytest.mark.parametrize("ending", ["csv", "parquet", "CSV"])
def test_a_table_comes_back_to_the_last_bit(ending, result, tmp_path):
    path = str(tmp_path / f"out.{ending}")
    export.write(result, path)
    read = pq.read_table if ending == "parquet" else pyarrow.csv.read_csv
    frame = read(path).to_pandas()
    assert list(frame.columns) == ["id", "time", *ANALYTES]
    assert frame.to_numpy().tolist() == expected_rows(result)


def test_parquet_carries_the_attributes_of_the_simulation(result, tmp_path):
    path = tmp_path / "out.parquet"
    export.write(result, str(path))
    stored = pq.read_schema(path).metadata
    for key, value in result.attrs.items():
        assert stored[f"ketascope.{key}".encode()].decode() == str(value)
    assert json.loads(stored[b"ketascope.sources"])[0] == "simons_2022"


def test_netcdf_comes_back_whole(result, tmp_path):
    path = tmp_path / "out.nc"
    export.write(result, str(path))
    with xr.open_dataset(path, engine="h5netcdf") as stored:
        back = stored.load()
    assert list(back.data_vars) == ANALYTES
    for name, variable in result.variables.items():
        if variable.dtype.kind in "fi":
            assert (back[name].to_numpy() == variable.to_numpy()).all(), name
        else:
            assert back[name].to_numpy().astype(str).tolist() == variable.to_numpy().tolist()
        assert back[name].dims == variable.dims
        for key, value in variable.attrs.items():
            assert back[name].attrs[key] == value
    for key, value in result.attrs.items():
        assert back.attrs[key] == value
    assert back["p_F1"].dims == ("occasion", "subject")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_replicates_are_numbered_from_1(ending, repeated, tmp_path):
    path = str(tmp_path / f"out.{ending}")
    export.write(repeated, path)
    frame = pd.read_parquet(path) if ending == "parquet" else pd.read_csv(path)
    assert list(frame.columns) == ["replicate", "id", "time", *ANALYTES]
    for k in (0, 1):
        mine = frame[frame["replicate"] == k + 1].drop(columns="replicate")
        assert np.allclose(mine.to_numpy(), expected_rows(repeated.isel(replicate=k)), rtol=1e-15)


def test_replicates_in_netcdf(repeated, tmp_path):
    export.write(repeated, str(tmp_path / "out.nc"))
    with xr.open_dataset(tmp_path / "out.nc", engine="h5netcdf") as stored:
        assert stored["esketamine"].dims == ("replicate", "subject", "time")
        assert (stored["esketamine"].to_numpy() == repeated["esketamine"].to_numpy()).all()


def test_standard_output_is_csv(result, capfdbinary):
    export.write(result, "-")
    printed = capfdbinary.readouterr().out
    table = pyarrow.csv.read_csv(pa.py_buffer(printed))
    assert table.column_names == ["id", "time", *ANALYTES]
    assert table.num_rows == 20


def test_a_summary_is_a_table_with_the_metadata_of_its_simulation(result, tmp_path):
    frame = pd.DataFrame({"analyte": ["esketamine"], "q50": [1.5]})
    export.write_table(export.table_of(frame, result), str(tmp_path / "summary.parquet"))
    assert pd.read_parquet(tmp_path / "summary.parquet").equals(frame)
    stored = pq.read_schema(tmp_path / "summary.parquet").metadata
    assert stored[b"ketascope.seed"] == b"2"
    with pytest.raises(InputError, match=r"use \.csv or \.parquet"):
        export.write_table(export.table_of(frame, result), str(tmp_path / "summary.nc"))


@pytest.mark.parametrize("name", ["out.xlsx", "out", ".csv", "out.csv.gz", "csv", "out.", ""])
def test_an_ending_that_names_no_format_is_refused(name, result, tmp_path):
    with pytest.raises(InputError, match=r"use \.parquet, \.csv or \.nc"):
        export.write(result, str(tmp_path / name) if name else name)
    assert list(tmp_path.iterdir()) == []


def test_what_stands_in_the_way_is_named(result, tmp_path):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=r"folder\.csv' is a folder"):
        export.write(result, str(tmp_path / "folder.csv"))
    with pytest.raises(InputError, match=r"the folder '.*missing' does not exist"):
        export.write(result, str(tmp_path / "missing/out.csv"))
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="does not exist"):
        export.write(result, str(tmp_path / "file/out.csv"))


def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *a, **k: False)
    with pytest.raises(InputError, match="cannot be written"):
        export.check_writable(str(tmp_path / "out.csv"))


@pytest.mark.parametrize("name", ["a" * 300 + ".csv", "a\0b.csv"], ids=["too long", "nul"])
def test_a_name_no_file_can_have_is_refused_in_a_sentence(name, result, tmp_path):
    with pytest.raises(InputError):
        export.check_writable(str(tmp_path / name))
    with pytest.raises(InputError):
        export.write(result, str(tmp_path / name))


WRITERS = {
    "csv": "pyarrow.csv.write_csv",
    "parquet": "pyarrow.parquet.write_table",
    "nc": "xarray.Dataset.to_netcdf",
}


@pytest.mark.parametrize("before", [None, "what was there before"])
@pytest.mark.parametrize("ending", WRITERS)
def test_a_disk_that_fills_up_leaves_no_half_file(ending, before, result, tmp_path, monkeypatch):
    target = tmp_path / f"out.{ending}"
    if before is not None:
        target.write_text(before)

    def half(*arguments, **named):
        sink = arguments[1]
        if hasattr(sink, "write"):
            sink.write(b"half")
        else:
            sink.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(WRITERS[ending], half)
    with pytest.raises(InputError, match="No space left on device"):
        export.write(result, str(target))
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ([] if before is None else [target.name])
    if before is not None:
        assert target.read_text() == before
    export.write(result, str(target))
    assert target.stat().st_size > 500


def test_another_error_leaves_no_half_file_either(tmp_path):
    def fail():
        with export.whole_file(str(tmp_path / "out.csv")) as file:
            file.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_readable_as_the_user_wants_new_files_to_be(result, tmp_path):
    previous = os.umask(0o027)
    try:
        export.write(result, str(tmp_path / "out.csv"))
    finally:
        os.umask(previous)
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o640


def test_text_is_written_whole_and_in_utf_8(tmp_path, capsys):
    export.write_text("µg/L\n", str(tmp_path / "out.html"))
    assert (tmp_path / "out.html").read_bytes() == "µg/L\n".encode()
    export.write_text("µg/L\n", "-")
    assert capsys.readouterr().out == "µg/L\n"


def test_json_has_numbers_as_numbers_and_null_for_none():
    text = export.to_json({"a": np.float64(1.5), "b": [np.int64(2), float("nan"), np.inf],
                           "c": (True, None, "µ"), 4: {"x": -float("inf")}})  # fmt: skip
    assert json.loads(text) == {"a": 1.5, "b": [2, None, None], "c": [True, None, "µ"],
                                "4": {"x": None}}  # fmt: skip
    assert "µ" in text


def test_quantiles_are_written_as_rows(result, tmp_path):
    found = ks.quantiles(result)
    export.write(found, str(tmp_path / "q.nc"))
    export.write(found, str(tmp_path / "q.csv"))
    table = pd.read_csv(tmp_path / "q.csv")
    assert list(table.columns[:2]) == ["quantile", "time"]
    assert len(table) == found.sizes["quantile"] * found.sizes["time"]
