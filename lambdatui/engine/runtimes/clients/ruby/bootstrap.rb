# frozen_string_literal: true

# Lambda's Ruby runtime: fetches events from the Runtime API, runs the handler, posts what came of it.
#
# Start it for one execution environment, Ruby 3.0 or newer:
#
#     ruby --disable-gems bootstrap.rb                 configuration in the process environment
#     ruby --disable-gems bootstrap.rb --standby=FD    everything loaded, waits for its configuration on FD
#
# Working directory: the task root. --disable-gems saves 40 ms of 55; RubyGems is loaded by itself when the function
# brings gems (GEM_PATH, GEM_HOME, vendor/bundle in the task root), names `Gem`, or requires what is not found without.
#
# On standby it writes "ready\n" to FD (a socket pair), reads one line of JSON {"env": {...}, "cwd": "/var/task"}, closes
# FD, makes `env` its whole environment and goes on as if it had been started so. What Ruby itself reads when it
# starts (RUBYOPT, RUBY_*, MALLOC_*, LD_*) needs a fresh start. No file of this folder is read after "ready".
#
# Environment: AWS_LAMBDA_RUNTIME_API (host:port), _HANDLER, LAMBDA_TASK_ROOT, AWS_LAMBDA_FUNCTION_NAME,
# AWS_LAMBDA_FUNCTION_VERSION, AWS_LAMBDA_FUNCTION_MEMORY_SIZE, AWS_LAMBDA_LOG_GROUP_NAME,
# AWS_LAMBDA_LOG_STREAM_NAME; optional AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL, GEM_PATH, GEM_HOME, RUBYLIB.
# A log record of several lines is written with the bytes FE FE before each inner line end.
#
# Exit status: 252 failed start, 255 an error after which Lambda starts a Ruby environment anew (NameError and all that
# is no StandardError), both reported before; 1 the Runtime API went away.

require 'json'
require_relative 'runtime_api'
require_relative 'errors'
require_relative 'gems'
require_relative 'handler'
require_relative 'logs'
require_relative 'context'
require_relative 'runtime'

module LambdaRuntime
  module_function

  def main
    standby = ARGV.find { |argument| argument.start_with?('--standby=') }
    adopt(configuration(standby.delete_prefix('--standby=').to_i)) if standby
    ARGV.clear
    $PROGRAM_NAME = '/var/runtime/bootstrap.rb'
    Encoding.default_external = Encoding::UTF_8 # whatever locales this machine has
    $stdout.sync = $stderr.sync = true
    task_root = ENV.fetch('LAMBDA_TASK_ROOT') { Dir.pwd }
    Errors.hide_paths(task_root, __dir__)
    Gems.prepare(task_root)
    $LOAD_PATH.unshift(task_root)
    Runtime.new(RuntimeApi.new(ENV.fetch('AWS_LAMBDA_RUNTIME_API'))).run(task_root, ENV.fetch('_HANDLER', ''))
  end

  # Says that the interpreter is ready and blocks until its one line of configuration is there.
  def configuration(descriptor)
    channel = IO.for_fd(descriptor, 'r+')
    channel.sync = true
    channel.write("ready\n")
    line = channel.gets
    channel.close
    line ? JSON.parse(line) : exit(0) # nothing came: never needed
  end

  # Makes the process look as if it had been started with this environment and working directory.
  def adopt(config)
    ENV.replace(config['env'])
    Dir.chdir(config['cwd'])
    $LOAD_PATH.unshift(*ENV.fetch('RUBYLIB', '').split(':'))
  end
end

LambdaRuntime.main
