# frozen_string_literal: true

module LambdaRuntime
  # An event in work.
  Event = Struct.new(:id, :headers, :body)

  # The loop of an environment: one event after the other.
  class Runtime
    def initialize(api)
      @api = api
    end

    def run(task_root, name)
      handler = load(task_root, name)
      loop do
        headers, body = @api.next
        event = Event.new(headers['lambda-runtime-aws-request-id'], headers, body)
        begin_event(event)
        handle(handler, event)
      end
    end

    private

    def load(task_root, name)
      Handler.new(task_root, name)
    rescue SignalException
      raise
    rescue Exception => e # whatever the function's file does
      body = Errors.body(e, 'Init')
      Logs.failure("Init error when loading handler #{name}", body)
      @api.init_error(JSON.generate(body), 'Lambda-Runtime-Function-Error-Type' => Errors.header_type(e, 'Init'))
      exit(252)
    end

    def begin_event(event)
      ENV['_X_AMZN_TRACE_ID'] = event.headers['lambda-runtime-trace-id'] # nil removes it
      Logs.request_id = event.id
      Logs.tenant_id = event.headers['lambda-runtime-aws-tenant-id']
    end

    def handle(handler, event)
      result = handler.call(JSON.parse(event.body), LambdaContext.new(event.headers))
      body, type = marshalled(result)
      @api.answer(event, 'response', body, 'Content-Type' => type)
    rescue SignalException
      raise
    rescue NameError => e # Lambda takes a wrong name for broken code
      fail_for_good(event, e)
    rescue StandardError => e
      fail(event, e, 'Error raised from handler method')
    rescue Exception => e # exit, running out of stack or memory, missing files
      fail_for_good(event, e)
    end

    # A stream is the response as it is, anything else its JSON.
    def marshalled(result)
      return [result.read, 'application/unknown'] if result.is_a?(IO) || (defined?(StringIO) && result.is_a?(StringIO))

      [result.to_json, 'application/json']
    end

    def fail(event, error, title)
      body = Errors.body(error)
      Logs.failure(title, body)
      @api.answer(
        event, 'error', JSON.generate(body),
        'Content-Type' => 'application/json', 'Lambda-Runtime-Function-Error-Type' => Errors.header_type(error)
      )
    end

    # The error is reported, then the environment ends: the next event finds a fresh one.
    def fail_for_good(event, error)
      fail(event, error, 'Critical exception from handler')
      @api.flush
      exit(255)
    end
  end
end
