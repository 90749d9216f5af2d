-- What one process of the installation writes for all others to read, such as its public URL: a
-- small global table.
create table installation_setting (
  name text collate "C" primary key, value text collate "C" not null
);
