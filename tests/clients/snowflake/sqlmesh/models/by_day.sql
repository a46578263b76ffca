MODEL (
  name meshed.by_day,
  kind INCREMENTAL_BY_TIME_RANGE (time_column at),
  audits (not_null(columns := (id))),
);

SELECT id, name, at
FROM meshed.updates
WHERE at BETWEEN @start_ts AND @end_ts
