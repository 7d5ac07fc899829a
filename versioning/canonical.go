package versioning

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// plainConfiguration is a configuration without methods of its own: it is read and written
// exactly as it is, without trimming or other coercions.
type plainConfiguration imednet.StudyConfiguration

// Document is the canonical form of a configuration.
type Document struct {
	// Body is in the canonical form of the Python package: all fields under their wire names,
	// including nulls and defaults, sorted by name at every level, with ", " and ": " as separators
	// and everything except printable ASCII escaped as \uXXXX.
	Body []byte
	// CommitID is the lower-case hexadecimal SHA-256 of Body.
	CommitID string
	// Unknown holds the members that the Python package does not know and drops, as one JSON object
	// in the shape of the document, with lists as objects by index: {"mappings": {"0": {…}}}. It is
	// nil if there are none.
	Unknown jsontext.Value
}

// Canonical returns the canonical body of a configuration and its commit id. The zero values of
// Version, ReportingProfile and LayoutCols are written as their defaults, and everything else is
// unchanged. Unknown members are not part of the body; see [CanonicalDocument]. It fails if text is
// not valid UTF-8 or an unknown member is not valid JSON.
func Canonical(config *imednet.StudyConfiguration) (body []byte, commitID string, err error) {
	if err := argument.Required("versioning.Canonical", "config", config); err != nil {
		return nil, "", err
	}
	d, err := canonicalConfiguration(config)
	return d.Body, d.CommitID, err
}

func bodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

var errNotCanonical = errors.New("the configuration has text that is not valid UTF-8, or an unknown member that is not JSON or has a known name")

func canonicalConfiguration(config *imednet.StudyConfiguration) (Document, error) {
	raw, err := json.Marshal(plainConfiguration(*config))
	if err != nil {
		return Document{}, errNotCanonical
	}
	node, err := parseNode(raw)
	if err != nil {
		return Document{}, errNotCanonical
	}
	tree := node.(map[string]any)
	fillDefaults(tree)
	return newDocument(tree), nil
}

// newDocument takes the unknown members out of a complete tree and writes both.
func newDocument(tree map[string]any) Document {
	unknown := takeUnknown(tree)
	body := appendNode(nil, tree)
	d := Document{Body: body, CommitID: bodyHash(body)}
	if len(unknown) > 0 {
		d.Unknown = appendNode(nil, unknown)
	}
	return d
}

// fillDefaults adds the members that encoding leaves out when they are zero.
func fillDefaults(config map[string]any) {
	setAbsent(config, "version", scalar(`"1.0.0"`))
	setAbsent(config, "reportingProfile", scalar(`"general"`))
	for _, widget := range config["widgets"].([]any) {
		setAbsent(widget.(map[string]any), "layoutCols", scalar("12"))
	}
}

func setAbsent(object map[string]any, name string, value scalar) {
	if _, ok := object[name]; !ok {
		object[name] = value
	}
}

// decodeBody reads a stored body exactly, with the unknown members that were kept beside it.
func decodeBody(body []byte, unknown jsontext.Value) (imednet.StudyConfiguration, error) {
	bad := errors.New("the body is not a study configuration")
	text, err := withUnknown(body, unknown)
	if err != nil {
		return imednet.StudyConfiguration{}, bad
	}
	var c plainConfiguration
	if err := json.Unmarshal(text, &c); err != nil {
		return imednet.StudyConfiguration{}, bad
	}
	return imednet.StudyConfiguration(c), nil
}
