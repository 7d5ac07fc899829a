"""Records what DuckDB, pyarrow, Polars and Spark read as the keys of Hive directories.

    pip install duckdb pyarrow polars pyspark    # Spark needs Java 17
    python record_readings.py

reads the keys and their directories in readings.json and fills in what each engine reads by default and
with the option that docs/scale.md names. TestReadings compares both with this package.
"""

import json
import pathlib
import sys
import tempfile

import duckdb
import polars
import pyarrow
import pyarrow.dataset
import pyarrow.parquet
import pyspark
from pyspark.sql import SparkSession

FILE = pathlib.Path(__file__).with_name("readings.json")
DECODED = "decode(encode(formKey, 'ISO-8859-1'), 'UTF-8')"


def write(root, keys):
    for row, key in enumerate(keys):
        directory = root / "studyKey=S" / ("formKey=" + key["directory"])
        directory.mkdir(parents=True)
        pyarrow.parquet.write_table(pyarrow.table({"row": [row]}), directory / "records_chunk_00001.parquet")


def readings(root, spark):
    pattern = f"{root}/*/*/*.parquet"
    fields = pyarrow.schema([("studyKey", pyarrow.string()), ("formKey", pyarrow.string())])
    text = {"studyKey": polars.String, "formKey": polars.String}

    def read_duckdb(autocast):
        return duckdb.sql(f"SELECT row, formKey FROM read_parquet('{pattern}', hive_partitioning = true, hive_types_autocast = {autocast})").fetchall()

    def read_pyarrow(partitioning):
        table = pyarrow.dataset.dataset(root, partitioning=partitioning).to_table(["row", "formKey"])
        return [(r["row"], r["formKey"]) for r in table.to_pylist()]

    def read_polars(schema):
        return polars.scan_parquet(pattern, hive_partitioning=True, hive_schema=schema).select("row", "formKey").collect().rows()

    def read_spark(inference, column):
        spark.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", inference)
        return [tuple(r) for r in spark.read.parquet(str(root)).selectExpr("row", column).collect()]

    yield "duckdb", read_duckdb("true"), read_duckdb("false")
    yield "pyarrow", read_pyarrow("hive"), read_pyarrow(pyarrow.dataset.partitioning(fields, flavor="hive"))
    yield "polars", read_polars(None), read_polars(text)
    yield "spark", read_spark("true", "formKey"), read_spark("false", DECODED)


def main():
    recorded = json.loads(FILE.read_text("utf-8"))
    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    recorded["versions"] = {
        "duckdb": duckdb.__version__, "pyarrow": pyarrow.__version__, "polars": polars.__version__, "spark": pyspark.__version__,
    }
    for keys in recorded["directories"]:
        with tempfile.TemporaryDirectory() as root:
            write(pathlib.Path(root), keys)
            for engine, plain, text in readings(pathlib.Path(root), spark):
                for row, read in plain:
                    keys[row].setdefault("byDefault", {})[engine] = read
                for row, read in text:
                    keys[row].setdefault("asText", {})[engine] = read
    FILE.write_text(json.dumps(recorded, ensure_ascii=False, indent=1, default=str) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
