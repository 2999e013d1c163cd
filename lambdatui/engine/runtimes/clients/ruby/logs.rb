# frozen_string_literal: true

module LambdaRuntime
  # Records of our own and Logger's format: text with the request id, or JSON. `puts` stays as it is.
  module Logs
    FOLD = "\xfe\xfe\n".b

    class << self
      attr_accessor :request_id, :tenant_id

      def json?
        ENV.fetch('AWS_LAMBDA_LOG_FORMAT', '').casecmp?('JSON')
      end

      # The lowest level to log; only the JSON format has one.
      def level
        name = ENV.fetch('AWS_LAMBDA_LOG_LEVEL', nil)
        name && json? ? { 'TRACE' => 'DEBUG' }.fetch(name.upcase, name).downcase : 'debug'
      end

      # Logs an error that ends an event or the process.
      def failure(title, body)
        if json?
          record = { timestamp: timestamp(Time.now), level: 'ERROR', message: title, requestId: request_id }
          write(JSON.generate(record.compact.merge(body)))
        else
          write(title)
          write(JSON.pretty_generate(body))
        end
      end

      def timestamp(time)
        time.getutc.strftime('%Y-%m-%dT%H:%M:%S.%6NZ')
      end

      # One record, with its inner line ends folded: the engine unfolds them.
      def line(text)
        "#{text.b.chomp.gsub("\n", FOLD)}\n"
      end

      def adopt_logger
        ::Logger.prepend(LoggerFormat)
      end

      private

      def write(text)
        $stdout.write(line(text))
      end
    end

    # Gives loggers that write to standard output Lambda's format; a formatter of their own wins.
    module LoggerFormat
      def initialize(device = nil, *arguments, **options)
        own = [$stdout, $stderr, STDOUT, STDERR].include?(device)
        options = { level: Logs.level }.merge(options) if own
        super
        @default_formatter = Logs.json? ? JsonFormatter.new : TextFormatter.new if own
      end
    end

    # Logger's own text with the request id.
    class TextFormatter
      def call(severity, time, program, message)
        stamp = time.strftime('%Y-%m-%dT%H:%M:%S.%6N')
        text = Errors.utf8(Logs.text(message))
        Logs.line("#{severity[0]}, [#{stamp} ##{Process.pid}] #{severity.rjust(5)} #{Logs.request_id} -- #{program}: #{text}")
      end
    end

    # One JSON object for each record.
    class JsonFormatter
      def call(severity, time, program, message)
        record = {
          timestamp: Logs.timestamp(time), level: severity, requestId: Logs.request_id, tenantId: Logs.tenant_id,
          message: Errors.utf8(message.is_a?(Exception) ? Errors.message(message) : Logs.text(message)), logger: program
        }.compact
        "#{JSON.generate(message.is_a?(Exception) ? record.merge(described(message)) : record)}\n"
      end

      private

      def described(error)
        { errorType: error.class.to_s, errorMessage: Errors.utf8(Errors.message(error)), stackTrace: Errors.trace(error) }
      end
    end

    # A logged value as Logger itself writes it.
    def self.text(value)
      case value
      when String then value
      when Exception then "#{Errors.message(value)} (#{value.class})\n#{Errors.trace(value).join("\n")}"
      else value.inspect
      end
    end
  end
end
