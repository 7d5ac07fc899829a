package cache

// schema7 keeps a digest of every former state from now on. Those that were kept before have none: what they were when
// they were kept, nothing tells any more.
const schema7 = `
ALTER TABLE imednet_history ADD COLUMN digest TEXT;
ALTER TABLE imednet_row_history ADD COLUMN digest TEXT;
`
