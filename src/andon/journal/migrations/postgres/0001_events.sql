-- The events of every stream, the end of every stream, and what has been commanded already.

CREATE TABLE head (
    began  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream text NOT NULL UNIQUE,
    seq    integer NOT NULL,
    hash   text NOT NULL
);

CREATE TABLE event (
    stream  text NOT NULL,
    seq     integer NOT NULL CHECK (seq > 0),
    id      text NOT NULL UNIQUE,
    type    text NOT NULL,
    at      text NOT NULL,
    actor   text NOT NULL,
    command text NOT NULL,
    data    text NOT NULL,
    hash    text NOT NULL,
    PRIMARY KEY (stream, seq)
);

-- Which streams are open is asked by every command; this answers without looking at the events.
CREATE INDEX event_newest ON event (type, stream, seq);

-- Events `first` to `last` of a stream are the answer to the command.
CREATE TABLE command (
    id     text PRIMARY KEY,
    stream text NOT NULL,
    first  integer NOT NULL,
    last   integer NOT NULL
);

-- A mistake in a program must not be able to rewrite history. Whoever means to can; the chain tells.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only';
END $$;
CREATE TRIGGER event_is_not_altered BEFORE UPDATE OR DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_is_not_emptied BEFORE TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER head_is_not_removed BEFORE DELETE ON head
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
