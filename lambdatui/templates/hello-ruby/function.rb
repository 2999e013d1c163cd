def handler(event:, context:)
  name = event['name'] || 'world'
  { greeting: "#{ENV.fetch('GREETING', 'Hello')}, #{name}!" }
end
