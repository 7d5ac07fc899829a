package versioning

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Diff holds the differences between two configurations in three equivalent forms.
type Diff struct {
	// Added, Removed and Changed have the form of the Python package: each scalar of the two bodies
	// by its path, such as "mappings[0].targetField", with lists by position. Values are JSON
	// texts. Empty lists and objects are also values, and the characters \ . [ ] in names are
	// escaped by a backslash, so that no two places have the same path.
	Added   map[string]jsontext.Value `json:"added"`
	Removed map[string]jsontext.Value `json:"removed"`
	Changed map[string]Replacement    `json:"changed"`
	// Patch turns the first body into the second (RFC 6902), and its inverse does the reverse.
	Patch Patch `json:"patch"`
	// Changes is a readable list: rules are matched by domain, target and form, and widgets by id,
	// so that an insertion is a single change.
	Changes []Change `json:"changes"`
}

// Replacement is a value that was replaced by another.
type Replacement struct {
	Before jsontext.Value `json:"before"`
	After  jsontext.Value `json:"after"`
}

// DiffConfigs compares two commits, which may belong to different studies. Both bodies are checked
// first. Errors: [imednet.ErrNotFound] and [ErrIntegrity].
func (s *ConfigVersionStore) DiffConfigs(ctx context.Context, commitA, commitB string) (d Diff, err error) {
	for name, commitID := range map[string]string{"commitA": commitA, "commitB": commitB} {
		if err := argument.Named("versioning.ConfigVersionStore.DiffConfigs", name, commitID); err != nil {
			return d, err
		}
	}
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		a, err := loadNode(ctx, tx, commitA)
		if err != nil {
			return err
		}
		b, err := loadNode(ctx, tx, commitB)
		if err != nil {
			return err
		}
		d = diffNodes(a, b)
		return nil
	})
	return d, wrap("diff", "", "", err)
}

func loadNode(ctx context.Context, tx *sql.Tx, commitID string) (any, error) {
	body, err := loadBody(ctx, tx, commitID)
	if err != nil {
		return nil, err
	}
	node, err := parseNode(body)
	if err != nil {
		return nil, wrap("", "", commitID, refuse(ErrIntegrity, "the body is not JSON"))
	}
	return node, nil
}

// CompareConfigs is like [ConfigVersionStore.DiffConfigs] for configurations that need not be
// committed, for example to show what a commit would change. It also compares unknown members. The
// error is that of [Canonical].
func CompareConfigs(before, after *imednet.StudyConfiguration) (Diff, error) {
	for name, config := range map[string]*imednet.StudyConfiguration{"before": before, "after": after} {
		if err := argument.Required("versioning.CompareConfigs", name, config); err != nil {
			return Diff{}, err
		}
	}
	a, err := wholeTree(before)
	if err != nil {
		return Diff{}, wrap("compare", before.StudyKey, "", err)
	}
	b, err := wholeTree(after)
	if err != nil {
		return Diff{}, wrap("compare", after.StudyKey, "", err)
	}
	return diffNodes(a, b), nil
}

// wholeTree is the canonical tree of a configuration with its unknown members.
func wholeTree(config *imednet.StudyConfiguration) (any, error) {
	d, err := canonicalConfiguration(config)
	if err != nil {
		return nil, err
	}
	text, err := d.Text()
	if err != nil {
		return nil, errNotCanonical
	}
	return parseNode(text)
}

func diffNodes(a, b any) Diff {
	d := Diff{Added: map[string]jsontext.Value{}, Removed: map[string]jsontext.Value{}, Changed: map[string]Replacement{}}
	before, after := map[string]jsontext.Value{}, map[string]jsontext.Value{}
	flatten(a, "", before)
	flatten(b, "", after)
	for path, v := range before {
		switch w, ok := after[path]; {
		case !ok:
			d.Removed[path] = v
		case string(v) != string(w):
			d.Changed[path] = Replacement{v, w}
		}
	}
	for path, w := range after {
		if _, ok := before[path]; !ok {
			d.Added[path] = w
		}
	}
	d.Patch = appendPatch(nil, "", a, b)
	d.Changes = listChanges(a, b)
	return d
}

var pathEscaper = strings.NewReplacer(`\`, `\\`, `.`, `\.`, `[`, `\[`, `]`, `\]`)

// flatten collects the leaves of a node: scalars and empty containers.
func flatten(node any, path string, into map[string]jsontext.Value) {
	switch node := node.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(node)) {
			child := pathEscaper.Replace(name)
			if path != "" {
				child = path + "." + child
			}
			flatten(node[name], child, into)
		}
		if len(node) > 0 {
			return
		}
	case []any:
		for i, element := range node {
			flatten(element, path+"["+strconv.Itoa(i)+"]", into)
		}
		if len(node) > 0 {
			return
		}
	}
	into[path] = appendNode(nil, node)
}
