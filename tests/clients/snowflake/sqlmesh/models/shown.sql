MODEL (
  name meshed.shown,
  kind VIEW,
);

SELECT name, COUNT(*) AS updates
FROM meshed.by_day
GROUP BY name
