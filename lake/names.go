package lake

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/imednetgo/imednet/internal/answers"
)

// Names of the tables that every study has beside those of its forms. A form's table never begins
// with an underscore.
const (
	TablesTable        = "_tables"
	RejectsTable       = "_rejects"
	QueriesTable       = "_queries"
	QueryCommentsTable = "_query_comments"
	RevisionsTable     = "_revisions"
	ChangesTable       = "_changes"
)

// Namespace is the catalog's namespace of a study.
func Namespace(studyKey string) string { return plainName(studyKey) }

// TableNames returns the names of the tables of forms, by form key. A name has letters, digits and
// underscores only, so that every engine and every file system can have it. Keys whose names would
// be the same, ignoring case, and keys that are not such names get a hash of the key at their end;
// so a name does not depend on the other forms, but for a key that is such a name and differs from
// another one only in case, which goes to the first in the given order.
func TableNames(formKeys []string) map[string]string {
	names, taken := map[string]string{}, map[string]bool{}
	ordered := slices.Clone(formKeys)
	slices.SortStableFunc(ordered, func(a, b string) int { return cmp.Compare(changed(a), changed(b)) })
	for _, key := range ordered {
		name := plainName(key)
		if taken[answers.Fold(name)] {
			name = hashed(name, key)
		}
		taken[answers.Fold(name)] = true
		names[key] = name
	}
	return names
}

func changed(key string) int {
	if plainName(key) == key {
		return 0
	}
	return 1
}

// plainName is the key itself if any engine can have it as a name, or a name like it with a hash of it.
func plainName(key string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, key)
	if name == key && name != "" && name[0] != '_' && len(name) <= 100 {
		return name
	}
	return hashed("x"+name[:min(len(name), 80)], key)
}

func hashed(name, key string) string {
	sum := sha256.Sum256([]byte(key))
	return name + "_" + hex.EncodeToString(sum[:4])
}
