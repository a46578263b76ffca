{{ config(materialized='incremental', incremental_strategy='insert_overwrite', unique_key='id') }}
select * from {{ ref('rows_read') }}
