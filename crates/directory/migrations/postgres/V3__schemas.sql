-- Counts the changes of an organization's resource types: whoever has them in memory sees whether
-- they are still the ones in force.
alter table organization add column schemas bigint not null default 0;
