-- DEFAULT NULL is stored where a conversion makes more of it than a mere NULL.
CREATE DOMAIN plain AS text DEFAULT 'x';
CREATE DOMAIN short AS varchar(5) DEFAULT NULL;
CREATE DOMAIN none AS text DEFAULT NULL::text;
CREATE TABLE t (
  a varchar(10) DEFAULT NULL, b numeric(10,2) DEFAULT NULL, c timestamp(3) DEFAULT NULL, d interval(3) DEFAULT NULL,
  e char DEFAULT NULL, f text DEFAULT NULL, g int DEFAULT (NULL), h varchar(10)[] DEFAULT NULL, i text[] DEFAULT NULL,
  j plain DEFAULT NULL, k plain[] DEFAULT NULL, l short DEFAULT NULL, m text DEFAULT NULL::text, n text DEFAULT NULL::varchar,
  o varchar DEFAULT NULL::text, p varchar(10) DEFAULT NULL::varchar(10), q interval DEFAULT NULL::interval(3),
  r interval(3)[] DEFAULT NULL, s int DEFAULT NULL::bigint, u text DEFAULT NULL COLLATE "C", v "char" DEFAULT NULL,
  w varchar(10) DEFAULT 'x', x text DEFAULT 'x', y int DEFAULT 1
);
ALTER TABLE t ALTER w SET DEFAULT NULL, ALTER x SET DEFAULT NULL, ALTER y TYPE numeric(10,2), ALTER y SET DEFAULT NULL;
ALTER DOMAIN plain SET DEFAULT NULL;
