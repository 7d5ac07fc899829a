package wire

import (
	"net/url"
	"strings"

	"github.com/imednetgo/imednet"
)

// isOfAnother reports whether metadata.path says that a reply answers another listing than this one. A path
// that does not end like one of the API's says nothing, whatever a gateway made of it.
func isOfAnother(path, study string, resource imednet.Resource) bool {
	segments := strings.Split(path, "/")
	n := len(segments)
	if n > 0 && segments[n-1] == string(imednet.Studies) {
		return resource != imednet.Studies
	}
	if n < 3 || segments[n-3] != string(imednet.Studies) {
		return false
	}
	if _, known := OfStudy(imednet.Resource(segments[n-1])); !known {
		return false
	}
	named, err := url.PathUnescape(segments[n-2])
	if err != nil {
		named = segments[n-2]
	}
	return imednet.Resource(segments[n-1]) != resource || !strings.EqualFold(named, study) && !strings.EqualFold(segments[n-2], study)
}
