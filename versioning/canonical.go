package versioning

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet"
)

// plainConfiguration is a configuration without methods of its own: it is read and written
// exactly as it is, without trimming or other coercions.
type plainConfiguration imednet.StudyConfiguration

// Canonical returns the canonical body of a configuration and its commit id, the lower-case
// hexadecimal SHA-256 of the body.
//
// The body is the Python package's: all fields with their wire names, nulls and defaults included,
// sorted by name at every level, ", " and ": " as separators, everything but printable ASCII
// escaped as \uXXXX. The zero Version, ReportingProfile and LayoutCols are written as their
// defaults. Unknown members are part of the body, numbers among them with the digits that they
// came with. The error says that text is not valid UTF-8 or that an unknown member is no JSON.
func Canonical(config *imednet.StudyConfiguration) (body []byte, commitID string, err error) {
	tree, err := configurationTree(config)
	if err != nil {
		return nil, "", err
	}
	body = appendNode(nil, tree)
	return body, bodyHash(body), nil
}

func bodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

var errNotCanonical = errors.New("the configuration has text that is not valid UTF-8, or an unknown member that is no JSON or has a known name")

func configurationTree(config *imednet.StudyConfiguration) (any, error) {
	raw, err := json.Marshal(plainConfiguration(*config))
	if err != nil {
		return nil, errNotCanonical
	}
	node, err := parseNode(raw)
	if err != nil {
		return nil, errNotCanonical
	}
	fillDefaults(node)
	return node, nil
}

// fillDefaults adds the members that encoding leaves out when they are zero.
func fillDefaults(node any) {
	config := node.(map[string]any)
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

// decodeBody reads a stored body exactly.
func decodeBody(body []byte) (imednet.StudyConfiguration, error) {
	var c plainConfiguration
	if err := json.Unmarshal(body, &c); err != nil {
		return imednet.StudyConfiguration{}, errors.New("the body is no study configuration")
	}
	return imednet.StudyConfiguration(c), nil
}
