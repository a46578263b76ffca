{{ config(materialized='incremental', incremental_strategy='append', unique_key='id') }}
select * from {{ ref('rows_read') }}
