/* From a handler name ("folder/module.export.nested") to the function, with Lambda's order of files and its errors. */
'use strict';

const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const { RuntimeError } = require('./errors.js');
const { HttpResponseStream, streamifyResponse } = require('./streaming.js');

const NODE_MAJOR = Number(process.versions.node.split('.')[0]);
const TYPESCRIPT = NODE_MAJOR >= 24; // types are stripped by Node itself

async function loadHandler(taskRoot, name) {
  if (name.includes('..')) {
    throw new RuntimeError(
      'MalformedHandlerName',
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  const [, file, exported] = /^([^.]*)\.(.*)$/.exec(name.slice(folder.length)) || [];
  if (file === undefined) throw new RuntimeError('MalformedHandlerName', 'Bad handler');
  offerAwslambda();
  const module = await loadModule(taskRoot, folder, file);
  const handler = exported.split('.').reduce((value, key) => value && value[key], module);
  if (!handler) throw new RuntimeError('HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new RuntimeError('HandlerNotFound', `${name} is not a function`);
  return handler;
}

function offerAwslambda() {
  if (['1', 'true'].includes(process.env.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA)) return;
  globalThis.awslambda = { ...globalThis.awslambda, streamifyResponse, HttpResponseStream };
}

async function loadModule(taskRoot, folder, file) {
  try {
    return await loadFirst(path.resolve(taskRoot, folder, file), file, [taskRoot, path.resolve(taskRoot, folder)]);
  } catch (error) {
    if (error instanceof SyntaxError) throw wrapped('UserCodeSyntaxError', error);
    if (error && error.code === 'MODULE_NOT_FOUND') throw wrapped('ImportModuleError', error);
    throw error;
  }
}

/** The cause keeps its own stack: for a syntax error that is where its file and line are. */
function wrapped(name, cause) {
  const error = new RuntimeError(name, String(cause));
  error.stack = `${error.name}: ${error.message}\n${cause.stack}`;
  return error;
}

async function loadFirst(base, file, searched) {
  const asModule = isModuleFolder(path.dirname(base));
  const choices = [
    ['.js', asModule ? importFile : require],
    ['.mjs', importFile],
    ['.cjs', require],
    ...(TYPESCRIPT ? [['.ts', asModule ? importFile : require], ['.mts', importFile], ['.cts', require]] : []),
  ];
  if (fs.existsSync(base)) return require(base); // a file without suffix, or a folder with an index.js
  for (const [suffix, load] of choices) {
    if (isFile(base + suffix)) return load(base + suffix);
  }
  return require(require.resolve(file, { paths: searched })); // a package: node_modules, NODE_PATH
}

function importFile(file) {
  return import(pathToFileURL(file).href);
}

function isFile(name) {
  const found = fs.statSync(name, { throwIfNoEntry: false });
  return Boolean(found && found.isFile());
}

/** Whether the nearest package.json says that .js files are ES modules. */
function isModuleFolder(folder) {
  if (folder.endsWith('/node_modules')) return false;
  const manifest = path.join(folder, 'package.json');
  if (isFile(manifest)) {
    try {
      return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
    } catch (error) {
      console.warn(`${manifest} cannot be read, it will be ignored for ES module detection purposes.`, error);
      return false;
    }
  }
  return folder === path.dirname(folder) ? false : isModuleFolder(path.dirname(folder));
}

module.exports = { loadHandler };
