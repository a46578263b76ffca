MODEL (
  name meshed.latest,
  kind INCREMENTAL_BY_UNIQUE_KEY (unique_key id),
);

SELECT id, MAX(name) AS name, MAX(at) AS at
FROM meshed.updates
GROUP BY id
