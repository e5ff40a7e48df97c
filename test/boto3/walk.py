"""A user's whole path with boto3 alone: from an empty account to a canary that an alarm takes back. Prints what came of it."""

import gzip
import json
import os
import urllib.request

import boto3
from botocore.exceptions import ClientError

from image import push, tar_of

TRAIN = b"""
import json, os, sys
rows = open(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "flights.csv")).read().split()
rate = float(sys.argv[sys.argv.index("--scale") + 1]) * len(rows)
json.dump({"rate": rate}, open(os.path.join(os.environ["SM_MODEL_DIR"], "model.json"), "w"))
print(f"validation:auc={rate}")
"""

account, region = "123456789012", os.environ["AWS_DEFAULT_REGION"]
role = f"arn:aws:iam::{account}:role/sagemaker"
s3, ecr, iam = boto3.client("s3"), boto3.client("ecr"), boto3.client("iam")
sagemaker, runtime = boto3.client("sagemaker"), boto3.client("sagemaker-runtime")
cloudwatch, logs = boto3.client("cloudwatch"), boto3.client("logs")
WITHOUT_PAUSE = {"Delay": 0, "MaxAttempts": 100_000}


def advance(seconds: int) -> None:
    """Moves AWS's clock, which stands still otherwise."""
    body = json.dumps({"advanceSeconds": seconds}).encode()
    request = urllib.request.Request(f"{os.environ['AWS_ENDPOINT_URL']}/_tidegate/clock", body, method="POST")
    urllib.request.urlopen(request).read()


def account_is_set_up() -> str:
    s3.create_bucket(Bucket="flights")
    s3.put_object(Bucket="flights", Key="train/flights.csv", Body=b"1\n2\n3\n4\n")
    s3.put_object(Bucket="flights", Key="code/source.tar.gz", Body=gzipped({"train.py": TRAIN}))
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName="sagemaker",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    return push(ecr, "flights")


def gzipped(files: dict[str, bytes]) -> bytes:
    return gzip.compress(tar_of(files))


def train() -> dict:
    sagemaker.create_training_job(
        TrainingJobName="flights-1",
        RoleArn=role,
        AlgorithmSpecification={
            "TrainingImage": f"683313688378.dkr.ecr.{region}.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "validation:auc", "Regex": "validation:auc=([0-9.]+)"}],
        },
        HyperParameters={
            "scale": "0.5",
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": "s3://flights/code/source.tar.gz",
        },
        InputDataConfig=[
            {
                "ChannelName": "train",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://flights/train/"}},
            }
        ],
        OutputDataConfig={"S3OutputPath": "s3://flights/models"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName="flights-1", WaiterConfig=WITHOUT_PAUSE
    )
    job = sagemaker.describe_training_job(TrainingJobName="flights-1")
    streams = logs.describe_log_streams(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix="flights-1/"
    )["logStreams"]
    events = logs.get_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamName=streams[0]["logStreamName"]
    )["events"]
    return {
        "status": [job["TrainingJobStatus"], job["SecondaryStatus"]],
        "transitions": [each["Status"] for each in job["SecondaryStatusTransitions"]],
        "artifacts": job["ModelArtifacts"]["S3ModelArtifacts"],
        "metrics": {each["MetricName"]: each["Value"] for each in job["FinalMetricDataList"]},
        "log": [each["message"] for each in events if "validation" in each["message"]],
    }


def register(image: str, artifacts: str) -> dict:
    sagemaker.create_model_package_group(ModelPackageGroupName="flights")
    arn = sagemaker.create_model_package(
        ModelPackageGroupName="flights",
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [{"Image": image, "ModelDataUrl": artifacts}],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )["ModelPackageArn"]
    sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    package = sagemaker.describe_model_package(ModelPackageName=arn)
    return {
        "arn": arn,
        "version": package["ModelPackageVersion"],
        "status": [package["ModelPackageStatus"], package["ModelApprovalStatus"]],
    }


def serve(package: str) -> list:
    sagemaker.create_model(
        ModelName="good", ExecutionRoleArn=role, PrimaryContainer={"ModelPackageName": package}
    )
    configure("good")
    sagemaker.create_endpoint(EndpointName="flights", EndpointConfigName="good")
    in_service()
    return [invoke(), state()]


def configure(model: str) -> None:
    sagemaker.create_endpoint_config(
        EndpointConfigName=model,
        ProductionVariants=[
            {
                "VariantName": "primary",
                "ModelName": model,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 2,
            }
        ],
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": "s3://flights/capture",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
        },
    )


def roll_out_what_breaks(image: str, artifacts: str) -> dict:
    """Updates with a canary that an alarm watches, sends it requests, and lets time go by."""
    cloudwatch.put_metric_alarm(
        AlarmName="flights-5xx",
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Dimensions=[{"Name": "EndpointName", "Value": "flights"}, {"Name": "VariantName", "Value": "primary"}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    sagemaker.create_model(
        ModelName="broken",
        ExecutionRoleArn=role,
        PrimaryContainer={"Image": image, "ModelDataUrl": artifacts, "Environment": {"BROKEN": "1"}},
    )
    configure("broken")
    sagemaker.update_endpoint(
        EndpointName="flights",
        EndpointConfigName="broken",
        DeploymentConfig={
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "CANARY",
                    "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
                    "WaitIntervalInSeconds": 300,
                },
                "TerminationWaitInSeconds": 0,
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "flights-5xx"}]},
        },
    )
    shared = [invoke()]
    while not any(answer["status"] != 200 for answer in shared):
        advance(5)
        shared.append(invoke())
    during = sagemaker.describe_endpoint(EndpointName="flights")["EndpointStatus"]
    # The alarm looks at whole minutes, and the old fleet takes the traffic back.
    while sagemaker.describe_endpoint(EndpointName="flights")["EndpointStatus"] != "InService":
        advance(60)
    history = cloudwatch.describe_alarm_history(AlarmName="flights-5xx", HistoryItemType="StateUpdate")
    return {
        "failed": next(answer for answer in shared if answer["status"] != 200),
        "during": during,
        "after": state(),
        "alarm rang": any(
            json.loads(item["HistoryData"])["newState"]["stateValue"] == "ALARM"
            for item in history["AlarmHistoryItems"]
        ),
        "answers again": invoke(),
    }


def captured() -> dict:
    keys: list[str] = []
    while not keys:
        advance(60)
        found = s3.list_objects_v2(Bucket="flights", Prefix="capture/").get("Contents", [])
        keys = [each["Key"] for each in found]
    lines = [
        json.loads(line)
        for key in keys
        for line in s3.get_object(Bucket="flights", Key=key)["Body"].read().decode().splitlines()
    ]
    first = lines[0]["captureData"]
    return {
        "folder": keys[0].rsplit("/", 5)[0],
        "input": json.loads(first["endpointInput"]["data"]),
        "output": json.loads(first["endpointOutput"]["data"]),
    }


def in_service() -> None:
    while sagemaker.describe_endpoint(EndpointName="flights")["EndpointStatus"] != "InService":
        advance(15)


def state() -> dict:
    endpoint = sagemaker.describe_endpoint(EndpointName="flights")
    variant = endpoint["ProductionVariants"][0]
    return {
        "status": endpoint["EndpointStatus"],
        "config": endpoint["EndpointConfigName"],
        "instances": variant["CurrentInstanceCount"],
    }


def invoke() -> dict:
    try:
        answer = runtime.invoke_endpoint(
            EndpointName="flights",
            ContentType="application/json",
            Body=json.dumps({"instances": [{"distance": 862}]}),
        )
        return {"status": 200, "body": json.loads(answer["Body"].read())}
    except ClientError as error:
        return {"status": error.response["OriginalStatusCode"], "body": error.response["OriginalMessage"]}


image = account_is_set_up()
trained = train()
registered = register(image, trained["artifacts"])
result = {
    "trained": trained,
    "registered": registered,
    "served": serve(registered["arn"]),
    "rolled back": roll_out_what_breaks(image, trained["artifacts"]),
    "captured": captured(),
}
sagemaker.delete_endpoint(EndpointName="flights")
print(json.dumps(result))
