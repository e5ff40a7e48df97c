"""Where the model package and the user's code are."""

import os

MODEL_FOLDER = os.path.join(os.environ.get("SAGEMAKER_BASE_DIR") or "/opt/ml", "model")


def code_folder():
    return os.environ.get("TIDEGATE_CODE") or os.getcwd()
