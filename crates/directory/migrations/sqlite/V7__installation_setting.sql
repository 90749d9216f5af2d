-- What one process of the installation writes for all others to read, such as its public URL: a
-- small global table.
create table installation_setting (name text primary key, value text not null)
  strict, without rowid;
