-- Metrics: what was observed within each minute, for every set of dimensions.

CREATE TABLE metric_series (
    id         INTEGER PRIMARY KEY,
    account    TEXT NOT NULL,
    region     TEXT NOT NULL,
    namespace  TEXT NOT NULL,
    metric     TEXT NOT NULL,
    dimensions TEXT NOT NULL,                -- JSON: [[name, value], …] by name
    unit       TEXT NOT NULL,
    newest     INTEGER NOT NULL,             -- its last minute, in seconds since 1970
    UNIQUE (account, region, namespace, metric, dimensions)
);

CREATE TABLE metric_minutes (
    series_id  INTEGER NOT NULL REFERENCES metric_series ON DELETE CASCADE,
    at         INTEGER NOT NULL,             -- seconds since 1970, a multiple of 60
    count      REAL NOT NULL,
    sum        REAL NOT NULL,
    least      REAL NOT NULL,
    most       REAL NOT NULL,
    sketch     BLOB NOT NULL,                -- how often which magnitude came: percentiles
    PRIMARY KEY (series_id, at)
) WITHOUT ROWID;
