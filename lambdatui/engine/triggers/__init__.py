"""Neighbours (SQS, S3, SNS and the others beside Lambda), and what they and schedules send to functions."""
