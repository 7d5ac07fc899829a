package versioning

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/filehash"
)

// MaxDictionaryBytes is the most that the files of a dictionary may have together.
const MaxDictionaryBytes = 512 << 20

// DictionaryFile describes one file of a dictionary.
type DictionaryFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // in hexadecimal
}

// Dictionary is a study's design export as it was committed.
type Dictionary struct {
	Entry Entry
	Files map[string][]byte // by name, byte for byte
}

// CommitDictionary appends a dictionary, the files of a study's design export, to the study's history. Its commit
// id is the SHA-256 of the lines that `sha256sum` prints for the files in the order of their names,
// and its version counts the dictionaries of the study: "1", "2", … The files are stored byte for byte, each
// only once. It is the caller's task to read them first: package dictionary does.
//
// Errors: [ErrDuplicate] if the study's newest dictionary has the same files, [ErrHeadMoved],
// [ErrClockBack], [ErrIntegrity] if a file is already stored but damaged, and
// *[imednet.ValidationError]. CommitOptions.AllowRollback has no effect: an earlier dictionary can be committed again.
func (s *ConfigVersionStore) CommitDictionary(ctx context.Context, studyKey string, files map[string][]byte, o CommitOptions) (Entry, error) {
	const op = "commit dictionary"
	c := &audit.Checker{}
	row := &entryRow{Kind: string(KindDictionary), StudyKey: c.Name("studyKey", studyKey), Reason: c.RequiredComment("Reason", o.Reason)}
	checkFiles(c, files)
	by, err := s.author(ctx, c, o.Author, "config.commit", row.StudyKey)
	if err != nil {
		return Entry{}, wrap(op, "", "", err)
	}
	row.Author = by.id
	described := describeFiles(files)
	row.CommitID = dictionaryHash(described)
	err = s.file.Write(ctx, func(tx *sql.Tx) error {
		newest, err := checkDictionaryHead(ctx, tx, row, o)
		if err != nil {
			return err
		}
		for _, f := range described {
			if err := storeFile(ctx, tx, f, files[f.Name]); err != nil {
				return err
			}
		}
		return s.appendEntry(ctx, tx, row, Details{Replaces: newest, Actor: by.identity, Files: described})
	})
	if err != nil {
		return Entry{}, wrap(op, studyKey, row.CommitID, err)
	}
	return row.entry(""), nil
}

func checkFiles(c *audit.Checker, files map[string][]byte) {
	if len(files) == 0 {
		c.Add("files", "must have at least one")
	}
	total := 0
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !argument.ValidID(name) || strings.HasPrefix(name, ".") || strings.Contains(name, ":") {
			c.Add("files", "must have names of 1 to 200 of the characters A-Z a-z 0-9 . _ - that do not begin with a dot")
		}
		total += len(files[name])
	}
	if total > MaxDictionaryBytes {
		c.Add("files", "are larger than "+strconv.Itoa(MaxDictionaryBytes)+" bytes")
	}
}

// describeFiles lists files by name.
func describeFiles(files map[string][]byte) []DictionaryFile {
	all := make([]DictionaryFile, 0, len(files))
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all = append(all, DictionaryFile{Name: name, Size: int64(len(files[name])), SHA256: bodyHash(files[name])})
	}
	return all
}

func dictionaryHash(files []DictionaryFile) string {
	sums := map[string]string{}
	for _, f := range files {
		sums[f.Name] = f.SHA256
	}
	return filehash.Set(sums)
}

// checkDictionaryHead refuses a dictionary that does not fit what the study's history ends with, gives
// it its version, and returns the commit id of the newest one.
func checkDictionaryHead(ctx context.Context, tx *sql.Tx, row *entryRow, o CommitOptions) (newest string, err error) {
	last, err := oneEntry(ctx, tx, lastQuery, row.StudyKey)
	if err != nil {
		return "", err
	}
	config, err := oneEntry(ctx, tx, newestQuery, row.StudyKey)
	if err != nil {
		return "", err
	}
	current := last.head(row.StudyKey, config.CommitID)
	if o.IfHead != nil && (o.IfHead.Sequence != last.Sequence || o.IfHead.Hash != last.Hash) {
		return "", refuse(&HeadError{current, ErrHeadMoved}, "read the history again and decide anew")
	}
	before, err := oneEntry(ctx, tx, dictionaryQuery+` ORDER BY sequence DESC LIMIT 1`, row.StudyKey)
	if err != nil {
		return "", err
	}
	if before.CommitID == row.CommitID {
		return "", &HeadError{current, sameDictionary{before.VersionTag}}
	}
	var count int64
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM config_entries WHERE kind = 'DICTIONARY' AND study_key = ?`, row.StudyKey).Scan(&count)
	row.VersionTag = strconv.FormatInt(count+1, 10)
	return before.CommitID, err
}

// sameDictionary is ErrDuplicate in the words of dictionaries.
type sameDictionary struct{ version string }

func (e sameDictionary) Error() string {
	return "the dictionary is the study's newest already, version " + e.version
}

func (sameDictionary) Unwrap() error { return ErrDuplicate }

// dictionaryQuery finds a study's dictionaries.
const dictionaryQuery = `SELECT ` + entryColumns + ` FROM config_entries WHERE kind = 'DICTIONARY' AND study_key = ?`

// storeFile stores a file that the store does not have yet.
func storeFile(ctx context.Context, tx *sql.Tx, f DictionaryFile, content []byte) error {
	_, err := loadFile(ctx, tx, f)
	if !errors.Is(err, imednet.ErrNotFound) {
		return err
	}
	if content == nil {
		content = []byte{}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO dictionary_files (sha256, content) VALUES (?, ?)`, f.SHA256, content)
	return err
}

// loadFile reads a file and checks its bytes.
func loadFile(ctx context.Context, tx *sql.Tx, f DictionaryFile) ([]byte, error) {
	var content []byte
	err := tx.QueryRowContext(ctx, `SELECT content FROM dictionary_files WHERE sha256 = ?`, f.SHA256).Scan(&content)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, fmt.Errorf("file %s of a dictionary: %w", f.Name, imednet.ErrNotFound)
	case err != nil:
		return nil, err
	case bodyHash(content) != f.SHA256 || int64(len(content)) != f.Size:
		return nil, refuse(ErrIntegrity, "a file of a dictionary was changed")
	}
	return content, nil
}

// Dictionary returns a dictionary of a study's history by its version ("1", "2", …) or its commit id, in
// either case of its letters, after checking its files. Errors: [imednet.ErrNotFound] if the study's history has no such dictionary, and
// [ErrIntegrity] if the stored bytes are not what was committed.
func (s *ConfigVersionStore) Dictionary(ctx context.Context, studyKey, version string) (d Dictionary, err error) {
	const function = "versioning.ConfigVersionStore.Dictionary"
	if err := errors.Join(argument.Named(function, "studyKey", studyKey), argument.Named(function, "version", version)); err != nil {
		return d, err
	}
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		row, err := oneEntry(ctx, tx, dictionaryQuery+` AND (version_tag = ? OR commit_id = ?) ORDER BY sequence DESC LIMIT 1`, studyKey, version, strings.ToLower(version))
		if err == nil && row.Sequence == 0 {
			err = refuse(fmt.Errorf("version %q of the study's dictionary: %w", version, imednet.ErrNotFound), "`imednet dictionary log STUDY` lists the versions")
		}
		if err != nil {
			return err
		}
		fault, files, err := row.dictionaryFault(ctx, tx)
		if err == nil && fault != "" {
			err = refuse(ErrIntegrity, fault)
		}
		d = Dictionary{Entry: row.entry(fault), Files: files}
		return err
	})
	if err != nil {
		return Dictionary{}, wrap("read dictionary", studyKey, "", err)
	}
	return d, nil
}

// dictionaryFault says what is wrong with the files of a dictionary, "" for nothing, and returns them.
func (r *entryRow) dictionaryFault(ctx context.Context, tx *sql.Tx) (fault string, files map[string][]byte, err error) {
	details, err := r.details()
	if err != nil {
		return err.Error(), nil, nil
	}
	if r.Hash != r.computeHash() || len(details.Files) == 0 || dictionaryHash(details.Files) != r.CommitID {
		return entryChanged, nil, nil
	}
	files = map[string][]byte{}
	for _, f := range details.Files {
		files[f.Name], err = loadFile(ctx, tx, f)
		switch {
		case errors.Is(err, imednet.ErrNotFound):
			return "the file " + f.Name + " is missing", nil, nil
		case errors.Is(err, ErrIntegrity):
			return "the file " + f.Name + " was changed", nil, nil
		case err != nil:
			return "", nil, err
		}
	}
	return "", files, nil
}
