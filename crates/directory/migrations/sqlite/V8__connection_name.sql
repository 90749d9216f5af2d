-- What people call a connection. Null: nothing yet.
alter table connection add column name text;
