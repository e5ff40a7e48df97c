"""A table over objects in S3, made and asked with boto3 alone, through Glue and through Athena. Prints what came of it."""

import json

import boto3

s3, glue, athena = boto3.client("s3"), boto3.client("glue"), boto3.client("athena")


def table_is_made() -> None:
    s3.create_bucket(Bucket="flights")
    s3.put_object(Bucket="flights", Key="rows/day=2027-06-01/a.csv", Body=b"DEN,862\nSFO,\n")
    glue.create_database(DatabaseInput={"Name": "flights"})
    glue.create_table(
        DatabaseName="flights",
        TableInput={
            "Name": "rows",
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": [{"Name": "day", "Type": "string"}],
            "StorageDescriptor": {
                "Columns": [{"Name": "origin", "Type": "string"}, {"Name": "distance", "Type": "int"}],
                "Location": "s3://flights/rows/",
                "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                "SerdeInfo": {
                    "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                    "Parameters": {"field.delim": ","},
                },
            },
        },
    )


def query(sql: str) -> tuple[dict, list]:
    started = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": "flights"},
        ResultConfiguration={"OutputLocation": "s3://flights/results/"},
    )
    name = started["QueryExecutionId"]
    while True:
        found = athena.get_query_execution(QueryExecutionId=name)["QueryExecution"]
        if found["Status"]["State"] not in ("QUEUED", "RUNNING"):
            break
    if found["Status"]["State"] != "SUCCEEDED":
        return found, []
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=name)
    rows = [[value.get("VarCharValue") for value in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]]
    return found, rows


table_is_made()
query("MSCK REPAIR TABLE rows")
found, rows = query("SELECT * FROM rows ORDER BY origin")
body = s3.get_object(Bucket="flights", Key=f"results/{found['QueryExecutionId']}.csv")["Body"].read().decode()
failed, _ = query("SELECT nope FROM rows")
partitions = glue.get_paginator("get_partitions").paginate(DatabaseName="flights", TableName="rows")
print(
    json.dumps(
        {
            "rows": rows,
            "file": body,
            "scanned": found["Statistics"]["DataScannedInBytes"],
            "failed": failed["Status"]["AthenaError"]["ErrorCategory"],
            "partitions": [each["Values"] for page in partitions for each in page["Partitions"]],
        }
    )
)
