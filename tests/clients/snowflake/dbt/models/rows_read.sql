{{ config(materialized='view', event_time='at') }}
select column1 as id, column2 as name, column3::timestamp_ntz as at
from values
{% if env_var('ROUND') == '1' %}(1, 'a', '2026-01-01 10:00:00'), (2, 'b', '2026-01-02 10:00:00')
{% else %}(2, 'c', '2026-01-02 11:00:00'), (3, 'd', '2026-01-03 10:00:00'){% endif %}
