-- Who is active and who is archived, in the order of the numbers.
create index usr_active on usr (org, active, no);

insert into sqlite_stat1 (tbl, idx, stat) values ('usr', 'usr_active', '100000 10000 5000 1');
analyze sqlite_schema;
