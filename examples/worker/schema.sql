-- Who there is, who is logged in, and who may do what in which outline. Keys and sessions are kept as their SHA-256.
CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, user TEXT NOT NULL, expires INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS members (outline TEXT, user TEXT, role TEXT NOT NULL, PRIMARY KEY (outline, user));

-- To try it with: the keys are ann-key, bob-key and eve-key. Real ones are long and random.
INSERT OR IGNORE INTO users VALUES
  ('ann', 'Ann', '21fdbeecb49c56644f6cc4444328f5da14132c8a38fd86aad19b4da9e521a79c'),
  ('bob', 'Bob', '9b94dc1a51a38769f135edf04033ad7f2f487b6c25929be7a861cfc1ab10cf98'),
  ('eve', 'Eve', '063f9aac4168c3cc72bc2f81d8e55314ef8052df55829d2e13be2d1f3302a2df');
