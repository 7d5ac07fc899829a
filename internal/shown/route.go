package shown

import (
	"net/url"
	"regexp"
	"strings"
)

// root is where all routes of the API begin (API contract, section 1).
const root = "/api/v1/edc/studies"

// routeWords are the words that routes are made of, behind the root.
var routeWords = map[string]bool{
	"sites": true, "forms": true, "intervals": true, "variables": true, "subjects": true, "visits": true, "records": true,
	"recordRevisions": true, "queries": true, "codings": true, "users": true, "jobs": true, "results": true,
	"{study}": true, "{batch}": true, "{…}": true,
}

// likeStudyKey is what the key of a study looks like in an error: nothing that steers a terminal.
var likeStudyKey = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// Path is the path of a request that a client made for a caller: its root, the study as the caller
// named it, words of routes, and ids of batches that have the shape of one. Any other part is named
// by what should stand there, as in /api/v1/edc/studies/OWN/jobs/{batch}.
func Path(path string) string { return template(path, likeStudyKey.MatchString) }

// ForeignPath is the path of a URL that a server chose: even the study in it is its word.
func ForeignPath(path string) string { return template(path, func(string) bool { return false }) }

func template(path string, isStudy func(string) bool) string {
	if path == "" {
		return ""
	}
	_, rest, found := strings.Cut(path, root)
	if !found || rest != "" && rest[0] != '/' {
		return "{…}"
	}
	out := root
	segments := strings.Split(strings.TrimPrefix(rest, "/"), "/")
	if rest == "" {
		segments = nil
	}
	for i, segment := range segments {
		out += "/" + part(segments, i, segment, isStudy)
	}
	return out
}

func part(segments []string, i int, segment string, isStudy func(string) bool) string {
	plain, err := url.PathUnescape(segment)
	switch {
	case err != nil:
		return "{…}"
	case routeWords[plain] && i > 0, IsBatchID(plain), plain == "{study}":
		return plain
	case i == 0 && isStudy(plain):
		return plain
	case i == 0:
		return "{study}"
	case segments[i-1] == "jobs":
		return "{batch}"
	}
	return "{…}"
}
