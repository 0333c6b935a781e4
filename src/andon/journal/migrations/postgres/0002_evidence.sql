-- Evidence by content hash, and counters (the numbers of incidents).

CREATE TABLE evidence (
    hash       text PRIMARY KEY,
    media_type text NOT NULL,
    size       integer NOT NULL,
    content    bytea NOT NULL
);

CREATE TABLE counter (
    name  text PRIMARY KEY,
    value bigint NOT NULL
);
INSERT INTO counter (name, value) VALUES ('incident', 0);
