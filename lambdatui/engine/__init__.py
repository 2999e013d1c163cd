"""Lambda itself: real handler processes behind the AWS REST API, in one process of its own."""
