/*
 * Lambda's Node.js runtime: fetches events from the Runtime API, runs the handler, posts what came of it.
 *
 * Start it for one execution environment, Node.js 16 or newer:
 *
 *     node [node options] bootstrap.js                 configuration in the process environment
 *     node [node options] bootstrap.js --standby=FD    everything loaded, waits for its configuration on FD
 *
 * Working directory: the task root. Standard output and error: pipes; they are written to at once, so
 * that whoever reads them finds all of an event's output there before its answer.
 *
 * On standby it writes "ready\n" to FD (a socket pair), reads one line of JSON {"env": {...}, "cwd": "/var/task"},
 * closes FD, makes `env` its whole environment and goes on as if it had been started so. What Node itself reads
 * when it starts (NODE_OPTIONS, NODE_EXTRA_CA_CERTS, NODE_V8_COVERAGE, LD_*, UV_THREADPOOL_SIZE) needs a fresh start.
 * No file of this folder is read after "ready", so the file system may be changed underneath.
 *
 * Environment: AWS_LAMBDA_RUNTIME_API (host:port), _HANDLER, LAMBDA_TASK_ROOT, AWS_LAMBDA_FUNCTION_NAME,
 * AWS_LAMBDA_FUNCTION_VERSION, AWS_LAMBDA_FUNCTION_MEMORY_SIZE, AWS_LAMBDA_LOG_GROUP_NAME,
 * AWS_LAMBDA_LOG_STREAM_NAME; optional AWS_EXECUTION_ENV (from nodejs24.x on, callbacks are gone), NODE_PATH,
 * AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL, AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA. A log record of several lines
 * is written with the bytes FE FE before each inner line end.
 *
 * Exit status: 128 unhandled rejection, 129 uncaught exception or failed start (both reported before), 1 the Runtime
 * API went away.
 */
'use strict';

const fs = require('fs');
const Module = require('module');
const { RuntimeApi } = require('./runtime_api.js');
const errors = require('./errors.js');
const { loadHandler } = require('./loader.js');
const logs = require('./logs.js');
const { Runtime } = require('./runtime.js');

async function main() {
  const standby = process.argv.slice(2).find((argument) => argument.startsWith('--standby='));
  if (standby) {
    await import('path'); // starts the ES module loader: a third of what a first import() costs
    adopt(await configuration(Number(standby.slice('--standby='.length))));
  }
  process.argv.splice(1, Infinity, '/var/runtime/bootstrap.js'); // the handler sees no options of ours
  const { AWS_LAMBDA_RUNTIME_API: address, LAMBDA_TASK_ROOT: taskRoot = process.cwd(), _HANDLER: name = '' } = process.env;
  errors.hidePaths(taskRoot, __dirname);
  logs.install();
  const runtime = new Runtime(new RuntimeApi(address));
  try {
    runtime.handler = await loadHandler(taskRoot, name);
  } catch (error) {
    await runtime.failInit(error);
    return;
  }
  await runtime.serve();
}

/** Says that the interpreter is ready and blocks until its one line of configuration is there. */
async function configuration(descriptor) {
  void [process.stdout, process.stderr]; // made on first use: not on the clock of a cold start
  fs.writeSync(descriptor, 'ready\n');
  const chunks = [];
  const chunk = Buffer.alloc(65536);
  for (;;) {
    const count = fs.readSync(descriptor, chunk);
    if (count === 0) break;
    chunks.push(Buffer.from(chunk.subarray(0, count)));
    if (chunk[count - 1] === 10) break;
  }
  fs.closeSync(descriptor);
  if (chunks.length === 0) process.exit(0); // never needed
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** Makes the process look as if it had been started with this environment and working directory. */
function adopt({ env, cwd }) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  Module._initPaths(); // NODE_PATH is read once, when Node starts
}

main();
