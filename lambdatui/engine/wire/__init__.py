"""The server side of AWS's protocols, driven by botocore's service models."""
