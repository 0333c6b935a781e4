-- The events of every stream, the end of every stream, and what has been commanded already.

CREATE TABLE head (
    began  INTEGER PRIMARY KEY,
    stream TEXT NOT NULL UNIQUE,
    seq    INTEGER NOT NULL,
    hash   TEXT NOT NULL
);

CREATE TABLE event (
    stream  TEXT NOT NULL,
    seq     INTEGER NOT NULL CHECK (seq > 0),
    id      TEXT NOT NULL UNIQUE,
    type    TEXT NOT NULL,
    at      TEXT NOT NULL,
    actor   TEXT NOT NULL,
    command TEXT NOT NULL,
    data    TEXT NOT NULL,
    hash    TEXT NOT NULL,
    UNIQUE (stream, seq)
);

-- Which streams are open is asked by every command; this answers without looking at the events.
CREATE INDEX event_newest ON event (type, stream, seq);

-- Events `first` to `last` of a stream are the answer to the command.
CREATE TABLE command (
    id     TEXT PRIMARY KEY,
    stream TEXT NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL
) WITHOUT ROWID;

-- A mistake in a program must not be able to rewrite history. Whoever means to can; the chain tells.
CREATE TRIGGER event_is_not_altered BEFORE UPDATE ON event BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER event_is_not_removed BEFORE DELETE ON event BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER head_is_not_removed BEFORE DELETE ON head BEGIN
    SELECT RAISE(ABORT, 'the journal is append-only');
END;
