package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/rest"
)

// planReader reads the members of a plan strictly. It keeps the first error, which names the line and
// the member and never repeats a value: a value can be a key or a subject's.
type planReader struct {
	file string // as the user named it
	dir  string // to which paths are relative
	err  error
}

// reading is how one member is read, whose path in the document is at.
type reading func(n *yaml.Node, at string)

// keysInside is said where a plan holds keys.
const keysInside = "the API keys do not belong in a plan; they are read from " + rest.EnvAPIKey + " and " + rest.EnvSecurityKey

func (r *planReader) fail(line int, at, format string, args ...any) {
	if r.err != nil {
		return
	}
	text := fmt.Sprintf(format, args...)
	if at != "" {
		text = at + " " + text
	}
	r.err = usagef("%s, line %d: %s", r.file, line, text)
}

// document parses the text, which must be one document without keys.
func (r *planReader) document(text []byte) *yaml.Node {
	if line := lineOfKey(text); line > 0 {
		r.fail(line, "", keysInside)
		return nil
	}
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	err := decoder.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		r.fail(1, "", "the plan is empty")
	case err != nil:
		r.fail(lineOf(err), "", "this is not YAML") // the parser's words can quote the file
	case !errors.Is(decoder.Decode(&more), io.EOF):
		r.fail(max(1, more.Line), "", "a plan is one document")
	}
	if r.err != nil {
		return nil
	}
	return doc.Content[0]
}

// lineOfKey finds a key of the API in a text, or 0.
func lineOfKey(text []byte) int {
	for _, name := range []string{rest.EnvAPIKey, rest.EnvSecurityKey} {
		key := os.Getenv(name)
		if i := bytes.Index(text, []byte(key)); len(key) >= 8 && i >= 0 {
			return 1 + bytes.Count(text[:i], []byte("\n"))
		}
	}
	return 0
}

var parserLine = regexp.MustCompile(`line (\d+)`)

func lineOf(err error) int {
	if m := parserLine.FindStringSubmatch(err.Error()); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			return n
		}
	}
	return 1
}

// object reads a mapping whose members are known.
func (r *planReader) object(n *yaml.Node, at string, members map[string]reading) map[string]int {
	lines := map[string]int{}
	if r.err != nil || !r.is(n, at, yaml.MappingNode, "must be members with values, such as `name: nightly`") {
		return lines
	}
	for i := 0; i+1 < len(n.Content) && r.err == nil; i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, known := members[key.Value]
		switch {
		case isKeyName(key.Value):
			r.fail(key.Line, "", keysInside)
		case key.Kind != yaml.ScalarNode || !known:
			r.unknown(key, at, members)
		case lines[key.Value] > 0:
			r.fail(key.Line, memberOf(at, key.Value), "is there twice; the first is in line %d", lines[key.Value])
		default:
			lines[key.Value] = key.Line
			read(value, memberOf(at, key.Value))
		}
	}
	return lines
}

func memberOf(at, name string) string { return strings.TrimPrefix(at+"."+name, ".") }

// isKeyName reports whether a member is named as somebody might name a key of the API.
func isKeyName(name string) bool {
	plain := strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
	return strings.Contains(plain, "apikey") || strings.Contains(plain, "securitykey")
}

// plainMember is a name that may be repeated: too short for a key.
var plainMember = regexp.MustCompile(`^[A-Za-z_][\w-]{0,23}$`)

func (r *planReader) unknown(key *yaml.Node, at string, members map[string]reading) {
	known := slices.Sorted(maps.Keys(members))
	name := "this member"
	if plainMember.MatchString(key.Value) {
		name = memberOf(at, key.Value)
	}
	if near := shown.Near(key.Value, known); len(near) > 0 {
		r.fail(key.Line, name, "is not known; did you mean %s?", strings.Join(near, " or "))
		return
	}
	r.fail(key.Line, name, "is not known; there are %s", strings.Join(known, ", "))
}

// is reports whether a node has a kind; what else it must be is said in words.
func (r *planReader) is(n *yaml.Node, at string, kind yaml.Kind, must string) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		r.fail(n.Line, at, "is an anchor or an alias, which plans do not have")
	case n.Kind != kind || kind == yaml.ScalarNode && n.ShortTag() == "!!null":
		r.fail(n.Line, at, "%s", must)
	case n.Style&yaml.TaggedStyle != 0:
		r.fail(n.Line, at, "has a tag, which plans do not have")
	}
	return r.err == nil
}

// text is a scalar as it is written: 007 stays 007.
func (r *planReader) text(to *string) reading {
	return func(n *yaml.Node, at string) {
		if !r.is(n, at, yaml.ScalarNode, "must be a text") {
			return
		}
		if strings.TrimSpace(n.Value) == "" {
			r.fail(n.Line, at, "is empty")
		}
		*to = n.Value
	}
}

// list reads each element of a sequence that must not be empty.
func (r *planReader) list(each reading) reading {
	return func(n *yaml.Node, at string) {
		if !r.is(n, at, yaml.SequenceNode, "must be a list") {
			return
		}
		if len(n.Content) == 0 {
			r.fail(n.Line, at, "is empty; leave it out")
		}
		for i, one := range n.Content {
			if r.err == nil {
				each(one, fmt.Sprintf("%s[%d]", at, i))
			}
		}
	}
}

// texts is a list of texts, none of them twice.
func (r *planReader) texts(to *[]string) reading {
	return r.list(func(n *yaml.Node, at string) {
		var one string
		r.text(&one)(n, at)
		if slices.Contains(*to, one) {
			r.fail(n.Line, at, "is there twice")
		}
		*to = append(*to, one)
	})
}

func (r *planReader) flag(to *bool) reading {
	return func(n *yaml.Node, at string) {
		const must = "must be true or false"
		if !r.is(n, at, yaml.ScalarNode, must) {
			return
		}
		if n.Value != "true" && n.Value != "false" || n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			r.fail(n.Line, at, must)
		}
		*to = n.Value == "true"
	}
}

// count is a whole number of at least 1.
func (r *planReader) count(to *int) reading {
	return func(n *yaml.Node, at string) {
		const must = "must be a whole number of at least 1"
		if !r.is(n, at, yaml.ScalarNode, must) {
			return
		}
		number, whole := wholeNumber(n)
		if !whole || number < 1 {
			r.fail(n.Line, at, must)
		}
		*to = number
	}
}

// wholeNumber is the number of a scalar that is written in the usual way: YAML reads 010 as eight.
func wholeNumber(n *yaml.Node) (number int, whole bool) {
	number, err := strconv.Atoi(n.Value)
	return number, err == nil && n.ShortTag() == "!!int" && strconv.Itoa(number) == n.Value
}

// choice is one of the allowed words.
func (r *planReader) choice(to *string, allowed ...string) reading {
	return func(n *yaml.Node, at string) {
		r.text(to)(n, at)
		if r.err == nil && !slices.Contains(allowed, n.Value) {
			last := len(allowed) - 1
			r.fail(n.Line, at, "must be %s or %s", strings.Join(allowed[:last], ", "), allowed[last])
		}
	}
}

// age is a length of time, such as 6h or 1d, and as it is written.
func (r *planReader) age(to *time.Duration, written *string) reading {
	return func(n *yaml.Node, at string) {
		const must = "must be a time of at least a minute, such as 15m, 6h or 1d"
		if !r.is(n, at, yaml.ScalarNode, must) {
			return
		}
		every, err := parseAge(n.Value)
		if err != nil || every < time.Minute {
			r.fail(n.Line, at, must)
		}
		*to, *written = every, n.Value
	}
}

// dictionary reads the place of an export, or a version of the history.
func (r *planReader) dictionary(to *string) reading {
	return func(n *yaml.Node, at string) {
		if strings.HasPrefix(n.Value, storedPrefix) {
			r.text(to)(n, at)
			return
		}
		r.place(to)(n, at)
	}
}

// place is a path; a relative one begins at the directory of the plan.
func (r *planReader) place(to *string) reading {
	return func(n *yaml.Node, at string) {
		r.text(to)(n, at)
		switch {
		case r.err != nil:
		case strings.HasPrefix(n.Value, "~"):
			r.fail(n.Line, at, "begins with ~, which only a shell replaces: write the whole path")
		case strings.ContainsRune(n.Value, 0):
			r.fail(n.Line, at, "is no path")
		case filepath.IsAbs(n.Value):
			*to = filepath.Clean(n.Value)
		default:
			*to = filepath.Join(r.dir, n.Value)
		}
	}
}
