package cache

// schema6 says that the indexes of searches may be missing while no study of the file is whole. Programs that do not
// know this would finish a first pass without them.
const schema6 = searchIndexes

// searchIndexes are the indexes of imednet_record by which subjects and changes are found.
const searchIndexes = `
CREATE INDEX IF NOT EXISTS imednet_record_subject ON imednet_record (study, subject_id, record_id);
CREATE INDEX IF NOT EXISTS imednet_record_version ON imednet_record (study, version, record_id);
`
