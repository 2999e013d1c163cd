def handler(event:, context:)
  puts "got #{event}"
  { event: event, requestId: context.aws_request_id, version: context.function_version }
end
