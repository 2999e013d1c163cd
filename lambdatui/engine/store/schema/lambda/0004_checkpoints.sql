-- How far event source mappings have read each shard of their stream.

CREATE TABLE checkpoints (
    mapping  TEXT NOT NULL,             -- UUID
    stream   TEXT NOT NULL,             -- when the stream was made: one of the same name is another stream
    shard    TEXT NOT NULL,
    position TEXT NOT NULL,             -- JSON: {"after": sequence number} once a record is done with, else where it began
    tumbling TEXT,                      -- JSON: the tumbling window that is open, and its state
    finished INTEGER NOT NULL DEFAULT 0, -- the shard is closed and read to its end
    PRIMARY KEY (mapping, stream, shard)
) WITHOUT ROWID;
