MODEL (
  name meshed.kept,
  kind SCD_TYPE_2_BY_COLUMN (unique_key id, columns (name)),
);

SELECT id, name FROM meshed.latest
