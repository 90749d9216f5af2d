-- Who is active and who is archived, in the order of the numbers.
create index usr_active on usr (org, active, no);
