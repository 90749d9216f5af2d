-- What is forgiven to the connection, as `name-version`. Null: what is the default of its provider.
alter table connection add column profile text;
