-- Events by function, so that no backlog holds up another; what was given up; what is on its way to targets.

ALTER TABLE events ADD COLUMN failed REAL;           -- when it was given up: kept a while, to be looked at and replayed
ALTER TABLE events ADD COLUMN condition TEXT;        -- why, in the words of AWS's records
ALTER TABLE events ADD COLUMN response BLOB;         -- what the last attempt that ran answered
ALTER TABLE events ADD COLUMN executed_version TEXT; -- and which version that was
DROP INDEX events_due;
CREATE INDEX events_waiting ON events (account, region, function, next_at, id) WHERE failed IS NULL;
CREATE INDEX events_failed ON events (failed, id) WHERE failed IS NOT NULL;

CREATE TABLE deliveries (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    service    TEXT NOT NULL,             -- sqs, sns, lambda, events, s3, as the target's ARN says
    kind       TEXT NOT NULL,             -- destination or dlq
    target     TEXT NOT NULL,             -- ARN
    account    TEXT NOT NULL,             -- of the function whose event it was, as region and function
    region     TEXT NOT NULL,
    function   TEXT NOT NULL,
    qualifier  TEXT,
    request_id TEXT NOT NULL,
    condition  TEXT NOT NULL,
    body       BLOB NOT NULL,             -- the record, or the event itself for a dead-letter queue
    attributes TEXT NOT NULL,             -- JSON: the message attributes of a dead-letter queue
    trace_id   TEXT,
    made       REAL NOT NULL,
    deadline   REAL NOT NULL,             -- when the event is too old for another try
    next_at    REAL NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    error      TEXT,                      -- what the last try met
    failed     REAL                       -- when it was given up
);
CREATE INDEX deliveries_waiting ON deliveries (service, next_at, id) WHERE failed IS NULL;
CREATE INDEX deliveries_failed ON deliveries (failed, id) WHERE failed IS NOT NULL;
