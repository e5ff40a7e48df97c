"""Creates, describes, updates, invokes and deletes an endpoint with boto3; prints what it saw as JSON."""

import json
import os
import time

import boto3
from botocore.exceptions import ClientError

image = os.environ["MODEL_IMAGE"]
sagemaker = boto3.client("sagemaker")
runtime = boto3.client("sagemaker-runtime")
cloudwatch = boto3.client("cloudwatch")


def settled(name):
    while True:
        description = sagemaker.describe_endpoint(EndpointName=name)
        if description["EndpointStatus"] not in ("Creating", "Updating", "RollingBack"):
            return description
        time.sleep(0.05)


def invoke():
    return runtime.invoke_endpoint(EndpointName="flights", Body=b"hello", ContentType="text/plain", Accept="application/json")


def error(call, **arguments):
    try:
        call(**arguments)
    except ClientError as failure:
        return failure.response


for version, environment in (("one", {}), ("two", {}), ("broken", {"FAIL": "1"})):
    sagemaker.create_model(
        ModelName=version,
        PrimaryContainer={
            "Image": image,
            "ModelDataUrl": "s3://models/boto/model.tar.gz",
            "Environment": environment,
        },
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName=version,
        ProductionVariants=[
            {"VariantName": "main", "ModelName": version, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        ],
    )

created = sagemaker.create_endpoint(EndpointName="flights", EndpointConfigName="one")
first = settled("flights")
answer = invoke()

cloudwatch.put_metric_alarm(
    AlarmName="errors",
    Namespace="AWS/SageMaker",
    MetricName="Invocation5XXErrors",
    Dimensions=[{"Name": "EndpointName", "Value": "flights"}, {"Name": "VariantName", "Value": "main"}],
    Statistic="Average",
    Period=60,
    EvaluationPeriods=1,
    Threshold=0.5,
    ComparisonOperator="GreaterThanThreshold",
    TreatMissingData="notBreaching",
)
sagemaker.update_endpoint(
    EndpointName="flights",
    EndpointConfigName="two",
    DeploymentConfig={
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    },
)
second = settled("flights")
sagemaker.update_endpoint(EndpointName="flights", EndpointConfigName="broken")
settled("flights")
model_error = error(invoke)

sagemaker.delete_endpoint(EndpointName="flights")
while error(sagemaker.describe_endpoint, EndpointName="flights") is None:
    time.sleep(0.05)

print(
    json.dumps(
        {
            "arn": created["EndpointArn"],
            "first": [first["EndpointStatus"], first["EndpointConfigName"]],
            "answer": [answer["InvokedProductionVariant"], answer["ContentType"], json.loads(answer["Body"].read())["got"]],
            "second": [second["EndpointStatus"], second["EndpointConfigName"], "LastDeploymentConfig" in second],
            "model error": [model_error["Error"]["Code"], model_error["OriginalStatusCode"], model_error["OriginalMessage"]],
            "alarm": cloudwatch.describe_alarms(AlarmNames=["errors"])["MetricAlarms"][0]["StateValue"],
            "gone": error(sagemaker.describe_endpoint, EndpointName="flights")["Error"],
            "nobody": error(runtime.invoke_endpoint, EndpointName="flights", Body=b"")["Error"]["Code"],
        }
    )
)
