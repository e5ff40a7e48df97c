"""What a Python user does with AWS, told as one JSON line; boto3.test.ts runs it against the local AWS."""

import datetime
import io
import json
import urllib.request
import zipfile

import boto3
from botocore.exceptions import ClientError


def code_of(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def use_s3():
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="models")
    s3.create_bucket(Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="models", Key="a/1", Body=b"hello boto3", Metadata={"who": "me"})
    s3.put_object(Bucket="models", Key="a/2", Body=io.BytesIO(b"x" * 100_000))
    # Above its threshold boto3 uploads in parts, on threads.
    s3.upload_fileobj(io.BytesIO(b"y" * 9_000_000), "models", "a/large")
    got = s3.get_object(Bucket="models", Key="a/1")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="models", Prefix="a/", PaginationConfig={"PageSize": 2})
    counts = [page["KeyCount"] for page in pages]
    copied = s3.copy_object(Bucket="models", Key="copy", CopySource={"Bucket": "models", "Key": "a/2"})
    assert copied["CopyObjectResult"]["ETag"]
    address = s3.generate_presigned_url("get_object", Params={"Bucket": "models", "Key": "a/1"})
    with urllib.request.urlopen(address) as answer:
        presigned = answer.read().decode()
    keys = [{"Key": key} for key in ("a/1", "a/2", "a/large", "copy")]
    large = s3.head_object(Bucket="models", Key="a/large")["ContentLength"]
    missing = code_of(s3.get_object, Bucket="models", Key="nothing")
    deleted = len(s3.delete_objects(Bucket="models", Delete={"Objects": keys})["Deleted"])
    return {
        "body": got["Body"].read().decode(),
        "metadata": got["Metadata"],
        "pages": counts,
        "missing": missing,
        "large": large,
        "deleted": deleted,
        "presigned": presigned,
        "regions": [s3.get_bucket_location(Bucket=name)["LocationConstraint"] for name in ("models", "far")],
    }


def use_iam():
    iam = boto3.client("iam")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com", "AWS": "123456789012"},
        "Action": "sts:AssumeRole",
    }
    iam.create_role(RoleName="train", AssumeRolePolicyDocument=json.dumps({"Statement": [statement]}))
    policy = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="train", PolicyName="p", PolicyDocument=json.dumps(policy))
    role = iam.get_role(RoleName="train")["Role"]
    simulated = iam.simulate_principal_policy(PolicySourceArn=role["Arn"], ActionNames=["s3:GetObject"])
    return {
        "trusts": role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"],
        "missing": code_of(iam.get_role, RoleName="no"),
        "roles": [role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]],
        "decision": simulated["EvaluationResults"][0]["EvalDecision"],
    }


def use_sts():
    sts = boto3.client("sts")
    credentials = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/train", RoleSessionName="me")["Credentials"]
    session = boto3.Session(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
    return {"account": sts.get_caller_identity()["Account"], "assumed": session.client("sts").get_caller_identity()["Arn"]}


def use_events():
    events = boto3.client("events")
    events.put_rule(Name="r", EventPattern='{"source":["app"]}')
    entries = [{"Source": "app", "DetailType": "d", "Detail": detail} for detail in ("{}", "not json")]
    return {
        "failed": events.put_events(Entries=entries)["FailedEntryCount"],
        "rule": events.describe_rule(Name="r")["State"],
        "missing": code_of(events.describe_rule, Name="no"),
    }


def use_cloudwatch():
    cloudwatch = boto3.client("cloudwatch")
    now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0) - datetime.timedelta(minutes=1)
    data = [{"MetricName": "m", "Timestamp": now, "Value": value} for value in (1, 2)]
    cloudwatch.put_metric_data(Namespace="n", MetricData=data)
    later = now + datetime.timedelta(minutes=1)
    statistics = cloudwatch.get_metric_statistics(
        Namespace="n", MetricName="m", StartTime=now, EndTime=later, Period=60, Statistics=["Sum"]
    )
    return {"sum": [point["Sum"] for point in statistics["Datapoints"]]}


def use_lambda():
    functions = boto3.client("lambda")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Statement": [trust]})
    role = boto3.client("iam").create_role(RoleName="functions", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return {'sum': sum(event['numbers'])}\n")
    functions.create_function(
        FunctionName="adds", Role=role, Runtime="python3.13", Handler="app.handler", Timeout=60, Code={"ZipFile": code.getvalue()}
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="adds")
    right = functions.invoke(FunctionName="adds", Payload=json.dumps({"numbers": [1, 2, 3]}))
    wrong = functions.invoke(FunctionName="adds", Payload="{}")
    return {
        "right": json.load(right["Payload"]),
        "wrong": [wrong["StatusCode"], wrong["FunctionError"], json.load(wrong["Payload"])["errorType"]],
        "missing": code_of(functions.get_function, FunctionName="no"),
    }


print(
    json.dumps(
        {
            "s3": use_s3(),
            "iam": use_iam(),
            "sts": use_sts(),
            "events": use_events(),
            "cloudwatch": use_cloudwatch(),
            "lambda": use_lambda(),
            "logs": {"missing": code_of(boto3.client("logs").describe_log_streams, logGroupName="no")},
            "sagemaker": {"invalid": code_of(boto3.client("sagemaker").describe_model, ModelName="no")},
        }
    )
)
