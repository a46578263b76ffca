-- What infrastructure makes in the cloud, made at every start of the local Snowflake. Runs again safely.
create warehouse if not exists CANTON_WH with warehouse_size = 'XSMALL';
create role if not exists CANTON_PIPELINE;
create database if not exists CANTON;
create schema if not exists CANTON.BRONZE;
create schema if not exists CANTON.SILVER;
create schema if not exists CANTON.GOLD;
create schema if not exists CANTON.OPS;
create storage integration if not exists CANTON_LANDING
    type = external_stage storage_provider = 'S3' enabled = true
    storage_allowed_locations = ('s3://${LANDING_BUCKET}/canton/');
-- Replaced, so that the stage follows the setting when the bucket's name changes.
create or replace stage CANTON.BRONZE.LANDING
    url = 's3://${LANDING_BUCKET}/canton/' storage_integration = CANTON_LANDING;
