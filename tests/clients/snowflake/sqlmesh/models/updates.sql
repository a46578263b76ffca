MODEL (
  name meshed.updates,
  kind FULL,
  description 'each update',
  column_descriptions (id = 'its number'),
);

SELECT id::INT AS id, name::VARCHAR AS name, at::TIMESTAMP_NTZ AS at
FROM sqlmesh.source
