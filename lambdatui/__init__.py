"""lambdatui: build and run AWS Lambda functions in the terminal."""
