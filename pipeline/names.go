package pipeline

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/pathname"
)

// checkPlace refuses a blank directory and a prefix that checkPrefix refuses.
func checkPlace(dir, prefix string) error {
	if imednet.IsBlank(dir) {
		return invalid("dir", "is blank")
	}
	return checkPrefix(prefix)
}

// checkPrefix refuses a file name prefix that could leave the directory, hide the files or name a
// device.
func checkPrefix(prefix string) error {
	switch {
	case strings.TrimSpace(prefix) == "":
		return invalid("Prefix", "the prefix is empty")
	case strings.ContainsAny(prefix, `/\:*?"<>|`):
		return invalid("Prefix", "the prefix holds a path separator or a character that file names cannot have")
	case strings.ContainsFunc(prefix, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return invalid("Prefix", "the prefix holds a control character")
	case strings.HasPrefix(prefix, ".") || strings.HasPrefix(prefix, "_"):
		return invalid("Prefix", "files that begin with . or _ are hidden from readers of the directory")
	case pathname.IsDevice(prefix):
		return invalid("Prefix", "the prefix is the name of a device")
	case len(prefix) > 100:
		return invalid("Prefix", "the prefix is longer than 100 bytes")
	}
	return nil
}

// chunkName names a file of rows. From the second generation of a data set on the name holds the
// generation, so that a new set can lie beside the one that it replaces.
func chunkName(prefix string, number, generation int, extension string) string {
	return fmt.Sprintf("%s_chunk_%05d%s%s", prefix, number, generationSuffix(generation), extension)
}

func generationSuffix(generation int) string {
	if generation <= 1 {
		return ""
	}
	return fmt.Sprintf(".r%d", generation)
}

// chunkPattern matches the names that chunkName gives for a prefix, in any format.
func chunkPattern(prefix string) *regexp.Regexp {
	return regexp.MustCompile(`^` + regexp.QuoteMeta(prefix) + `_chunk_\d{5,}(\.r\d+)?\.(parquet|csv|ndjson)$`)
}

// temporaryPattern matches the temporary names of a prefix's files.
func temporaryPattern(prefix string) *regexp.Regexp {
	name := regexp.QuoteMeta(prefix)
	return regexp.MustCompile(`^\.(` + name + `_chunk_\d{5,}(\.r\d+)?\.(parquet|csv|ndjson)|_` + name + `_((manifest|commit)\.json|(rejects|findings)(\.r\d+)?\.jsonl)|` + name + `_spool)\.\d+\.tmp$`)
}

// listPattern matches the names that listName gives for a prefix.
func listPattern(prefix string) *regexp.Regexp {
	return regexp.MustCompile(`^_` + regexp.QuoteMeta(prefix) + `_(rejects|findings)(\.r\d+)?\.jsonl$`)
}
