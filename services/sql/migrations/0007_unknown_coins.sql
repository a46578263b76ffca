-- silver.coin_checks: account is NULL in the row that counts the unknown coins of an update, so that
-- an update of which nothing else is known has a row too.
alter table silver.coin_checks alter column account drop not null;
