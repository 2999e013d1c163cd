-- Events that were attempted before: a long backlog is counted without a look at what lies behind its payloads.

CREATE INDEX events_tried ON events (account, region, function) WHERE failed IS NULL AND history != '[]';
