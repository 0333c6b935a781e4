-- What a PostgreSQL schema consists of, one query a kind of object: (name, definition). Left out on purpose: the
-- order of columns (one that was dropped and made again stands last), object ids, the values of sequences,
-- statistics, and what belongs to an extension. Read by production/postgres_catalog.py.

-- kind: schema
SELECT format('%I', n.nspname), coalesce(n.nspacl::text, '')
FROM pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype = 'e' AND d.classid = 'pg_namespace'::regclass AND d.objid = n.oid);

-- kind: extension
SELECT x.extname, x.extversion FROM pg_extension x;

-- kind: table
SELECT format('%I.%I', n.nspname, c.relname),
       concat_ws(' ', c.relkind, c.relpersistence, c.reloptions, c.relrowsecurity, c.relforcerowsecurity,
                 c.relreplident, c.relacl::text, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
                 (SELECT string_agg(i.inhparent::regclass::text, ',' ORDER BY i.inhseqno)
                  FROM pg_inherits i WHERE i.inhrelid = c.oid))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype = 'e' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid);

-- kind: column
SELECT format('%I.%I.%I', n.nspname, c.relname, a.attname),
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
                 'default ' || pg_get_expr(f.adbin, f.adrelid), nullif(a.attidentity, ''),
                 nullif(a.attgenerated, ''),
                 CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || l.collname END, a.attacl::text)
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_collation l ON l.oid = a.attcollation
LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'f', 'c') AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype = 'e' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid);

-- A column's own "not null" is an object since PostgreSQL 18, named by its history; the column tells it already.
-- kind: constraint
SELECT CASE WHEN r.conrelid <> 0 THEN r.conrelid::regclass::text ELSE format('%I', n.nspname) END
       || '.' || quote_ident(r.conname),
       pg_get_constraintdef(r.oid)
FROM pg_constraint r JOIN pg_namespace n ON n.oid = r.connamespace
WHERE r.contype <> 'n' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';

-- kind: index
SELECT format('%I.%I', n.nspname, c.relname),
       pg_get_indexdef(c.oid) || CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END
       || CASE WHEN i.indisclustered THEN ' (clustered)' ELSE '' END
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype = 'e' AND d.classid = 'pg_class'::regclass AND d.objid = i.indrelid);

-- kind: view
SELECT format('%I.%I', n.nspname, c.relname),
       concat_ws(' ', c.relkind, c.reloptions, c.relacl::text, pg_get_viewdef(c.oid))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype = 'e' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid);

-- kind: sequence
SELECT format('%I.%I', n.nspname, c.relname),
       concat_ws(' ', format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache,
                 s.seqcycle, c.relacl::text,
                 (SELECT d.refobjid::regclass::text || '.' || a.attname
                  FROM pg_depend d
                  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
                  LIMIT 1))
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype = 'e' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid);

-- kind: function
SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
       CASE WHEN p.prokind = 'a' THEN 'aggregate ' || format_type(p.prorettype, NULL)
            ELSE pg_get_functiondef(p.oid) END || coalesce(p.proacl::text, '')
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype = 'e' AND d.classid = 'pg_proc'::regclass AND d.objid = p.oid);

-- kind: trigger
SELECT g.tgrelid::regclass::text || '.' || quote_ident(g.tgname),
       pg_get_triggerdef(g.oid) || ' ' || g.tgenabled::text
FROM pg_trigger g
WHERE NOT g.tgisinternal;

-- kind: event trigger
SELECT v.evtname, concat_ws(' ', v.evtevent, v.evtfoid::regproc, v.evtenabled) FROM pg_event_trigger v;

-- kind: enum
SELECT format('%I.%I', n.nspname, t.typname),
       string_agg(quote_literal(m.enumlabel), ', ' ORDER BY m.enumsortorder)
FROM pg_enum m JOIN pg_type t ON t.oid = m.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype = 'e' AND d.classid = 'pg_type'::regclass AND d.objid = t.oid)
GROUP BY 1;

-- kind: type
SELECT format('%I.%I', n.nspname, t.typname),
       concat_ws(' ', t.typtype, CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
                 CASE WHEN t.typnotnull THEN 'not null' END, t.typdefault, t.typacl::text)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE t.typtype IN ('d', 'c', 'e', 'r') AND coalesce(c.relkind, 'c') = 'c'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype = 'e' AND d.classid = 'pg_type'::regclass AND d.objid = t.oid);

-- kind: policy
SELECT y.polrelid::regclass::text || '.' || quote_ident(y.polname),
       concat_ws(' ', y.polcmd, y.polpermissive, y.polroles::text,
                 pg_get_expr(y.polqual, y.polrelid), pg_get_expr(y.polwithcheck, y.polrelid))
FROM pg_policy y;

-- kind: rule
SELECT w.ev_class::regclass::text || '.' || quote_ident(w.rulename), pg_get_ruledef(w.oid)
FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE w.rulename <> '_RETURN' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';

-- kind: comment
SELECT pg_describe_object(o.classoid, o.objoid, o.objsubid), o.description
FROM pg_description o
JOIN pg_class c ON o.classoid = 'pg_class'::regclass AND c.oid = o.objoid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';

-- kind: extended statistics
SELECT format('%I.%I', n.nspname, e.stxname), pg_get_statisticsobjdef(e.oid)
FROM pg_statistic_ext e JOIN pg_namespace n ON n.oid = e.stxnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';

-- kind: default privileges
SELECT concat_ws(' ', pg_get_userbyid(q.defaclrole), q.defaclnamespace::regnamespace::text, q.defaclobjtype),
       q.defaclacl::text
FROM pg_default_acl q;

-- The rest serves the rows.

-- query: tables
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.deptype = 'e' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid)
ORDER BY 1, 2;

-- query: columns
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname,
       format_type(a.atttypid, a.atttypmod), t.typtype, t.typcategory,
       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END, a.attnotnull,
       (SELECT m.enumlabel FROM pg_enum m WHERE m.enumtypid = t.oid ORDER BY m.enumsortorder LIMIT 1),
       a.attidentity, a.attgenerated
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = ANY (%s::regclass[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY 1, 2;

-- query: foreign keys
SELECT (SELECT array_agg(a.attname::text ORDER BY k.ord)
        FROM unnest(r.conkey) WITH ORDINALITY k(num, ord)
        JOIN pg_attribute a ON a.attrelid = r.conrelid AND a.attnum = k.num),
       quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       (SELECT array_agg(a.attname::text ORDER BY k.ord)
        FROM unnest(r.confkey) WITH ORDINALITY k(num, ord)
        JOIN pg_attribute a ON a.attrelid = r.confrelid AND a.attnum = k.num)
FROM pg_constraint r
JOIN pg_class c ON c.oid = r.confrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.contype = 'f' AND r.conrelid = %s::regclass;

-- query: checks
SELECT r.conname,
       (SELECT array_agg(a.attname::text) FROM pg_attribute a
        WHERE a.attrelid = r.conrelid AND a.attnum = ANY (r.conkey)),
       pg_get_constraintdef(r.oid)
FROM pg_constraint r
WHERE r.contype = 'c' AND r.conrelid = %s::regclass;
