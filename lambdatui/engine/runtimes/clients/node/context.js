/* The context object, member by member in the order that Lambda has them. */
'use strict';

/** `extra` comes first: the callbacks and flags of the manner in which the handler is run. */
function buildContext({ id, headers }, extra = {}) {
  const { env } = process;
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return Object.assign(extra, {
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed(headers['lambda-runtime-client-context']),
    identity: parsed(headers['lambda-runtime-cognito-identity']),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: id,
    tenantId: headers['lambda-runtime-aws-tenant-id'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  });
}

function parsed(text) {
  return text ? JSON.parse(text) : undefined;
}

module.exports = { buildContext };
